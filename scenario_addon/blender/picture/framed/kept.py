# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels as a file to send. Main thread only."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..files import keep, workspace
from ..pixels import made, standard_scene, write

__all__ = ["keep_pixels"]


def keep_pixels(pixels: np.ndarray, *, name: str, folder: Path) -> Path:
    """Keep RGBA in 0 to 1, the lowest row first, as a PNG: the same pixels are the same file.

    :raises DiskError: it cannot be written.
    """
    with workspace(folder) as temporary, made(pixels) as image, standard_scene() as scene:
        data = write(image, temporary / "picture.png", scene=scene)
    return keep(data, name=name, folder=folder)
