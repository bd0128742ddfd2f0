# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a mesh stands, how large it is, and which way it looks. Main thread only."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self, cast

import bpy
from mathutils import Matrix, Vector

from ...engine.errors import InputError
from ...engine.values import JobId
from ..context.showing import showing
from ..mesh.mesh import is_deformed, mesh_of, total_triangles
from .arrival import Arrival
from .bounds import Box, Triple, bounds, parts_of, triple
from .presence import scene_with

__all__ = ["Placement", "move_mesh", "move_origin", "note_rest", "place", "standing"]

_REST: Final = "scenario_rest"
"""Custom property of a rig's root: its matrix before it was placed, row by row. Meshes have none to remember."""
_FLAT_M: Final = 1e-9
"""What is thinner has no size to be scaled by."""


@dataclass(frozen=True)
class Placement:
    """Where and how a mesh stands, in world space. Holds no reference to Blender's data, so it can be kept as JSON."""

    location: Triple | None = None
    """Where its base goes, the bottom centre of its bounding box; ``None`` is the 3D cursor at the time."""
    height: float = 0.0
    """Metres; 0 keeps the file's size. Without meaning when there is a ``box``."""
    origin: str = "BASE"
    """Where its own origin sits: ``BASE``, the bottom centre, or ``CENTER``."""
    turn: float = 0.0
    """About Z, radians; at 0 its front looks along -Y."""
    box: Triple | None = None
    """Size in metres, along the turned axes, of what it takes the place of."""
    stretch: bool = False
    """Fill the box along each axis instead of keeping proportions."""
    replaces: tuple[str, ...] = ()
    """Names of the objects that it takes the place of."""
    hide_source: bool = False
    """Hide them."""
    steps_aside: bool = False
    """Stand beside what is at that point already."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what :meth:`to_json` wrote, or an older add-on; what makes no sense gets its default."""
        data = data if isinstance(data, Mapping) else {}
        box = _triple(data.get("box"))
        names = data.get("replaces")
        return cls(
            location=_triple(data.get("location")),
            height=max(_number(data.get("height")), 0.0),
            origin="CENTER" if data.get("origin") == "CENTER" else "BASE",
            turn=_number(data.get("turn")),
            box=box if box and min(box) >= 0.0 else None,
            stretch=data.get("stretch") is True,
            replaces=tuple(name for name in names if isinstance(name, str)) if isinstance(names, list | tuple) else (),
            hide_source=data.get("hide_source") is True,
            steps_aside=data.get("steps_aside") is True,
        )

    def at_cursor(self) -> Self:
        """The same at the 3D cursor, in place of nothing."""
        return replace(self, location=None, box=None, steps_aside=True)

    @classmethod
    def of_target(cls, target: Mapping[str, Any]) -> Self:
        """Read it from an order's target; older ones have location and height at their top level."""
        return cls.from_json(target.get("placement", target))


def place(arrival: Arrival, placement: Placement, scene: bpy.types.Scene) -> Arrival:
    """Make the mesh stand as ``placement`` says, wherever it has stood before.

    The origin of a mesh is moved by moving its vertices, all the same way. A rig keeps its vertices, its origin and its
    proportions: bones and shape keys would not follow.

    :return: the arrival as it is now; the one that was given has an outdated box when the origin was moved.
    """
    root = arrival.root
    if arrival.is_rigged:
        rest = note_rest(root)
    else:
        rest = Matrix.Identity(4)
        root.rotation_mode = "XYZ"
        arrival = move_origin(arrival, placement.origin)
    box = Box.between(arrival.low, arrival.high).seen_from(rest)
    factors = _factors(
        box.size,
        placement,
        keeps_proportions=arrival.is_rigged or not placement.stretch,
        unit_m=scene.unit_settings.scale_length,
    )
    turned = Matrix.Rotation(placement.turn, 4, "Z") @ Matrix.Diagonal(factors).to_4x4()
    location = scene.cursor.location if placement.location is None else Vector(placement.location)
    root.matrix_world = Matrix.Translation((location - turned @ box.base)[:]) @ turned @ rest
    if placement.hide_source:
        _hide(placement.replaces, scene, except_for=arrival.objects)
    _layer(scene).update()
    return arrival


def standing(job_id: str, scene: bpy.types.Scene) -> Arrival:
    """Find the mesh of a job that is in ``scene``, as if it had just come in.

    Of several, the one that the active object belongs to, else the first by name.

    :raises InputError: it is not there, or somebody is at work on its mesh.
    """
    layer = _layer(scene)
    own = {obj for obj in scene.objects if obj.get("scenario_job_id") == job_id}
    roots = sorted((obj for obj in own if obj.parent not in own), key=lambda obj: obj.name)
    if not roots and scene_with(JobId(job_id)) is not None:
        raise InputError("It is a UV map of another mesh, or in another scene: there is nothing to place here.")
    if not roots:
        raise InputError("The mesh is not in this scene any more: import it again.")
    active = layer.objects.active
    root = next((obj for obj in roots if active and active in (obj, *obj.children_recursive)), roots[0])
    objects = (root, *(obj for obj in root.children_recursive if obj in own))
    meshes = [obj for obj in objects if isinstance(obj.data, bpy.types.Mesh)]
    if any(obj.mode != "OBJECT" for obj in objects):
        raise InputError("The mesh is being edited: go back to Object Mode, then place it.")
    if any(block is not None and not block.is_editable for obj in objects for block in (obj, obj.data)):
        raise InputError("The mesh is linked from another file: make it local, then place it.")
    box = _measure(root, meshes, scene, layer)
    homes = root.users_collection
    return Arrival(
        collection_name=next((home for home in homes if home.get("scenario_job_id") == job_id), homes[0]).name,
        object_names=tuple(obj.name for obj in objects),
        low=triple(box.low),
        high=triple(box.high),
        triangles=total_triangles(meshes),
        is_rigged=root.type != "MESH" or any(is_deformed(obj) for obj in meshes),
    )


