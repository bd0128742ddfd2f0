# SPDX-License-Identifier: GPL-3.0-or-later
"""All of a PNG is looked at: whether it is sound, and whether anything is to be seen on it, however it is stored."""

from __future__ import annotations

import io
import itertools
import struct
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scenario_addon.engine.pictures.flaws import DamagedError, SizeError
from scenario_addon.engine.pictures.survey import Survey, survey
from tests.engine.picture_samples import encoded
from tests.engine.pictures.containers import chunk, png_chunks, png_of, png_with
from tests.engine.pictures.png_maker import Kind, make_png

KINDS = [
    *(Kind(depth, 0) for depth in (1, 2, 4, 8, 16)),
    *(Kind(depth, 2) for depth in (8, 16)),
    *(Kind(depth, 3) for depth in (1, 2, 4, 8)),
    *(Kind(depth, colour) for colour in (4, 6) for depth in (8, 16)),
]
SIZES = [(1, 1), (3, 1), (1, 3), (5, 5), (8, 8), (13, 9)]
FILTERS = [(0,), (1,), (2,), (3,), (4,), (0, 1, 2, 3, 4), (4, 3, 2, 1, 0)]
ALL = list(itertools.product(KINDS, [False, True]))
QUICK = settings(max_examples=150, deadline=None)


def _survey(data: bytes) -> Survey:
    return survey(io.BytesIO(data), size_bytes=len(data))


def _seen(data: bytes) -> tuple[bool, bool]:
    found = _survey(data)
    assert found.is_whole
    return found.is_transparent, found.is_uniform


def _extras(kind: Kind, *, clear: bool = False) -> dict[str, bytes]:
    """What a picture of a kind needs beside its pixels so that sample 1 can be seen, or not.

    Samples 1 and 2 of a palette look the same.
    """
    if kind.colour == 3:
        palette = bytes([9, 9, 9, 200, 0, 0, 200, 0, 0, 0, 200, 0][: 3 << kind.depth])
        return {"palette": palette, "transparency": bytes([255, 0, 0] if clear else [0, 255, 255])[: 1 << kind.depth]}
    if kind.colour in (0, 2) and clear:
        return {"transparency": b"\0\1" * kind.channels}
    return {}


# -- nothing to be seen


@pytest.mark.parametrize(("kind", "is_interlaced"), ALL)
def test_a_picture_of_one_colour_is_known_in_every_kind_size_and_filter(kind: Kind, is_interlaced: bool) -> None:
    for size, filters in itertools.product(SIZES, FILTERS):
        for padding in (0, 1):
            data = make_png(
                kind,
                size,
                lambda x, y: (1,) * kind.channels,
                filters=filters,
                is_interlaced=is_interlaced,
                padding=padding,
                **_extras(kind),
            )
            assert _seen(data) == (False, True), (size, filters)


@pytest.mark.parametrize(("kind", "is_interlaced"), ALL)
def test_one_pixel_of_another_colour_anywhere_is_seen(kind: Kind, is_interlaced: bool) -> None:
    for spot, filters in itertools.product([(0, 0), (4, 0), (0, 8), (4, 8), (3, 5)], FILTERS):

        def pixel(x: int, y: int, spot: tuple[int, int] = spot) -> tuple[int, ...]:
            return (0 if (x, y) == spot else 1,) * kind.channels

        data = make_png(kind, (5, 9), pixel, filters=filters, is_interlaced=is_interlaced, **_extras(kind))
        assert _seen(data) == (False, False), (spot, filters)


@pytest.mark.parametrize(("kind", "is_interlaced"), ALL)
def test_a_picture_that_is_transparent_everywhere_is_known(kind: Kind, is_interlaced: bool) -> None:
    def pixel(x: int, y: int) -> tuple[int, ...]:
        """Colours that nobody sees, where a kind can have them."""
        hidden = (x * 7 + y) % (1 << kind.depth) if kind.colour in (4, 6) else 1
        return (*(hidden,) * (kind.channels - 1), 0) if kind.colour in (4, 6) else (1,) * kind.channels

    for size, filters in itertools.product(SIZES, FILTERS):
        data = make_png(kind, size, pixel, filters=filters, is_interlaced=is_interlaced, **_extras(kind, clear=True))
        assert _seen(data)[0], (size, filters)


