# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way up a picture is stored is found in every container that says it, and nonsense means upright."""

from __future__ import annotations

import io
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scenario_addon.engine.pictures.orientation import orientation
from tests.engine.picture_samples import encoded
from tests.engine.pictures.containers import (
    chunk,
    exif,
    jpeg_with,
    photoshop,
    png_with,
    raw_profile,
    segment,
    webp_with,
    xmp,
)

EXIF = b"Exif\0\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0"
XMP_TEXT = b"XML:com.adobe.xmp\0\0\0\0\0"
QUICK = settings(max_examples=60, deadline=None)

TURNED_6 = {
    "jpeg": jpeg_with(segment(0xE1, EXIF + exif())),
    "jpeg with a big first byte": jpeg_with(segment(0xE1, EXIF + exif(order="big"))),
    "jpeg with another padding": jpeg_with(segment(0xE1, b"Exif\0\xff" + exif())),
    "jpeg with other segments before": jpeg_with(
        segment(0xE0, b"JFIF\0"), segment(0xE1, b"something else"), segment(0xE1, EXIF + exif())
    ),
    "jpeg with fill bytes": jpeg_with(b"\xff\xff\xff", segment(0xE1, EXIF + exif())),
    "jpeg with junk before": jpeg_with(segment(0xE0, b"JFIF\0"), b"junk", segment(0xE1, EXIF + exif())),
    "jpeg with XMP": jpeg_with(segment(0xE1, XMP + xmp())),
    "jpeg with XMP in an element": jpeg_with(segment(0xE1, XMP + xmp(as_element=True))),
    "jpeg whose EXIF says nothing of it, but its XMP": jpeg_with(
        segment(0xE1, EXIF + b"II*\0\x08\0\0\0\0\0"), segment(0xE1, XMP + xmp())
    ),
    "jpeg whose EXIF contradicts its XMP": jpeg_with(segment(0xE1, XMP + xmp(3)), segment(0xE1, EXIF + exif())),
    "progressive jpeg": jpeg_with(segment(0xE1, EXIF + exif()), progressive=True),
    "png": png_with(chunk(b"eXIf", exif())),
    "png with a big first byte": png_with(chunk(b"eXIf", exif(order="big"))),
    "png with a head before its EXIF": png_with(chunk(b"eXIf", EXIF + exif())),
    "png with EXIF behind its pixels": png_with(chunk(b"eXIf", exif()), behind=b"IDAT"),
    "png with a raw profile": png_with(raw_profile(EXIF + exif(), packed=False)),
    "png with a packed raw profile": png_with(raw_profile(EXIF + exif(), packed=True), behind=b"IDAT"),
    "png with XMP": png_with(chunk(b"iTXt", XMP_TEXT + xmp())),
    "webp": webp_with(exif_data=exif()),
    "webp with a head before its EXIF": webp_with(exif_data=EXIF + exif()),
    "webp with an odd length": webp_with(exif_data=exif(order="big") + b"\0"),
    "webp with XMP": webp_with(xmp_data=xmp()),
    "tiff": exif(),
    "tiff with a big first byte": exif(order="big"),
    "big tiff": exif(big=True),
    "big tiff with a big first byte": exif(order="big", big=True),
    "photoshop": photoshop((1036, b"", bytes(51)), (1058, b"", exif())),
    "photoshop with a name": photoshop((1058, b"camera", exif(order="big"))),
    "photoshop with XMP": photoshop((1060, b"x", xmp())),
}
UPRIGHT = {
    "nothing": b"",
    "a text": b"just some text",
    "jpeg": encoded("JPEG"),
    "jpeg with EXIF behind its scan": encoded("JPEG") + segment(0xE1, EXIF + exif()),
    "png": encoded("PNG"),
    "webp": encoded("WEBP"),
    "webp that announces no EXIF": webp_with(exif_data=exif(), flags=0),
    "tiff": encoded("TIFF"),
    "bmp": encoded("BMP"),
    "photoshop": photoshop((1036, b"", bytes(51))),
    "jpeg with EXIF of no fields": jpeg_with(segment(0xE1, EXIF + b"MM\0*\0\0\0\x08\0\0")),
    "jpeg with EXIF of another kind": jpeg_with(segment(0xE1, EXIF + b"XX" + exif()[2:])),
    "jpeg with EXIF of another version": jpeg_with(segment(0xE1, EXIF + exif()[:2] + b"\x55" + exif()[3:])),
    "jpeg with a field of another kind": jpeg_with(segment(0xE1, EXIF + exif().replace(b"\x12\1\3", b"\x12\1\5"))),
    "jpeg with a directory outside": jpeg_with(segment(0xE1, EXIF + b"II*\0\xff\xff\xff\xff" + exif())),
    "big tiff with a directory outside": b"II+\0\x08\0\0\0" + b"\xff" * 8,
}


