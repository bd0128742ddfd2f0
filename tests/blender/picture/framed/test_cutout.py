# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture files whose plain ground is cut away: which kinds, what is kept, and what is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.picture.framed.cutout import is_without_alpha, pixels_to_cut, without_ground
from scenario_addon.blender.picture.framed.kept import keep_pixels
from scenario_addon.engine.errors import PictureError
from scenario_addon.engine.models.picture import inspect

SIZE_PX = (160, 120)
WRITES: dict[str, dict[str, Any]] = {"png": {}, "jpg": {"quality": 92}, "webp": {"quality": 95}, "tif": {}, "bmp": {}}


def block() -> np.ndarray:
    """A red block on light grey; the upper half of it is blue."""
    pixels = np.full((SIZE_PX[1], SIZE_PX[0], 3), 235, dtype=np.uint8)
    pixels[20:60, 40:90], pixels[60:110, 40:90] = (40, 60, 160), (190, 40, 40)
    return pixels


def cut_out(path: Path, *, folder: Path) -> Path | None:
    """Keep a picture without its ground, if it has one that can be told."""
    pixels = pixels_to_cut(path, folder=folder)
    result = None if pixels is None else without_ground(pixels)
    return None if result is None else keep_pixels(result, name=path.stem, folder=folder)


def alpha_of(path: Path) -> np.ndarray:
    inspect(path)  # the engine takes it
    with Image.open(path) as image:
        assert image.mode == "RGBA"
        return np.asarray(image)[..., 3]


def is_block(alpha: np.ndarray) -> bool:
    truth = np.zeros((SIZE_PX[1], SIZE_PX[0]))
    truth[20:110, 40:90] = 255
    return np.minimum(alpha, truth).sum() / np.maximum(alpha, truth).sum() > 0.98


@pytest.mark.parametrize("suffix", WRITES)
def test_any_picture_file_is_cut_out_into_a_png_of_its_size(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"block.{suffix}"
    Image.fromarray(block()).save(path, **WRITES[suffix])
    before = path.read_bytes()
    result = cut_out(path, folder=tmp_path / "pictures")
    assert result is not None and result.match("pictures/block-*.png")
    assert is_block(alpha_of(result))
    assert path.read_bytes() == before
    assert [found.name for found in (tmp_path / "pictures").iterdir()] == [result.name]


def test_16_bits_a_channel_are_cut_out_too(tmp_path: Path) -> None:
    image = bpy.data.images.new("deep", *SIZE_PX, alpha=False, float_buffer=True)
    pixels = np.dstack([(block() / 255.0) ** 2.2, np.ones(block().shape[:2])])[::-1]
    image.pixels = pixels.astype(np.float32).ravel()
    settings = bpy.context.scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGB", "16"
    image.save_render(str(tmp_path / "deep.png"))
    result = cut_out(tmp_path / "deep.png", folder=tmp_path / "pictures")
    assert result is not None
    assert is_block(alpha_of(result))


def test_what_lies_on_its_side_is_cut_out_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(block())).save(tmp_path / "lying.jpg", exif=exif, quality=95)
    result = cut_out(tmp_path / "lying.jpg", folder=tmp_path)
    assert result is not None
    assert is_block(alpha_of(result))


def test_the_same_picture_is_one_file_and_nothing_is_left_in_blender(tmp_path: Path) -> None:
    Image.fromarray(block()).save(tmp_path / "block.png")
    first, again = (cut_out(tmp_path / "block.png", folder=tmp_path / "pictures") for _ in range(2))
    assert first == again
    assert not [image for image in bpy.data.images if image.type == "IMAGE"]
    assert len(bpy.data.scenes) == 1


def test_what_was_translucent_inside_the_subject_stays_so(tmp_path: Path) -> None:
    pixels = np.dstack([block(), np.full(SIZE_PX[::-1], 255, dtype=np.uint8)])
    pixels[70:90, 50:70, 3] = 100
    Image.fromarray(pixels).save(tmp_path / "glass.png")
    result = cut_out(tmp_path / "glass.png", folder=tmp_path)
    assert result is not None
    alpha = alpha_of(result)
    assert (alpha[72:88, 52:68] == 100).all() and (alpha[95:105, 50:80] == 255).all() and not alpha[:10].any()


def test_what_is_not_plain_or_is_transparent_already_is_left_alone(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    Image.fromarray(np.dstack([block(), (block()[..., 1] < 200) * np.uint8(255)])).save(tmp_path / "clear.png")
    assert cut_out(tmp_path / "noise.png", folder=tmp_path) is None
    assert cut_out(tmp_path / "clear.png", folder=tmp_path) is None


@pytest.mark.parametrize("content", [None, b"not a picture"])
def test_what_blender_cannot_read_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(PictureError, match=r"a\.png .*cannot be read"):
        cut_out(tmp_path / "a.png", folder=tmp_path)
    assert not is_without_alpha(tmp_path / "a.png")


def test_an_opaque_ground_is_told_by_what_is_all_around(tmp_path: Path) -> None:
    clear = np.zeros((60, 60, 4), dtype=np.uint8)
    clear[10:60, 10:40] = 255  # reaches the lower edge
    window = np.full((60, 60, 4), 255, dtype=np.uint8)
    window[20:40, 20:40, 3] = 0
    for name, pixels in {"clear": clear, "window": window, "full": window | np.uint8(255)}.items():
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        Image.fromarray(pixels).save(tmp_path / f"{name}.webp", lossless=True)
    Image.fromarray(block()).save(tmp_path / "full.jpg")
    told = {path.name: pixels_to_cut(path, folder=tmp_path / "work") is not None for path in list(tmp_path.iterdir())}
    opaque = {"window.png", "window.webp", "full.png", "full.webp", "full.jpg"}
    assert {name for name, is_there in told.items() if is_there} == opaque
    sure = {path.name for path in tmp_path.iterdir() if path.is_file() and is_without_alpha(path)}
    assert sure == {"full.jpg", "full.webp"}, "the others may be transparent, for all that their heads say"
