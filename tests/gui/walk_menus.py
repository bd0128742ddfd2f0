# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_menus.py: into the tab from a menu, and from the search of all menus. Runs inside Blender."""

from __future__ import annotations

import bpy

from tests.gui.eyes import area, hover, region, shot
from tests.gui.hands import main_window, press, tick, type_text, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import settings


def searches_the_menus() -> Walk:
    """Type "scenario" in the search of all menus, look, then type on and choose what is left."""
    yield from hover("VIEW_3D", "WINDOW")
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        bpy.ops.wm.search_menu("INVOKE_DEFAULT")
    yield from tick(20)
    yield from type_text("scenario")
    yield from tick(20)
    shot("1 all of it")
    yield from type_text(" objects")
    yield from tick(20)
    shot("2 one of it")
    yield from press("RET")
    yield from wait_until(lambda: settings().source == "OBJECTS", what="the source")
    yield from wait_until(_is_tab_in_front, what="the tab in front")
    yield from tick(20)
    shot("3 the tab")
    return {"source": settings().source}


def _is_tab_in_front() -> bool:
    sidebar = region("VIEW_3D")
    return sidebar.width > 1 and sidebar.active_panel_category == "Scenario"
