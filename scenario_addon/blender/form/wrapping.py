# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences in a layout: on as many lines as its width needs, since a label shows only what fits on one."""

from __future__ import annotations

from typing import Final

import blf
import bpy

__all__ = ["draw_sentence"]

_FONT: Final = 0
"""The interface's own font."""
_MARGINS_PX: Final = 90
"""What a sidebar needs beside the text, at a scale of 1: tabs, edges, a box, an icon."""
_BUTTON_PX: Final = 20
_LINE_HEIGHT: Final = 0.8
"""Of a row of buttons."""


def draw_sentence(
    layout: bpy.types.UILayout,
    text: str,
    *,
    icon: str,
    is_alert: bool = False,
    is_faint: bool = False,
    room_px: float | None = None,
    buttons: int = 0,
) -> None:
    """Draw all of a text beside an icon.

    :param is_alert: it needs the reader: in red.
    :param is_faint: it can be passed over: in grey.
    :param room_px: what a line may take, at a scale of 1; ``None``: what the region that is drawn has.
    :param buttons: how many icons to press stand on the same line.
    """
    column = layout.column(align=True)
    column.alert, column.active = is_alert, not is_faint
    lines = _wrapped(text.removesuffix(".") if text.count(". ") == 0 else text, room_px, buttons)
    column.scale_y = _LINE_HEIGHT if len(lines) > 1 else 1.0
    for number, line in enumerate(lines):
        column.label(text=line, icon="BLANK1" if number else icon)  # pyright: ignore[reportArgumentType]


def _wrapped(text: str, room_px: float | None, buttons: int) -> list[str]:
    preferences = bpy.context.preferences
    scale = preferences.system.ui_scale
    blf.size(_FONT, preferences.ui_styles[0].widget.points * scale)
    most_px = bpy.context.region.width - _MARGINS_PX * scale if room_px is None else room_px * scale
    most_px -= buttons * _BUTTON_PX * scale
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and blf.dimensions(_FONT, longer)[0] > most_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