def _look(data: bytes) -> int:
    return orientation(io.BytesIO(data))


@pytest.mark.parametrize("sample", TURNED_6)
def test_every_container_says_how_its_picture_is_turned(sample: str) -> None:
    assert _look(TURNED_6[sample]) == 6


@pytest.mark.parametrize("sample", UPRIGHT)
def test_without_a_word_that_makes_sense_a_picture_is_upright(sample: str) -> None:
    assert _look(UPRIGHT[sample]) == 1


@pytest.mark.parametrize("said", range(1, 9))
@pytest.mark.parametrize("kind", [1, 3, 4])
def test_all_eight_are_read_from_numbers_of_any_width(kind: int, said: int) -> None:
    for order in ("little", "big"):
        assert _look(jpeg_with(segment(0xE1, EXIF + exif(said, order=order, kind=kind)))) == said  # type: ignore[arg-type]


@pytest.mark.parametrize("said", [0, 9, 255, 65535])
def test_a_number_that_means_nothing_is_upright(said: int) -> None:
    assert _look(jpeg_with(segment(0xE1, EXIF + exif(said)))) == 1
    assert _look(jpeg_with(segment(0xE1, XMP + xmp(said)))) == 1


def test_the_previews_orientation_is_not_the_pictures() -> None:
    """The second directory of EXIF data is about a small picture in it."""
    first = b"II*\0" + struct.pack("<IH", 8, 0) + struct.pack("<I", 14)
    second = struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
    assert _look(jpeg_with(segment(0xE1, EXIF + first + second))) == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("said", range(1, 9))
def test_what_pillow_writes_is_read_as_it_was_meant(kind: str, said: int) -> None:
    tags = Image.Exif()
    tags[0x010E], tags[0x0112], tags[0x0110] = "x" * 500, said, "a camera"
    assert _look(encoded(kind, exif=tags.tobytes() if kind != "TIFF" else tags)) == said


@QUICK
@given(sample=st.sampled_from(sorted(TURNED_6)), cut=st.integers(0, 4000), junk=st.binary(max_size=40))
def test_broken_data_is_an_orientation_too(sample: str, cut: int, junk: bytes) -> None:
    data = TURNED_6[sample]
    cut %= len(data)
    assert _look(data[:cut] + junk + data[cut + len(junk) :]) in range(1, 9)
    assert _look(data[:cut]) in range(1, 9)


@QUICK
@given(data=st.binary(max_size=300))
def test_any_exif_data_is_an_orientation_too(data: bytes) -> None:
    for head in (b"", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+\0\x08\0\0"):
        assert _look(jpeg_with(segment(0xE1, EXIF + head + data))) in range(1, 9)
        assert _look(head + data) in range(1, 9)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff\xe1\0\2" * 1_000_000,
        b"\xff\xd8\xff" + bytes(8_000_000),
        b"\x89PNG\r\n\x1a\n" + chunk(b"tEXt") * 600_000,
        png_with(chunk(b"zTXt", b"Raw profile type exif\0\0" + b"x" * 5_000_000)),
        b"RIFF\xff\xff\xff\xffWEBPVP8X\0\0\0\0" + b"EXIF\0\0\0\0" * 1_000_000,
        photoshop(*[(1058, b"", b"")] * 600_000),
        b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1 << 63) + bytes(8_000_000),
    ],
    ids=["segments", "junk", "chunks", "text", "riff chunks", "resources", "fields"],
)
def test_what_wants_to_keep_its_reader_busy_does_not(data: bytes) -> None:
    began = time.process_time()
    assert _look(data) == 1
    assert time.process_time() - began < 2.0
