# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each tile of a contact sheet goes, and how large it is: about as wide as high, never beyond a limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

__all__ = ["MOST_PX", "Layout", "Place", "arrange"]

MOST_PX: Final = 8192
"""A side of a sheet, at most."""
_COMFORTABLE_PX: Final = 4096
"""The same, while tiles can still be made smaller without loss."""
_SIDES_PX: Final = (512, 384, 320, 256, 192, 160, 128, 96)
"""How large a picture may be on a sheet, the largest that fits first."""
_SMALL_PX: Final = 128
"""Tiles from here down go on larger sheets."""
_ONE_LINE: Final = 12
"""So many results of one picture stand side by side in any case."""
_LINES: Final = 4
"""Of words, under each picture."""
_LEADING: Final = 1.36
"""The height of a line of words, in text sizes."""


@dataclass(frozen=True, slots=True)
class Place:
    """A tile's: the column that it stands in."""

    strip: int
    tile: int
    """In its strip: 0 is the source."""
    column: int


@dataclass(frozen=True, slots=True)
class Layout:
    side_px: int
    """Of a tile's picture."""
    columns: int
    lines: tuple[tuple[Place, ...], ...]
    left_out: int
    """Results for which there is no room."""

    @property
    def gap_px(self) -> int:
        """Between two tiles, and around all."""
        return max(6, self.side_px // 24)

    @property
    def text_px(self) -> int:
        return max(10, self.side_px // 22)

    @property
    def leading_px(self) -> int:
        """The height of a line of words."""
        return math.ceil(self.text_px * _LEADING)

    @property
    def tile_height_px(self) -> int:
        """With the words under it."""
        return self.side_px + _LINES * self.leading_px

    @property
    def words(self) -> int:
        """Lines of words under each picture."""
        return _LINES

    @property
    def width_px(self) -> int:
        return self.gap_px + self.columns * (self.side_px + self.gap_px)

    @property
    def line_px(self) -> int:
        """The height of a line of tiles, with the gap under it."""
        return self.tile_height_px + self.gap_px

    @property
    def height_px(self) -> int:
        return self.gap_px + len(self.lines) * self.line_px


def arrange(results: Sequence[int]) -> Layout:
    """Lay out strips, each a source and its results, one after the other like words.

    A strip stands in one line, unless it has a great many results: they go on under its first one.

    :param results: how many each has, at least one.
    """
    longest = 1 + max((count for count in results if count <= _ONE_LINE), default=1)

    @cache
    def extent(columns: int) -> tuple[int, int]:
        """How many columns are used, and how many lines."""
        places = list(_flow(results, columns))
        return 1 + max((p.column for _, p in places), default=0), 1 + max((line for line, _ in places), default=0)

    for side_px in _SIDES_PX:
        limit_px = MOST_PX if side_px <= _SMALL_PX else _COMFORTABLE_PX
        if columns := _best(side_px, limit_px, longest, extent):
            return _filled(side_px, columns, results)
    return _filled(_SIDES_PX[-1], _most(_SIDES_PX[-1]), results)


def _best(side_px: int, limit_px: int, longest: int, extent: Callable[[int], tuple[int, int]]) -> int | None:
    """The number of columns that makes a sheet most nearly square; ``None`` where it is too large in any case."""
    empty = Layout(side_px, 0, (), 0)
    found: dict[int, float] = {}
    for columns in range(longest, _most(side_px) + 1):
        used, lines = extent(columns)
        width_px = Layout(side_px, used, (), 0).width_px
        height_px = empty.height_px + lines * empty.line_px
        if max(width_px, height_px) <= limit_px:
            found[columns] = abs(math.log(width_px / height_px))
        if lines == 1:
            break
    return min(found, key=found.__getitem__) if found else None


def _most(side_px: int) -> int:
    """So many columns fit on a sheet."""
    gap_px = Layout(side_px, 0, (), 0).gap_px
    return (MOST_PX - gap_px) // (side_px + gap_px)


def _filled(side_px: int, columns: int, results: Sequence[int]) -> Layout:
    empty = Layout(side_px, columns, (), 0)
    most = (MOST_PX - empty.gap_px) // empty.line_px
    lines: list[list[Place]] = []
    shown = 0
    for line, place in _flow(results, columns):
        if line >= most:
            break
        lines += [[] for _ in range(line + 1 - len(lines))]
        lines[line].append(place)
        shown += place.tile > 0
    used = 1 + max((place.column for line in lines for place in line), default=0)
    return Layout(side_px, used, tuple(map(tuple, lines)), sum(results) - shown)


def _flow(results: Sequence[int], columns: int) -> Iterator[tuple[int, Place]]:
    """Give the line and the place of each tile."""
    line = column = 0
    for strip, count in enumerate(results):
        if column and column + 1 + count > columns:
            line, column = line + 1, 0
        for tile in range(count + 1):
            if column == columns:  # under the first result
                line, column = line + 1, 1
            yield line, Place(strip, tile, column)
            column += 1
