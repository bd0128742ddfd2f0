# SPDX-License-Identifier: GPL-3.0-or-later
"""What a picture file says beside its pixels, and taking that out."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import bpy
import numpy as np
import pytest
from PIL import Image, ImageCms

from scenario_addon.blender.picture.capture import capture_file, capture_image
from scenario_addon.blender.picture.containers import Container, describe, without_profile
from scenario_addon.engine.pictures.png import chunks
from tests.blender.picture.kinds import KINDS, Kind, png

PROFILED = [kind for kind in KINDS if kind.name in {"wide profile", "wide colours", "linear gamma"}]
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY = np.zeros((4, 4, 1), dtype=np.uint8)


def made(kind: Kind, folder: Path) -> Path:
    path = folder / f"a.{kind.suffix}"
    kind.write(path)
    return path


@pytest.mark.parametrize("kind", PROFILED, ids=[f"{kind.suffix} {kind.name}" for kind in PROFILED])
def test_a_profile_does_not_go_out_and_the_numbers_stay(tmp_path: Path, kind: Kind) -> None:
    path = made(kind, tmp_path)
    data = path.read_bytes()
    result = capture_file(path, folder=tmp_path / "pictures")
    assert (
        capture_image(bpy.data.images.load(str(path)), folder=tmp_path / "pictures", scene=bpy.context.scene) == result
    )
    assert path.read_bytes() == data
    assert 0 < result.stat().st_size < len(data)
    with Image.open(result) as bare, Image.open(path) as original:
        assert not {"icc_profile", "gamma", "chromaticity"} & set(bare.info)
        assert (np.asarray(bare) == np.asarray(original)).all()
    assert describe(BytesIO(without_profile(data))) == describe(BytesIO(result.read_bytes()))


def test_a_jpeg_is_not_compressed_again_for_its_profile(tmp_path: Path) -> None:
    path = made(next(kind for kind in PROFILED if kind.suffix == "jpg"), tmp_path)
    scan = path.read_bytes().partition(b"\xff\xda")[2]
    assert capture_file(path, folder=tmp_path / "pictures").read_bytes().endswith(scan)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_profile_that_says_what_everybody_takes_for_granted_stays(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.new("RGB", (8, 8), "orange").save(path, icc_profile=SRGB)
    assert capture_file(path, folder=tmp_path / "pictures") == path
    image = bpy.data.images.load(str(path))
    assert capture_image(image, folder=tmp_path / "pictures", scene=bpy.context.scene) == path


def test_what_blender_saves_is_taken_where_it_is(tmp_path: Path) -> None:
    image = bpy.data.images.new("painted", 8, 8)
    image.filepath_raw, image.file_format = str(tmp_path / "a.png"), "PNG"
    image.save()
    assert capture_file(tmp_path / "a.png", folder=tmp_path / "pictures") == tmp_path / "a.png"


def test_a_copy_says_nothing_of_colours_that_it_no_longer_has(tmp_path: Path) -> None:
    path = made(next(kind for kind in KINDS if kind.name == "curve for bright screens"), tmp_path)
    image = bpy.data.images.load(str(path))
    for result in (
        capture_file(path, folder=tmp_path / "pictures"),
        capture_image(image, folder=tmp_path / "pictures", scene=bpy.context.scene),
    ):
        assert result != path
        assert not {b"cICP", b"iCCP", b"gAMA", b"cHRM"} & {chunk.kind for chunk in chunks(BytesIO(result.read_bytes()))}


def test_a_packed_picture_goes_out_without_its_profile(tmp_path: Path) -> None:
    image = bpy.data.images.load(str(made(next(kind for kind in PROFILED if kind.suffix == "jpg"), tmp_path)))
    image.pack()
    result = capture_image(image, folder=tmp_path / "pictures", scene=bpy.context.scene)
    assert result.read_bytes() == without_profile(image.packed_file.data)


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([], Container()),
        ([(b"gAMA", struct.pack(">I", 45_455))], Container()),
        ([(b"gAMA", struct.pack(">I", 45_000))], Container(has_profile=True)),
        ([(b"sRGB", b"\0"), (b"gAMA", struct.pack(">I", 100_000))], Container()),
        ([(b"tRNS", b"\0\0")], Container(has_alpha=True)),
        ([(b"cICP", bytes([9, 16, 0, 1]))], Container(is_unusual=True)),
        ([(b"cICP", bytes([1, 13, 0, 1])), (b"gAMA", struct.pack(">I", 45_000))], Container()),
        ([(b"iCCP", b"x\0\0not deflated")], None),
    ],
)
def test_a_png_is_described(chunks: list[tuple[bytes, bytes]], expected: Container | None) -> None:
    assert describe(BytesIO(png(GREY, 0, *chunks))) == expected


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBPVP8X", b"GIF89a"])
def test_what_is_cut_short_or_something_else_is_not_described(tmp_path: Path, data: bytes) -> None:
    assert describe(BytesIO(data)) is None
    (tmp_path / "a.png").write_bytes(data)
    assert capture_file(tmp_path / "a.png", folder=tmp_path / "pictures") == tmp_path / "a.png"
