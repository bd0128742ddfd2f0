# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that a picture was taken of, for a mesh that takes their place. Main thread only.

:func:`find` is cheap, for every redraw; :func:`spot` measures, once, when it counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, cast

import bpy
from mathutils import Matrix, Vector

from ..scene.bounds import bounds, triple
from ..scene.placement import Placement

__all__ = ["Originals", "find", "spot"]

_SOLID: Final = frozenset({"CURVES", "GPENCIL", "GREASEPENCIL", "MESH", "POINTCLOUD", "VOLUME"})
"""Types of objects that are seen as they are."""
_MESHED: Final = frozenset({"CURVE", "FONT", "META", "SURFACE"})
"""Types that are seen as the mesh that is made of them."""
_MOST: Final = 20
"""Of more objects that nobody has selected, nobody means all."""
_MOST_LOOKED_AT: Final = 200
"""In a larger scene looking through all objects would slow each redraw."""
_NAMED: Final = 2
"""How many are called by name."""
_STEEP: Final = 1e-3
"""Below this sine of the angle to the vertical, a view has no side that is its front."""


@dataclass(frozen=True)
class Originals:
    """The objects that a mesh would take the place of, by name."""

    names: tuple[str, ...] = ()
    reason: str = ""
    """Why there is nothing."""
    is_selected: bool = False
    """Whether somebody means these, and no others."""

    @property
    def sentence(self) -> str:
        """What will happen, in words."""
        if not self.names:
            return f"{self.reason}: at the 3D cursor"
        named, others = ", ".join(self.names[:_NAMED]), len(self.names) - _NAMED
        return f"In place of {named} and {others} more" if others > 0 else f"In place of {named}"


def find(context: bpy.types.Context, kind: str) -> Originals:
    """Find what the picture shows: what is selected, or else, in a picture of the scene itself, all that is seen in it.

    :param kind: of source, as ``scene.scenario.source`` has it.
    """
    layer = context.view_layer
    is_seen = _is_rendered if kind in ("CAMERA", "RENDER") else _is_shown
    selected = tuple(obj.name for obj in layer.objects.selected if is_seen(obj))
    if selected:
        return Originals(selected, is_selected=True)
    if kind not in ("CAMERA", "RENDER", "VIEWPORT"):
        return Originals(reason="Nothing is selected")
    if len(layer.objects) > _MOST_LOOKED_AT:
        return Originals(reason="Nothing of this large scene is selected")
    seen = tuple(islice((obj.name for obj in layer.objects if obj is not None and is_seen(obj)), _MOST + 1))
    if len(seen) > _MOST:
        return Originals(reason=f"More than {_MOST} objects and none selected")
    return Originals(seen, reason="" if seen else "There is nothing to be seen")


def spot(context: bpy.types.Context, kind: str, originals: Originals) -> Placement | None:
    """Measure where they stand, how much room they take up, and which way the side looks that the picture shows.

    :return: ``None`` when nothing of them can be measured.
    :raises PictureError: there is no viewport that could have been the source.
    """
    graph = context.evaluated_depsgraph_get()
    turn = _turn(_view(context, kind, graph))
    frame = Matrix.Rotation(-turn, 4, "Z")
    instances = cast("Iterable[Any]", graph.object_instances)
    names = frozenset(originals.names)
    box = bounds((one.object, frame @ one.matrix_world) for one in instances if _belongs(one, names))
    if box.is_empty:
        return None
    base = frame.inverted() @ box.base
    return Placement(location=triple(base), turn=turn, box=triple(box.size), replaces=originals.names)


def _is_shown(obj: bpy.types.Object) -> bool:
    has_body = obj.type in _SOLID or obj.type in _MESHED or obj.instance_collection is not None
    return has_body and obj.visible_get()


def _is_rendered(obj: bpy.types.Object) -> bool:
    return not obj.hide_render and obj.visible_camera and _is_shown(obj)


def _belongs(instance: Any, names: frozenset[str]) -> bool:
    """Whether one of the things that Blender draws is one of these objects, or is drawn on its behalf."""
    owner = instance.parent if instance.is_instance else instance.object
    return owner.name in names and instance.object.type in _SOLID


def _view(context: bpy.types.Context, kind: str, graph: bpy.types.Depsgraph) -> Matrix:
    """Axes of whoever looked: along its -Z."""
    if kind in ("CAMERA", "RENDER") and context.scene.camera is not None:
        return context.scene.camera.evaluated_get(graph).matrix_world
    if kind == "VIEWPORT":
        from ..picture.viewport import find_viewport  # lazy: numpy takes longer than enabling an add-on may

        _, _, region = find_viewport(context)
        return cast("bpy.types.RegionView3D", region.data).view_matrix.inverted()
    return Matrix.Identity(4)


def _turn(view: Matrix) -> float:
    """The angle about Z at which the front of a mesh, which looks along -Y, looks at whoever looks."""
    back: Vector = view.to_3x3().col[2].normalized()  # pyright: ignore[reportIndexIssue]
    if math.hypot(back.x, back.y) < _STEEP:
        return 0.0
    return math.atan2(back.x, -back.y)
