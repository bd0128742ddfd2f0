# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing the tab to the front, as far as there is no window. In one: tests/gui/test_panel_pictures.py."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.ui.sidebar import show_tab


def context_with(*editors: str) -> Any:
    """A window that shows these editors."""
    areas = [SimpleNamespace(type=editor, width=10, height=10, as_pointer=lambda: 1) for editor in editors]
    window = SimpleNamespace(screen=SimpleNamespace(areas=areas))
    return SimpleNamespace(area=None, window=window, window_manager=SimpleNamespace(windows=[window]))


@pytest.mark.parametrize(
    ("editors", "has_tab"),
    [(["VIEW_3D"], True), (["TEXT_EDITOR", "IMAGE_EDITOR"], True), (["TEXT_EDITOR", "INFO"], False), ([], False)],
)
def test_it_says_whether_any_editor_has_the_tab(editors: list[str], *, has_tab: bool) -> None:
    assert show_tab(context_with(*editors)) is has_tab


def test_without_a_window_nothing_changes() -> None:
    spaces = [area.spaces.active for area in bpy.context.window.screen.areas if area.type == "VIEW_3D"]
    before = [space.show_region_ui for space in spaces]
    assert show_tab(bpy.context)
    assert spaces and [space.show_region_ui for space in spaces] == before
