# SPDX-License-Identifier: GPL-3.0-or-later
"""A render, cropped to what it shows where most of it is empty. Main thread only."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import bpy
import numpy as np

from ..capture import capture_render
from ..files import keep, workspace
from ..pixels import loaded, made, pixels_of, standard_scene, write
from ..subject.box import Box, Square, box_of
from ..subject.ground import border_of

__all__ = ["capture_framed_render"]

_MOSTLY_EMPTY: Final = 0.5
"""Of the picture's width and of its height, by the box around the subject.

A model looks at a square of about 1,024 px, whatever it is sent. What takes up less than half of either side is seen by
it with less than a quarter of the pixels that it could have; above that a crop gains little, and a composition of the
artist's is one.
"""
_NOISE: Final = 8.0 / 255.0
"""Of a render's ground, after denoising."""
_LEAST_PX: Final = 256
"""Of a crop's side: less is not worth cropping to, since a crop is never enlarged."""


def capture_framed_render(scene: bpy.types.Scene, *, folder: Path, least_px: int = 0) -> tuple[Path, bool]:
    """Do as :func:`.capture_render` does; what is mostly empty is cropped to a square with a margin.

    Empty is what is transparent, or of one colour all around. The pixels that are left are as they were.

    :param least_px: what the model needs at least of each side.
    :return: the picture, and whether it was cropped.
    :raises PictureError: this scene has not rendered anything yet.
    :raises DiskError: the copy cannot be written.
    """
    with workspace(folder) as temporary:
        whole = capture_render(scene, folder=temporary)
        name, data = whole.stem.rpartition("-")[0], whole.read_bytes()
        with loaded(whole) as image:
            crop = _cropped(pixels_of(image), least_px=max(least_px, _LEAST_PX))
        if crop is not None:
            with made(crop) as image, standard_scene() as standard:
                data = write(image, temporary / "crop.png", scene=standard)
    return keep(data, name=name, folder=folder), crop is not None


def _cropped(pixels: np.ndarray, *, least_px: int) -> np.ndarray | None:
    """Give the square around the subject; ``None`` where the picture is to stay as it is."""
    height_px, width_px, _ = pixels.shape
    ground = _ground(pixels)
    box = None if ground is None else box_of(_differs(pixels, ground))
    if ground is None or box is None or min(width_px, height_px) <= least_px:
        return None
    if box.width > width_px * _MOSTLY_EMPTY or box.height > height_px * _MOSTLY_EMPTY:
        return None
    return _cut(pixels, box, ground, least_px=least_px)


def _ground(pixels: np.ndarray) -> np.ndarray | None:
    """What is all around, RGBA; ``None`` where that is not one thing."""
    border = border_of(pixels)
    if not border[:, 3].all():  # a transparent film; the subject may reach the edge
        return np.zeros(4, dtype=np.float32)
    return np.median(border, axis=0) if np.ptp(border, axis=0).max() <= _NOISE else None


def _differs(pixels: np.ndarray, ground: np.ndarray) -> np.ndarray:
    if ground[3] == 0.0:
        return pixels[..., 3] > 0.0
    return np.abs(pixels - ground).max(axis=2) > _NOISE


def _cut(pixels: np.ndarray, box: Box, ground: np.ndarray, *, least_px: int) -> np.ndarray:
    """Cut a square out, on whole pixels; beyond the picture's edges there is more of the ground."""
    square = Square.around(box, least_side=least_px)
    side, left, bottom = round(square.side), round(square.left), round(square.bottom)
    crop = np.tile(ground.astype(np.float32), (side, side, 1))
    part = pixels[max(bottom, 0) : bottom + side, max(left, 0) : left + side]
    rows, columns = (
        slice(max(-start, 0), max(-start, 0) + length)
        for start, length in zip((bottom, left), part.shape[:2], strict=True)
    )
    crop[rows, columns] = part
    return crop
