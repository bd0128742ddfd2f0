# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures are known by their content: format, size, whether they are whole, and what a model takes of them."""

from __future__ import annotations

import hashlib
import io
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scenario_addon.engine.errors import PictureError
from scenario_addon.engine.pictures.file import UnsendableError, inspect
from scenario_addon.engine.pictures.header import claimed_size
from tests.engine.picture_samples import encoded, write
from tests.engine.pictures.containers import chunk, exif, jpeg_with, photoshop, segment

QUICK = settings(max_examples=60, deadline=None)


def _exif(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "x" * 3000
    return exif.tobytes()


def _with_preview() -> bytes:
    """A JPEG with a smaller JPEG in an application segment, as cameras write it."""
    whole, preview = encoded("JPEG"), encoded("JPEG", (40, 20))
    segment = b"\xff\xe1" + struct.pack(">H", len(preview) + 2) + preview
    return whole[:2] + segment + whole[2:]


PICTURES = {
    "png": ("image/png", encoded("PNG")),
    "png with alpha": ("image/png", encoded("PNG", mode="RGBA")),
    "png with a palette": ("image/png", encoded("PNG", mode="P")),
    "png with bytes behind it": ("image/png", encoded("PNG") + b"more"),
    "jpeg": ("image/jpeg", encoded("JPEG")),
    "grey jpeg": ("image/jpeg", encoded("JPEG", mode="L")),
    "cmyk jpeg": ("image/jpeg", encoded("JPEG", mode="CMYK")),
    "progressive jpeg": ("image/jpeg", encoded("JPEG", progressive=True)),
    "jpeg with exif": ("image/jpeg", encoded("JPEG", exif=_exif())),
    "jpeg with a colour profile": ("image/jpeg", encoded("JPEG", icc_profile=bytes(200_000))),
    "jpeg with a preview": ("image/jpeg", _with_preview()),
    "jpeg with a film behind it": ("image/jpeg", encoded("JPEG") + bytes(100_000)),
    "jpeg with fill bytes": ("image/jpeg", (j := encoded("JPEG"))[:2] + b"\xff\xff" + j[2:]),
    "lossy webp": ("image/webp", encoded("WEBP")),
    "lossless webp": ("image/webp", encoded("WEBP", lossless=True)),
    "webp with alpha": ("image/webp", encoded("WEBP", mode="RGBA", lossless=False, exif=_exif())),
}


def test_the_webp_samples_are_of_all_three_kinds() -> None:
    kinds = [data[12:16] for mime, data in PICTURES.values() if mime == "image/webp"]
    assert kinds == [b"VP8 ", b"VP8L", b"VP8X"]


@pytest.mark.parametrize("sample", PICTURES)
def test_format_and_size_are_read_from_the_content_not_the_name(tmp_path: Path, sample: str) -> None:
    mime, data = PICTURES[sample]
    image = inspect(write(tmp_path, data, "picture.tga"))
    assert (image.mime, image.width_px, image.height_px) == (mime, 130, 70)


@pytest.mark.parametrize("size", [(1, 1), (16383, 1), (3, 16383), (4096, 257)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_extreme_sizes_are_read(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, kind)
    image = inspect(write(tmp_path, buffer.getvalue()))
    assert (image.width_px, image.height_px) == size


def test_bytes_and_fingerprint_are_those_of_the_file(tmp_path: Path) -> None:
    data = PICTURES["png"][1]
    image = inspect(write(tmp_path, data))
    assert (image.size_bytes, image.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_the_same_picture_has_one_fingerprint_under_any_name(tmp_path: Path) -> None:
    first, second = (write(tmp_path, PICTURES["png"][1], name) for name in ("a.png", "b.jpg"))
    assert inspect(first).sha256 == inspect(second).sha256


def test_a_path_with_spaces_and_any_letters_is_fine_and_becomes_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "Stuhl, 椅子 (größer).png"
    write(tmp_path, PICTURES["png"][1], name)
    assert inspect(Path(name)).path == tmp_path / name


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_which_way_up_a_picture_is_stored_is_said_beside_its_size(tmp_path: Path, kind: str) -> None:
    image = inspect(write(tmp_path, encoded(kind, exif=_exif(8))))
    assert (image.orientation, image.width_px, image.height_px) == (8, 130, 70)
    with pytest.raises(UnsendableError) as caught:
        inspect(write(tmp_path, photoshop((1058, b"", exif(5)))))
    assert caught.value.orientation == 5


# -- not whole


def test_a_jpeg_ends_where_its_scans_do_whatever_its_tables_hold(tmp_path: Path) -> None:
    """A table between two scans may hold what looks like an end."""
    head, first, second = encoded("JPEG", progressive=True).split(b"\xff\xda")[:3]
    table = segment(0xFE, b"\xff\xd9\xff\xd8")
    broken_off = head + b"\xff\xda" + first + table + b"\xff\xda" + second
    with pytest.raises(UnsendableError, match="is cut short or damaged: save it again, or run this in Blender"):
        inspect(write(tmp_path, broken_off))
    assert not inspect(write(tmp_path, broken_off + b"\xff\xd9")).is_odd


def test_a_jpeg_without_any_scan_is_no_whole_picture(tmp_path: Path) -> None:
    with pytest.raises(UnsendableError):
        inspect(write(tmp_path, encoded("JPEG").split(b"\xff\xda")[0] + b"\xff\xd9"))


@pytest.mark.parametrize("sample", ["lossy webp", "lossless webp", "webp with alpha"])
def test_a_webp_whose_picture_goes_beyond_its_end_is_not_whole(tmp_path: Path, sample: str) -> None:
    data = PICTURES[sample][1]
    short = data[: len(data) // 2]
    for claimed in (len(short) - 8, len(data) - 8, 30):
        with pytest.raises(UnsendableError):
            inspect(write(tmp_path, short[:4] + struct.pack("<I", claimed) + short[8:]))


ODD = {
    "jpeg with junk between segments": jpeg_with(segment(0xE0, b"JFIF\0"), b"\0junk"),
    "jpeg of an unusual kind": (j := encoded("JPEG"))[: j.index(b"\xff\xc0") + 1]
    + b"\xc9"
    + j[j.index(b"\xff\xc0") + 2 :],
}


@pytest.mark.parametrize("sample", ODD)
def test_a_whole_picture_that_some_stumble_over_is_odd(tmp_path: Path, sample: str) -> None:
    assert inspect(write(tmp_path, ODD[sample])).is_odd


@pytest.mark.parametrize("sample", PICTURES)
def test_a_usual_picture_is_not_odd_and_not_of_one_colour(tmp_path: Path, sample: str) -> None:
    image = inspect(write(tmp_path, PICTURES[sample][1]))
    assert (image.is_odd, image.is_uniform) == (False, False)


@pytest.mark.parametrize("sample", [name for name in PICTURES if "behind" not in name])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99999])
def test_a_picture_that_was_cut_short_is_noticed(tmp_path: Path, sample: str, share: float) -> None:
    data = PICTURES[sample][1]
    with pytest.raises(PictureError, match=r"picture\.png is (cut short|damaged|not a picture)"):
        inspect(write(tmp_path, data[: int(len(data) * share)]))


@pytest.mark.parametrize("sample", ["png", "jpeg", "lossy webp", "lossless webp", "webp with alpha"])
def test_a_picture_of_a_few_bytes_is_noticed(tmp_path: Path, sample: str) -> None:
    for length in range(1, 32):
        with pytest.raises(PictureError):
            inspect(write(tmp_path, PICTURES[sample][1][:length]))


@QUICK
@given(sample=st.sampled_from(sorted(PICTURES)), cut=st.integers(0, 400), junk=st.binary(max_size=60))
def test_a_broken_picture_is_read_or_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, sample: str, cut: int, junk: bytes
) -> None:
    data = PICTURES[sample][1]
    path = write(tmp_path_factory.getbasetemp(), data[:cut] + junk + data[cut + len(junk) :])
    try:
        assert inspect(path).width_px > 0
    except PictureError as error:
        assert "picture.png" in error.user_message


def test_an_end_marker_on_the_border_of_two_blocks_is_found(tmp_path: Path) -> None:
    head, scan = encoded("JPEG").split(b"\xff\xda")
    head += b"\xff\xda" + scan[: int.from_bytes(scan[:2], "big")]  # behind it, the search begins
    filler = bytes(4 + 128 + 4096 + (1 << 17) + (1 << 20) - 1)
    image = inspect(write(tmp_path, head + filler + b"\xff\xd9" + bytes(5)))
    assert (image.width_px, image.height_px) == (130, 70)


@pytest.mark.parametrize("side", [0, 1 << 31, 70_000])
def test_a_size_that_the_pixels_do_not_have_is_damage(tmp_path: Path, side: int) -> None:
    data = PICTURES["png"][1]
    with pytest.raises(PictureError, match="is damaged"):
        inspect(write(tmp_path, data[:16] + struct.pack(">I", side) + data[20:]))


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((0, 70), r"is damaged \(it claims 0 x 70 px\)"),
        ((40_000, 40_000), r"claims to be 40000 x 40000 px, .*: make it smaller\."),
        ((70_000, 1), r"claims to be 70000 x 1 px, .*: make it smaller, or run this in Blender"),
    ],
)
def test_a_size_that_cannot_be_used_is_refused(tmp_path: Path, size: tuple[int, int], sentence: str) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
    with pytest.raises(PictureError, match=sentence):
        inspect(write(tmp_path, PICTURES["png"][1][:8] + header + PICTURES["png"][1][33:]))


