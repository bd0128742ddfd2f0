# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the Scenario tab to the front, in the sidebar of an editor. Main thread only."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import bpy

__all__ = ["show_tab"]

_TAB: Final = "Scenario"
_EDITORS: Final = ("VIEW_3D", "IMAGE_EDITOR")
"""What has the tab, where it is looked for first."""
_LEAST_PX: Final = 100
"""Narrower, at a scale of 1, a sidebar is cut off: where its editor has no room for it, it has a pixel or its tabs."""
_TRY_S: Final = 0.05
_TRIES: Final = 20
"""For each editor. A sidebar knows its tabs once it was drawn: that is later than now, or never where it is cut off."""


def show_tab(context: bpy.types.Context) -> bool:
    """Have the tab in front as soon as it was drawn: in the editor of the context, else in the one with most room.

    :return: whether any editor that is shown has the tab.
    """
    # By their addresses: an editor that is gone when its turn comes must not be touched.
    editors = [area.as_pointer() for area in _editors(context)]
    if editors and not bpy.app.background:
        attempts = (editor for editor in editors for _ in range(_TRIES))
        bpy.app.timers.register(partial(_try, attempts))
    return bool(editors)


def _editors(context: bpy.types.Context) -> list[bpy.types.Area]:
    """All that have the tab, the best first."""
    shown = [(window, area) for window in context.window_manager.windows for area in window.screen.areas]

    def rank(entry: tuple[bpy.types.Window, bpy.types.Area]) -> tuple[bool, bool, int, int]:
        window, area = entry
        return area != context.area, window != context.window, _EDITORS.index(area.type), -area.width * area.height

    return [area for _, area in sorted(((w, area) for w, area in shown if area.type in _EDITORS), key=rank)]


def _try(attempts: Iterator[int]) -> float | None:
    """Try once more, called by a timer until the tab is in front or there is nothing left to try."""
    editor = next(attempts, None)
    if editor is None:
        return None
    area = next((area for area in _editors(bpy.context) if area.as_pointer() == editor), None)
    return None if area is not None and _bring_to_front(area) else _TRY_S


def _bring_to_front(area: bpy.types.Area) -> bool:
    """Whether the tab is in front now."""
    space: Any = area.spaces.active
    space.show_region_ui = True
    sidebar: Any = next((region for region in area.regions if region.type == "UI"), None)
    if sidebar is None:
        return False
    sidebar.tag_redraw()
    try:
        sidebar.active_panel_category = _TAB
    except (AttributeError, TypeError):  # it knows no tab at all, or not this one, before it was drawn
        return False
    has_room = sidebar.width > _LEAST_PX * bpy.context.preferences.system.ui_scale
    return has_room and sidebar.active_panel_category == _TAB