def _measure(
    root: bpy.types.Object, meshes: Iterable[bpy.types.Object], scene: bpy.types.Scene, layer: bpy.types.ViewLayer
) -> Box:
    """Measure the box of what is seen of ``meshes``, in the axes of ``root``.

    :raises InputError: nothing is seen.
    """
    with showing(scene, layer):
        box = bounds(parts_of((obj for obj in meshes if obj.visible_get(view_layer=layer)), root))
    if box.is_empty:
        raise InputError("The mesh is hidden: show it, then place it.")
    return box


def _layer(scene: bpy.types.Scene) -> bpy.types.ViewLayer:
    return bpy.context.view_layer if bpy.context.scene == scene else scene.view_layers[0]


def note_rest(root: bpy.types.Object) -> Matrix:
    """Give the turn and scale that a rig had in its file; the first time, those that it has."""
    if _REST not in root:
        root[_REST] = [value for row in root.matrix_basis.to_3x3() for value in row[:]]
    numbers: list[float] = list(root[_REST])
    return Matrix((numbers[:3], numbers[3:6], numbers[6:])).to_4x4()


def move_origin(arrival: Arrival, origin: str) -> Arrival:
    """Have the root's origin in the middle of the mesh or of its lower side; nothing that is seen moves.

    Objects that share the root's mesh go on sharing it, and stay where they are. Not for a rig. Takes 10 to 30 ms for
    a million vertices, unless the origin is there already.

    :param origin: as :attr:`Placement.origin`.
    :return: the arrival as it is now.
    """
    box = Box.between(arrival.low, arrival.high)
    shift = -(box.centre if origin == "CENTER" else box.base)
    if shift.length <= 1e-6 * box.size.length:
        return arrival
    return move_mesh(arrival, Matrix.Translation(shift[:]))


def move_mesh(arrival: Arrival, move: Matrix) -> Arrival:
    """Move, and stretch along the axes, the root's mesh in the root's own space; all else stays in its place.

    The root's own place changes the other way about, so that nothing that is seen moves. Objects that share its mesh
    go on sharing it. Not for a rig.

    :return: the arrival as it is now.
    """
    root = arrival.root
    mesh = mesh_of(root)
    sharing = [obj for obj in arrival.objects if obj.data == mesh]
    if mesh.users - mesh.use_fake_user > len(sharing):  # what is somebody else's, too, stays
        mesh = cast("bpy.types.Mesh", mesh.copy())
        for obj in sharing:
            obj.data = mesh
    _transform(mesh, move)
    for obj in sharing:
        obj.matrix_basis = obj.matrix_basis @ move.inverted()
    moved = set(sharing)
    for child in bpy.data.objects:  # once for all of them: each one's children are looked for in the whole file
        if child.parent in moved and child.parent_type == "OBJECT":
            child.matrix_parent_inverse = move @ child.matrix_parent_inverse
    box = Box.between(arrival.low, arrival.high).seen_from(move)
    return replace(arrival, low=triple(box.low), high=triple(box.high))


def _transform(mesh: bpy.types.Mesh, move: Matrix) -> None:
    if move.to_3x3() == Matrix.Identity(3):
        mesh.transform(move)
        return
    from ..mesh.baking import transform  # lazy: numpy takes longer than enabling an add-on may

    transform(mesh, move)
    mesh.transform(Matrix.Translation(move.translation[:]))


def _factors(size: Vector, placement: Placement, *, keeps_proportions: bool, unit_m: float) -> Triple:
    """What the mesh is scaled by along each axis. An axis along which either is flat follows the others.

    :param size: in metres.
    :param unit_m: what the scene's numbers count.
    """
    if placement.box is None:
        factor = placement.height / size.z if placement.height > 0.0 and size.z > _FLAT_M else 1.0 / unit_m
        return (factor, factor, factor)
    pairs = list(zip(placement.box, size.to_tuple(), strict=True))
    ratios = [room / extent if room > _FLAT_M and extent > _FLAT_M else None for room, extent in pairs]
    least = min((ratio for ratio in ratios if ratio is not None), default=1.0)
    return cast("Triple", tuple(least if ratio is None or keeps_proportions else ratio for ratio in ratios))


def _hide(names: Iterable[str], scene: bpy.types.Scene, *, except_for: Iterable[bpy.types.Object]) -> None:
    """Hide what is still there under these names, in the viewports and in renders."""
    kept = set(except_for)
    for name in names:
        obj = scene.objects.get(name)
        if obj is None or obj in kept:
            continue
        obj.hide_render = True
        for layer in scene.view_layers:
            with suppress(RuntimeError):  # its collection is excluded from this view layer
                obj.hide_set(True, view_layer=layer)


def _triple(value: Any) -> Triple | None:
    """Three numbers, or ``None``."""
    if not isinstance(value, list | tuple) or len(value) != 3:
        return None
    numbers = [_number(part, default=math.nan) for part in value]
    return cast("Triple", tuple(numbers)) if all(map(math.isfinite, numbers)) else None


def _number(value: Any, *, default: float = 0.0) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else default
