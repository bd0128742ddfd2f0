# SPDX-License-Identifier: GPL-3.0-or-later
"""How the list of models looks."""

from __future__ import annotations

from typing import Any

from ...app import config
from ...app.session import session
from ...form.chosen import MAX_MODELS, chosen_models
from ...form.properties import SCENARIO_PG_scene
from ...layout.wrapping import draw_sentence
from ...words.language import translated
from .opening import Opening
from .pieces import PICTURE_SCALE, ROOM_PX, draw_fact, draw_field, draw_name, draw_pages, draw_picture
from .rows import Row

__all__ = ["draw_list"]


def draw_list(layout: Any, operator: Any, opening: Opening, settings: SCENARIO_PG_scene) -> None:
    """Draw all of the popup.

    :param operator: holds the words that are searched for.
    """
    draw_field(layout, operator)
    chosen, stars = chosen_models(settings), config.favourite_models()
    column = layout.column()
    for number, row in enumerate(opening.shown):
        is_next = bool(opening.text) and number == 0
        _draw_row(column.row(), row, opening.icon(row), is_ticked=row.id in chosen, is_next=is_next, stars=stars)
    if not opening.found:
        draw_sentence(layout, _why_empty(opening), icon="INFO", room_px=ROOM_PX)
    if opening.note:
        draw_sentence(layout, opening.note, icon="ERROR", is_alert=True, room_px=ROOM_PX)
    _draw_foot(layout.row(), opening, len(chosen))


def _draw_row(layout: Any, row: Row, icon: int, *, is_ticked: bool, is_next: bool, stars: list[str] | None) -> None:
    """Draw what is known of a model, and what can be pressed.

    :param is_next: whether Return chooses it.
    """
    is_active = not row.is_above
    draw_picture(layout, icon, is_active=is_active)
    pressed = draw_name(layout, "scenario.choose_model", row.name, row.told, is_active=is_active, is_next=is_next)
    pressed.model = row.id
    draw_fact(layout, row.cost, width=3.8, is_active=is_active)
    draw_fact(layout, row.time, width=4.6, is_active=is_active)
    if stars is not None:
        _draw_mark(layout, "scenario.star_model", row.id, icon="SOLO_ON" if row.id in stars else "SOLO_OFF")
    tick = layout.row()
    tick.enabled = is_ticked or not row.is_above
    _draw_mark(tick, "scenario.tick_model", row.id, icon="CHECKBOX_HLT" if is_ticked else "CHECKBOX_DEHLT")


def _draw_mark(layout: Any, operator: str, model_id: str, *, icon: str) -> None:
    part = layout.row()
    part.ui_units_x, part.scale_y, part.emboss = 1.2, PICTURE_SCALE, "NONE"
    part.operator(operator, text="", icon=icon).model = model_id


def _why_empty(opening: Opening) -> str:
    if opening.count:
        return "No model has all of these words: use fewer or other ones."
    if session.tasks.is_running("models"):
        return "Asking the service which models there are."
    return session.offline_reason or "The service lists no 3D model: press Refresh Models in the tab."


def _draw_foot(layout: Any, opening: Opening, ticked: int) -> None:
    several = f"{ticked} models make a mesh each, {MAX_MODELS} at most" if ticked > 1 else ""
    layout.label(text=translated(several) or "Press a name to choose it, tick several to compare them")
    draw_pages(layout, opening)
