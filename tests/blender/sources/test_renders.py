# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether there is a render is what it is, whatever images there are and however it was made."""

from __future__ import annotations

from typing import Any

import bpy
import pytest

from scenario_addon.blender.request.reading import read
from scenario_addon.blender.sources.renders import has_render, note_render
from tests.blender.live import Live

NO_RENDER = "There is no render yet: press F12, or choose another source."


def render(scene: bpy.types.Scene) -> None:
    if scene.camera is None:
        scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
        scene.collection.objects.link(scene.camera)
    scene.render.engine, scene.cycles.samples = "CYCLES", 1
    scene.render.resolution_x = scene.render.resolution_y = 16
    bpy.ops.render.render(scene=scene.name)


def choose_format(scene: bpy.types.Scene, media: str, file_format: str) -> None:
    settings: Any = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = media
    settings.file_format = file_format


def test_an_image_named_render_result_is_no_render(live: Live) -> None:
    live.ready_to_generate()
    live.settings.source = "RENDER"
    assert not has_render(bpy.context.scene)
    assert read(bpy.context).problem == NO_RENDER
    render(bpy.context.scene)
    assert has_render(bpy.context.scene)
    assert read(bpy.context).problem is None


@pytest.mark.parametrize(
    ("media", "file_format"),
    [("IMAGE", "PNG"), ("IMAGE", "OPEN_EXR"), ("MULTI_LAYER_IMAGE", "OPEN_EXR_MULTILAYER"), ("VIDEO", "FFMPEG")],
)
def test_a_render_that_nobody_was_told_of_is_found_whatever_the_output_format(media: str, file_format: str) -> None:
    scene = bpy.context.scene
    render(scene)
    choose_format(scene, media, file_format)
    before = (scene.render.image_settings.file_format, scene.render.filepath, bpy.data.is_dirty)
    assert has_render(scene)
    assert (scene.render.image_settings.file_format, scene.render.filepath, bpy.data.is_dirty) == before


def test_each_scene_has_its_own(live: Live) -> None:
    live.ready_to_generate()
    other = bpy.data.scenes.new("Other")
    render(other)
    assert has_render(other)
    assert not has_render(bpy.context.scene)


def test_another_file_has_none(live: Live) -> None:
    live.ready_to_generate()
    render(bpy.context.scene)
    assert has_render(bpy.context.scene)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert not has_render(bpy.context.scene)


def test_once_there_is_one_blender_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    note_render(bpy.context.scene)
    for image in list(bpy.data.images):
        bpy.data.images.remove(image)
    assert has_render(bpy.context.scene)
