# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures put together by hand: TIFF structures, PNG chunks, JPEG segments, WebP chunks, Photoshop resources."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import cache
from typing import Literal

from tests.engine.picture_samples import encoded

__all__ = [
    "chunk",
    "exif",
    "jpeg_with",
    "photoshop",
    "png_chunks",
    "png_of",
    "png_with",
    "raw_profile",
    "segment",
    "webp_with",
    "xmp",
]


def exif(
    orientation: int = 6, *, order: Literal["little", "big"] = "little", kind: int = 3, big: bool = False
) -> bytes:
    """EXIF data, or the head of a TIFF file: a description, the orientation, and a camera's name behind it.

    :param kind: of the field: 1 for a byte, 3 for a short, 4 for a long.
    :param big: laid out as BigTIFF.
    """
    mark, size = ("<", 8 if big else 4) if order == "little" else (">", 8 if big else 4)
    number = "Q" if big else "I"
    value = struct.pack(f"{mark}{ {1: 'B', 3: 'H', 4: 'I'}[kind] }", orientation).ljust(size, b"\0")
    fields = [
        (0x0100, 4, struct.pack(f"{mark}{number}", 1)),
        (0x0112, kind, value),
        (0x0131, 2, b"me\0".ljust(size, b"\0")),
    ]
    head = (
        struct.pack(f"{mark}2sHHHQ", b"II" if order == "little" else b"MM", 43, 8, 0, 24)
        if big
        else struct.pack(f"{mark}2sHI", b"II" if order == "little" else b"MM", 42, 16)
    )
    count = struct.pack(f"{mark}{'Q' if big else 'H'}", len(fields))
    entries = b"".join(struct.pack(f"{mark}HH{number}", tag, k, 1) + v for tag, k, v in fields)
    return head + bytes(8) + count + entries + bytes(8)


def xmp(orientation: int = 6, *, as_element: bool = False) -> bytes:
    """An XMP packet."""
    said = (
        f"><tiff:Orientation>{orientation}</tiff:Orientation>" if as_element else f' tiff:Orientation="{orientation}">'
    )
    return f'<?xpacket begin=""?><x:xmpmeta><rdf:Description{said}</rdf:Description></x:xmpmeta>'.encode()


def segment(marker: int, content: bytes) -> bytes:
    """A segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg_with(*parts: bytes, **options: object) -> bytes:
    """A JPEG with segments, or whatever else, behind its first marker."""
    data = encoded("JPEG", **options)  # type: ignore[arg-type]
    return data[:2] + b"".join(parts) + data[2:]


def chunk(kind: bytes, content: bytes = b"", *, crc: int | None = None) -> bytes:
    """A chunk of a PNG."""
    check = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a whole PNG."""
    found, position = list[tuple[bytes, bytes]](), 8
    while position < len(data):
        (length,) = struct.unpack_from(">I", data, position)
        found.append((data[position + 4 : position + 8], data[position + 8 : position + 8 + length]))
        position += 12 + length
    return found


def png_of(chunks: Sequence[tuple[bytes, bytes] | bytes]) -> bytes:
    """A PNG of these chunks; those that are given as bytes are put there as they are."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(c if isinstance(c, bytes) else chunk(*c) for c in chunks)


def png_with(*parts: bytes, behind: bytes = b"IHDR", data: bytes | None = None) -> bytes:
    """A PNG with further chunks, or whatever else, behind one that it has."""
    made = list[tuple[bytes, bytes] | bytes]()
    for kind, content in png_chunks(encoded("PNG") if data is None else data):
        made.append((kind, content))
        if kind == behind:
            made += parts
            parts = ()
    return png_of(made)


def raw_profile(data: bytes, *, packed: bool) -> bytes:
    """EXIF data in a text chunk, as ImageMagick writes it."""
    digits = data.hex()
    lines = "\n".join(digits[i : i + 72] for i in range(0, len(digits), 72))
    text = f"\nexif\n{len(data):8}\n{lines}\n".encode()
    word = b"Raw profile type exif\0"
    return chunk(b"zTXt", word + b"\0" + zlib.compress(text)) if packed else chunk(b"tEXt", word + text)


def webp_with(*, exif_data: bytes = b"", xmp_data: bytes = b"", flags: int | None = None) -> bytes:
    """A WebP with EXIF and XMP data behind its picture.

    :param flags: what its header announces; by default what there is.
    """
    picture = encoded("WEBP")[12:]
    announced = (8 if exif_data else 0) | (4 if xmp_data else 0) if flags is None else flags
    size = (129).to_bytes(3, "little") + (69).to_bytes(3, "little")
    parts = _riff(b"VP8X", bytes([announced, 0, 0, 0]) + size) + picture
    parts += _riff(b"EXIF", exif_data) if exif_data else b""
    parts += _riff(b"XMP ", xmp_data) if xmp_data else b""
    return b"RIFF" + struct.pack("<I", len(parts) + 4) + b"WEBP" + parts


def _riff(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def photoshop(*resources: tuple[int, bytes, bytes]) -> bytes:
    """The head of a Photoshop file with image resources: number, name, content."""
    blocks = b"".join(_resource(*resource) for resource in resources)
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 70, 130, 8, 3)
    return head + struct.pack(">I", 5) + b"modes" + struct.pack(">I", len(blocks)) + blocks + bytes(100)


@cache
def _resource(number: int, name: bytes, content: bytes) -> bytes:
    title = bytes([len(name)]) + name
    title += bytes(len(title) % 2)
    body = struct.pack(">I", len(content)) + content + bytes(len(content) % 2)
    return b"8BIM" + struct.pack(">H", number) + title + body
