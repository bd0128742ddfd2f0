# SPDX-License-Identifier: GPL-3.0-or-later
"""Names beside their controls, where Blender has them, and none of them cut.

Blender gives two fifths of a row to the name and cuts what is longer. Here names get more where they need it, so that
all in a column end at one place, and one that needs still more stands above its control.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import bpy

from ..words.language import translated
from .wrapping import draw_sentence, region_px, scale, text_px

__all__ = ["Columns", "columns_for", "content_px", "draw_named", "draw_property", "draw_switch"]

_PART: Final = 0.4
"""Of a row, where use_property_split has the names end."""
_MOST: Final = 0.55
_SIDES_PX: Final = 56
"""What a sidebar has beside its rows, at a scale of 1: tabs, edges."""
_PADDING_PX: Final = 12
"""What a label needs beside its text, at a scale of 1."""
_BOX_PX: Final = 30
"""What a switch needs beside its text, at a scale of 1."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row the names end and the controls begin."""

    part: float = _PART

    def has_room_for(self, name: str) -> bool:
        return text_px(name) <= self.part * content_px() - _PADDING_PX * scale()

    @property
    def switch_px(self) -> float:
        """What the text of a switch may take among the controls, in pixels of the screen."""
        return (1 - self.part) * content_px() - _BOX_PX * scale()


def content_px() -> float:
    """How wide a row is in the sidebar that is drawn, in pixels of the screen."""
    return region_px() - _SIDES_PX * scale()


def columns_for(names: Iterable[str]) -> Columns:
    """Columns in which the names fit, as far as that leaves the controls their room."""
    parts = [(text_px(translated(name)) + _PADDING_PX * scale()) / content_px() for name in names]
    return Columns(max([_PART, *(part + 0.001 for part in parts if part <= _MOST)]))


def draw_named(layout: bpy.types.UILayout, name: str, columns: Columns | None = None) -> bpy.types.UILayout:
    """Draw a name, as Blender does for a property; gives the row for what it is the name of."""
    columns, name = columns or Columns(), translated(name)
    if not columns.has_room_for(name):
        column = layout.column(align=True)
        draw_sentence(column, name, icon="NONE", breaks_words=True)
        return column.row(align=True)
    split = layout.split(factor=columns.part)
    names = split.row()
    names.alignment = "RIGHT"
    names.label(text=name, translate=False)  # else Blender does it once more, with words of its own
    return split.row(align=True)


def draw_property(
    layout: bpy.types.UILayout, data: Any, path: str, columns: Columns, *, name: str = "", **options: Any
) -> None:
    """Draw a property under its name, or under another one."""
    about = None if path.startswith("[") else data.bl_rna.properties[path]
    name = name or about.name
    if about is not None and about.type == "BOOLEAN":
        draw_switch(layout, data, path, columns, name=name)
    else:
        row = layout.row()
        row.use_property_split = False
        draw_named(row, name, columns).prop(data, path, text="", **options)


def draw_switch(layout: bpy.types.UILayout, data: Any, path: str, columns: Columns, *, name: str) -> None:
    """Draw a box to tick with its name behind it: among the controls, or wherever there is room for the name."""
    row, name = layout.row(align=True), translated(name)
    row.use_property_split = False
    if text_px(name) <= columns.switch_px:
        draw_named(row, "", columns).prop(data, path, text=name, translate=False)
    elif text_px(name) <= content_px() - _BOX_PX * scale():
        row.prop(data, path, text=name, translate=False)
    else:
        row.prop(data, path, text="")
        draw_sentence(row, name, icon="NONE", buttons=1, breaks_words=True)