def test_a_jpeg_of_a_size_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    data = PICTURES["jpeg"][1]
    frame = data.index(b"\xff\xc0") + 5
    with pytest.raises(PictureError, match="claims to be 65000 x 65000 px"):
        inspect(write(tmp_path, data[:frame] + struct.pack(">HH", 65_000, 65_000) + data[frame + 4 :]))


def _claiming(kind: str, size: tuple[int, int]) -> bytes:
    """The head of a picture in a format that a converter reads, of a size."""
    width, height = size
    return {
        "BMP": b"BM" + bytes(12) + struct.pack("<Iii", 40, width, -height) + bytes(60),
        "TIFF": b"II*\0\x08\0\0\0" + struct.pack("<HHHIIHHIII", 2, 256, 4, 1, width, 257, 4, 1, height, 0),
        "BigTIFF": b"MM\0+\0\x08\0\0" + struct.pack(">QQHHQQHHQQQ", 16, 2, 256, 16, 1, width, 257, 16, 1, height, 0),
        "OpenEXR": b"\x76\x2f\x31\x01\2\0\0\0dataWindow\0box2i\0\x10\0\0\0"
        + struct.pack("<iiii", 0, -5, width - 1, height - 6),
        "Radiance HDR": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (height, width) + bytes(60),
        "Photoshop": b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, height, width, 8, 3) + bytes(60),
        "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\x16ihdr" + struct.pack(">II", height, width) + bytes(60),
    }[kind]


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "BigTIFF", "OpenEXR", "Radiance HDR", "Photoshop", "JPEG 2000"])
def test_another_format_is_left_to_a_converter_unless_it_would_fill_the_memory(tmp_path: Path, kind: str) -> None:
    with pytest.raises(UnsendableError, match=f"is a {kind.removeprefix('Big')} picture"):
        inspect(write(tmp_path, _claiming(kind, (40_000, 20_000))))
    with pytest.raises(PictureError, match=r"claims to be 40000 x 30000 px, .*: make it smaller\.") as caught:
        inspect(write(tmp_path, _claiming(kind, (40_000, 30_000))))
    assert not isinstance(caught.value, UnsendableError)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "BigTIFF", "OpenEXR", "Radiance HDR", "Photoshop", "JPEG 2000"])