@pytest.mark.parametrize(("kind", "is_interlaced"), ALL)
def test_one_pixel_that_is_not_transparent_is_seen(kind: Kind, is_interlaced: bool) -> None:
    for spot, filters in itertools.product([(0, 0), (4, 0), (0, 8), (4, 8), (3, 5)], FILTERS):

        def pixel(x: int, y: int, spot: tuple[int, int] = spot) -> tuple[int, ...]:
            is_shown = (x, y) == spot
            if kind.colour in (4, 6):
                return (*(5,) * (kind.channels - 1), int(is_shown))
            return (0 if is_shown else 1,) * kind.channels

        data = make_png(kind, (5, 9), pixel, filters=filters, is_interlaced=is_interlaced, **_extras(kind, clear=True))
        assert not _seen(data)[0], (spot, filters)


@pytest.mark.parametrize("filters", FILTERS)
def test_several_numbers_of_a_palette_can_be_one_colour_or_all_transparent(filters: tuple[int, ...]) -> None:
    for depth in (2, 4, 8):
        kind = Kind(depth, 3)
        for clear in (False, True):
            extras = _extras(kind, clear=clear)
            data = make_png(kind, (21, 9), lambda x, y: (1 + (x + y) % 2,), filters=filters, **extras)
            assert _seen(data) == (clear, True)


@QUICK
@given(data=st.data(), kind=st.sampled_from(KINDS), is_interlaced=st.booleans(), few=st.booleans())
def test_what_is_found_is_what_a_look_at_every_pixel_finds(
    data: st.DataObject, kind: Kind, is_interlaced: bool, few: bool
) -> None:
    width, height = data.draw(st.integers(1, 10)), data.draw(st.integers(1, 10))
    most = 1 if few else (1 << kind.depth) - 1
    samples = data.draw(
        st.lists(st.integers(0, most), min_size=kind.channels, max_size=kind.channels).flatmap(
            lambda first: st.lists(
                st.one_of(st.just(first), st.just([*first[:-1], 0])), min_size=width * height, max_size=width * height
            )
        )
    )
    extras = data.draw(st.sampled_from([_extras(kind), _extras(kind, clear=True)]))
    filters = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=5))
    made = make_png(
        kind,
        (width, height),
        lambda x, y: samples[y * width + x],
        filters=filters,
        is_interlaced=is_interlaced,
        **extras,
    )
    colours = {_colour(kind, tuple(pixel), extras) for pixel in samples}
    assert _seen(made) == (all(colour[-1] == 0 for colour in colours), len(colours) == 1)


