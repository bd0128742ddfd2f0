# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects of a scene go out as a mesh, and whether a model takes so many triangles. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import bpy
from mathutils import Matrix, Vector

from ...engine.errors import MeshError
from ..mesh.mesh import mesh_of, triangle_count
from ..scene.bounds import bounds, triple
from ..scene.placement import Placement
from ..studio.sides import Facing
from ..studio.subject import Subject

if TYPE_CHECKING:
    from ...engine.meshes.limits import MeshLimits

__all__ = ["FORMATS", "Outgoing", "check_count", "format_for", "of_active", "of_objects"]

FORMATS: Final = ("glb", "fbx", "obj")
"""What can be exported, the best first: GLB and FBX hold their textures."""
_FLAT: Final = 1e-12
"""A matrix whose determinant is closer to 0 has lost a direction, and nothing leads back."""


@dataclass(frozen=True)
class Outgoing:
    """Live objects: for the moment only, not to be kept.

    The first is the active one. It is exported in its own local space, with an identity transform, and the others as
    they stand relative to it: what comes back fits once it gets the ``matrix_world`` of the first.
    """

    objects: tuple[bpy.types.Object, ...]
    scene: bpy.types.Scene
    triangles: int
    """As they are seen, with their modifiers; likewise the next."""
    polygons: int

    @property
    def name(self) -> str:
        return self.objects[0].name

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(obj.name for obj in self.objects)

    @property
    def home(self) -> Matrix:
        """Leads from the exported file's own axes, as Blender imports it, into the world."""
        return self.objects[0].matrix_world.copy()  # pyright: ignore[reportReturnType]

    @property
    def subject(self) -> Subject:
        """The same, to be copied."""
        return Subject(self.name, self.objects, self.scene)

    def placement(self) -> Placement:
        """Say where they stand, how much room they take up and where the first looks; what comes back hides them."""
        facing = Facing.of_object(self.home)
        into = facing.matrix.inverted_safe()
        graph = bpy.context.evaluated_depsgraph_get()
        evaluated = (obj.evaluated_get(graph) for obj in self.objects)
        box = bounds((obj, into @ obj.matrix_world) for obj in evaluated)
        if box.is_empty:
            return Placement(triple(self.home.translation), replaces=self.names, hide_source=True)
        base: Vector = facing.matrix @ box.base
        size = triple(box.size)
        return Placement(triple(base), turn=facing.turn, box=size, replaces=self.names, hide_source=True)


def of_active(context: bpy.types.Context) -> Outgoing:
    """Take the active mesh, and the other meshes that are selected; of an empty or a rig, the meshes that hang on it.

    :raises MeshError: there is no mesh, or none with faces; the sentence says what to do.
    """
    active = context.view_layer.objects.active
    if active is None:
        raise MeshError("No object is active: click the mesh that is to be refined.")
    others = [obj for obj in context.view_layer.objects.selected if obj.type == "MESH"]
    if active.type == "MESH":
        return of_objects([active, *others], context)
    hanging = [obj for obj in active.children_recursive if obj.type == "MESH" and obj.name in context.scene.objects]
    if active.type not in ("EMPTY", "ARMATURE") or not hanging:
        raise MeshError(f"{active.name} is no mesh: choose one, or make it one by Object > Convert > Mesh.")
    return of_objects(hanging, context)


def of_objects(objects: Iterable[bpy.types.Object], context: bpy.types.Context) -> Outgoing:
    """Take these meshes, the first of them as the active one.

    :raises MeshError: none of them has faces, or the first cannot be undone.
    """
    chosen = tuple(dict.fromkeys(objects))
    first = chosen[0]
    if abs(first.matrix_world.determinant()) < _FLAT:
        raise MeshError(f"{first.name} is scaled to nothing along an axis: give it a size, or apply its scale.")
    graph = context.evaluated_depsgraph_get()
    meshes = [_shown(obj, graph) for obj in chosen]
    polygons = sum(len(mesh.polygons) for mesh in meshes)
    if not polygons and not any(_makes_more(obj) for obj in chosen):
        whose = "has no faces" if len(chosen) == 1 else "and the others have no faces"
        raise MeshError(f"{first.name} {whose}: there is nothing to refine.")
    return Outgoing(chosen, context.scene, sum(map(triangle_count, meshes)), polygons)


def _shown(obj: bpy.types.Object, graph: bpy.types.Depsgraph) -> bpy.types.Mesh:
    """Give what is seen of a mesh; of one that is being edited what is there without its modifiers, which is quick."""
    if obj.mode == "EDIT":
        obj.update_from_editmode()
        return mesh_of(obj)
    return mesh_of(obj.evaluated_get(graph))


def _makes_more(obj: bpy.types.Object) -> bool:
    """Whether an object shows instances, which are not in its own mesh."""
    return obj.is_instancer or any(modifier.type == "NODES" for modifier in obj.modifiers)


def format_for(limits: MeshLimits, model_name: str) -> str:
    """Choose the format in which a model gets a mesh, as a suffix without the point.

    :raises MeshError: it takes none that can be exported.
    """
    wanted = next((suffix for suffix in FORMATS if suffix in limits.formats), None)
    if wanted is None:
        taken = " or ".join(suffix.upper() for suffix in sorted(limits.formats))
        raise MeshError(f"{model_name} takes {taken}, which cannot be exported here: choose another model.")
    return wanted


def check_count(name: str, triangles: int, polygons: int, limits: MeshLimits, model_name: str) -> None:
    """Refuse what is too much for a model before it is exported.

    :raises MeshError: it has more faces than the model takes, in the format that it would get.
    """
    is_glb = format_for(limits, model_name) == "glb"
    count, what = (triangles, "triangles") if is_glb else (polygons, "faces")
    if limits.max_faces is not None and count > limits.max_faces:
        takes = f"{model_name} takes {limits.max_faces:,}"
        raise MeshError(f"{name} has {count:,} {what} and {takes}: reduce them first, as Decimate does.")
