# SPDX-License-Identifier: GPL-3.0-or-later
"""Format and size of a picture by its first bytes, and whether its parts go on to its end."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import BinaryIO, Final

__all__ = ["measure"]

_MOST_SEGMENTS: Final = 100_000
"""Of a PNG or before the frame of a JPEG; what is made of more wants to keep its reader busy."""


def measure(file: BinaryIO, *, size_bytes: int) -> tuple[str, int, int] | None:
    """MIME type, width and height in pixels by content; ``None`` for what is no PNG, JPEG or WebP.

    :raises ValueError: it is cut short or damaged.
    """
    head = file.read(32)
    for magic, mime, reader in _READERS:
        if re.match(magic, head):
            try:
                return mime, *reader(file, size_bytes)
            except (struct.error, IndexError) as error:
                raise ValueError("cut short") from error
    return None


def _png(file: BinaryIO, size_bytes: int) -> tuple[int, int]:
    """Walk the chunks to the end, so that a cut file is noticed. Source: PNG specification, 5.3."""
    position, size = 8, None
    for _ in range(_MOST_SEGMENTS):
        file.seek(position)
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IHDR":
            size = struct.unpack(">II", file.read(8))
        position += 12 + length
        if position > size_bytes:
            raise ValueError("cut short")
        if kind == b"IEND":
            if size is None:
                raise ValueError("no header")
            return size
    raise ValueError("too many parts")


_SOF: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that start a frame, whose header holds the size."""


def _jpeg(file: BinaryIO, size_bytes: int) -> tuple[int, int]:
    """Find the frame header, and the end marker behind it. Source: ITU-T T.81, B.1.

    An end marker before it belongs to a preview, and what comes after the picture's own (phones append more pictures,
    even films) is nobody's concern.
    """
    position = 2
    for _ in range(_MOST_SEGMENTS):
        file.seek(position)
        lead, marker, length = struct.unpack(">BBH", file.read(4))
        if lead != 0xFF:
            raise ValueError("no marker")
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if marker in _SOF:
            height_px, width_px = struct.unpack(">xHH", file.read(5))
            if not _holds(file, b"\xff\xd9"):
                raise ValueError("cut short")
            return width_px, height_px
        position += 2 + length
    raise ValueError("too many parts")


def _holds(file: BinaryIO, marker: bytes) -> bool:
    """Whether a marker of two bytes follows somewhere."""
    last = b""
    while block := file.read(1 << 20):
        if marker in last + block:
            return True
        last = block[-1:]
    return False


def _webp(file: BinaryIO, size_bytes: int) -> tuple[int, int]:
    """Source: WebP container specification and RFC 6386, 9.1."""
    file.seek(0)
    head = file.read(30)
    if struct.unpack("<I", head[4:8])[0] + 8 > size_bytes:
        raise ValueError("cut short")
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


_Reader = Callable[[BinaryIO, int], tuple[int, int]]
_READERS: Final[tuple[tuple[bytes, str, _Reader], ...]] = (
    (rb"\x89PNG\r\n\x1a\n", "image/png", _png),
    (rb"\xff\xd8\xff", "image/jpeg", _jpeg),
    (rb"RIFF(?s:....)WEBP", "image/webp", _webp),
)
