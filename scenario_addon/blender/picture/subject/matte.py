# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of the subject is in the pixels of its outline, and in which colour. Any thread.

A pixel there is a mixture of the ground, which is known, and of the subject, as it is a little further inside; or, of
what is too thin to have an inside, as it is where it stands out most.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

__all__ = ["Outline", "outline_of"]

_BANDS_PX: Final = (2, 4, 7, 11)
"""From the ground inward: how wide an outline may be, from a sharp one to one out of focus."""
_BEYOND_PX: Final = 3
"""How far further in the subject's own colour is looked for."""
_SAME: Final = 0.88
"""Part of the contrast that a wider band would find: this one is wide enough."""
_WAYS: Final = tuple(way for way in product((-1, 0, 1), repeat=2) if any(way))
_MOST_LOOKED_AT: Final = 5_000
_FAINT: Final = 0.1
"""Below this part of the subject a pixel does not tell its colour."""


@dataclass(frozen=True)
class Outline:
    """Pixels of the subject beside the ground."""

    rows: np.ndarray
    columns: np.ndarray
    alpha: np.ndarray
    """How much of each is the subject, 0 to 1."""
    colours: np.ndarray
    """(count, 3): of the subject alone."""
    contrast: np.ndarray
    """How far the subject's colour is there from the ground's."""

    @property
    def count(self) -> int:
        return len(self.rows)


def outline_of(planes: np.ndarray, ground: np.ndarray, mask: np.ndarray, distances: np.ndarray) -> Outline:
    """Look at the outline of a mask.

    :param planes: (3, height, width), as ``ground``, from 0 to 255.
    :param distances: of each pixel from the ground.
    """
    depth = _depths(mask)
    band_px = _width(planes, ground, depth, distances)
    rows, columns = np.nonzero((depth >= 1) & (depth <= band_px))
    behind = ground[:, rows, columns].T
    mixed = planes[:, rows, columns].T
    pure = _pure(planes, depth, distances, rows, columns, band_px=band_px)
    toward = pure - behind
    contrast = np.linalg.norm(toward, axis=1)
    along = np.einsum("nc,nc->n", mixed - behind, toward)
    alpha = np.clip(along / np.maximum(contrast**2, 1.0), 0.0, 1.0).astype(np.float32)
    part = np.maximum(alpha, _FAINT)[:, None]
    unmixed = np.clip(behind + (mixed - behind) / part, 0.0, 255.0)
    colours = np.where(alpha[:, None] >= _FAINT, unmixed, pure)
    return Outline(rows, columns, alpha, colours, contrast)


def _width(planes: np.ndarray, ground: np.ndarray, depth: np.ndarray, distances: np.ndarray) -> int:
    """How wide the outline is: from there on further inside the subject stands out no more."""
    rows, columns = np.nonzero(depth == 1)
    chosen = slice(None, None, max(1, len(rows) // _MOST_LOOKED_AT))
    rows, columns = rows[chosen], columns[chosen]
    if not len(rows):
        return _BANDS_PX[0]
    behind = ground[:, rows, columns].T
    found: list[float] = []
    for band_px in _BANDS_PX:
        pure = _pure(planes, depth, distances, rows, columns, band_px=band_px)
        found.append(float(np.median(np.linalg.norm(pure - behind, axis=1))))
    return next(px for px, contrast in zip(_BANDS_PX, found, strict=True) if contrast >= _SAME * max(found))


def _depths(mask: np.ndarray) -> np.ndarray:
    """How many pixels each pixel of a mask is away from what is outside of it, up to a limit; else 0."""
    inner = np.pad(mask, 1, mode="edge")  # what reaches the picture's edge goes on beyond it
    depth = inner.astype(np.int8)
    for _ in range(_BANDS_PX[-1] + _BEYOND_PX - 1):
        inner = np.pad(inner, 1, mode="edge")
        inner = inner[1:-1, 1:-1] & inner[:-2, 1:-1] & inner[2:, 1:-1] & inner[1:-1, :-2] & inner[1:-1, 2:]
        depth += inner
    return depth[1:-1, 1:-1]


def _pure(
    planes: np.ndarray,
    depth: np.ndarray,
    distances: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    *,
    band_px: int,
) -> np.ndarray:
    """The subject's own colour near each of these pixels, (count, 3): that of what is deeper inside than a band."""
    height, width = depth.shape
    inside = np.zeros((len(rows), 4))
    anyhow = np.zeros((len(rows), 4))
    flat, depths, lengths = planes.reshape(3, -1), depth.ravel(), distances.ravel()
    reaches = range(1, band_px + _BEYOND_PX, max(1, band_px // 3))
    for steps, (up, across) in [(0, (0, 0)), *product(reaches, _WAYS)]:
        y, x = np.clip(rows + up * steps, 0, height - 1), np.clip(columns + across * steps, 0, width - 1)
        places = y * width + x
        there = flat[:, places].T
        is_inside = (depths[places] > band_px) / max(steps, 1)
        inside[:, :3] += there * is_inside[:, None]
        inside[:, 3] += is_inside
        if steps <= _BANDS_PX[0]:
            weights = np.where(depths[places] > 0, lengths[places].astype(np.float64) ** 4, 0.0)
            anyhow[:, :3] += there * weights[:, None]
            anyhow[:, 3] += weights
    chosen = np.where((inside[:, 3] > 0)[:, None], inside, anyhow)
    return chosen[:, :3] / np.maximum(chosen[:, 3:], 1e-9)
