# SPDX-License-Identifier: GPL-3.0-or-later
"""What a PNG holds, chunk by chunk, and a word in it that says what it was made of.

Source: PNG specification, third edition.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["MAGIC", "Chunk", "Format", "chunks", "format_from", "mark_of", "marked"]

MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Of each colour type."""
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_HEADER: Final = struct.Struct(">IIBBBBB")
_TEXT: Final = b"tEXt"
_KEY: Final = b"Scenario\0"
_LONGEST_BYTES: Final = 4096
_END_BYTES: Final = 12
"""Of the chunk that ends a PNG."""


@dataclass(frozen=True, slots=True)
class Chunk:
    kind: bytes
    start: int
    """Where its content begins, in bytes from the file's start."""
    length: int
    """Of its content, in bytes, as it claims."""

    @property
    def is_critical(self) -> bool:
        """Whether a decoder that does not understand it must give up."""
        return self.kind[:1].isupper()


@dataclass(frozen=True, slots=True)
class Format:
    """What a PNG's header says of its pixels."""

    width_px: int
    height_px: int
    depth: int
    """Bits of a sample."""
    colour: int
    """0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha."""
    is_interlaced: bool

    @property
    def channels(self) -> int:
        return _CHANNELS[self.colour]

    @property
    def has_alpha(self) -> bool:
        return self.colour in (4, 6)

    @property
    def has_palette(self) -> bool:
        return self.colour == 3


def chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Give the chunks, up to the end chunk or to where no further one begins."""
    position = len(MAGIC)
    while True:
        file.seek(position)
        head = file.read(8)
        if len(head) < 8 or not head[4:].isalpha():
            return
        length, kind = struct.unpack(">I4s", head)
        yield Chunk(kind, position + 8, length)
        if kind == b"IEND":
            return
        position += 12 + length


def format_from(header: bytes) -> Format:
    """Read the content of the header chunk.

    :raises ValueError: no decoder knows such a format.
    """
    if len(header) != _HEADER.size:
        raise ValueError("a header of another length")
    width_px, height_px, depth, colour, compression, filters, interlace = _HEADER.unpack(header)
    if depth not in _DEPTHS.get(colour, ()) or compression or filters or interlace > 1:
        raise ValueError("an unknown format")
    return Format(width_px, height_px, depth, colour, bool(interlace))


def marked(png: bytes, mark: str) -> bytes:
    """Give the same picture with a mark in it."""
    content = _KEY + mark.encode("latin-1", "replace")
    check = struct.pack(">I", zlib.crc32(_TEXT + content))
    return png[:-_END_BYTES] + struct.pack(">I", len(content)) + _TEXT + content + check + png[-_END_BYTES:]


def mark_of(path: Path) -> str | None:
    """Give the mark of a picture file; ``None`` for one that has none, is no PNG or cannot be read."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return None
            for chunk in chunks(file):
                if chunk.kind == _TEXT and len(_KEY) < chunk.length <= _LONGEST_BYTES:
                    file.seek(chunk.start)
                    content = file.read(chunk.length)
                    if content.startswith(_KEY):
                        return content.removeprefix(_KEY).decode("latin-1")
    except OSError:
        pass
    return None
