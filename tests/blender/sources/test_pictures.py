# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of nothing costs nothing, and is called what the artist calls it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.request.filling import fill_in
from scenario_addon.blender.request.reading import read
from scenario_addon.blender.sources.pictures import Pictures, Source, needs_cut_out
from scenario_addon.engine.errors import PictureError
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


def pictures(live: Live, folder: Path, model_id: str = "") -> Pictures:
    model = live.choose(model_id) if model_id else live.choose("model_hunyuan-3d-v2-1")
    return Pictures(bpy.context, folder, model)


def block(path: Path, ground: np.ndarray | int = 240) -> Path:
    """A red block on a ground."""
    pixels = np.empty((96, 96, 3), dtype=np.uint8)
    pixels[:] = ground
    pixels[20:70, 30:60] = (190, 40, 40)
    Image.fromarray(pixels).save(path)
    return path


def test_a_picture_is_cut_out_when_that_is_asked(tmp_path: Path, live: Live) -> None:
    source = Source("FILE", filepath=str(block(tmp_path / "chair.png")))
    taken = pictures(live, tmp_path / "pictures")
    assert taken.take(source) == tmp_path / "chair.png"
    result = taken.take(source, cut_out=True)
    with Image.open(result) as image:
        assert np.asarray(image)[[0, 45], [0, 45], 3].tolist() == [0, 255]
    assert taken.take(Source("FILE", filepath=str(result)), cut_out=True) == result, "nothing is left to be cut out"


def test_what_cannot_be_cut_out_is_called_what_the_artist_calls_it(tmp_path: Path, live: Live) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    source = Source("FILE", filepath=str(block(tmp_path / "chair.png", noise)))
    with pytest.raises(PictureError) as caught:
        pictures(live, tmp_path).take(source, cut_out=True)
    assert caught.value.user_message == (
        "The background of chair.png is not plain enough to be cut out: "
        "use a picture with one colour behind its subject, or send it as it is."
    )


@pytest.mark.parametrize(("wanted", "expected"), [("transparent", True), ("opaque", False), (None, False)])
def test_only_a_model_that_wants_nothing_behind_its_subject_needs_that(
    tmp_path: Path, live: Live, *, wanted: str | None, expected: bool
) -> None:
    model = live.choose("model_hunyuan-3d-v2-1")
    subjects = {parameter.name for parameter in model.parameters if parameter == model.source}
    parameters = tuple(replace(p, background=wanted) if p.name in subjects else p for p in model.parameters)
    model = replace(model, parameters=parameters)
    assert model.source is not None and model.source.background == wanted
    path = block(tmp_path / "chair.png")
    assert needs_cut_out(path, model) == expected
    result = pictures(live, tmp_path).take(Source("FILE", filepath=str(path)), cut_out=True)
    assert not needs_cut_out(result, model)


@pytest.mark.parametrize("is_whole", [False, True])
def test_a_render_that_is_mostly_empty_is_cropped_unless_the_whole_view_is_wanted(live: Live, is_whole: bool) -> None:
    bpy.ops.mesh.primitive_cube_add(size=0.1, location=(0, 0, -3))
    render(is_transparent=True, side_px=600)
    live.ready_to_generate()
    live.settings.source, live.settings.whole_view = "RENDER", is_whole
    order, notes = fill_in(bpy.context, read(bpy.context))
    assert order.images()[0].width_px == (600 if is_whole else 256)
    cropped = "The render is cropped to what it shows: tick Whole View to send all of it."
    assert (cropped in notes) != is_whole
