# SPDX-License-Identifier: GPL-3.0-or-later
"""Format and size of a picture by its first bytes, and whether its parts go on to its end."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from itertools import islice
from typing import BinaryIO, Final, NamedTuple

from .exif import tiff_size
from .flaws import MOST_PARTS
from .jpeg import END, SCAN, is_frame, segments
from .png import MAGIC, chunks
from .webp import parts

__all__ = ["JPEG", "PNG", "WEBP", "Header", "claimed_size", "measure", "mime_of"]

PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
WEBP: Final = "image/webp"
_MAGIC: Final = ((re.escape(MAGIC), PNG), (rb"\xff\xd8\xff", JPEG), (rb"RIFF(?s:....)WEBP", WEBP))


_LONGEST_MAGIC_BYTES: Final = 12
_HEAD_BYTES: Final = 1 << 16
_EXR_WINDOW: Final = b"dataWindow\0box2i\0"
_USUAL_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive: what every decoder of JPEG reads."""


class Header(NamedTuple):
    mime: str
    width_px: int
    height_px: int
    is_odd: bool = False
    """Whether some decoders stumble over it, though all of it is there."""


def mime_of(head: bytes) -> str | None:
    """What a file that begins so says that it is; ``None`` for no PNG, JPEG or WebP."""
    return next((mime for magic, mime in _MAGIC if re.match(magic, head)), None)


def measure(file: BinaryIO, *, size_bytes: int) -> Header | None:
    """Find type and size by content; ``None`` for what is no PNG, JPEG or WebP.

    :raises ValueError: it is cut short or damaged.
    """
    file.seek(0)
    mime = mime_of(file.read(_LONGEST_MAGIC_BYTES))
    if mime is None:
        return None
    try:
        return _READERS[mime](file, size_bytes)
    except (struct.error, IndexError) as error:
        raise ValueError("cut short") from error


def _png(file: BinaryIO, size_bytes: int) -> Header:
    """Walk the chunks to the end, so that a cut file is noticed."""
    size = None
    for chunk in islice(chunks(file), MOST_PARTS):
        if chunk.kind == b"IHDR":
            size = struct.unpack(">II", file.read(8))
        if chunk.start + chunk.length + 4 > size_bytes:
            raise ValueError("cut short")
        if chunk.kind == b"IEND" and size is not None:
            return Header(PNG, *size)
    raise ValueError("no header or no end")


def _jpeg(file: BinaryIO, size_bytes: int) -> Header:
    """Find the frame header, a scan, and the end marker behind it.

    A preview in a segment before has markers of its own, and what comes after the picture's end (phones append more
    pictures, even films) is nobody's concern.
    """
    size, has_scan, is_odd = None, False, False
    for segment in islice(segments(file), MOST_PARTS):
        is_odd = is_odd or segment.is_after_junk
        if is_frame(segment.marker) and size is None:
            file.seek(segment.start)
            size = struct.unpack(">xHH", file.read(5))
            is_odd = is_odd or segment.marker not in _USUAL_FRAMES
        has_scan = has_scan or segment.marker == SCAN
        if segment.marker == END and size is not None and has_scan:
            return Header(JPEG, width_px=size[1], height_px=size[0], is_odd=is_odd)
    raise ValueError("no frame or no end")


def _webp(file: BinaryIO, size_bytes: int) -> Header:
    """Find the size, and the end of the picture inside of the file. Source: WebP container specification."""
    file.seek(0)
    head = file.read(30)
    end = struct.unpack("<I", head[4:8])[0] + 8
    if end > size_bytes:
        raise ValueError("cut short")
    for part in islice(parts(file), MOST_PARTS):
        if part.start + part.length > end:
            raise ValueError("cut short")
        if part.kind in (b"VP8 ", b"VP8L", b"ANMF"):
            return Header(WEBP, *_webp_size(head))
    raise ValueError("no picture")


def _webp_size(head: bytes) -> tuple[int, int]:
    """Source: the same, and RFC 6386, 9.1."""
    kind = head[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind != b"VP8 " or head[23:26] != b"\x9d\x01\x2a":
        raise ValueError("no picture")
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


def claimed_size(file: BinaryIO) -> tuple[int, int] | None:
    """Find width and height in pixels that a picture in any other format claims; ``None`` where that is not known."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    try:
        if head.startswith((b"II", b"MM")):
            return tiff_size(file)
        for magic, reader in _CLAIMS:
            if re.match(magic, head):
                return reader(head)
    except (struct.error, IndexError, ValueError):
        pass
    return None


def _bmp_size(head: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH" if head[14] == 12 else "<ii", head, 18)
    return abs(width), abs(height)  # one that is stored from its top has a negative height


def _exr_size(head: bytes) -> tuple[int, int]:
    left, top, right, bottom = struct.unpack_from("<iiii", head, head.index(_EXR_WINDOW) + len(_EXR_WINDOW) + 4)
    return right - left + 1, bottom - top + 1


def _hdr_size(head: bytes) -> tuple[int, int] | None:
    found = re.search(rb"\n[-+][XY] +(\d{1,9}) +[-+][XY] +(\d{1,9})\n", head)
    return None if found is None else (int(found[2]), int(found[1]))


def _turned_about(size: tuple[int, int]) -> tuple[int, int]:
    return size[1], size[0]


_CLAIMS: Final[tuple[tuple[bytes, Callable[[bytes], tuple[int, int] | None]], ...]] = (
    (rb"GIF8", lambda head: struct.unpack_from("<HH", head, 6)),
    (rb"BM", _bmp_size),
    (rb"\x76\x2f\x31\x01", _exr_size),
    (rb"#\?(RADIANCE|RGBE)", _hdr_size),
    (rb"8BPS", lambda head: _turned_about(struct.unpack_from(">II", head, 14))),
    (rb"\0\0\0\x0cjP  ", lambda head: _turned_about(struct.unpack_from(">II", head, head.index(b"ihdr") + 4))),
)
"""The formats that Blender reads besides, and that say at once what they are."""
_READERS: Final[dict[str, Callable[[BinaryIO, int], Header]]] = {PNG: _png, JPEG: _jpeg, WEBP: _webp}
