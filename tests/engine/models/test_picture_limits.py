# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model takes of a picture: too small, too large, too heavy, and what a converter makes of it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from scenario_addon.engine.errors import PictureError
from scenario_addon.engine.models.model import PictureLimits
from scenario_addon.engine.models.picture import prepare
from scenario_addon.engine.pictures.file import inspect
from tests.engine.picture_samples import encoded, save_picture, write
from tests.engine.pictures.containers import chunk, jpeg_with, png_of, png_with, segment

NO_LIMITS = PictureLimits()


class Converter:
    """Stands for Blender: turns upright and shrinks with Pillow, and remembers what it was asked."""

    def __init__(self, *, size: tuple[int, int] | None = None, quality: int = 90) -> None:
        self.size, self.quality = size, quality
        self.asked: list[tuple[Path, int | None, int | None]] = []

    def __call__(self, path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path:
        self.asked.append((path, max_side_px, max_bytes))
        made = folder / f"{path.stem}.jpg"
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
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
    with pytest.raises(PictureError, match=r"a\.png is 600 x 600 px .* also after converting it"):
        _prepare(path, PictureLimits(max_side_px=512), Converter(size=(600, 600)))
    with pytest.raises(PictureError, match="needs 128 px a side"):
        _prepare(path, PictureLimits(128, 512), Converter(size=(512, 100)))


def test_a_converted_picture_that_shows_nothing_is_called_as_the_user_calls_it(tmp_path: Path) -> None:
    path, copy = write(tmp_path, encoded("TIFF"), "a.tif"), tmp_path / "a-1234.png"
    Image.new("RGBA", (130, 70)).save(copy)

    def convert(path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path:
        return copy

    with pytest.raises(PictureError, match=r"^a\.tif is transparent everywhere"):
        prepare(path, limits=NO_LIMITS, folder=tmp_path, converter=convert)


# -- stored turned or mirrored


def _turned(kind: str, orientation: int, size: tuple[int, int] = (130, 70)) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return encoded(kind, size, exif=tags)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_picture_that_is_stored_on_its_side_is_turned_by_the_converter(tmp_path: Path, kind: str) -> None:
    path, converter = write(tmp_path, _turned(kind, 6), "a.img"), Converter()
    image, note = _prepare(path, NO_LIMITS, converter)
    assert converter.asked == [(path, None, None)]
    assert (image.width_px, image.height_px) == (70, 130)
    assert note == "a.img was turned upright and converted to a 70 x 130 px JPEG for this model."


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_jpeg_goes_as_it_is_where_nothing_can_convert_it(tmp_path: Path, orientation: int) -> None:
    path = write(tmp_path, _turned("JPEG", orientation), "a.jpg")
    image, note = _prepare(path, PictureLimits(64, 130, 100_000))
    assert (image.path, image.orientation, note) == (path, orientation, None)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [2, 3, 6])
def test_a_turned_picture_that_readers_leave_so_is_refused_where_nothing_can_convert_it(
    tmp_path: Path, kind: str, orientation: int
) -> None:
    path = write(tmp_path, _turned(kind, orientation), "a.png")
    with pytest.raises(PictureError, match=r"turned or mirrored, .*: save it upright, or run this in Blender"):
        _prepare(path, NO_LIMITS)


def test_a_turned_jpeg_that_would_have_to_be_converted_is_refused_in_the_size_it_is_seen_in(tmp_path: Path) -> None:
    path = write(tmp_path, _turned("JPEG", 8, (600, 300)), "a.jpg")
    with pytest.raises(PictureError, match=r"a\.jpg is 300 x 600 px and the model takes 512 px a side: .*in Blender"):
        _prepare(path, PictureLimits(max_side_px=512))
    with pytest.raises(PictureError, match="is 300 x 600 px and the model needs 400 px a side"):
        _prepare(path, PictureLimits(min_side_px=400))


# -- empty


@pytest.mark.parametrize("converter", [None, Converter()], ids=["without a converter", "with one"])
def test_a_picture_of_nothing_is_refused_whatever_it_is_for(tmp_path: Path, converter: Converter | None) -> None:
    path = tmp_path / "a.png"
    Image.new("RGBA", (64, 64), (9, 9, 9, 0)).save(path)
    for is_subject in (False, True):
        with pytest.raises(PictureError, match=r"a\.png is transparent everywhere: choose a picture that shows"):
            prepare(path, limits=NO_LIMITS, folder=tmp_path, converter=converter, is_subject=is_subject)


def test_a_picture_of_one_colour_is_refused_as_a_subject_only(tmp_path: Path) -> None:
    path = save_picture(tmp_path / "a.png", spot="teal")
    assert _prepare(path, NO_LIMITS)[0] == inspect(path)
    for converter in (None, Converter()):
        with pytest.raises(PictureError, match=r"a\.png is of one colour everywhere: choose a picture that shows"):
            prepare(path, limits=NO_LIMITS, folder=tmp_path, converter=converter, is_subject=True)


def test_a_picture_that_turns_out_empty_once_it_is_converted_is_refused(tmp_path: Path) -> None:
    def convert(path: Path, *, folder: Path, **_: Any) -> Path:
        with Image.open(path) as opened:
            opened.save(folder / "made.png")
        return folder / "made.png"

    path = tmp_path / "a.tif"
    Image.new("RGBA", (64, 64)).save(path)
    with pytest.raises(PictureError, match="is transparent everywhere"):
        prepare(path, limits=NO_LIMITS, folder=tmp_path, converter=convert)
    Image.new("RGB", (64, 64), "teal").save(path)
    assert prepare(path, limits=NO_LIMITS, folder=tmp_path, converter=convert)[0].is_uniform
    with pytest.raises(PictureError, match="is of one colour everywhere"):
        prepare(path, limits=NO_LIMITS, folder=tmp_path, converter=convert, is_subject=True)


# -- damaged, or only odd


def test_a_picture_whose_pixels_are_spoiled_is_not_handed_to_the_converter(tmp_path: Path) -> None:
    converter = Converter()
    whole = encoded("PNG")
    spoiled = bytearray(whole)
    spoiled[len(whole) // 2] ^= 1
    for data in (whole[:-20], bytes(spoiled)):
        with pytest.raises(PictureError, match=r"damaged.*: save it again"):
            _prepare(write(tmp_path, data), NO_LIMITS, converter)
    assert converter.asked == []


UNSURE = {
    "png without its end": encoded("PNG")[:-12],
    "png with a text of a wrong checksum": png_with(chunk(b"tEXt", b"a\0b", crc=1)),
    "png with a text of a wrong length": png_with(b"\0\1\0\0tEXta\0b"),
    "png of too many parts": png_with(*[chunk(b"tEXt", b"a\0b")] * 100_001),
    "jpeg without its end": encoded("JPEG")[:-2],
    "jpeg with something before it": b"junk" + encoded("JPEG"),
    "webp of a wrong length": (w := encoded("WEBP"))[:4] + struct.pack("<I", len(w)) + w[8:],
}
ODD = {
    "jpeg of an unusual kind": encoded("JPEG").replace(b"\xff\xc0", b"\xff\xc9"),
    "jpeg with junk between its segments": jpeg_with(segment(0xE0, b"JFIF\0"), b"junk"),
}


def _convert(path: Path, *, folder: Path, **_: Any) -> Path:
    """Stands for a converter that reads anything."""
    return save_picture(folder / "made.png", 64, 64)


@pytest.mark.parametrize("sample", UNSURE)
def test_a_picture_that_cannot_be_followed_here_is_left_to_the_converter(tmp_path: Path, sample: str) -> None:
    path = write(tmp_path, UNSURE[sample])
    image, note = prepare(path, limits=NO_LIMITS, folder=tmp_path, converter=_convert)
    assert image.path == tmp_path / "made.png"
    assert note == "picture.png was converted to a 64 x 64 px PNG for this model."
    with pytest.raises(PictureError, match=r"(run this in Blender|is not a picture)"):
        _prepare(path, NO_LIMITS)


@pytest.mark.parametrize("sample", ODD)
def test_a_whole_picture_that_some_stumble_over_is_converted_or_goes_as_it_is(tmp_path: Path, sample: str) -> None:
    path = write(tmp_path, ODD[sample])
    assert prepare(path, limits=NO_LIMITS, folder=tmp_path, converter=_convert)[0].path == tmp_path / "made.png"
    assert _prepare(path, NO_LIMITS)[0].path == path


@pytest.mark.parametrize("size", [(40_000, 40_000), (1 << 30, 2)])
def test_a_size_that_would_fill_the_memory_is_not_handed_to_the_converter(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    header = struct.pack(">IIBBBBB", *size, 8, 6, 0, 0, 0)
    path = write(tmp_path, png_of([(b"IHDR", header), (b"IDAT", b"x"), (b"IEND", b"")]))
    with pytest.raises(PictureError, match=f"claims to be {size[0]} x {size[1]} px"):
        prepare(path, limits=NO_LIMITS, folder=tmp_path, converter=_convert)


def test_a_side_that_is_too_long_is_left_to_the_converter(tmp_path: Path) -> None:
    path = save_picture(tmp_path / "a.png", 70_000, 2)
    assert prepare(path, limits=NO_LIMITS, folder=tmp_path, converter=_convert)[0].path == tmp_path / "made.png"
    with pytest.raises(PictureError, match=r"70000 x 2 px.*: make it smaller, or run this in Blender"):
        _prepare(path, NO_LIMITS)


def test_the_converters_own_refusal_is_passed_on(tmp_path: Path) -> None:
    def refuse(path: Path, **_: Any) -> Path:
        raise PictureError(f"{path.name} could not be converted.")

    with pytest.raises(PictureError, match=r"picture\.png could not be converted"):
        prepare(write(tmp_path, b"text"), limits=NO_LIMITS, folder=tmp_path, converter=refuse)
