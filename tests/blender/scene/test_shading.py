# SPDX-License-Identifier: GPL-3.0-or-later
"""Viewports in Solid go to Material Preview where the scene is shown, and no others do."""

from __future__ import annotations

import bpy
import pytest

from scenario_addon.blender.scene.shading import show_materials


def viewports() -> list[bpy.types.SpaceView3D]:
    windows = bpy.context.window_manager.windows
    return [area.spaces.active for window in windows for area in window.screen.areas if area.type == "VIEW_3D"]


@pytest.mark.parametrize(
    ("before", "after"),
    [("SOLID", "MATERIAL"), ("WIREFRAME", "WIREFRAME"), ("MATERIAL", "MATERIAL"), ("RENDERED", "RENDERED")],
)
def test_only_solid_viewports_are_switched(before: str, after: str) -> None:
    assert viewports()
    for space in viewports():
        space.shading.type = before
    show_materials(bpy.context.scene)
    assert {space.shading.type for space in viewports()} == {after}


def test_viewports_of_another_scene_stay_as_they_are() -> None:
    show_materials(bpy.data.scenes.new("elsewhere"))
    assert {space.shading.type for space in viewports()} == {"SOLID"}
