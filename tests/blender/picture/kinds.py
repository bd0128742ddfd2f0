# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of picture files that programs write: formats, orientations, alphas, profiles, depths. All show one motif."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageCms

__all__ = ["KINDS", "Kind", "exif", "png"]

_WIDTH_PX, _HEIGHT_PX = 56, 40
_ORIENTATION: Final = 0x0112


@dataclass(frozen=True)
class Kind:
    """One kind of file."""

    name: str
    suffix: str
    write: Callable[[Path], object]
    orientation: int = 1
    """How it has to be turned."""
    alpha_mode: str = ""
    """What the artist has set, if anything; also the colour space."""
    space: str = ""

    def __str__(self) -> str:
        return self.name


@cache
def motif() -> np.ndarray:
    """RGBA: colours that run, corners that tell which way is up, and three kinds of alpha."""
    y, x = np.mgrid[0:_HEIGHT_PX, 0:_WIDTH_PX].astype(float)
    red, green = x / (_WIDTH_PX - 1) * 255, y / (_HEIGHT_PX - 1) * 255
    blue, alpha = 128 + 100 * np.sin(x / 6) * np.cos(y / 5), np.full_like(x, 255.0)
    alpha[:, :8], alpha[:, 8:24], alpha[:6, 40:] = 0, 128, 60
    pixels = np.dstack([red, green, blue, alpha]).round().astype(np.uint8)
    pixels[:6, :6, :3], pixels[-6:, -6:, :3] = (255, 0, 0), (0, 0, 255)
    return pixels


def _rgba() -> Image.Image:
    return Image.fromarray(motif())


def _rgb() -> Image.Image:
    return Image.fromarray(motif()[..., :3])


def _grey() -> np.ndarray:
    return np.asarray(_rgb().convert("L"))[..., None]


