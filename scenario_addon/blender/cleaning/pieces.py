# SPDX-License-Identifier: GPL-3.0-or-later
"""The pieces that a surface consists of, and which of them are loose crumbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from ..graphs.components import connected, dense
from .surface import Surface

__all__ = ["Pieces"]


@dataclass(frozen=True)
class Pieces:
    """What hangs together, at the same places rather than by the same vertices."""

    of_face: np.ndarray
    """Which piece each face belongs to, (faces,)."""
    diagonals: np.ndarray
    """Of the box around each piece, (pieces,)."""
    whole: float
    """The diagonal of the box around all of them."""

    @classmethod
    def of(cls, surface: Surface) -> Self:
        """Find the pieces of a surface."""
        if not len(surface.starts):
            return cls(np.empty(0, dtype=np.int64), np.empty(0), 0.0)
        edges, unsound = surface.edges, ~surface.is_sound[surface.face]
        links = np.stack([*np.divmod(edges.keys, surface.place_count)], axis=1)
        label = connected(surface.place_count, *np.concatenate([links, surface.places[unsound]]).T)
        of_face, count = dense(label[surface.places[surface.starts, 0]])
        piece = of_face[surface.face]
        order = np.argsort(piece, kind="stable")
        first = np.searchsorted(piece[order], np.arange(count))
        points = surface.points[surface.vertex[order]].astype(np.float64)
        low, high = np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)
        diagonals = np.linalg.norm(high - low, axis=1)
        return cls(of_face, diagonals, float(np.linalg.norm(high.max(axis=0) - low.min(axis=0))))

    @property
    def count(self) -> int:
        return len(self.diagonals)

    def smaller_than(self, share: float) -> np.ndarray:
        """Which pieces are smaller than a share of the whole, (pieces,). The largest never is: something has to stay.

        :param share: of the diagonal of the box around everything.
        """
        small = self.diagonals < share * self.whole
        if small.all() and len(small):
            small[self._largest()] = False
        return small

    def _largest(self) -> int:
        """By its diagonal; of several, the one with most faces."""
        faces = np.bincount(self.of_face, minlength=self.count)
        return int(np.lexsort((faces, self.diagonals))[-1])
