# SPDX-License-Identifier: GPL-3.0-or-later
"""What is meant by a selection, by names of objects or by a collection. Main thread only.

Whatever is seen as a surface counts; lights, cameras, armatures and plain empties do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import bpy

from ...engine.errors import PictureError
from ..scene.bounds import BODIES

__all__ = ["Subject", "of_collection", "of_objects", "of_selection"]

_OUTLINES: Final = frozenset({"BOUNDS", "WIRE"})
"""How objects are shown that only cut or steer others."""
_NAMED: Final = 3
"""How many are called by name."""


@dataclass(frozen=True)
class Subject:
    """Live objects: for the moment only, not to be kept."""

    name: str
    """What pictures and meshes of it are called."""
    objects: tuple[bpy.types.Object, ...]
    scene: bpy.types.Scene
    helpers: tuple[bpy.types.Object, ...] = field(default=())
    """Objects without which the others are not as they are seen, and which are not seen themselves."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(obj.name for obj in self.objects)


def of_selection(context: bpy.types.Context) -> Subject:
    """Take what is selected and visible.

    :raises PictureError: nothing of it has a surface; the sentence says what to do.
    """
    layer: Any = context.view_layer
    space = context.space_data
    viewport = {"viewport": space} if isinstance(space, bpy.types.SpaceView3D) else {}
    selected = list(layer.objects.selected)
    if not selected:
        raise PictureError("Nothing is selected: select the objects that a mesh is to be made of.")
    shown = [obj for obj in selected if obj.visible_get(view_layer=layer, **viewport)]
    if not shown:
        raise PictureError(f"{_named(selected)} cannot be seen: show what a mesh is to be made of.")
    active = layer.objects.active
    return _subject("", shown, context.scene, first=active, among=(o for o in layer.objects if _is_on(o, layer)))


def of_objects(names: Sequence[str], scene: bpy.types.Scene) -> Subject:
    """Take objects by name, hidden or not.

    :raises PictureError: one is not in the scene, or none has a surface.
    """
    for name in names:
        if name not in scene.objects:
            raise PictureError(f"There is no object named {name} in the scene {scene.name}.")
    return _subject("", [scene.objects[name] for name in dict.fromkeys(names)], scene, first=None, among=scene.objects)


def of_collection(name: str, scene: bpy.types.Scene) -> Subject:
    """Take what is in a collection and in those inside it, unless it is hidden there.

    :raises PictureError: it is not there, or nothing in it has a surface.
    """
    found: Any = next((c for c in scene.collection.children_recursive if c.name == name), None)
    found = found or bpy.data.collections.get(name)
    if found is None:
        raise PictureError(f"There is no collection named {name}.")
    shown = [obj for obj in found.all_objects if not (obj.hide_viewport or _is_put_away(obj, scene))]
    if not shown:
        raise PictureError(f"The collection {name} has nothing in it that is shown.")
    return _subject(name, shown, scene, first=None, among=shown)


def _subject(
    name: str,
    objects: Sequence[bpy.types.Object],
    scene: bpy.types.Scene,
    *,
    first: bpy.types.Object | None,
    among: Iterable[bpy.types.Object],
) -> Subject:
    """Take of these objects those with a surface, and what belongs to them.

    :param first: gives the name, if it is one of them and there is no name yet.
    :param among: where the other balls of a family are looked for.
    :raises PictureError: none has a surface.
    """
    bodies = [obj for obj in objects if obj.type in BODIES or _is_instance(obj)]
    if not bodies:
        raise PictureError(f"{_named(objects)} has no surface: select meshes, curves, texts or instances.")
    bodies = [obj for obj in bodies if obj.display_type not in _OUTLINES] or bodies
    named = first if first in bodies else bodies[0]
    families = {_family(obj) for obj in bodies if obj.type == "META"}
    # Looking at all objects of a large scene takes long, and this is done for redraws.
    others = [obj for obj in among if obj.type == "META" and _family(obj) in families] if families else []
    chosen = dict.fromkeys([*bodies, *others])
    helpers = dict.fromkeys(helper for obj in chosen for helper in _instanced_with(obj))
    return Subject(name or named.name, tuple(chosen), scene, tuple(obj for obj in helpers if obj not in chosen))


def _instanced_with(obj: bpy.types.Object) -> list[bpy.types.Object]:
    """What an object is repeated by, or what it repeats: its vertices or faces are where the children are seen."""
    parent = obj.parent
    found = [parent] if parent is not None and _repeats(parent) else []
    return [*found, *obj.children_recursive] if _repeats(obj) else found


def _repeats(obj: bpy.types.Object) -> bool:
    return obj.instance_type in ("FACES", "VERTS")


def _is_instance(obj: bpy.types.Object) -> bool:
    return obj.type == "EMPTY" and obj.instance_type == "COLLECTION" and obj.instance_collection is not None


def _is_on(obj: bpy.types.Object | None, layer: bpy.types.ViewLayer) -> bool:
    return obj is not None and obj.visible_get(view_layer=layer)


def _is_put_away(obj: bpy.types.Object, scene: bpy.types.Scene) -> bool:
    """Whether the eye beside it is closed in the scene's first view layer."""
    layer = scene.view_layers[0]
    return obj.name in layer.objects and obj.hide_get(view_layer=layer)


def _family(ball: bpy.types.Object) -> str:
    """Metaballs whose names differ by their number melt into one."""
    return re.sub(r"\.\d+$", "", ball.name)


def _named(objects: Sequence[bpy.types.Object]) -> str:
    names, more = ", ".join(obj.name for obj in objects[:_NAMED]), len(objects) - _NAMED
    return f"{names} and {more} more" if more > 0 else names
