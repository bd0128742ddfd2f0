# SPDX-License-Identifier: GPL-3.0-or-later
"""How the list of models looks."""

from __future__ import annotations

from typing import Any, Final

import bpy

from ...app import config
from ...app.session import session
from ...form.chosen import MAX_MODELS, chosen_models
from ...form.properties import SCENARIO_PG_scene
from ...layout.wrapping import draw_sentence
from .opening import Opening
from .rows import Row

__all__ = ["draw_list"]

_PICTURE_SCALE: Final = 2.4
"""48 px at a scale of 1, which everything in a row is as high as."""
_LAYOUT: Final[Any] = bpy.types.UILayout.bl_rna
_NO_PICTURE: Final = _LAYOUT.functions["label"].parameters["icon"].enum_items["MESH_MONKEY"].value
_INDENT: Final = 1.2
"""What puts a label below the text of a button."""
_ROOM_PX: Final = 550


def draw_list(layout: Any, operator: Any, opening: Opening, settings: SCENARIO_PG_scene) -> None:
    """Draw all of the popup.

    :param operator: holds the words that are searched for.
    """
    field = layout.row()
    field.activate_init = True
    field.prop(operator, "search", text="", icon="VIEWZOOM", placeholder="Search")
    chosen, stars = chosen_models(settings), config.favourite_models()
    column = layout.column()
    for number, row in enumerate(opening.shown):
        is_next = bool(opening.text) and number == 0
        _draw_row(column.row(), row, opening.icon(row), is_ticked=row.id in chosen, is_next=is_next, stars=stars)
    if not opening.found:
        draw_sentence(layout, _why_empty(opening), icon="INFO", room_px=_ROOM_PX)
    if opening.note:
        draw_sentence(layout, opening.note, icon="ERROR", is_alert=True, room_px=_ROOM_PX)
    _draw_foot(layout.row(), opening, len(chosen))


def _draw_row(layout: Any, row: Row, icon: int, *, is_ticked: bool, is_next: bool, stars: list[str] | None) -> None:
    """Draw what is known of a model, and what can be pressed.

    :param is_next: whether Return chooses it.
    """
    picture = layout.row()
    picture.ui_units_x, picture.active = _PICTURE_SCALE, not row.is_above
    picture.template_icon(icon or _NO_PICTURE, scale=_PICTURE_SCALE)
    words = layout.column(align=True)
    words.scale_y = _PICTURE_SCALE / 2
    name = words.row()
    name.alignment, name.enabled = "LEFT", not row.is_above
    name.emboss = "PULLDOWN_MENU"
    # Blender closes the popup when this is pressed.
    name.template_popup_confirm(
        "scenario.choose_model", text=row.name, cancel_text="", cancel_default=not is_next
    ).model = row.id
    told = words.row()
    told.active = not row.is_above
    told.separator(factor=_INDENT)
    told.label(text=row.told)
    for text, width in ((row.cost, 3.8), (row.time, 4.6)):
        fact = layout.row()
        fact.ui_units_x, fact.scale_y, fact.alignment = width, _PICTURE_SCALE, "RIGHT"
        fact.active = not row.is_above
        fact.label(text=text)
    if stars is not None:
        _draw_mark(layout, "scenario.star_model", row.id, icon="SOLO_ON" if row.id in stars else "SOLO_OFF")
    tick = layout.row()
    tick.enabled = is_ticked or not row.is_above
    _draw_mark(tick, "scenario.tick_model", row.id, icon="CHECKBOX_HLT" if is_ticked else "CHECKBOX_DEHLT")


def _draw_mark(layout: Any, operator: str, model_id: str, *, icon: str) -> None:
    part = layout.row()
    part.ui_units_x, part.scale_y, part.emboss = 1.2, _PICTURE_SCALE, "NONE"
    part.operator(operator, text="", icon=icon).model = model_id


def _why_empty(opening: Opening) -> str:
    if opening.count:
        return "No model has all of these words: use fewer or other ones."
    if session.tasks.is_running("models"):
        return "Asking the service which models there are."
    return session.offline_reason or "The service lists no 3D model: press Refresh Models in the tab."


def _draw_foot(layout: Any, opening: Opening, ticked: int) -> None:
    several = f"{ticked} models make a mesh each, {MAX_MODELS} at most" if ticked > 1 else ""
    layout.label(text=several or "Press a name to choose it, tick several to compare them")
    if opening.pages == 1:
        return
    turning = layout.row(align=True)
    turning.alignment = "RIGHT"
    for pages, icon in ((-1, "TRIA_LEFT"), (1, "TRIA_RIGHT")):
        if pages == 1:
            number = turning.row()
            number.ui_units_x, number.alignment = 3.5, "CENTER"
            number.label(text=f"{opening.page + 1} of {opening.pages}")
        button = turning.row(align=True)
        button.enabled = 0 <= opening.page + pages < opening.pages
        button.operator("scenario.turn_page", text="", icon=icon).pages = pages
