# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts a subject out of a plain ground, on pixels. Any thread.

The ground is modelled from the picture's border, and what is like it is found from the edges inward. What is as large
and as much like it, but enclosed, such as the hole of a ring, is ground, too. A cut that nobody could be sure of is
not made: the ground is not plain, or the subject runs into it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .ground import POWERS, Ground
from .matte import Outline, outline_of
from .regions import regions

__all__ = ["cut"]

_SKETCH_PX: Final = 512
_LOOSE: Final = 2.0
"""In tolerances: what may be ground while that is still being modelled."""
_HOLE: Final = 0.001
"""Of the picture: an enclosed part of the ground's colour is ground from this size on."""
_LEAST: Final = 0.001
_MOST: Final = 0.97
"""Of the picture: a subject."""
_SPECK_PX: Final = 64
_SPECK: Final = 4.0
"""In tolerances: a smaller and fainter spot is dust on the ground."""
_LEAKY: Final = 0.1
"""Of the subject: what twice the tolerance would take away."""
_CLEAR: Final = 2.5
"""In tolerances: how far the subject is from the ground where both meet."""
_UNCLEAR: Final = 0.12
"""Of the outline, where it is not."""


def cut(pixels: np.ndarray) -> np.ndarray | None:
    """Give the pixels with what is behind the subject transparent; ``None`` where that cannot be told for sure.

    :param pixels: RGBA in 0 to 1; alpha is taken for 1.
    """
    planes = np.ascontiguousarray(pixels[..., :3].transpose(2, 0, 1), dtype=np.float32) * 255.0
    if min(planes.shape[1:]) < 8:
        return None
    ground = _modelled(planes)
    if ground is None:
        return None
    distances = ground.distances(planes)
    mask = _subject(distances, ground.tolerance)
    if mask is None or not _LEAST <= mask.mean() <= _MOST or _leaks(distances, ground, mask):
        return None
    outline = outline_of(planes, ground.colours(*mask.shape), mask, distances)
    if outline.count and (outline.contrast < _CLEAR * ground.tolerance).mean() > _UNCLEAR:
        return None
    return _painted(planes, mask, outline)


def _modelled(planes: np.ndarray) -> Ground | None:
    """Model the ground: roughly by the border, then by all that is like that."""
    step = max(1, round(max(planes.shape[1:]) / _SKETCH_PX))
    sketch = np.ascontiguousarray(planes[:, ::step, ::step])
    ground = Ground.of_border(sketch)
    for _ in range(2):
        if ground is None:
            return None
        parts = regions(ground.distances(sketch) <= _LOOSE * ground.tolerance)
        if parts is None or not parts.touches.any():
            return None
        ground = Ground.fitted(sketch, parts.mask(parts.touches), powers=POWERS)
    return ground


def _subject(distances: np.ndarray, tolerance: float) -> np.ndarray | None:
    """All that is not the ground, and not dust on it."""
    like = distances <= tolerance
    parts = regions(like)
    if parts is None:
        return None
    mask = ~parts.mask(parts.touches | (parts.areas >= _HOLE * like.size))
    spots = regions(mask)
    if spots is None:
        return None
    is_dust = (spots.areas <= _SPECK_PX) & (spots.highest(distances) < _SPECK * tolerance)
    return mask & ~spots.mask(is_dust) if is_dust.any() else mask


def _leaks(distances: np.ndarray, ground: Ground, mask: np.ndarray) -> bool:
    """Whether more tolerance would take a good part of the subject away: it runs into the ground."""
    narrower = _subject(distances, 2.0 * ground.tolerance)
    return narrower is None or narrower.sum() < (1.0 - _LEAKY) * mask.sum()


def _painted(planes: np.ndarray, mask: np.ndarray, outline: Outline) -> np.ndarray:
    """Give RGBA in 0 to 1: the subject opaque, its edge as much as it is there, and nothing of the ground."""
    result = np.zeros((*mask.shape, 4), dtype=np.float32)
    result[..., :3] = planes.transpose(1, 2, 0) / 255.0
    result[..., 3] = mask
    result[outline.rows, outline.columns, :3] = outline.colours / 255.0
    result[outline.rows, outline.columns, 3] = outline.alpha
    result[result[..., 3] == 0.0] = 0.0
    return result
