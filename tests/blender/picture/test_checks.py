# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures that break off, and pictures that show nothing."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.picture.capture import capture_image
from scenario_addon.blender.picture.checks import refuse_nothing
from scenario_addon.blender.picture.fit import convert_picture
from scenario_addon.engine.errors import PictureError
from scenario_addon.engine.pictures.file import inspect
from tests.blender.picture.as_shown import arrived, difference

RNG = np.random.default_rng(0)
PHOTO = Image.fromarray(RNG.integers(0, 256, (12, 18, 3), dtype=np.uint8)).resize((180, 120), Image.Resampling.BICUBIC)
END = b"\xff\xd9"
LOSSLESS: dict[str, Any] = {"lossless": True, "exact": True}


def jpeg(picture: Image.Image = PHOTO, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90, **options)
    return file.getvalue()


def convert(path: Path) -> Path:
    return convert_picture(path, folder=path.parent / "made", max_side_px=None, max_bytes=None)


@pytest.mark.parametrize("part", [0.4, 0.7, 0.97])
@pytest.mark.parametrize("options", [{"subsampling": 0}, {"subsampling": 2}, {"restart_marker_rows": 1}], ids=str)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_that_breaks_off_is_refused(tmp_path: Path, *, mode: str, options: dict[str, int], part: float) -> None:
    data = jpeg(PHOTO.convert(mode), **options)
    scan = data.index(b"\xff\xda")
    (tmp_path / "a.jpg").write_bytes(data[: scan + int((len(data) - scan) * part)])
    with pytest.raises(PictureError, match=r"a\.jpg (is cut short|could not be converted)"):
        convert(tmp_path / "a.jpg")
    assert not [image for image in bpy.data.images if image.type == "IMAGE"]


def test_an_image_of_inks_that_breaks_off_is_refused(tmp_path: Path) -> None:
    data = jpeg(PHOTO.convert("CMYK"))
    (tmp_path / "a.jpg").write_bytes(data[: len(data) * 2 // 3])
    image = bpy.data.images.load(str(tmp_path / "a.jpg"))
    with pytest.raises(PictureError, match=r"a\.jpg is cut short"):
        capture_image(image, folder=tmp_path / "made", scene=bpy.context.scene)


@pytest.mark.parametrize("options", [{"subsampling": 0}, {"subsampling": 2}, {"progressive": True}], ids=str)
def test_a_jpeg_that_only_lacks_its_end_mark_is_converted(tmp_path: Path, options: dict[str, int]) -> None:
    data = jpeg(**options)
    (tmp_path / "a.jpg").write_bytes(data.removesuffix(END))
    assert difference(arrived(convert(tmp_path / "a.jpg").read_bytes()), arrived(data)) <= 2


def test_a_grey_corner_is_no_reason_to_refuse_a_whole_jpeg(tmp_path: Path) -> None:
    picture = PHOTO.copy()
    picture.paste((128, 128, 128), (100, 60, 180, 120))
    (tmp_path / "a.jpg").write_bytes(jpeg(picture))
    assert convert(tmp_path / "a.jpg").exists()


def look(picture: Image.Image, path: Path, *, is_subject: bool = True, **options: Any) -> None:
    picture.save(path, **options)
    refuse_nothing(inspect(path), is_subject=is_subject)


def clear(colours: Image.Image) -> Image.Image:
    """The same with an alpha of 0 everywhere."""
    return Image.fromarray(np.dstack([np.asarray(colours), np.zeros((colours.height, colours.width), dtype=np.uint8)]))


@pytest.mark.parametrize("size", [(20, 20), (700, 500)], ids=str)
@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        ("jpg", {"quality": 100, "subsampling": 0}),
        ("jpg", {"quality": 75}),
        ("jpg", {"progressive": True}),
        ("webp", {"quality": 80}),
        ("webp", {"lossless": True}),
    ],
    ids=str,
)
def test_one_colour_is_refused_as_a_subject_only(
    tmp_path: Path, *, suffix: str, options: dict[str, Any], size: tuple[int, int]
) -> None:
    picture, path = Image.new("RGB", size, (200, 30, 90)), tmp_path / f"a.{suffix}"
    look(picture, path, is_subject=False, **options)
    with pytest.raises(PictureError, match=rf"a\.{suffix} is of one colour everywhere"):
        look(picture, path, **options)


@pytest.mark.parametrize("options", [LOSSLESS, {"quality": 80, "exact": True}, {"quality": 80}], ids=str)
@pytest.mark.parametrize("is_subject", [True, False])
def test_a_webp_that_is_transparent_everywhere_is_refused(
    tmp_path: Path, *, is_subject: bool, options: dict[str, Any]
) -> None:
    with pytest.raises(PictureError, match=r"a\.webp is transparent everywhere"):
        look(clear(PHOTO), tmp_path / "a.webp", is_subject=is_subject, **options)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_what_shows_something_is_not_refused(tmp_path: Path, suffix: str) -> None:
    look(PHOTO, tmp_path / f"a.{suffix}")
    dot = Image.new("RGB", (600, 600), "white")
    dot.paste((0, 0, 0), (300, 300, 303, 303))
    look(dot, tmp_path / f"b.{suffix}", **({"lossless": True} if suffix == "webp" else {}))


def test_a_film_is_not_taken_for_nothing(tmp_path: Path) -> None:
    frames = [clear(PHOTO), PHOTO.convert("RGBA")]
    look(frames[0], tmp_path / "a.webp", save_all=True, append_images=frames[1:], **LOSSLESS)
