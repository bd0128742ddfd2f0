# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture that stands for an asset in the Asset Browser. Main thread only.

It is read as Blender reads thumbnails, which decodes no more of a JPEG than it needs. Without the operator that does
the same (``ed.lib_id_load_custom_preview``): it needs a context of its own, and has brought Blender down.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import bpy
import bpy.utils.previews
import numpy as np

from ...engine.pictures.orientation import UPRIGHT, orientation
from ..picture.pixels import loaded, pixels_of, size_px
from ..picture.upright import turn

__all__ = ["show_as"]

_SIDE_PX: Final = 256
"""As Blender makes them."""


def show_as(asset: bpy.types.ID, picture: Path) -> bool:
    """Have a picture file stand for an asset, upright and 256 px a side; says whether it can be read."""
    pixels = _thumbnail(picture)
    if not pixels.size:
        pixels = _decoded(picture)  # some versions make no thumbnail without a home for it
    if not pixels.size:
        return False
    way = _way(picture)
    if way != UPRIGHT:
        pixels = turn(pixels, way)
    preview: Any = asset.preview_ensure()
    preview.image_size = (pixels.shape[1], pixels.shape[0])
    preview.image_pixels_float.foreach_set(np.ascontiguousarray(pixels).ravel())
    return True


def _thumbnail(picture: Path) -> np.ndarray:
    """RGBA, the lowest row first; without rows where nothing could be read."""
    previews: Any = bpy.utils.previews.new()
    try:
        preview = previews.load("picture", str(picture.absolute()), "IMAGE")
        width_px, height_px = preview.image_size
        pixels = np.empty(width_px * height_px * 4, dtype=np.float32)
        if pixels.size:
            preview.image_pixels_float.foreach_get(pixels)
    finally:
        bpy.utils.previews.remove(previews)
    return pixels.reshape(height_px, width_px, 4)


def _decoded(picture: Path) -> np.ndarray:
    """The same, of the whole picture."""
    try:
        with loaded(picture) as image:
            if longest := max(size_px(image)):
                image.scale(*(max(1, round(_SIDE_PX * side / longest)) for side in size_px(image)))
            return pixels_of(image)
    except RuntimeError:
        return np.empty((0, 0, 4), dtype=np.float32)


def _way(picture: Path) -> int:
    try:
        with picture.open("rb") as file:
            return orientation(file)
    except OSError:  # it was there when the thumbnail was made
        return UPRIGHT
