# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of a batch that one of several machines makes, without a word to the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["ALL", "Shard"]


@dataclass(frozen=True, slots=True)
class Shard:
    """Of ``count`` parts the ``number``-th, from 1: every ``count``-th row."""

    number: int
    count: int

    def has(self, row: int) -> bool:
        """Whether a row, counted from 0, belongs to it."""
        return row % self.count == self.number - 1


ALL: Final = Shard(1, 1)
