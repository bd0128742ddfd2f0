# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way up a picture is stored: found by content, in every container that says it.

The numbers are EXIF's: 1 is upright; 3 is upside down; 6 and 8 lie on their right and left side; 2, 4, 5 and 7 are
mirrored too. Most programs show a JPEG upright; of the other formats, many programs show what is stored.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import BinaryIO, Final

from .exif import exif_orientation, xmp_orientation
from .flaws import MOST_PARTS
from .header import JPEG, PNG, WEBP, mime_of
from .jpeg import SCAN, segments
from .png import chunks
from .webp import FIRST, parts

__all__ = ["UPRIGHT", "orientation"]

UPRIGHT: Final = 1
_MOST_BYTES: Final = 1 << 20
"""Of EXIF or XMP data; in a JPEG it fits into 64 KB."""
_EXIF_HEAD: Final = b"Exif\0"
_XMP_HEAD: Final = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_WORD: Final = b"XML:com.adobe.xmp\0"
_RAW_PROFILE: Final = re.compile(rb"\n?\w+\n\s*\d+\n([0-9a-fA-F\s]+)")
"""As ImageMagick writes one: its name, its length, and its bytes in hexadecimal digits."""

_Parts = Iterator[tuple[str, bytes]]
"""What says something, in the order in which it stands there: ``exif`` or ``xmp``, and its bytes."""


def orientation(file: BinaryIO) -> int:
    """Look which way up a picture is stored: 1 to 8, and 1 where nothing, or nothing that makes sense, is said.

    :raises OSError: the file cannot be read.
    """
    file.seek(0)
    head = file.read(16)
    if re.match(rb"(II|MM)(\*\0|\0\*|\+\0|\0\+)", head):
        return _of_tiff(file)
    reader = _in_photoshop if head.startswith(b"8BPS") else _READERS.get(mime_of(head) or "")
    if reader is None:
        return UPRIGHT
    said: int | None = None
    for kind, data in islice(reader(file), MOST_PARTS):
        if kind == "exif":
            data = data.removeprefix(_EXIF_HEAD + data[len(_EXIF_HEAD) : len(_EXIF_HEAD) + 1])
            if (found := exif_orientation(io.BytesIO(data))) is not None:
                return found
        elif said is None:
            said = xmp_orientation(data)
    return said or UPRIGHT


def _of_tiff(file: BinaryIO) -> int:
    return exif_orientation(file) or UPRIGHT


def _in_jpeg(file: BinaryIO) -> _Parts:
    for segment in islice(segments(file), MOST_PARTS):
        if segment.marker == SCAN:
            return
        if segment.marker == 0xE1:
            file.seek(segment.start)
            data = file.read(segment.length)
            if data.startswith(_EXIF_HEAD):
                yield "exif", data
            elif data.startswith(_XMP_HEAD):
                yield "xmp", data


def _in_png(file: BinaryIO) -> _Parts:
    for chunk in islice(chunks(file), MOST_PARTS):
        if chunk.kind == b"eXIf":
            yield "exif", file.read(min(chunk.length, _MOST_BYTES))
        elif chunk.kind in (b"tEXt", b"zTXt", b"iTXt"):
            yield from _in_text(chunk.kind, file.read(min(chunk.length, _MOST_BYTES)))


def _in_text(kind: bytes, data: bytes) -> _Parts:
    """Source: PNG specification, 11.3.3."""
    if kind == b"iTXt" and data.startswith(_XMP_WORD):
        is_packed = data[len(_XMP_WORD) : len(_XMP_WORD) + 1] == b"\1"
        text = data[len(_XMP_WORD) + 2 :].split(b"\0", 2)[-1]
        yield "xmp", _unpacked(text) if is_packed else text
        return
    word, _, text = data.partition(b"\0")
    if word in (b"Raw profile type exif", b"Raw profile type APP1"):
        found = _RAW_PROFILE.match(_unpacked(text[1:]) if kind == b"zTXt" else text)
        digits = b"".join(found[1].split()) if found else b""
        yield "exif", bytes.fromhex(digits[: len(digits) & ~1].decode())


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MOST_BYTES)
    except zlib.error:
        return b""


def _in_webp(file: BinaryIO) -> _Parts:
    """Source: WebP container specification; what its header does not announce, decoders do not look for."""
    flags = 0
    for part in islice(parts(file), MOST_PARTS):
        if part.kind == b"VP8X" and part.start == FIRST:
            flags = int.from_bytes(file.read(1), "big")
        elif part.kind == b"EXIF" and flags & 8:
            yield "exif", file.read(min(part.length, _MOST_BYTES))
        elif part.kind == b"XMP " and flags & 4:
            yield "xmp", file.read(min(part.length, _MOST_BYTES))


def _in_photoshop(file: BinaryIO) -> _Parts:
    """Source: Adobe Photoshop file formats specification, image resources 1058 and 1060."""
    file.seek(26)
    file.seek(30 + int.from_bytes(file.read(4), "big"))
    end = file.tell() + 4 + int.from_bytes(file.read(4), "big")
    for _ in range(MOST_PARTS):
        head = file.read(7)
        if file.tell() >= end or len(head) < 7:
            return
        number, name_length = struct.unpack(">4xHB", head)
        file.seek(name_length + 1 - name_length % 2, io.SEEK_CUR)
        length = int.from_bytes(file.read(4), "big")
        next_at = file.tell() + length + length % 2
        if number in (1058, 1060):
            yield "exif" if number == 1058 else "xmp", file.read(min(length, _MOST_BYTES))
        file.seek(next_at)


_READERS: Final[dict[str, Callable[[BinaryIO], _Parts]]] = {JPEG: _in_jpeg, PNG: _in_png, WEBP: _in_webp}
