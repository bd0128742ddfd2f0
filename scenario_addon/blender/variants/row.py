# SPDX-License-Identifier: GPL-3.0-or-later
"""Variants side by side, with names under them, and back on one spot. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import bpy
from mathutils import Matrix, Vector

from ..scene.bounds import Box
from .group import LABEL, Variant, hide, members, placed, shared_move, show, shown, stand_at

__all__ = ["is_laid_out", "lay_out", "stack"]

_SIGN: Final = "scenario_sign"
"""Property of the text under a variant in a row: what they are variants of."""
_GAP: Final = 0.25
"""Between two in a row: part of the widest."""
_LETTER: Final = 0.12
"""Height of a letter: part of the widest."""


def is_laid_out(key: str, scene: bpy.types.Scene) -> bool:
    """Whether the variants stand in a row."""
    return bool(_signs(key, scene))


def lay_out(key: str, scene: bpy.types.Scene) -> None:
    """Show all variants of a thing along X, the first where they stood, each with its name at its feet."""
    variants = members(key, scene)
    like = shown(variants) or variants[-1]
    move = shared_move(like)
    for variant in variants:
        stand_at(variant, move @ placed(variant))
        show(variant)
    bpy.context.view_layer.update()
    boxes = [_box(variant) for variant in variants]
    widest = max(box.size.x for box in boxes)
    edge = boxes[0].low.x
    for variant, box in zip(variants, boxes, strict=True):
        shift = edge - box.low.x
        root: Any = variant.root
        stand_at(variant, Matrix.Translation((shift, 0.0, 0.0)) @ root.matrix_world)
        text = f"{variant.number}  {root.get(LABEL, root.name)}"
        _put_sign(text, key, scene, at=(shift + box.centre.x, box.low.y - 2 * _LETTER * widest, box.low.z), size=widest)
        edge += max(box.size.x, widest) + _GAP * widest


def stack(key: str, scene: bpy.types.Scene) -> None:
    """Have the variants on one spot again, the active one shown, else the first."""
    active = bpy.context.view_layer.objects.active
    variants = members(key, scene, first=active)
    bpy.data.batch_remove(_signs(key, scene))
    if not variants:
        return
    first = variants[0]
    wanted = next((variant for variant in variants if active in variant.objects), first)
    move = shared_move(first)  # the first has not been moved for the row
    stand_at(wanted, move @ placed(wanted))
    for variant in variants:
        if variant.root != wanted.root:
            stand_at(variant, move @ placed(variant))
            hide(variant)
    bpy.context.view_layer.update()


def _signs(key: str, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    return [obj for obj in scene.objects if obj.get(_SIGN) == key]


def _put_sign(text: str, key: str, scene: bpy.types.Scene, *, at: tuple[float, float, float], size: float) -> None:
    """Write on the ground, to be read from the front."""
    curve = bpy.data.curves.new(text, "FONT")
    assert isinstance(curve, bpy.types.TextCurve)
    curve.body, curve.size, curve.align_x = text, _LETTER * size, "CENTER"
    sign = bpy.data.objects.new(text, curve)
    sign[_SIGN] = key
    sign.location = at
    sign.hide_render = True
    scene.collection.objects.link(sign)


def _box(variant: Variant) -> Box:
    """The box around what is seen of a variant, in the world."""
    box = Box()
    for obj in _bodies(variant.objects):
        frame: Any = obj.matrix_world
        for corner in obj.bound_box:
            box.add(frame @ Vector(corner))
    return box


def _bodies(objects: Iterable[bpy.types.Object]) -> list[bpy.types.Object]:
    bodies = [obj for obj in objects if obj.type == "MESH"]
    return [obj for obj in bodies if obj.visible_get()] or bodies
