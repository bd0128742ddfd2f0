# SPDX-License-Identifier: GPL-3.0-or-later
"""Connected parts of a mask. Any thread.

A mask is taken as runs, stretches of one row; runs in rows beside each other belong together where they overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ...graphs.components import connected

__all__ = ["Regions", "regions"]

_MOST_RUNS: Final = 1_000_000


@dataclass(frozen=True)
class Regions:
    """The parts of a mask, numbered from 0."""

    shape: tuple[int, int]
    starts: np.ndarray
    """Of each run, counted along the rows of a mask that is one column wider."""
    ends: np.ndarray
    """Past the last pixel."""
    numbers: np.ndarray
    """Which region a run is part of."""
    areas: np.ndarray
    """Pixels of each region."""
    touches: np.ndarray
    """Whether a region reaches the edge of the picture."""

    def mask(self, chosen: np.ndarray) -> np.ndarray:
        """Give the pixels of the regions that are chosen: a truth for each."""
        height, width = self.shape
        runs = chosen[self.numbers]
        steps = np.zeros(height * (width + 1) + 1, dtype=np.int8)
        steps[self.starts[runs]] += 1
        steps[self.ends[runs]] -= 1
        return np.cumsum(steps[:-1], dtype=np.int8).reshape(height, width + 1)[:, :width] > 0

    def highest(self, values: np.ndarray) -> np.ndarray:
        """Give the highest of (height, width) values in each region."""
        padded: Any = np.pad(values, ((0, 0), (0, 1)), constant_values=-np.inf).ravel()
        bounds = np.stack([self.starts, self.ends], axis=1).ravel()
        tops = np.maximum.reduceat(padded, bounds)[::2] if len(self.starts) else np.empty(0)
        found = np.full(len(self.areas), -np.inf)
        np.maximum.at(found, self.numbers, tops)
        return found


def regions(mask: np.ndarray) -> Regions | None:
    """Find the parts of a mask (height, width) that hang together by their sides; ``None`` for a mask that is dust."""
    height, width = mask.shape
    padded = np.zeros((height, width + 2), dtype=np.int8)
    padded[:, 1:-1] = mask
    changes = np.diff(padded, axis=1).ravel()
    starts, ends = np.flatnonzero(changes > 0), np.flatnonzero(changes < 0)
    if len(starts) > _MOST_RUNS:
        return None
    labels = connected(len(starts), *_neighbours(starts, ends, width + 1))
    _, numbers = np.unique(labels, return_inverse=True)
    numbers = numbers.reshape(-1)
    count = int(numbers.max()) + 1 if len(numbers) else 0
    rows, columns = np.divmod(starts, width + 1)
    at_edge = (rows == 0) | (rows == height - 1) | (columns == 0) | (ends % (width + 1) == width)
    touches = np.bincount(numbers, weights=at_edge, minlength=count) > 0
    areas = np.bincount(numbers, weights=ends - starts, minlength=count)
    return Regions((height, width), starts, ends, numbers, areas, touches)


def _neighbours(starts: np.ndarray, ends: np.ndarray, stride: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the pairs of runs that overlap in rows beside each other."""
    first = np.searchsorted(ends, starts + stride, side="right")
    counts = np.maximum(np.searchsorted(starts, ends + stride, side="left") - first, 0)
    above = np.repeat(np.arange(len(starts)), counts)
    offsets = np.arange(len(above)) - np.repeat(np.cumsum(counts) - counts, counts)
    return above, np.repeat(first, counts) + offsets