def _colour(kind: Kind, pixel: tuple[int, ...], extras: dict[str, bytes]) -> tuple[int, ...]:
    transparency = extras.get("transparency", b"")
    if kind.colour == 3:
        rgb = extras["palette"][3 * pixel[0] : 3 * pixel[0] + 3].ljust(3, b"\0")
        return (*rgb, transparency[pixel[0]] if pixel[0] < len(transparency) else 255)
    if kind.colour in (4, 6):
        return pixel
    return (*pixel, 0 if transparency and set(pixel) == {1} else 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_what_pillow_writes_is_known_in_every_mode(mode: str) -> None:
    for shown in (False, True):
        picture = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
        if shown:
            picture.putpixel((33, 22), (255, 255, 255, 255))
        buffer = io.BytesIO()
        (picture.convert("I").convert(mode) if mode == "I;16" else picture.convert(mode)).save(buffer, "PNG")
        with Image.open(buffer) as opened:
            colours = opened.convert("RGBA").getcolors()
        assert _seen(buffer.getvalue()) == (all(colour[3] == 0 for _, colour in colours), len(colours) == 1)


def test_noise_and_a_plain_edge_are_something_to_be_seen() -> None:
    noise, edge = Image.effect_noise((64, 64), 1).convert("RGB"), Image.new("RGB", (64, 64), "teal")
    edge.paste("orange", (30, 30, 34, 34))
    for picture in (noise, edge):
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        assert _seen(buffer.getvalue()) == (False, False)


@pytest.mark.parametrize(
    ("kind", "transparency"),
    [(Kind(8, 0), b"\0\1\0"), (Kind(8, 2), b"\0\1"), (Kind(8, 6), b"\0\1\0\1\0\1"), (Kind(2, 3), bytes(5))],
)
def test_transparency_that_is_said_in_another_way_is_none(kind: Kind, transparency: bytes) -> None:
    extras = {**_extras(kind), "transparency": transparency}
    assert _seen(make_png(kind, (4, 4), lambda x, y: (1,) * kind.channels, **extras))[0] is False


def test_transparency_whose_checksum_is_wrong_is_none() -> None:
    """Decoders leave it out."""
    data = make_png(Kind(8, 0), (4, 4), lambda x, y: (1,))
    found = _survey(png_with(chunk(b"tRNS", b"\0\1", crc=1), data=data))
    assert (found.is_transparent, found.is_whole) == (False, False)


# -- sound or not

SPOILED = {
    "pixels with a wrong checksum": png_of(
        [c if c[0] != b"IDAT" else chunk(*c, crc=1) for c in png_chunks(encoded("PNG"))]
    ),
    "a header with a wrong checksum": png_of(
        [c if c[0] != b"IHDR" else chunk(*c, crc=1) for c in png_chunks(encoded("PNG"))]
    ),
    "a palette with a wrong checksum": png_of(
        [c if c[0] != b"PLTE" else chunk(*c, crc=1) for c in png_chunks(encoded("PNG", mode="P"))]
    ),
    "no palette": png_of([c for c in png_chunks(encoded("PNG", mode="P")) if c[0] != b"PLTE"]),
    "a part between the pixels": png_with(chunk(b"IDAT", b"x"), chunk(b"tEXt"), behind=b"IHDR"),
    "an unknown depth": png_of(
        [(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 3, 2, 0, 0, 0)), (b"IDAT", b""), (b"IEND", b"")]
    ),
}


def _with_pixels(data: bytes) -> bytes:
    """A grey picture of 4 x 4 pixels with this packed data."""
    return png_of([(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b"")])


ROWS = b"\0\1\2\3\4" * 4
PACKED = zlib.compress(ROWS)
SPOILED |= {
    "no pixels": _with_pixels(b""),
    "too few rows": _with_pixels(zlib.compress(ROWS[:-5])),
    "one byte too few": _with_pixels(zlib.compress(ROWS[:-1])),
    "packed data that breaks off": _with_pixels(PACKED[:10]),
    "packed data without its checksum": _with_pixels(PACKED[:-4]),
    "packed data that is none": _with_pixels(b"just some text"),
    "packed data with a wrong checksum": _with_pixels(PACKED[:-1] + bytes([PACKED[-1] ^ 1])),
    "an unknown filter": _with_pixels(zlib.compress(b"\0\1\2\3\4\5\1\2\3\4" * 2)),
}


@pytest.mark.parametrize("sample", SPOILED)
def test_pixels_that_are_missing_or_spoiled_are_noticed(sample: str) -> None:
    with pytest.raises(DamagedError):
        _survey(SPOILED[sample])


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("mode", ["RGB", "P", "L"])
def test_pixels_that_are_cut_short_are_noticed(mode: str, share: float) -> None:
    data = encoded("PNG", mode=mode)
    with pytest.raises(DamagedError):
        _survey(data[: int(len(data) * share)])


@QUICK
@given(data=st.data())
def test_a_flipped_bit_in_the_pixels_is_always_noticed(data: st.DataObject) -> None:
    made = bytearray(make_png(Kind(8, 2), (20, 20), lambda x, y: (x * y % 256, x * 13 % 256, y * 31 % 256)))
    start = made.index(b"IDAT") + 4
    bit = data.draw(st.integers(8 * start, 8 * (len(made) - 16) - 1))
    made[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DamagedError):
        _survey(bytes(made))


@pytest.mark.parametrize("packed", [zlib.compress(ROWS + b"more"), PACKED + b"more"], ids=["inside", "behind"])
def test_more_packed_data_than_pixels_does_no_harm(packed: bytes) -> None:
    assert _survey(_with_pixels(packed)).is_whole


