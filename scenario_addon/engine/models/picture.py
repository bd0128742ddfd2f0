# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a picture one that a model takes.

PNG, JPEG and WebP go to the service as they are; everything else, what is stored lying on its side, what some programs
stumble over, and what is larger than a model takes, is handed to a :data:`Converter` where there is one (Blender).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from ..errors import PictureError
from ..pictures.file import UnsendableError, inspect
from ..pictures.flaws import one_colour
from ..pictures.orientation import UPRIGHT
from ..values import SourceImage
from .model import PictureLimits

__all__ = ["Converter", "Look", "prepare"]

_SHOWN_UPRIGHT: Final = "image/jpeg"
"""The format that whoever reads it turns upright."""


class Converter(Protocol):
    """Makes an upright PNG or JPEG within limits from any picture it can read. Main thread only.

    :raises PictureError: when it cannot read the file.
    """

    def __call__(self, path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path: ...


class Look(Protocol):
    """Gives a picture as a model takes it, as :func:`prepare` does, which says what goes in."""

    def __call__(
        self, path: Path, *, limits: PictureLimits, folder: Path, converter: Converter | None, is_subject: bool
    ) -> tuple[SourceImage, str | None]: ...


def prepare(
    path: Path, *, limits: PictureLimits, folder: Path, converter: Converter | None, is_subject: bool = False
) -> tuple[SourceImage, str | None]:
    """Make a picture one that the model takes, converted if need be.

    :param folder: where a converted copy goes.
    :param is_subject: whether a mesh is to be made of what it shows, so that it has to show something.
    :return: the picture, and a sentence for the user when it is not the file that was given.
    :raises PictureError: when it cannot be used; the sentence says why and what to do.
    """
    try:
        image = inspect(path)
    except UnsendableError as error:
        if converter is None:
            raise
        is_turned = error.orientation != UPRIGHT
    else:
        is_turned = image.orientation != UPRIGHT
        _refuse_empty(image, path.name, is_subject=is_subject)
        _refuse_small(image, path.name, limits)
        problem = _excess(image, path.name, limits)
        if converter is None:
            _refuse_inconvertible(image, problem)
            return image, None
        if not (problem or is_turned or image.is_odd):
            return image, None
    copy = converter(path, folder=folder, max_side_px=limits.max_side_px, max_bytes=limits.max_bytes)
    converted = inspect(copy, name=path.name)
    _refuse_empty(converted, path.name, is_subject=is_subject)
    _refuse_small(converted, path.name, limits)
    if left := _excess(converted, path.name, limits):
        raise PictureError(f"{left}, also after converting it: choose another picture.")
    done = "turned upright and converted" if is_turned else "converted"
    made = f"{_size(converted)} {converted.mime.removeprefix('image/').upper()}"
    return converted, f"{path.name} was {done} to a {made} for this model."


def _refuse_inconvertible(image: SourceImage, problem: str | None) -> None:
    """Refuse what would have to be converted where nothing can do that."""
    if problem is not None:
        raise PictureError(f"{problem}: make it smaller, or run this in Blender, which does it by itself.")
    if image.orientation != UPRIGHT and image.mime != _SHOWN_UPRIGHT:
        what = "is stored turned or mirrored, which not every program puts right"
        raise PictureError(
            f"{image.path.name} {what}: save it upright, or run this in Blender, which does it by itself."
        )


def _refuse_empty(image: SourceImage, name: str, *, is_subject: bool) -> None:
    if is_subject and image.is_uniform:
        raise one_colour(name)


def _excess(image: SourceImage, name: str, limits: PictureLimits) -> str | None:
    side_px, most_px = max(image.width_px, image.height_px), limits.max_side_px
    if most_px is not None and side_px > most_px:
        return f"{name} is {_size(image)} and the model takes {most_px} px a side"
    if limits.max_bytes is not None and image.size_bytes > limits.max_bytes:
        size = f"{image.size_bytes / 1e6:.1f} MB"
        return f"{name} is {size} and the model takes {limits.max_bytes / 1e6:.1f} MB"
    return None


def _refuse_small(image: SourceImage, name: str, limits: PictureLimits) -> None:
    least_px = limits.min_side_px
    if least_px is not None and min(image.width_px, image.height_px) < least_px:
        problem = f"{name} is {_size(image)} and the model needs {least_px} px a side"
        raise PictureError(f"{problem}: use a larger picture.")


def _size(image: SourceImage) -> str:
    """Width and height as they are seen."""
    size = (image.width_px, image.height_px)
    return "{} x {} px".format(*(size[::-1] if image.orientation > 4 else size))
