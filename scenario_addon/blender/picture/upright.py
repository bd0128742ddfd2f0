# SPDX-License-Identifier: GPL-3.0-or-later
"""Turning a picture the way its camera says that it is up. Main thread only.

No version of Blender does that by itself, whatever the file is: it shows the pixels as they are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import bpy
import numpy as np

from ...engine.pictures.orientation import UPRIGHT, orientation
from .checks import refuse_cut
from .pixels import loaded, made, pixels_of, size_px, write

__all__ = ["turn", "turned", "upright"]

_Turn = Callable[[np.ndarray], np.ndarray]
_TURNS: Final[Mapping[int, _Turn]] = {
    2: lambda rows: rows[:, ::-1],
    3: lambda rows: rows[::-1, ::-1],
    4: lambda rows: rows[::-1],
    5: lambda rows: rows.transpose(1, 0, 2),
    6: lambda rows: np.rot90(rows, -1),
    7: lambda rows: rows[::-1, ::-1].transpose(1, 0, 2),
    8: lambda rows: np.rot90(rows),
}
"""By the number that EXIF and TIFF have for it; on pixels whose first row is the highest."""


@contextmanager
def upright(
    path: Path, temporary: Path, *, scene: bpy.types.Scene, like: bpy.types.Image | None = None
) -> Iterator[bpy.types.Image]:
    """Load a picture file as an upright 8-bit sRGB image of its own, gone again afterwards.

    :param temporary: a folder for a copy.
    :param scene: a standard one.
    :param like: whose settings say what the numbers mean.
    :raises RuntimeError: Blender cannot read the file.
    :raises PictureError: only a part of the picture is there.
    """
    with ExitStack() as stack:
        image = stack.enter_context(loaded(path, like=like))
        refuse_cut(image, path)
        with path.open("rb") as file:
            way = orientation(file)
        if not _is_flat(image):  # layers, floats, premultiplied alpha: what is written has none of them
            write(image, copy := temporary / "flat.png", scene=scene)
            image = stack.enter_context(loaded(copy))
        yield stack.enter_context(turned(image, way))


def _is_flat(image: bpy.types.Image) -> bool:
    return all(size_px(image)) and not image.is_float and image.colorspace_settings.name == "sRGB"


@contextmanager
def turned(image: bpy.types.Image, way: int) -> Iterator[bpy.types.Image]:
    """Give an 8-bit sRGB image upright: itself where it is, else another that lives for the block.

    :param way: how it is stored, from 1 to 8, as EXIF counts.
    """
    if way == UPRIGHT:
        yield image
        return
    with made(turn(pixels_of(image), way)) as result:
        yield result


def turn(pixels: np.ndarray, way: int) -> np.ndarray:
    """Turn pixels, the lowest row first, that are not stored upright.

    :param way: how they are, from 2 to 8, as EXIF counts.
    """
    return _TURNS[way](pixels[::-1])[::-1]