SPOILED_BESIDE = {
    "no end": png_of(png_chunks(encoded("PNG"))[:-1]),
    "half an end": encoded("PNG")[:-5],
    "an end with a wrong checksum": png_with(chunk(b"IEND", crc=1), behind=b"IDAT"),
    "nonsense behind the pixels": png_with(b"\0\0\0\0n0ns", behind=b"IDAT"),
    "a text that goes beyond the end": png_with(b"\0\1\0\0tEXt", behind=b"IDAT"),
    "a text with a wrong checksum": png_with(chunk(b"tEXt", b"a\0b", crc=1)),
    "a text with a wrong checksum at the end": png_with(chunk(b"tEXt", b"a\0b", crc=1), behind=b"IDAT"),
}


@pytest.mark.parametrize("sample", SPOILED_BESIDE)
def test_pixels_that_are_all_there_count_whatever_stands_beside_them(sample: str) -> None:
    found = _survey(SPOILED_BESIDE[sample])
    assert not found.is_whole
    assert (found.width_px, found.height_px) == (130, 70)


@pytest.mark.parametrize(
    "data",
    [
        png_with(b"\0\0\0\x09tEXta\0b" + bytes(4)),
        png_with(b"\0\1\0\0tEXta\0b" + bytes(4)),
        png_with(chunk(b"CgBI", b"\0\0\0\0")),
        png_of([(b"CgBI", b"\0\0\0\0"), *png_chunks(encoded("PNG"))]),
        png_with(*[chunk(b"tEXt")] * 100_001),
        png_with(*[chunk(b"IDAT")] * 100_001),
    ],
    ids=["text too short", "text too long", "unknown part", "no header first", "many texts", "many pieces of pixels"],
)
def test_what_leads_astray_before_the_pixels_is_not_called_damaged(data: bytes) -> None:
    with pytest.raises(ValueError) as caught:
        _survey(data)
    assert not isinstance(caught.value, DamagedError | SizeError)


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (1 << 31, 1), (40_000, 40_000), (70_000, 1)])
def test_a_size_that_cannot_be_used_is_refused_before_anything_is_unpacked(size: tuple[int, int]) -> None:
    header = struct.pack(">IIBBBBB", *size, 8, 6, 0, 0, 0)
    with pytest.raises(SizeError):
        _survey(png_of([(b"IHDR", header), (b"IDAT", b"never looked at"), (b"IEND", b"")]))


# -- at what cost


def test_a_large_picture_takes_little_time_and_memory() -> None:
    noise = Image.effect_noise((2048, 2048), 90)
    picture = Image.merge("RGBA", [noise] * 4)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    data = buffer.getvalue()
    tracemalloc.start()
    began = time.process_time()
    found = _survey(data)
    seconds = time.process_time() - began
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not found.is_uniform
    assert seconds < 2.0
    assert most_bytes < 12_000_000


@pytest.mark.slow
@pytest.mark.parametrize("filter_type", [1, 4])
def test_the_worst_palette_takes_a_few_seconds_at_the_most(filter_type: int) -> None:
    """Its pixels have to be restored, as no number of it is to be seen."""
    side_px = 4000
    header = struct.pack(">IIBBBBB", side_px, side_px, 8, 3, 0, 0, 0)
    rows = (bytes([filter_type]) + bytes(range(1, 251)) * (side_px // 250)) * side_px
    pixels = (b"IDAT", zlib.compress(rows, 1))
    data = png_of([(b"IHDR", header), (b"PLTE", bytes(768)), (b"tRNS", bytes(256)), pixels, (b"IEND", b"")])
    began = time.process_time()
    found = _survey(data)
    assert time.process_time() - began < 20.0
    assert found.is_transparent is (filter_type < 4)


def test_what_wants_to_be_unpacked_without_end_is_left_at_the_pixels() -> None:
    data = _with_pixels(zlib.compress(ROWS + bytes(200_000_000), 1))
    began = time.process_time()
    assert _survey(data).is_whole
    assert time.process_time() - began < 0.5
