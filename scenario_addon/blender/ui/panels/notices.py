# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has to know before anything else, on top of the tab, each with the way to mend it."""

from __future__ import annotations

import bpy

from ....engine.service import ACCOUNT_PAGE, KEY_PAGE
from ...account.balance import project_problem
from ...app.config import ADDON, is_online_allowed
from ...app.session import session
from ...delivery.imports import MATERIALS
from ...layout.wrapping import draw_sentence
from ..preferences import draw_offline

__all__ = ["draw_notices"]


def draw_notices(layout: bpy.types.UILayout) -> None:
    _draw_access(layout)
    if session.problem:
        column = layout.column()
        draw_sentence(column, session.problem, icon="ERROR", is_alert=True)
        column.operator("scenario.open_ledger", icon="FILE_REFRESH")
    if session.doubt:
        _draw_doubt(layout, session.doubt)
    if session.empty_account:
        column = layout.column()
        draw_sentence(column, session.empty_account, icon="ERROR", is_alert=True)
        column.operator("wm.url_open", text="Open Scenario", icon="URL").url = ACCOUNT_PAGE
    for about, text in session.notices.items():
        row = layout.row(align=True)
        draw_sentence(row, text, icon="INFO", buttons=1)
        row.operator("scenario.dismiss_notice", text="", icon="X", emboss=False).about = about
        if about == MATERIALS:
            layout.operator("scenario.show_materials", icon="SHADING_TEXTURE")


def _draw_access(layout: bpy.types.UILayout) -> None:
    """Draw what keeps the service from being asked."""
    draw_offline(layout)
    problem = session.access_problem or session.refused_key or project_problem()
    if problem and is_online_allowed():
        column = layout.column()
        draw_sentence(column, problem, icon="KEYINGSET", is_alert=True)
        column.operator("preferences.addon_show", text="Open Preferences", icon="PREFERENCES").module = ADDON
        column.operator("wm.url_open", text="Get a Key", icon="URL").url = KEY_PAGE


def _draw_doubt(layout: bpy.types.UILayout, doubt: str) -> None:
    column = layout.column()
    draw_sentence(column, f"{doubt}. Until you decide, nothing is ordered.", icon="ERROR", is_alert=True)
    if session.has_backup:
        column.operator("scenario.restore_backup", icon="LOOP_BACK")
    column.operator("scenario.order_all_the_same", icon="PLAY")
