# SPDX-License-Identifier: GPL-3.0-or-later
"""How the list of what was made elsewhere looks."""

from __future__ import annotations

from typing import Any

from ...app.session import session
from ...elsewhere.listing import listing
from ...layout.wrapping import draw_sentence
from .made_list import MadeList, MadeRow
from .pieces import ROOM_PX, draw_fact, draw_field, draw_name, draw_pages, draw_picture

__all__ = ["draw_made"]


def draw_made(layout: Any, operator: Any, opened: MadeList) -> None:
    """Draw all of the popup.

    :param operator: holds the words that are searched for.
    """
    draw_field(layout, operator)
    column = layout.column()
    for number, row in enumerate(opened.shown):
        _draw_row(column.row(), row, opened.icon(row), is_next=bool(opened.text) and number == 0)
    if not opened.found:
        draw_sentence(layout, _why_empty(opened), icon="INFO", room_px=ROOM_PX)
    elif problem := listing().problem or session.offline_reason:
        draw_sentence(layout, problem, icon="INFO", room_px=ROOM_PX)
    foot = layout.row()
    asking = "Asking for more..." if opened.count and listing().is_asking else ""
    foot.label(text=asking or "Press a name to bring its mesh into the scene, for nothing")
    draw_pages(foot, opened)


def _draw_row(layout: Any, row: MadeRow, icon: int, *, is_next: bool) -> None:
    draw_picture(layout, icon, is_active=True)
    pressed = draw_name(layout, "scenario.fetch", row.name, row.told, is_active=True, is_next=is_next)
    pressed.remote_id = row.id
    draw_fact(layout, row.standing, width=7.0, is_active=False)
    draw_fact(layout, row.age, width=4.6, is_active=True)


def _why_empty(opened: MadeList) -> str:
    if opened.count:
        return "Nothing has all of these words: use fewer or other ones."
    if listing().is_asking:
        return "Asking the service what was made."
    return listing().problem or session.offline_reason or "No mesh was made in this project yet."
