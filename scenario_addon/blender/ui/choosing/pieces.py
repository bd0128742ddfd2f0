# SPDX-License-Identifier: GPL-3.0-or-later
"""What lists in popups are drawn of: the field to search in, a row's picture and name, pages to turn."""

from __future__ import annotations

from typing import Any, Final

import bpy

from ...words.language import translated
from .open_list import OpenList

__all__ = ["PICTURE_SCALE", "ROOM_PX", "draw_fact", "draw_field", "draw_name", "draw_pages", "draw_picture"]

PICTURE_SCALE: Final = 2.4
"""48 px at a scale of 1, which everything in a row is as high as."""
ROOM_PX: Final = 550
_LAYOUT: Final[Any] = bpy.types.UILayout.bl_rna
_NO_PICTURE: Final = _LAYOUT.functions["label"].parameters["icon"].enum_items["MESH_MONKEY"].value
_INDENT: Final = 1.2
"""What puts a label below the text of a button."""


def draw_field(layout: Any, operator: Any) -> None:
    """Draw where words are typed, which is where the popup begins.

    :param operator: holds them.
    """
    field = layout.row()
    field.activate_init = True
    field.prop(operator, "search", text="", icon="VIEWZOOM", placeholder="Search")


def draw_picture(layout: Any, icon: int, *, is_active: bool) -> None:
    picture = layout.row()
    picture.ui_units_x, picture.active = PICTURE_SCALE, is_active
    picture.template_icon(icon or _NO_PICTURE, scale=PICTURE_SCALE)


def draw_name(layout: Any, operator: str, name: str, told: str, *, is_active: bool, is_next: bool) -> Any:
    """Draw a name that can be pressed, which closes the popup, and what is told below it; gives its properties.

    :param is_next: whether Return presses it.
    """
    words = layout.column(align=True)
    words.scale_y = PICTURE_SCALE / 2
    line = words.row()
    line.alignment, line.enabled = "LEFT", is_active
    line.emboss = "PULLDOWN_MENU"
    # Blender closes the popup when this is pressed.
    pressed = line.template_popup_confirm(operator, text=name, cancel_text="", cancel_default=not is_next)
    below = words.row()
    below.active = is_active
    below.separator(factor=_INDENT)
    below.label(text=translated(told), translate=False)
    return pressed


def draw_fact(layout: Any, text: str, *, width: float, is_active: bool) -> None:
    fact = layout.row()
    fact.ui_units_x, fact.scale_y, fact.alignment = width, PICTURE_SCALE, "RIGHT"
    fact.active = is_active
    fact.label(text=translated(text), translate=False)


def draw_pages(layout: Any, opened: OpenList[Any]) -> None:
    """Draw which page is shown, and what turns it; nothing where there is one."""
    if opened.pages == 1:
        return
    turning = layout.row(align=True)
    turning.alignment = "RIGHT"
    for pages, icon in ((-1, "TRIA_LEFT"), (1, "TRIA_RIGHT")):
        if pages == 1:
            number = turning.row()
            number.ui_units_x, number.alignment = 3.5, "CENTER"
            number.label(text=translated(f"{opened.page + 1} of {opened.pages}"))
        button = turning.row(align=True)
        button.enabled = 0 <= opened.page + pages < opened.pages
        button.operator("scenario.turn_page", text="", icon=icon).pages = pages
