# SPDX-License-Identifier: GPL-3.0-or-later
"""How what was made of a mesh comes to be where that is, and as large: by the boxes around both."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from mathutils import Matrix, Vector

from ..scene.bounds import Box

__all__ = ["fit"]

_CLOSE: Final = 0.004
"""Of a side: below it two boxes are the same."""
_THIN: Final = 0.02
"""Of the longest side: one that is shorter is measured as if it had this length."""
_ALIKE: Final = 0.1
"""Sides whose ratios differ by no more are those of one shape, of which a little was lost or added."""
_NONE: Final = 1e-9


def fit(made: Box, sources: Sequence[Box], *, keeps_proportions: bool, close: float = _CLOSE) -> Matrix:
    """Give what moves and scales ``made`` to where its source is, along the same axes.

    A model may return a mesh about another origin and in another unit than it was given.

    :param sources: boxes that the source may have been given with, the likeliest first.
    :param keeps_proportions: scale alike along all axes.
    :param close: part of a side by which boxes that are the same may differ.
    """
    if not sources or any(_is_close(made, box, close) for box in sources):
        return Matrix.Identity(4)
    source = sources[0]
    sizes, made_sizes = source.size.to_tuple(), made.size.to_tuple()
    pairs, longest = list(zip(sizes, made_sizes, strict=True)), (max(sizes), max(made_sizes))
    if longest[1] <= _NONE:
        return _move(made.centre, source.centre, (1.0, 1.0, 1.0))
    ratios = [one / other if one > _THIN * longest[0] and other > _THIN * longest[1] else None for one, other in pairs]
    known = [ratio for ratio in ratios if ratio is not None]
    if not known:
        return _move(made.centre, source.centre, (1.0, 1.0, 1.0))
    middle = median(known)
    if any(abs(ratio / middle - 1.0) > _ALIKE for ratio in known):  # another shape: within the source, on its ground
        height = ratios[2] if keeps_proportions else None
        least = height or min(known)
        return _move(made.base, source.base, (least, least, least))
    if keeps_proportions:
        return _move(made.centre, source.centre, (middle, middle, middle))
    x, y, z = (_own(one, other, middle) for one, other in pairs)
    return _move(made.centre, source.centre, (x, y, z))


def _own(one: float, other: float, middle: float) -> float:
    """The ratio along one axis; that of the others where it says nothing, as of a sheet."""
    ratio = one / other if min(one, other) > _NONE else middle
    return ratio if abs(ratio / middle - 1.0) <= _ALIKE else middle


def _move(origin: Vector, goal: Vector, factors: tuple[float, float, float]) -> Matrix:
    scale = Matrix.Diagonal(factors).to_4x4()
    return Matrix.Translation((goal - scale @ origin)[:]) @ scale


def _is_close(first: Box, second: Box, close: float) -> bool:
    sides = second.size.to_tuple()
    margins = [close * max(side, _THIN * max(sides)) for side in sides]
    corners = [(first.low, second.low), (first.high, second.high)]
    return all(abs(one[axis] - other[axis]) <= margins[axis] for one, other in corners for axis in range(3))
