# SPDX-License-Identifier: GPL-3.0-or-later
"""What a WebP holds, part by part. Source: WebP container specification."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

__all__ = ["FIRST", "Part", "parts"]

FIRST: Final = 20
"""Where the content of the first part begins, in bytes from the file's start."""
_HEAD: Final = struct.Struct("<4sI")


@dataclass(frozen=True, slots=True)
class Part:
    kind: bytes
    start: int
    """Where its content begins, in bytes from the file's start."""
    length: int
    """Of its content, in bytes, as it claims."""

    @property
    def end(self) -> int:
        """Where the next part begins: each has an even length."""
        return self.start + self.length + self.length % 2


def parts(file: BinaryIO) -> Iterator[Part]:
    """Give the parts, up to where no further one begins; the file stands at the content of each."""
    position = FIRST - _HEAD.size
    while True:
        file.seek(position)
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return
        kind, length = _HEAD.unpack(head)
        part = Part(kind, position + _HEAD.size, length)
        yield part
        position = part.end
