# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model takes of a picture: too small, too large, too heavy, and what a converter makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from scenario_addon.engine.errors import PictureError
from scenario_addon.engine.models.model import PictureLimits
from scenario_addon.engine.models.picture import prepare
from scenario_addon.engine.pictures.file import inspect
from tests.engine.model_samples import encoded, save_picture, write

NO_LIMITS = PictureLimits()


class Converter:
    """Stands for Blender: shrinks with Pillow, and remembers what it was asked."""

    def __init__(self, *, size: tuple[int, int] | None = None, quality: int = 90) -> None:
        self.size, self.quality = size, quality
        self.asked: list[tuple[Path, int | None, int | None]] = []

    def __call__(self, path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path:
        self.asked.append((path, max_side_px, max_bytes))
        made = folder / f"{path.stem}.jpg"
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        side_px = max_side_px or 10_000
        image.thumbnail((side_px, side_px))
        (image.resize(self.size) if self.size else image).save(made, quality=self.quality)
        return made


def _prepare(path: Path, limits: PictureLimits, converter: Converter | None = None) -> tuple[Any, str | None]:
    return prepare(path, limits=limits, folder=path.parent, converter=converter)


@pytest.mark.parametrize(
    "limits",
    [NO_LIMITS, PictureLimits(128, 5000, 8_000_000), PictureLimits(256, 300, None), PictureLimits(max_side_px=300)],
)
def test_a_fitting_picture_goes_as_it_is(tmp_path: Path, limits: PictureLimits) -> None:
    path, converter = save_picture(tmp_path / "a.png", 300, 256), Converter()
    image, note = _prepare(path, limits, converter)
    assert (image, note) == (inspect(path), None)
    assert converter.asked == []


def test_a_picture_of_just_the_allowed_bytes_fits(tmp_path: Path) -> None:
    path = save_picture(tmp_path / "a.png")
    size_bytes = path.stat().st_size
    assert _prepare(path, PictureLimits(max_bytes=size_bytes))[1] is None
    with pytest.raises(PictureError, match="the model takes"):
        _prepare(path, PictureLimits(max_bytes=size_bytes - 1))


@pytest.mark.parametrize("size", [(127, 400), (400, 127), (1, 1)])
@pytest.mark.parametrize("converter", [None, Converter()], ids=["without a converter", "with one"])
def test_a_picture_that_is_too_small_is_refused_as_enlarging_helps_nobody(
    tmp_path: Path, size: tuple[int, int], converter: Converter | None
) -> None:
    path = save_picture(tmp_path / "a.png", *size)
    with pytest.raises(PictureError, match=r"a\.png is \d+ x \d+ px and the model needs 128 px a side"):
        _prepare(path, PictureLimits(min_side_px=128), converter)


def test_a_picture_that_is_too_large_is_refused_with_a_way_out(tmp_path: Path) -> None:
    path = save_picture(tmp_path / "a.png", 600, 300)
    with pytest.raises(
        PictureError, match="is 600 x 300 px and the model takes 512 px a side: make it smaller, or run"
    ):
        _prepare(path, PictureLimits(max_side_px=512))


def test_a_picture_that_is_too_heavy_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = write(tmp_path, encoded("PNG", (800, 800)) + bytes(2_000_000))
    with pytest.raises(PictureError, match=r"is \d\.\d MB and the model takes 1\.0 MB"):
        _prepare(path, PictureLimits(max_bytes=1_000_000))


def test_a_picture_that_is_too_large_is_converted_where_that_is_possible(tmp_path: Path) -> None:
    path, converter = save_picture(tmp_path / "a.png", 600, 300), Converter()
    image, note = _prepare(path, PictureLimits(128, 512, 8_000_000), converter)
    assert (image.path, image.mime, image.width_px, image.height_px) == (tmp_path / "a.jpg", "image/jpeg", 512, 256)
    assert note == "a.png was converted to a 512 x 256 px JPEG for this model."
    assert converter.asked == [(path, 512, 8_000_000)]


def test_a_picture_that_is_too_heavy_is_converted_too(tmp_path: Path) -> None:
    path = write(tmp_path, encoded("PNG", (300, 300)))
    image, note = _prepare(path, PictureLimits(max_bytes=60_000), Converter(quality=50))
    assert image.size_bytes <= 60_000
    assert note is not None


@pytest.mark.parametrize("kind", ["TIFF", "BMP", "GIF"])
def test_another_format_is_converted_even_without_limits(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, encoded(kind), "a.tif")
    image, note = _prepare(path, NO_LIMITS, Converter())
    assert (image.mime, image.width_px, image.height_px) == ("image/jpeg", 130, 70)
    assert note is not None
    with pytest.raises(PictureError, match="save it as PNG or JPEG"):
        _prepare(path, NO_LIMITS)


def test_a_converted_picture_is_looked_at_again(tmp_path: Path) -> None:
    path = save_picture(tmp_path / "a.png", 600, 600)
    with pytest.raises(PictureError, match=r"a\.jpg is 600 x 600 px .* also after converting it"):
        _prepare(path, PictureLimits(max_side_px=512), Converter(size=(600, 600)))
    with pytest.raises(PictureError, match="needs 128 px a side"):
        _prepare(path, PictureLimits(128, 512), Converter(size=(512, 100)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_damaged_picture_is_not_handed_to_the_converter(tmp_path: Path, kind: str) -> None:
    converter = Converter()
    with pytest.raises(PictureError, match="cut short"):
        _prepare(write(tmp_path, encoded(kind)[:-20]), NO_LIMITS, converter)
    assert converter.asked == []


def test_the_converters_own_refusal_is_passed_on(tmp_path: Path) -> None:
    def refuse(path: Path, **_: Any) -> Path:
        raise PictureError(f"{path.name} could not be converted.")

    with pytest.raises(PictureError, match=r"picture\.png could not be converted"):
        prepare(write(tmp_path, b"text"), limits=NO_LIMITS, folder=tmp_path, converter=refuse)
