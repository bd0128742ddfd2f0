# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing a picture that arrived at the service with what Blender shows of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from PIL import Image

__all__ = ["TOLERANCE", "arrived", "difference", "shown", "turn"]

TOLERANCE: Final = 2.0
"""Steps of 255, for rounding and for two decoders of JPEG."""
_ORIENTATION: Final = 0x0112
_CURVES: Final = {"sRGB", "Linear Rec.709"}
"""Colour spaces that are computed here; in others Blender has to say what it shows."""


def arrived(data: bytes) -> np.ndarray:
    """The pixels of a PNG, JPEG or WebP as a reader without colour management sees them: RGBA, 0 to 255.

    The first row is the highest. A file that has to be turned is not what was asked for.
    """
    with Image.open(io.BytesIO(data)) as image:
        assert image.format in {"PNG", "JPEG", "WEBP"}
        assert image.getexif().get(_ORIENTATION, 1) == 1, "it lies on its side"
        return np.asarray(image.convert("RGBA"), dtype=np.float32)


def shown(image: bpy.types.Image, *, orientation: int = 1) -> np.ndarray:
    """What Blender shows of an image in the Standard view, upright: RGBA, 0 to 255, the first row is the highest."""
    space = image.colorspace_settings
    if space.name not in _CURVES and not space.is_data:
        return turn(_written(image), orientation)
    width_px, height_px = image.size
    pixels = np.empty(width_px * height_px * 4, dtype=np.float32)
    image.pixels.foreach_get(pixels)
    pixels = pixels.reshape(height_px, width_px, 4)[::-1]
    colours, alpha = pixels[..., :3], pixels[..., 3:]
    if image.is_float and not space.is_data:  # linear by now, and multiplied by alpha
        colours = _srgb(np.divide(colours, alpha, out=np.zeros_like(colours), where=alpha > 0))
    elif space.name == "Linear Rec.709":
        colours = _srgb(colours)
    return turn(np.clip(np.dstack([colours, alpha]), 0.0, 1.0) * 255.0, orientation)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """The largest step between two pictures, of alpha or of a colour weighed by alpha; infinite for other sizes."""
    if one.shape != other.shape:
        return float("inf")
    return float(np.abs(_weighed(one) - _weighed(other)).max())


def turn(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn what is stored with an EXIF orientation, one step after the other: mirror, then rotate clockwise."""
    is_mirrored, quarters = {1: (0, 0), 2: (1, 0), 3: (0, 2), 4: (1, 2), 5: (1, 3), 6: (0, 1), 7: (1, 1), 8: (0, 3)}[
        orientation
    ]
    return np.rot90(pixels[:, ::-1] if is_mirrored else pixels, -quarters)


def _written(image: bpy.types.Image) -> np.ndarray:
    """What Blender writes through the Standard view of a new scene."""
    scene: Any = bpy.data.scenes.new("as shown")
    scene.display_settings.display_device, scene.view_settings.view_transform = "sRGB", "Standard"
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGBA", "8"
    path = Path(bpy.app.tempdir) / "as shown.png"
    image.save_render(str(path), scene=scene)
    bpy.data.scenes.remove(scene)
    return arrived(path.read_bytes())


def _weighed(pixels: np.ndarray) -> np.ndarray:
    return np.dstack([pixels[..., :3] * (pixels[..., 3:] / 255.0), pixels[..., 3:]])


def _srgb(linear: np.ndarray) -> np.ndarray:
    linear = np.clip(linear, 0.0, None)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
