# SPDX-License-Identifier: GPL-3.0-or-later
"""The switch between variants of the active object."""

from __future__ import annotations

import time
from typing import Any, Final

import bpy

from ....variants.group import key_of, members, shown
from ....variants.row import is_laid_out
from ....words.language import translated

__all__ = ["draw_variants"]

_KEPT_S: Final = 0.3
"""So long it is not counted anew: a large scene takes 30 ms, and a sidebar is drawn with every move of the mouse."""
_counted: dict[tuple[int, str], tuple[float, tuple[int, int, bool]]] = {}


def draw_variants(layout: Any, context: bpy.types.Context) -> None:
    """Draw nothing where the active object is no variant, or the only one."""
    key = key_of(context.view_layer.objects.active)
    if key is None:
        return
    at, count, is_row = _count(key, context)
    if count < 2:
        return
    column = layout.column(align=True)
    line = column.row(align=True)
    line.operator("scenario.switch_variant", text="", icon="TRIA_LEFT").step = -1
    line.label(text=translated(f"{count} in a row" if is_row else f"{at} of {count}"))
    line.operator("scenario.switch_variant", text="", icon="TRIA_RIGHT").step = 1
    column.operator("scenario.keep_variant", icon="CHECKMARK")
    text = "Back on One Spot" if is_row else "Lay Out in a Row"
    column.operator("scenario.lay_out_variants", text=text, icon="ALIGN_JUSTIFY" if is_row else "MOD_ARRAY")


def _count(key: str, context: bpy.types.Context) -> tuple[int, int, bool]:
    """Which one is shown, from 1, of how many, and whether they stand in a row."""
    scene, now_s = context.scene, time.monotonic()
    known = _counted.get((scene.session_uid, key))
    if known is None or now_s - known[0] > _KEPT_S:
        found = members(key, scene, first=context.view_layer.objects.active)
        one = shown(found)
        at = found.index(one) + 1 if one is not None else 0
        _counted.clear()
        known = _counted[scene.session_uid, key] = now_s, (at, len(found), is_laid_out(key, scene))
    return known[1]
