# SPDX-License-Identifier: GPL-3.0-or-later
"""Viewports in Solid go to Material Preview where the scene is shown, and no others do."""

from __future__ import annotations

import bpy
import pytest

from scenario_addon.blender.scene.shading import is_factory_scene, show_materials, shows_solid


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


def test_it_is_known_whether_there_is_anything_to_switch() -> None:
    scene = bpy.context.scene
    assert shows_solid(scene) and show_materials(scene)
    assert not shows_solid(scene) and not show_materials(scene)


def test_what_blender_starts_with_is_no_scene_at_work_and_anything_else_is() -> None:
    bpy.ops.wm.read_factory_settings()
    scene = bpy.context.scene
    assert [obj.name for obj in scene.objects] and is_factory_scene(scene)
    bpy.data.objects["Light"].hide_set(True)
    bpy.data.objects.remove(bpy.data.objects["Camera"])
    assert is_factory_scene(scene)
    bpy.ops.mesh.primitive_monkey_add()
    assert not is_factory_scene(scene)
    bpy.context.active_object["scenario_job_id"] = "job_1"
    assert is_factory_scene(scene), "it came from the service"
    bpy.data.objects["Cube"].data.vertices.add(1)
    assert not is_factory_scene(scene), "somebody has begun to model"
