# SPDX-License-Identifier: GPL-3.0-or-later
"""Loading pictures and saving pixels as 8-bit files, without a trace in the artist's data. Main thread only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import bpy
import numpy as np

from .containers import without_origin

__all__ = ["loaded", "made", "pixels_of", "save", "set_png", "size_px", "standard_scene", "write"]

_COMPRESSION_PERCENT: Final = 15
"""Blender's default."""


@contextmanager
def standard_scene() -> Iterator[bpy.types.Scene]:
    """Make a scene whose colour management changes nothing: an image is saved through the view of a scene."""
    scene: Any = bpy.data.scenes.new("Scenario picture")
    try:
        scene.display_settings.display_device = "sRGB"
        view = scene.view_settings
        view.view_transform, view.look, view.exposure, view.gamma = "Standard", "None", 0.0, 1.0
        yield scene
    finally:
        bpy.data.scenes.remove(scene)


@contextmanager
def loaded(path: Path, *, like: bpy.types.Image | None = None) -> Iterator[bpy.types.Image]:
    """Load a picture file as an image of its own, gone again afterwards.

    :param like: whose settings say what the numbers mean; by default the file's own.
    :raises RuntimeError: Blender cannot open the file.
    """
    image = bpy.data.images.load(str(path.absolute()), check_existing=False)
    try:
        if like is not None:
            image.alpha_mode, image.colorspace_settings.name = like.alpha_mode, like.colorspace_settings.name
        yield image
    finally:
        bpy.data.images.remove(image)


@contextmanager
def made(pixels: np.ndarray) -> Iterator[bpy.types.Image]:
    """Make an 8-bit sRGB image of RGBA in 0 to 1, the lowest row first; it is gone again afterwards."""
    height_px, width_px, _ = pixels.shape
    image: Any = bpy.data.images.new("Scenario picture", width_px, height_px, alpha=True)
    try:
        image.pixels.foreach_set(np.ascontiguousarray(pixels, dtype=np.float32).ravel())
        yield image
    finally:
        bpy.data.images.remove(image)


def size_px(image: bpy.types.Image) -> tuple[int, int]:
    """Width and height; both 0 where nothing could be read."""
    width_px, height_px = cast("Sequence[int]", image.size)
    return width_px, height_px


def pixels_of(image: bpy.types.Image) -> np.ndarray:
    """RGBA as Blender holds it, float32, the lowest row first; without rows where nothing could be read."""
    width_px, height_px = size_px(image)
    pixels = np.empty(width_px * height_px * 4, dtype=np.float32)
    if pixels.size:
        image.pixels.foreach_get(pixels)
    return pixels.reshape(height_px, width_px, 4)


def save(image: bpy.types.Image, path: Path, *, scene: bpy.types.Scene, jpeg_quality: int | None = None) -> None:
    """Write an image as PNG with alpha, or as JPEG, the way ``scene`` shows it; sets that scene's output format.

    :raises RuntimeError: the image has no pixels, or the file cannot be written.
    """
    settings = scene.render.image_settings
    set_png(settings)
    if jpeg_quality is not None:
        settings.file_format, settings.color_mode, settings.quality = "JPEG", "RGB", jpeg_quality
    image.save_render(str(path.absolute()), scene=scene)


def write(image: bpy.types.Image, path: Path, *, scene: bpy.types.Scene, jpeg_quality: int | None = None) -> bytes:
    """Do as :func:`save` does, and leave nothing in the file but the picture.

    :return: what is in the file.
    :raises RuntimeError: the image has no pixels, or the file cannot be written.
    """
    save(image, path, scene=scene, jpeg_quality=jpeg_quality)
    data = without_origin(path.read_bytes())
    path.write_bytes(data)
    return data


def set_png(settings: bpy.types.ImageFormatSettings) -> None:
    """Set 8 bits a channel, with alpha, packed as tightly as ever: the same pixels are the same bytes."""
    if hasattr(settings, "media_type"):  # from 5.0, and before the format
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGBA", "8"
    settings.compression = _COMPRESSION_PERCENT
