# SPDX-License-Identifier: GPL-3.0-or-later
"""Words in a row beside a picture: on as many lines as they need, the first of which leaves room for buttons."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import blf
import bpy

__all__ = ["room_px", "wrapped"]

_FONT: Final = 0
"""The interface's own font."""
_SPACES: Final = re.compile(r"[ \t\r\n]+")
_MARGINS_PX: Final = 56
"""What a sidebar needs beside a row, at a scale of 1: tabs, and the edges of panel and label."""
_LEAST_PX: Final = 40
"""No line is shorter, however narrow the sidebar."""


def room_px(units: float) -> float:
    """What a line may take in the region that is drawn, at its scale.

    :param units: heights of a button that something else in the row takes.
    """
    scale = bpy.context.preferences.system.ui_scale
    return max(bpy.context.region.width - (_MARGINS_PX + 20 * units) * scale, _LEAST_PX * scale)


def wrapped(text: str, first_px: float, rest_px: float) -> tuple[str, ...]:
    """Break a text into lines, at its spaces but not at those that keep words together.

    :param first_px: what the first may take.
    """
    preferences = bpy.context.preferences
    points = preferences.ui_styles[0].widget.points * preferences.system.ui_scale
    return _wrapped(text, first_px, rest_px, points)


@lru_cache(maxsize=2048)
def _wrapped(text: str, first_px: float, rest_px: float, points: float) -> tuple[str, ...]:
    blf.size(_FONT, points)
    lines = [""]
    for word in filter(None, _SPACES.split(text)):
        longer = f"{lines[-1]} {word}".strip()
        most_px = first_px if len(lines) == 1 else rest_px
        if lines[-1] and blf.dimensions(_FONT, longer)[0] > most_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return tuple(lines)
