# SPDX-License-Identifier: GPL-3.0-or-later
"""What is behind the subject, as far as it is plain: one colour, or several that run into each other. Any thread.

Colours are sRGB from 0 to 255, which the eye takes for even steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

__all__ = ["POWERS", "Ground", "border_of", "is_opaque"]

POWERS: Final = 10
"""Enough for a studio's floor that rises into its wall."""
_FEW_POWERS: Final = 3
_STIFFNESS: Final = 1e-7
_ROUNDS: Final = 8
_MOST_POINTS: Final = 20_000
_MOST_NOISE: Final = 9.0
"""Median distance of a plain border from the model of it."""
_LEAST_TOLERANCE: Final = 9.0
_TOLERATED: Final = 3.5
"""In medians of the distance: what is farther from the model is none of the ground."""
_LEAST_PLAIN: Final = 0.55
"""Of the border: the subject may reach the edge."""
_TRANSPARENT: Final = 0.02
"""Of the border: below this part a picture counts as opaque all around."""


@dataclass(frozen=True)
class Ground:
    """Colours as Chebyshev polynomials in the place, which goes from -1 to 1 along both sides."""

    coefficients: np.ndarray
    """(3, n, n): a channel, by powers of the row's place and of the column's."""
    noise: float
    """The median distance of the ground from this."""

    @property
    def tolerance(self) -> float:
        """How far from this a pixel of the ground may be."""
        return max(_LEAST_TOLERANCE, _TOLERATED * self.noise)

    @classmethod
    def of_border(cls, planes: np.ndarray) -> Self | None:
        """Model what is around a picture; ``None`` where that is not plain.

        :param planes: (3, height, width).
        """
        _, height, width = planes.shape
        is_border = np.zeros((height, width), dtype=bool)
        is_border[:2], is_border[-2:], is_border[:, :2], is_border[:, -2:] = True, True, True, True
        for powers in (_FEW_POWERS, POWERS):
            found = cls.fitted(planes, is_border, powers=powers)
            distances = found.distances(planes)[is_border]
            if found.noise <= _MOST_NOISE and (distances <= found.tolerance).mean() >= _LEAST_PLAIN:
                return found
        return None

    @classmethod
    def fitted(cls, planes: np.ndarray, mask: np.ndarray, *, powers: int) -> Self:
        """Model what is in a mask; a part of it may be something else."""
        rows, columns = np.nonzero(mask)
        chosen = slice(None, None, max(1, len(rows) // _MOST_POINTS))
        rows, columns = rows[chosen], columns[chosen]
        colours = planes[:, rows, columns].T.astype(np.float64)
        _, height, width = planes.shape
        up, across = _powers(height, powers)[rows], _powers(width, powers)[columns]
        used = [(i, j) for i in range(powers) for j in range(powers) if i + j < powers]
        terms = np.stack([up[:, i] * across[:, j] for i, j in used], axis=1)
        # Smooth wherever nothing says otherwise.
        stiffness = np.diag([_STIFFNESS * len(rows) * (i + j) ** 2 for i, j in used])
        weights = np.ones(len(rows))
        solved = np.zeros((len(used), 3))
        residuals = weights
        for _ in range(_ROUNDS):  # what does not fit counts ever less
            weighted = terms * weights[:, None]
            solved = np.linalg.solve(weighted.T @ terms + stiffness, weighted.T @ colours)
            residuals = np.linalg.norm(colours - terms @ solved, axis=1)
            scale = max(1.0, float(np.median(residuals)))
            weights = 1.0 / (1.0 + (residuals / (2.0 * scale)) ** 2) ** 2
        coefficients = np.zeros((3, powers, powers))
        for number, (i, j) in enumerate(used):
            coefficients[:, i, j] = solved[number]
        return cls(coefficients, float(np.median(residuals)))

    def colours(self, height: int, width: int) -> np.ndarray:
        """The ground without a subject: (3, height, width)."""
        powers = self.coefficients.shape[1]
        up, across = _powers(height, powers), _powers(width, powers)
        return np.stack([(up @ channel @ across.T).astype(np.float32) for channel in self.coefficients])

    def distances(self, planes: np.ndarray) -> np.ndarray:
        """How far each pixel is from the ground: (height, width)."""
        _, height, width = planes.shape
        differences = planes - self.colours(height, width)
        return np.sqrt(np.einsum("chw,chw->hw", differences, differences))


def border_of(pixels: np.ndarray) -> np.ndarray:
    """Give the outermost pixels of (height, width, n), in no order: (count, n)."""
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])


def is_opaque(pixels: np.ndarray) -> bool:
    """Whether there is something all around a picture, RGBA in 0 to 1."""
    return bool((border_of(pixels)[:, 3] < 0.5).mean() < _TRANSPARENT)


def _powers(length: int, count: int) -> np.ndarray:
    angle = np.arccos(np.linspace(-1.0, 1.0, length))
    return np.cos(angle[:, None] * np.arange(count))