def test_a_head_of_another_format_that_breaks_off_is_left_to_a_converter_too(tmp_path: Path, kind: str) -> None:
    head = _claiming(kind, (40_000, 30_000))
    for length in range(12, 30):
        with pytest.raises(PictureError, match=f"is a {kind.removeprefix('Big')} picture|claims to be"):
            inspect(write(tmp_path, head[:length]))


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "JPEG2000"])
def test_the_size_that_another_format_claims_is_found(kind: str) -> None:
    assert claimed_size(io.BytesIO(encoded(kind))) == (130, 70)


# -- no picture at all


@pytest.mark.parametrize(
    "data",
    [
        b"just some text, saved as .png\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0" * 100,
        b"\x89PNG",
        b"RIFF",
    ],
)
def test_what_is_no_picture_is_called_so_whatever_its_name(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(PictureError, match=r"picture\.png is not a picture"):
        inspect(write(tmp_path, data))


def test_a_sound_or_a_film_in_a_picture_like_container_is_no_picture(tmp_path: Path) -> None:
    for data in (b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), b"\0\0\0\x18ftypmp42" + bytes(40)):
        with pytest.raises(PictureError, match="is not a picture"):
            inspect(write(tmp_path, data))


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (encoded("GIF", mode="P"), "GIF"),
        (encoded("BMP"), "BMP"),
        (encoded("TIFF"), "TIFF"),
        (b"MM\0*" + bytes(40), "TIFF"),
        (b"\x76\x2f\x31\x01" + bytes(40), "OpenEXR"),
        (b"#?RADIANCE\n", "Radiance HDR"),
        (b"#?RGBE\n", "Radiance HDR"),
        (b"8BPS" + bytes(40), "Photoshop"),
        (b"\0\0\0\x0cjP  \r\n", "JPEG 2000"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC or AVIF"),
        (b"\0\0\0\x1cftypavif" + bytes(40), "HEIC or AVIF"),
    ],
)
def test_a_picture_in_another_format_is_named(tmp_path: Path, head: bytes, name: str) -> None:
    with pytest.raises(PictureError, match=f"is a {name} picture: save it as PNG or JPEG, or run this in Blender"):
        inspect(write(tmp_path, head, "picture.jpg"))


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="is empty"):
        inspect(write(tmp_path, b""))


def test_a_missing_file_is_named_in_full(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"no such/chair\.png does not exist"):
        inspect(tmp_path / "no such" / "chair.png")


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="is a folder"):
        inspect(tmp_path)


@pytest.mark.parametrize("name", ["a\0b.png", "x" * 5000, "file.png/child.png"])
def test_a_path_that_cannot_be_is_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.png").touch()
    with pytest.raises(PictureError, match="check the path"):
        inspect(tmp_path / name)


@pytest.mark.parametrize(
    ("error", "sentence"), [(PermissionError(13, "denied"), "check its permissions"), (OSError(5, "I/O error"), "I/O")]
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, sentence: str
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise error

    path = write(tmp_path, PICTURES["png"][1])
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PictureError, match=sentence):
        inspect(path)
