# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a picture that the subject takes up, and the square that shows it well. Any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

__all__ = ["FILL", "Box", "Square", "box_of"]

FILL: Final = 0.9
"""Of the square's side, by the subject's widest extent."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels, from the lowest row and the first column up."""

    left: int
    bottom: int
    width: int
    height: int

    @property
    def extent(self) -> int:
        """The longer of its sides."""
        return max(self.width, self.height)


@dataclass(frozen=True, slots=True)
class Square:
    """A part of a plane, in pixels or parts of them. It may reach beyond the picture."""

    left: float
    bottom: float
    side: float

    @classmethod
    def around(cls, box: Box, *, least_side: float = 0.0) -> Self:
        """Place a square around the middle of a box, which fills it as :data:`FILL` says, or less of a small box."""
        side = max(box.extent / FILL, least_side)
        return cls(box.left + (box.width - side) / 2, box.bottom + (box.height - side) / 2, side)

    def inside(self, other: Square, *, size_px: int) -> Square:
        """Give this square of pixels of a picture of ``other`` in the units of ``other``."""
        scale = other.side / size_px
        return Square(other.left + self.left * scale, other.bottom + self.bottom * scale, self.side * scale)


def box_of(mask: np.ndarray) -> Box | None:
    """Find the smallest box around what is true in (height, width); ``None`` where nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    bottom, left = int(rows[0]), int(columns[0])
    return Box(left, bottom, int(columns[-1]) - left + 1, int(rows[-1]) - bottom + 1)
