# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a picture one that a model takes.

PNG, JPEG and WebP go to the service as they are; everything else, and what is larger than a model takes, is handed to
a :data:`Converter` where there is one (Blender).
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ..errors import PictureError
from ..pictures.file import UnsendableError, inspect
from ..values import SourceImage
from .model import PictureLimits

__all__ = ["Converter", "prepare"]


class Converter(Protocol):
    """Makes a PNG or JPEG within limits from any picture it can read. Main thread only.

    :raises PictureError: when it cannot read the file.
    """

    def __call__(self, path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path: ...


def prepare(
    path: Path, *, limits: PictureLimits, folder: Path, converter: Converter | None
) -> tuple[SourceImage, str | None]:
    """Make a picture one that the model takes, converted if need be.

    :param folder: where a converted copy goes.
    :return: the picture, and a sentence for the user when it is not the file that was given.
    :raises PictureError: when it cannot be used; the sentence says why and what to do.
    """
    try:
        image = inspect(path)
    except UnsendableError:
        if converter is None:
            raise
    else:
        _refuse_small(image, limits)
        problem = _excess(image, limits)
        if problem is None:
            return image, None
        if converter is None:
            raise PictureError(f"{problem}: make it smaller, or run this in Blender, which does it by itself.")
    converted = inspect(converter(path, folder=folder, max_side_px=limits.max_side_px, max_bytes=limits.max_bytes))
    _refuse_small(converted, limits)
    if left := _excess(converted, limits):
        raise PictureError(f"{left}, also after converting it: choose another picture.")
    size = f"{converted.width_px} x {converted.height_px} px {converted.mime.removeprefix('image/').upper()}"
    return converted, f"{path.name} was converted to a {size} for this model."


def _excess(image: SourceImage, limits: PictureLimits) -> str | None:
    side_px, most_px = max(image.width_px, image.height_px), limits.max_side_px
    if most_px is not None and side_px > most_px:
        size = f"{image.width_px} x {image.height_px} px"
        return f"{image.path.name} is {size} and the model takes {most_px} px a side"
    if limits.max_bytes is not None and image.size_bytes > limits.max_bytes:
        size = f"{image.size_bytes / 1e6:.1f} MB"
        return f"{image.path.name} is {size} and the model takes {limits.max_bytes / 1e6:.1f} MB"
    return None


def _refuse_small(image: SourceImage, limits: PictureLimits) -> None:
    least_px = limits.min_side_px
    if least_px is not None and min(image.width_px, image.height_px) < least_px:
        size = f"{image.width_px} x {image.height_px} px"
        raise PictureError(
            f"{image.path.name} is {size} and the model needs {least_px} px a side: use a larger picture."
        )
