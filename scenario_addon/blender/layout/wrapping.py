# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences in a layout: on as many lines as its width needs, since a label shows only what fits on one."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import Final

import blf
import bpy

from ..words.language import translated
from .breaking import units

__all__ = ["draw_sentence", "region_px", "room_px", "scale", "text_px", "without_stop", "wrapped"]

_FONT: Final = 0
"""The interface's own font."""
_MARGINS_PX: Final = 90
"""What a sidebar needs beside the text, at a scale of 1: tabs, edges, a box, an icon."""
_BUTTON_PX: Final = 20
_UNSEEN_PX: Final = 600
"""Stands for the width of a region without a window, which has none."""
_LINE_HEIGHT: Final = 0.8
"""Of a row of buttons."""
_ROW_MARGINS_PX: Final = 56
"""What a sidebar needs beside a row, at a scale of 1: tabs, and the edges of panel and label."""
_LEAST_PX: Final = 40
"""No line of a row is shorter, however narrow the sidebar."""


def draw_sentence(
    layout: bpy.types.UILayout,
    text: str,
    *,
    icon: str,
    is_alert: bool = False,
    is_faint: bool = False,
    room_px: float | None = None,
    buttons: int = 0,
    breaks_words: bool = False,
    is_translated: bool = False,
) -> None:
    """Draw all of a text beside an icon.

    :param is_alert: it needs the reader: in red.
    :param is_faint: it can be passed over: in grey.
    :param room_px: what a line may take, at a scale of 1; ``None``: what the region that is drawn has.
    :param buttons: how many icons to press stand on the same line.
    :param breaks_words: whether a word that no line has room for is broken, instead of cut.
    :param is_translated: it is in Blender's language already.
    """
    column = layout.column(align=True)
    column.alert, column.active = is_alert, not is_faint
    most_px = _room(room_px, buttons)
    lines = wrapped(without_stop(text if is_translated else translated(text)), most_px, most_px)
    if breaks_words:
        lines = tuple(part for line in lines for part in _broken(line, most_px))
    column.scale_y = _LINE_HEIGHT if len(lines) > 1 else 1.0
    for number, line in enumerate(lines):
        shown = "BLANK1" if number else icon
        column.label(text=line, icon=shown, translate=False)  # pyright: ignore[reportArgumentType]


def scale() -> float:
    """How many pixels of the screen one of Blender's own takes."""
    return bpy.context.preferences.system.ui_scale or 1.0  # 0 without a window


def region_px() -> float:
    """How wide the region is that is drawn, in pixels of the screen."""
    width_px = bpy.context.region.width
    return width_px if width_px > 1 else _UNSEEN_PX * scale()


def text_px(text: str) -> float:
    """How wide a text is in a control or a label, in pixels of the screen."""
    blf.size(_FONT, bpy.context.preferences.ui_styles[0].widget.points * scale())
    return blf.dimensions(_FONT, text)[0]


def room_px(units: float) -> float:
    """What a line of a row may take in the region that is drawn, in pixels of the screen.

    :param units: heights of a button that something else in the row takes.
    """
    return max(region_px() - (_ROW_MARGINS_PX + 20 * units) * scale(), _LEAST_PX * scale())


def without_stop(text: str) -> str:
    """Take the full stop from a sentence that stands alone, as Blender's labels have none."""
    if "\u3002" in text:  # of Japanese and Chinese
        return text.removesuffix("\u3002") if text.count("\u3002") == 1 else text
    return text.removesuffix(".") if text.count(". ") == 0 else text


def wrapped(text: str, first_px: float, rest_px: float) -> tuple[str, ...]:
    """Break a text into lines, at its spaces but not at those that keep words together.

    :param first_px: what the first may take, in pixels of the screen; ``rest_px`` likewise.
    """
    return _wrapped(text, first_px, rest_px, bpy.context.preferences.ui_styles[0].widget.points * scale())


@lru_cache(maxsize=2048)
def _wrapped(text: str, first_px: float, rest_px: float, points: float) -> tuple[str, ...]:
    """:param points: how large letters are, which decides how wide a text is."""
    lines = [""]
    for word, gap in units(text):
        longer = f"{lines[-1]}{gap}{word}".strip()
        if lines[-1] and text_px(longer) > (first_px if len(lines) == 1 else rest_px):
            lines.append(word)
        else:
            lines[-1] = longer
    return tuple(lines)


def _room(room_px: float | None, buttons: int) -> float:
    """What a line may take, in pixels of the screen."""
    most_px = region_px() - _MARGINS_PX * scale() if room_px is None else room_px * scale()
    return most_px - buttons * _BUTTON_PX * scale()


def _broken(line: str, most_px: float) -> list[str]:
    """A word that no line has room for, in pieces that fit."""
    pieces = [line]
    while len(pieces[-1]) > 1 and text_px(pieces[-1]) > most_px:
        whole = pieces.pop()
        fitting = bisect_right(range(1, len(whole)), most_px, key=lambda count: text_px(whole[:count]))
        pieces += [whole[: max(1, fitting)], whole[max(1, fitting) :]]
    return pieces
