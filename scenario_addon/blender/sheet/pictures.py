# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture files made small. Main thread only."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

import bpy
import numpy as np

from ..picture.pixels import pixels_of, size_px
from ..picture.upright import upright

__all__ = ["shrunk"]

_OPAQUE_BITS: Final = 24
"""Of a pixel that has no alpha."""
_MOST_PX: Final = 2048
"""Whatever is larger is made smaller first, so that its memory is bounded."""


def shrunk(
    path: Path, side_px: int, *, ground: tuple[int, int, int], scene: bpy.types.Scene, temporary: Path
) -> np.ndarray:
    """Read a picture file, upright and on a ground, its longer side of a length; smaller ones are enlarged.

    :param scene: a standard one.
    :param temporary: a folder for a copy.
    :return: RGB of 0 to 255, the highest row first.
    :raises RuntimeError: Blender cannot read it.
    :raises PictureError: only a part of it is there.
    :raises OSError: it is not there.
    """
    with upright(path, temporary, scene=scene) as image:
        if max(size_px(image)) > _MOST_PX:
            _scale(image, _MOST_PX)
        if image.depth > _OPAQUE_BITS:  # what is transparent must not weigh anything where it is mixed with others
            pixels = pixels_of(image)
            pixels[..., :3] *= pixels[..., 3:]
            image.pixels.foreach_set(cast("Any", pixels.ravel()))
        _scale(image, side_px)
        pixels = pixels_of(image)[::-1]
    colour = pixels[..., :3] * 255.0 + (1.0 - pixels[..., 3:]) * np.array(ground)
    return np.rint(colour).clip(0, 255).astype(np.uint8)


def _scale(image: bpy.types.Image, side_px: int) -> None:
    """Give an image's longer side a length."""
    longest = max(size_px(image))
    image.scale(*(max(1, round(side_px * side / longest)) for side in size_px(image)))
