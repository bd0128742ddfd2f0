# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of a report in the order of the input, whatever order they come in: packed, for there may be many."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Final

__all__ = ["Rows"]

_BLOCK: Final = 128
"""Rows that are packed together once all of them are there."""
_END: Final = "\0"


class Rows:
    """Texts by their numbers. About a tenth of their size in memory, and none of it on a disk that may be full."""

    def __init__(self) -> None:
        self._packed: dict[int, bytes] = {}
        self._open: dict[int, dict[int, str]] = {}
        self.count = 0

    def add(self, number: int, text: str) -> None:
        """Keep a row, which has no NUL in it. Each number comes once."""
        block = number // _BLOCK
        rows = self._open.setdefault(block, {})
        rows[number] = text
        self.count += 1
        if len(rows) == _BLOCK:
            del self._open[block]
            self._packed[block] = zlib.compress(_END.join(rows[n] for n in sorted(rows)).encode())

    def in_order(self, more: Mapping[int, str]) -> Iterator[str]:
        """All rows, and some that are not final, by their numbers."""
        blocks: dict[int, dict[int, str]] = {}
        for number, text in more.items():
            blocks.setdefault(number // _BLOCK, {})[number] = text
        for block in sorted({*self._packed, *self._open, *blocks}):
            if block in self._packed:
                yield from zlib.decompress(self._packed[block]).decode().split(_END)
            else:
                rows = {**blocks.get(block, {}), **self._open.get(block, {})}
                yield from (rows[number] for number in sorted(rows))
