# SPDX-License-Identifier: GPL-3.0-or-later
"""A word in a PNG that says what it was made of, so that it is told from one that somebody else has put there."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Final

from ..pictures.png import MAGIC, chunks

__all__ = ["mark_of", "marked"]

_KIND: Final = b"tEXt"
_KEY: Final = b"Scenario\0"
_LONGEST_BYTES: Final = 4096
_END_BYTES: Final = 12
"""Of the chunk that ends a PNG."""


def marked(png: bytes, mark: str) -> bytes:
    """Give the same picture with a mark in it."""
    content = _KEY + mark.encode("latin-1", "replace")
    check = struct.pack(">I", zlib.crc32(_KIND + content))
    return png[:-_END_BYTES] + struct.pack(">I", len(content)) + _KIND + content + check + png[-_END_BYTES:]


def mark_of(path: Path) -> str | None:
    """Give the mark of a picture file; ``None`` for one that has none, is no PNG or cannot be read."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return None
            for chunk in chunks(file):
                if chunk.kind == _KIND and len(_KEY) < chunk.length <= _LONGEST_BYTES:
                    file.seek(chunk.start)
                    content = file.read(chunk.length)
                    if content.startswith(_KEY):
                        return content.removeprefix(_KEY).decode("latin-1")
    except OSError:
        pass
    return None
