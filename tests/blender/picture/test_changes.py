# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that is no longer what Blender loaded: what is shown goes out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.picture import changes
from scenario_addon.blender.picture.capture import capture_image
from tests.blender.picture.as_shown import arrived

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)
NOTHING_LOADED = pytest.mark.parametrize("is_loaded", [True, False], ids=["loaded", "not loaded yet"])


def write(path: Path, colour: tuple[int, int, int, int], *, size: tuple[int, int] = (8, 6)) -> Path:
    Image.new("RGBA", size, colour).save(path)
    return path


def load(path: Path, *, is_loaded: bool = True) -> bpy.types.Image:
    image = bpy.data.images.load(str(path))
    assert not is_loaded or image.pixels[0] >= 0
    assert image.has_data == is_loaded
    return image


def capture(image: bpy.types.Image, folder: Path) -> Path:
    return capture_image(image, folder=folder / "pictures", scene=bpy.context.scene)


def colour(path: Path) -> tuple[int, ...]:
    pixels = arrived(path.read_bytes())
    assert (pixels == pixels[0, 0]).all()
    return tuple(pixels[0, 0].astype(int).tolist())


def overwrite(path: Path) -> None:
    write(path, BLUE)


def overwrite_with_another_size(path: Path) -> None:
    write(path, BLUE, size=(80, 60))


def replace(path: Path) -> None:
    write(path.with_suffix(".new.png"), BLUE).replace(path)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def delete(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [overwrite, overwrite_with_another_size, replace, cut, delete])
def test_what_is_shown_goes_out_whatever_became_of_the_file(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = write(tmp_path / "a.png", RED)
    image = load(path)
    change(path)
    before = path.read_bytes() if path.exists() else None
    result = capture(image, tmp_path)
    assert result.parent == tmp_path / "pictures"
    assert colour(result) == RED
    assert (path.read_bytes() if path.exists() else None) == before
    assert [i.name for i in bpy.data.images] == ["a.png"]


def test_what_was_loaded_again_is_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", RED)
    image = load(path)
    overwrite(path)
    image.reload()
    assert capture(image, tmp_path) == path


@NOTHING_LOADED
def test_a_file_that_holds_the_same_is_taken_where_it_is(tmp_path: Path, *, is_loaded: bool) -> None:
    path = write(tmp_path / "a.png", RED)
    image = load(path, is_loaded=is_loaded)
    write(path, RED)
    assert capture(image, tmp_path) == path


def test_a_packed_picture_goes_out_whatever_became_of_its_file(tmp_path: Path) -> None:
    image = load(write(tmp_path / "a.png", RED))
    image.pack()
    overwrite(tmp_path / "a.png")
    assert colour(capture(image, tmp_path)) == RED


def test_one_eye_of_a_picture_for_two_goes_out_as_it_is_shown(tmp_path: Path) -> None:
    image = load(write(tmp_path / "a.png", RED))
    image.use_multiview, image.views_format = True, "STEREO_3D"
    assert capture(image, tmp_path).parent == tmp_path / "pictures"


def test_what_nobody_has_looked_at_yet_will_show_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", RED)
    image = load(path, is_loaded=False)
    overwrite(path)
    assert capture(image, tmp_path) == path


def test_a_tile_that_changed_goes_out_as_it_is_shown(tmp_path: Path) -> None:
    for number in (1001, 1002):
        write(tmp_path / f"skin.{number}.png", RED)
    image = bpy.data.images.load(str(tmp_path / "skin.<UDIM>.png"))
    image.source = "TILED"
    image.tiles.new(1002)
    image.tiles.active = image.tiles[1]
    assert all(image.size)
    first = capture(image, tmp_path)
    overwrite(tmp_path / "skin.1002.png")
    assert first == tmp_path / "skin.1002.png"
    assert colour(capture(image, tmp_path)) == RED


def test_a_file_that_is_taken_for_data_is_compared_as_data(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    Image.fromarray(np.full((6, 8, 4), (200, 10, 30, 90), dtype=np.uint8)).save(path, lossless=True, exact=True)
    image = load(path)
    image.colorspace_settings.name = "Non-Color"
    assert image.pixels[0] > 0
    assert capture(image, tmp_path) == path


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems ask a folder of Blender's")
def test_a_file_that_is_older_than_this_blender_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.png", RED)
    assert changes.may_have_changed(path)
    clock = SimpleNamespace(**{**vars(time), "time": lambda: time.time() + 24 * 3600})
    monkeypatch.setattr(changes, "time", clock)
    assert not changes.may_have_changed(path)
