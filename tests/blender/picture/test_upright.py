# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent stands upright, however it is stored and wherever it comes from."""

from __future__ import annotations

import io
from pathlib import Path

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.picture.capture import capture_image
from scenario_addon.blender.picture.fit import convert_picture
from tests.blender.picture.as_shown import arrived, turn
from tests.blender.picture.kinds import exif

RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (6, 10, 3), dtype=np.uint8)
WIDE = Image.fromarray(NOISE).resize((300, 200), Image.Resampling.NEAREST)


def store(path: Path, picture: Image.Image, way: int) -> Path:
    """Write a picture without loss, but for a JPEG."""
    options = {"png": {}, "webp": {"lossless": True}, "jpg": {"quality": 95, "subsampling": 0}, "tif": {}}
    if path.suffix == ".tif":
        picture.save(path, tiffinfo={274: way})
    else:
        picture.save(path, exif=exif(way), **options[path.suffix[1:]])
    return path


def convert(path: Path, *, max_side_px: int | None = None, max_bytes: int | None = None) -> Path:
    return convert_picture(path, folder=path.parent / "made", max_side_px=max_side_px, max_bytes=max_bytes)


def capture(image: bpy.types.Image, folder: Path) -> Path:
    """The file that would be sent."""
    path = capture_image(image, folder=folder / "made", scene=bpy.context.scene)
    with Image.open(path) as picture:
        return path if picture.getexif().get(0x0112, 1) == 1 else convert(path)


def pixels(path: Path) -> np.ndarray:
    return arrived(path.read_bytes())[..., :3]


@pytest.mark.parametrize("way", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "webp", "tif", "jpg"])
def test_a_converted_picture_is_upright_and_says_nothing_of_it(tmp_path: Path, *, suffix: str, way: int) -> None:
    path = store(tmp_path / f"a.{suffix}", Image.fromarray(NOISE), way)
    before = path.read_bytes()
    result = convert(path)
    off = np.abs(pixels(result) - turn(NOISE.astype(float), way))
    assert off.max() <= (40 if suffix == "jpg" else 0)  # noise is what a JPEG is worst at
    assert b"eXIf" not in result.read_bytes()
    assert path.read_bytes() == before
    assert not [image for image in bpy.data.images if image.type == "IMAGE"]


@pytest.mark.parametrize(("way", "expected"), [(1, (64, 43)), (3, (64, 43)), (6, (43, 64)), (8, (43, 64))])
def test_the_longer_side_fits_after_turning(tmp_path: Path, *, way: int, expected: tuple[int, int]) -> None:
    with Image.open(convert(store(tmp_path / "a.jpg", WIDE, way), max_side_px=64)) as image:
        assert image.size == expected


@pytest.mark.parametrize("max_bytes", [20_000, 4_000])
def test_a_turned_picture_that_is_too_heavy_becomes_a_jpeg(tmp_path: Path, max_bytes: int) -> None:
    result = convert(store(tmp_path / "a.jpg", WIDE, 6), max_bytes=max_bytes)
    assert result.stat().st_size <= max_bytes
    with Image.open(result) as image:
        assert image.format == "JPEG"
        assert image.height > image.width
    seen = np.asarray(Image.fromarray(pixels(result).astype(np.uint8)).resize((6, 10), Image.Resampling.BOX))
    assert np.abs(seen.astype(float) - turn(NOISE.astype(float), 6)).mean() < 12


def test_a_picture_of_16_bits_is_turned_too(tmp_path: Path) -> None:
    deep = RNG.integers(0, 65536, (4, 6), dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / "a.png", exif=exif(8))
    assert np.abs(pixels(convert(tmp_path / "a.png"))[..., 0] - turn(deep / 257.0, 8)).max() <= 1


def test_a_packed_picture_is_turned(tmp_path: Path) -> None:
    image = bpy.data.images.load(str(store(tmp_path / "a.png", Image.fromarray(NOISE), 6)))
    image.pack()
    (tmp_path / "a.png").unlink()
    assert (pixels(capture(image, tmp_path)) == turn(NOISE, 6)).all()
    image.alpha_mode = "NONE"
    assert (pixels(capture(image, tmp_path)) == turn(NOISE, 6)).all()


def test_a_frame_of_a_sequence_is_turned(tmp_path: Path) -> None:
    for number in (1, 2):
        store(tmp_path / f"shot_{number:03d}.tif", Image.fromarray(NOISE), 8)
    image = bpy.data.images.load(str(tmp_path / "shot_001.tif"))
    image.source = "SEQUENCE"
    bpy.context.scene.frame_current = 2
    assert (pixels(capture(image, tmp_path)) == turn(NOISE, 8)).all()


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_tile_is_turned(tmp_path: Path, suffix: str) -> None:
    store(tmp_path / f"skin.1001.{suffix}", Image.fromarray(NOISE), 6)
    image = bpy.data.images.load(str(tmp_path / f"skin.<UDIM>.{suffix}"))
    image.source = "TILED"
    assert (pixels(capture(image, tmp_path)) == turn(NOISE, 6)).all()


def test_what_was_painted_on_goes_out_as_it_was_painted_on(tmp_path: Path) -> None:
    image = bpy.data.images.load(str(store(tmp_path / "a.png", Image.fromarray(NOISE), 6)))
    image.pixels[0] = image.pixels[0]
    assert image.is_dirty
    assert (pixels(capture(image, tmp_path)) == NOISE).all()


def test_what_was_replaced_on_disk_goes_out_as_it_is_shown(tmp_path: Path) -> None:
    upright = Image.fromarray(NOISE)
    upright.save(tmp_path / "a.png")
    image = bpy.data.images.load(str(tmp_path / "a.png"))
    assert image.pixels[0] >= 0
    store(tmp_path / "a.png", Image.fromarray(NOISE[::-1]), 6)
    assert (pixels(capture(image, tmp_path)) == NOISE).all()


def test_a_turned_picture_is_the_same_file_however_often(tmp_path: Path) -> None:
    path = store(tmp_path / "a.jpg", WIDE, 6)
    data = io.BytesIO(path.read_bytes()).getvalue()
    assert convert(path) == convert(path)
    assert path.read_bytes() == data
    assert len(list((tmp_path / "made").iterdir())) == 1
