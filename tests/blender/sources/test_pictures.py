# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of nothing costs nothing, and is called what the artist calls it."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.request.filling import fill_in
from scenario_addon.blender.request.reading import read
from tests.blender.live import Live

GREY = (90, 90, 90)


def refused(live: Live) -> str:
    """What is said instead of ordering."""
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.scenario.generate()
    assert not live.service.charges
    assert not live.service.assets
    return str(caught.value).removeprefix("Error: ").strip()


def render(*, is_transparent: bool, side_px: int = 32) -> None:
    """Render a scene with a camera, which looks down from the origin, and nothing else of its own."""
    scene = bpy.context.scene
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    scene.camera, scene.world = camera, bpy.data.worlds.new("world")
    scene.render.engine, scene.cycles.samples, scene.render.film_transparent = "CYCLES", 1, is_transparent
    scene.render.resolution_x = scene.render.resolution_y = side_px
    bpy.ops.render.render()


@pytest.mark.parametrize(
    ("is_transparent", "is_denoised", "what"),
    [(True, False, "transparent"), (False, False, "of one colour"), (False, True, "of one colour")],
)
def test_a_render_of_nothing_is_not_sent(live: Live, *, is_transparent: bool, is_denoised: bool, what: str) -> None:
    bpy.context.scene.cycles.use_denoising = is_denoised
    render(is_transparent=is_transparent)
    live.ready_to_generate()
    live.settings.source = "RENDER"
    assert refused(live) == f"The render is {what} everywhere: choose a picture that shows something."


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp", "tif"])
@pytest.mark.parametrize("source", ["IMAGE", "FILE"])
def test_a_picture_of_one_colour_is_not_sent(tmp_path: Path, live: Live, *, source: str, suffix: str) -> None:
    Image.new("RGB", (64, 64), GREY).save(tmp_path / f"chair.{suffix}")
    live.ready_to_generate()
    live.settings.image = bpy.data.images.load(str(tmp_path / f"chair.{suffix}"))
    live.settings.source, live.settings.filepath = source, str(tmp_path / f"chair.{suffix}")
    assert refused(live) == f"chair.{suffix} is of one colour everywhere: choose a picture that shows something."


@pytest.mark.parametrize("suffix", ["png", "webp", "tga", "tif"])
def test_a_picture_that_is_transparent_everywhere_is_not_sent(tmp_path: Path, live: Live, suffix: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    pixels[..., 3] = 0
    Image.fromarray(pixels).save(tmp_path / f"chair.{suffix}", **({"exact": True} if suffix == "webp" else {}))
    live.ready_to_generate()
    live.settings.source, live.settings.filepath = "FILE", str(tmp_path / f"chair.{suffix}")
    assert "is transparent everywhere" in refused(live)


def test_an_image_that_nobody_painted_on_is_called_by_its_name(live: Live) -> None:
    live.ready_to_generate()
    live.settings.image = bpy.data.images.new("Sketch", 64, 64)
    assert refused(live) == "Sketch is of one colour everywhere: choose a picture that shows something."


def test_an_image_whose_alpha_is_ignored_is_sent_though_its_file_shows_nothing(tmp_path: Path, live: Live) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    pixels[..., 3] = 0
    Image.fromarray(pixels).save(tmp_path / "chair.png")
    live.ready_to_generate()
    live.settings.image = bpy.data.images.load(str(tmp_path / "chair.png"))
    live.settings.image.alpha_mode = "NONE"
    assert bpy.ops.scenario.generate() == {"FINISHED"}
    assert len(live.service.charges) == 1


@pytest.mark.parametrize("is_whole", [False, True])
def test_a_render_that_is_mostly_empty_is_cropped_unless_the_whole_view_is_wanted(live: Live, is_whole: bool) -> None:
    bpy.ops.mesh.primitive_cube_add(size=0.1, location=(0, 0, -3))
    render(is_transparent=True, side_px=320)
    live.ready_to_generate()
    live.settings.source, live.settings.whole_view = "RENDER", is_whole
    order, notes = fill_in(bpy.context, read(bpy.context))
    assert order.images()[0].width_px == (320 if is_whole else 256)
    cropped = "The render is cropped to what it shows: tick Whole View to send all of it."
    assert (cropped in notes) != is_whole
