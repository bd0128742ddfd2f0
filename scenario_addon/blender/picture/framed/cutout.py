# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture file without the plain ground behind its subject. Main thread only."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np

from ....engine.errors import PictureError
from ..containers import describe
from ..files import workspace
from ..pixels import loaded, pixels_of, standard_scene
from ..subject.cutting import cut
from ..subject.ground import is_opaque
from ..upright import upright
from .kept import keep_pixels

__all__ = ["cut_out", "has_opaque_ground"]


def has_opaque_ground(path: Path) -> bool:
    """Whether something is seen all around what a picture file shows. Decodes only what can be transparent.

    What Blender cannot read has no ground.
    """
    with suppress(OSError, ValueError), path.open("rb") as file:
        found = describe(file)
        if found is not None and not found.has_alpha:
            return True
    try:
        with loaded(path) as image:
            pixels = pixels_of(image)
    except RuntimeError:
        return False
    return bool(pixels.size) and is_opaque(pixels)


def cut_out(path: Path, *, folder: Path) -> Path | None:
    """Write a picture with what is behind its subject transparent: an upright PNG of the same size.

    It is made where the ground is plain: one colour, or several that run into each other smoothly. Enclosed parts of
    that colour are ground, too, where they are large, such as the hole of a ring. Takes about a second for 2,048 px.

    :param folder: where it is kept; the same picture is one file in it.
    :return: ``None`` where nobody could be sure what the ground is, or where it is transparent already.
    :raises PictureError: Blender cannot read the file, or finds only a part of the picture in it.
    :raises DiskError: the picture cannot be written.
    """
    pixels = _pixels(path, folder)
    result = cut(pixels) if is_opaque(pixels) else None
    if result is None:
        return None
    result[..., 3] *= pixels[..., 3]
    return keep_pixels(result, name=path.stem, folder=folder)


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
