# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture without the plain ground behind its subject. Main thread only, but for :func:`without_ground`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np

from ....engine.errors import PictureError
from ..containers import describe
from ..files import workspace
from ..pixels import pixels_of, standard_scene
from ..subject.cutting import cut
from ..subject.ground import is_opaque
from ..upright import upright

__all__ = ["is_without_alpha", "pixels_to_cut", "without_ground"]


def is_without_alpha(path: Path) -> bool:
    """Whether a picture file has something behind its subject for sure: it cannot be transparent. Decodes nothing."""
    with suppress(OSError, ValueError), path.open("rb") as file:
        found = describe(file)
        return found is not None and not found.has_alpha
    return False


def pixels_to_cut(path: Path, *, folder: Path) -> np.ndarray | None:
    """Read a picture: RGBA in 0 to 1, upright, in sRGB, the lowest row first.

    :param folder: for files in use.
    :return: ``None`` where nothing is behind its subject.
    :raises PictureError: Blender cannot read the file, or finds only a part of the picture in it.
    """
    pixels = _pixels(path, folder)
    return pixels if is_opaque(pixels) else None


def without_ground(pixels: np.ndarray) -> np.ndarray | None:
    """Make what is behind the subject transparent. Any thread; about 0.7 s for 2,048 px.

    That is done where the ground is plain: one colour, or several that run into each other smoothly. Enclosed parts of
    that colour are ground, too, where they are large, such as the hole of a ring.

    :return: ``None`` where nobody could be sure what the ground is.
    """
    result = cut(pixels)
    if result is not None:
        result[..., 3] *= pixels[..., 3]
    return result


def _pixels(path: Path, folder: Path) -> np.ndarray:
    """RGBA in 0 to 1, upright, in sRGB, the lowest row first."""
    try:
        with workspace(folder) as temporary, standard_scene() as scene, upright(path, temporary, scene=scene) as image:
            pixels = pixels_of(image)
    except RuntimeError as error:
        raise PictureError(f"{path.name} does not exist or cannot be read: choose another picture.") from error
    if not pixels.size:
        raise PictureError(f"{path.name} cannot be read: save it as PNG or JPEG.")
    return pixels
