# SPDX-License-Identifier: GPL-3.0-or-later
"""The segments of a JPEG, found the way its decoders find them: over fill bytes and over what is no marker.

Source: ITU-T T.81, B.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

__all__ = ["END", "SCAN", "Segment", "is_frame", "segments"]

SCAN: Final = 0xDA
"""Starts a scan, whose data follows the segment."""
END: Final = 0xD9
_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
"""One with a meaning of its own: no stuffed byte, no restart, no second start."""
_FIRST_LOOK_BYTES: Final = 4
_LARGEST_LOOK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Segment:
    marker: int
    """The marker's second byte."""
    start: int
    """Where its content begins, in bytes from the file's start."""
    length: int
    """Of its content, in bytes."""
    is_after_junk: bool
    """Whether something stands before it that belongs to nothing."""


def is_frame(marker: int) -> bool:
    """Whether a segment is a frame header, which holds the size."""
    return 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)


def segments(file: BinaryIO) -> Iterator[Segment]:
    """Give a JPEG's segments in their order, up to its end marker or to the end of a file that has none."""
    position, is_scan = 2, False
    while found := _next_marker(file, position):
        marker, start, is_clean = found
        length = 0
        if marker != END:
            file.seek(start)
            length = max(0, int.from_bytes(file.read(2), "big") - 2)
            start += 2
        yield Segment(marker, start, length, is_after_junk=not (is_clean or is_scan))
        if marker == END:
            return
        position, is_scan = start + length, marker == SCAN


def _next_marker(file: BinaryIO, position: int) -> tuple[int, int, bool] | None:
    """The next marker, where it ends, and whether nothing but fill bytes is before it; ``None`` for no more."""
    size, is_clean = _FIRST_LOOK_BYTES, True
    file.seek(position)
    last = b""
    while block := file.read(size):
        text = last + block
        found = _MARKER.search(text)
        if found:
            is_clean = is_clean and not text[: found.start()].strip(b"\xff")
            return text[found.start() + 1], position - len(last) + found.end(), is_clean
        is_clean = is_clean and not text.strip(b"\xff")
        position += len(block)
        last = block[-1:]
        size = min(size * 32, _LARGEST_LOOK_BYTES)
    return None