def _deep(*channels: int) -> np.ndarray:
    """16 bits a channel, not all of them a multiple of 257."""
    return motif()[..., list(channels)].astype(np.uint16) * 257 ^ np.where(np.array(channels) < 3, 37, 0).astype("u2")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(pixels: np.ndarray, colour: int, *chunks: tuple[bytes, bytes], depth: int = 8) -> bytes:
    """A PNG with these chunks before its pixels (height, width, channels)."""
    height_px, width_px, _ = pixels.shape
    rows = pixels.astype(">u2" if depth == 16 else "u1").reshape(height_px, -1)
    rows = np.packbits(rows, axis=1) if depth == 1 else rows.view(np.uint8)
    header = struct.pack(">IIBBBBB", width_px, height_px, depth, colour, 0, 0, 0)
    data = zlib.compress(np.hstack([np.zeros((height_px, 1), np.uint8), rows]).tobytes())
    parts = ((b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _interlaced() -> bytes:
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    data = b"".join(b"\0" + row.tobytes() for x, y, dx, dy in passes for row in motif()[y::dy, x::dx])
    header = struct.pack(">IIBBBBB", _WIDTH_PX, _HEIGHT_PX, 8, 6, 0, 0, 1)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def exif(orientation: int) -> bytes:
    """EXIF data that says nothing else, as it stands in a JPEG."""
    data = Image.Exif()
    data[_ORIENTATION] = orientation
    return data.tobytes()


@cache
def _wide_profile() -> bytes:
    """An ICC profile of a larger gamut than sRGB: its red and green are Display P3's."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    colours = {b"rXYZ": (0.51512, 0.2412, -0.00105), b"gXYZ": (0.29198, 0.69225, 0.04189)}
    (count,) = struct.unpack_from(">I", data, 128)
    for number in range(count):
        tag, offset, size = struct.unpack_from(">4sII", data, 132 + 12 * number)
        if tag in colours:
            struct.pack_into(">iii", data, offset + 8, *(round(value * 65536) for value in colours[tag]))
        if tag == b"desc":
            data[offset : offset + size] = data[offset : offset + size].replace(
                "sRGB built-in".encode("utf-16-be"), "Wide and wild".encode("utf-16-be")
            )
    return bytes(data)


def _inks() -> Image.Image:
    pixels = np.asarray(_rgb().convert("CMYK")).copy()
    pixels[..., 3] = np.linspace(0, 120, _WIDTH_PX).astype(np.uint8)
    return Image.fromarray(pixels, "CMYK")


def _bmp(pixels: np.ndarray, masks: tuple[int, int, int, int] | None) -> bytes:
    """32 bits a pixel: with masks that name the alpha, or without a word about the fourth byte."""
    height_px, width_px, _ = pixels.shape
    body = pixels[::-1, :, [2, 1, 0, 3]].tobytes()
    size, method = (108, 3) if masks else (40, 0)
    head = struct.pack("<IiiHHIIiiII", size, width_px, height_px, 1, 32, method, len(body), 2835, 2835, 0, 0)
    head += struct.pack("<4I", *masks) + b"BGRs" + bytes(48) if masks else b""
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(body), 0, 0, 14 + len(head)) + head + body


def _tga(pixels: np.ndarray, alpha_bits: int) -> bytes:
    height_px, width_px, channels = pixels.shape
    head = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, width_px, height_px, channels * 8, alpha_bits)
    return head + pixels[::-1, :, [2, 1, 0, 3][:channels]].tobytes()


def _tiff(pixels: np.ndarray, *, extra: int | None = None, orientation: int = 1) -> bytes:
    """One strip. `extra` says what the fourth channel is: 0 unknown, 1 alpha multiplied in, 2 alpha."""
    height_px, width_px, channels = pixels.shape
    data, bits = pixels.tobytes(), struct.pack(f"<{channels}H", *[pixels.dtype.itemsize * 8] * channels)
    entries = {256: width_px, 257: height_px, 258: None, 259: 1, 262: 2, 273: 0, 274: orientation, 277: channels}
    entries |= {278: height_px, 279: len(data), 284: 1} | ({} if extra is None else {338: extra})
    after = 8 + 2 + 12 * len(entries) + 4
    entries[273] = after + len(bits)
    table = b"".join(
        struct.pack("<HHII", tag, 3, channels, after) if value is None else struct.pack("<HHII", tag, 4, 1, value)
        for tag, value in sorted(entries.items())
    )
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + table + bytes(4) + bits + data


def _psd(pixels: np.ndarray) -> bytes:
    height_px, width_px, channels = pixels.shape
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, channels, height_px, width_px, 8, 3)
    return head + bytes(14) + pixels.transpose(2, 0, 1).tobytes()


def _dds(pixels: np.ndarray, *, has_alpha: bool) -> bytes:
    height_px, width_px, _ = pixels.shape
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000 if has_alpha else 0)
    form = struct.pack("<8I", 32, 0x41 if has_alpha else 0x40, 0, 32, *masks)
    head = struct.pack("<7I", 124, 0x100F, height_px, width_px, width_px * 4, 0, 0) + bytes(44) + form
    return b"DDS " + head + struct.pack("<5I", 0x1000, 0, 0, 0, 0) + pixels[..., [2, 1, 0, 3]].tobytes()


def _hdr() -> bytes:
    linear = (motif()[..., :3] / 255.0) ** 2.2
    exponent = np.ceil(np.log2(np.maximum(linear.max(axis=2), 1e-9)))
    mantissa = np.clip(linear * (256 / 2.0**exponent)[..., None], 0, 255)
    head = f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {_HEIGHT_PX} +X {_WIDTH_PX}\n".encode()
    return head + np.dstack([mantissa, exponent + 128]).astype(np.uint8).tobytes()


def _multiplied() -> np.ndarray:
    pixels = motif().astype(float)
    pixels[..., :3] *= pixels[..., 3:] / 255
    return pixels.round().astype(np.uint8)


def _odd_fourth() -> np.ndarray:
    """A fourth byte that is no alpha, and not zero everywhere."""
    pixels = motif().copy()
    pixels[..., 3] = np.where(np.arange(_WIDTH_PX) % 2, 255, 90)
    return pixels


def _made(data: Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data())


def _saved(picture: Callable[[], Image.Image], **options: Any) -> Callable[[Path], object]:
    return lambda path: picture().save(path, **options)


def _png(channels: int, colour: int, *chunks: tuple[bytes, bytes]) -> Callable[[Path], object]:
    return _made(lambda: png(motif()[..., :channels], colour, *chunks))


_PALETTE: Final = bytes([0, 128, *[255] * 14])
_JPEG: Final[dict[str, Any]] = {"quality": 95, "subsampling": 0}
_WEBP: Final[dict[str, Any]] = {"lossless": True, "exact": True}
_LINEAR_GAMMA: Final = (b"gAMA", struct.pack(">I", 100_000))
_WIDE_COLOURS: Final = (b"cHRM", struct.pack(">8I", 31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600))

_PNG_KINDS: Final = (
    Kind("rgb", "png", _png(3, 2)),
    Kind("rgba", "png", _png(4, 6)),
    Kind("grey", "png", _made(lambda: png(_grey(), 0))),
    Kind("grey and alpha", "png", _made(lambda: png(np.dstack([_grey(), motif()[..., 3:]]), 4))),
    Kind("one bit", "png", _made(lambda: png(_grey() > 128, 0, depth=1))),
    Kind("palette", "png", _saved(lambda: _rgb().quantize(16))),
    Kind("palette with alpha", "png", _saved(lambda: _rgb().quantize(16), transparency=_PALETTE)),
    Kind("rgb with a clear colour", "png", _png(3, 2, (b"tRNS", struct.pack(">3H", 255, 0, 0)))),
    Kind("rgb of 16 bits", "png", _made(lambda: png(_deep(0, 1, 2), 2, depth=16))),
    Kind("rgba of 16 bits", "png", _made(lambda: png(_deep(0, 1, 2, 3), 6, depth=16))),
    Kind("grey of 16 bits", "png", _made(lambda: png(_deep(1), 0, depth=16))),
    Kind("interlaced", "png", _made(_interlaced)),
    Kind("linear gamma", "png", _png(4, 6, _LINEAR_GAMMA)),
    Kind("wide colours", "png", _png(3, 2, _WIDE_COLOURS)),
    Kind("wide profile", "png", _saved(_rgb, icc_profile=_wide_profile())),
    Kind("curve for bright screens", "png", _png(3, 2, (b"cICP", bytes([9, 16, 0, 1])))),
    Kind("alpha ignored", "png", _png(4, 6), alpha_mode="NONE"),
    Kind("alpha multiplied in", "png", _made(lambda: png(_multiplied(), 6)), alpha_mode="PREMUL"),
    Kind("channels packed", "png", _png(4, 6), alpha_mode="CHANNEL_PACKED"),
    Kind("taken for linear", "png", _png(4, 6), space="Linear Rec.709"),
    Kind("taken for data", "png", _png(4, 6), space="Non-Color"),
)
_JPEG_KINDS: Final = (
    Kind("plain", "jpg", _saved(_rgb, **_JPEG)),
    Kind("grey", "jpg", _saved(lambda: _rgb().convert("L"), quality=95)),
    Kind("progressive", "jpg", _saved(_rgb, **_JPEG, progressive=True)),
    Kind("rgb inside", "jpg", _saved(_rgb, **_JPEG, keep_rgb=True)),
    Kind("inks", "jpg", _saved(_inks, **_JPEG)),
    Kind("wide profile", "jpg", _saved(_rgb, **_JPEG, icc_profile=_wide_profile())),
    Kind("alpha ignored", "jpg", _saved(_rgb, **_JPEG), alpha_mode="NONE"),
)
_WEBP_KINDS: Final = (
    Kind("lossy", "webp", _saved(_rgb, quality=95)),
    Kind("alpha", "webp", _saved(_rgba, **_WEBP)),
    Kind("alpha ignored", "webp", _saved(_rgba, **_WEBP), alpha_mode="NONE"),
    Kind("wide profile", "webp", _saved(_rgba, **_WEBP, icc_profile=_wide_profile())),
)
_TURNED_KINDS: Final = (
    *(Kind(f"stored as {way}", "jpg", _saved(_rgb, **_JPEG, exif=exif(way)), way) for way in range(2, 9)),
    Kind("stored as 6", "png", _png(4, 6, (b"eXIf", exif(6)[6:])), 6),
    Kind("stored as 5, alpha ignored", "png", _png(4, 6, (b"eXIf", exif(5)[6:])), 5, alpha_mode="NONE"),
    Kind("stored as 8", "webp", _saved(_rgba, **_WEBP, exif=exif(8)), 8),
    Kind("stored as 7", "tif", _made(lambda: _tiff(motif()[..., :3], orientation=7)), 7),
    Kind("stored as 6, of 16 bits", "tif", _made(lambda: _tiff(_deep(0, 1, 2), orientation=6)), 6),
    Kind("stored as 8, inks", "jpg", _saved(_inks, **_JPEG, exif=exif(8)), 8),
)
_OTHER_KINDS: Final = (
    Kind("24 bits", "bmp", _saved(_rgb)),
    Kind("an unnamed fourth byte", "bmp", _made(lambda: _bmp(_odd_fourth(), None))),
    Kind("alpha", "bmp", _made(lambda: _bmp(motif(), (0xFF0000, 0xFF00, 0xFF, 0xFF000000)))),
    Kind("alpha", "tga", _made(lambda: _tga(motif(), 8))),
    Kind("a fourth byte without bits", "tga", _made(lambda: _tga(_odd_fourth(), 0))),
    Kind("rgb", "tif", _made(lambda: _tiff(motif()[..., :3]))),
    Kind("alpha multiplied in", "tif", _made(lambda: _tiff(_multiplied(), extra=1))),
    Kind("alpha", "tif", _made(lambda: _tiff(motif(), extra=2))),
    Kind("an unknown fourth channel", "tif", _made(lambda: _tiff(_odd_fourth(), extra=0))),
    Kind("rgb of 16 bits", "tif", _made(lambda: _tiff(_deep(0, 1, 2)))),
    Kind("inks", "tif", _saved(_inks)),
    Kind("a fourth plane", "psd", _made(lambda: _psd(_odd_fourth()))),
    Kind("alpha", "dds", _made(lambda: _dds(motif(), has_alpha=True))),
    Kind("an unused fourth byte", "dds", _made(lambda: _dds(_odd_fourth(), has_alpha=False))),
    Kind("rgb", "jp2", _saved(_rgb)),
    Kind("floats", "hdr", _made(_hdr)),
)
KINDS: Final = (*_PNG_KINDS, *_JPEG_KINDS, *_WEBP_KINDS, *_OTHER_KINDS, *_TURNED_KINDS)
