# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns any picture that Blender can read into a PNG or JPEG that the service takes. Main thread only.

Works on a copy and with a scene of its own, so the artist's images and colour settings play no part.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import bpy

from ...engine.errors import PictureError
from ...engine.pictures.header import JPEG, mime_of
from .files import keep, workspace
from .pixels import pixels_of, size_px, standard_scene, write
from .upright import upright

__all__ = ["convert_picture"]

_JPEG_QUALITIES: Final = (95, 90, 85, 80, 70)
_SHRINK: Final = 0.8
"""A picture that is still too many bytes loses a fifth of its sides at a time."""
_NO_PIXELS: Final = "does not have any image data"
"""What Blender says of a file that it cannot read, with a name that nobody has given."""
_LEAST_GROWTH: Final = 4


def convert_picture(path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path:
    """Write an upright 8-bit sRGB copy of ``path`` into ``folder`` and give its path; the original is not touched.

    A PNG with the same pixels where that fits, scaled down in proportion where a side is too long.
    One with too many bytes becomes a JPEG; with transparency it stays a PNG and gets smaller.

    :param folder: made if need be. The same picture is one file in it, however often it is converted.
    :raises PictureError: Blender cannot read the file, or finds only a part of the picture in it.
    :raises DiskError: the copy cannot be written.
    """
    try:
        with workspace(folder) as temporary, standard_scene() as scene, upright(path, temporary, scene=scene) as image:
            copy = temporary / "picture.png"
            if max_side_px is not None and max(size_px(image)) > max_side_px:
                _scale(image, longer_px=max_side_px)
            data = b"" if _is_heavy(path, max_bytes) else write(image, copy, scene=scene)
            if not data or (max_bytes is not None and len(data) > max_bytes):
                data = _squeezed(image, copy, scene=scene, max_bytes=max_bytes or 0)
    except RuntimeError as error:
        reason = str(error).removeprefix("Error: ").strip().rstrip(".")
        if _NO_PIXELS in reason:
            reason = "Blender finds no picture in it"
        raise PictureError(f"{path.name} could not be converted ({reason}): save it as PNG or JPEG.") from error
    return keep(data, name=path.stem, folder=folder)


def _is_heavy(path: Path, max_bytes: int | None) -> bool:
    """Whether a PNG of it is not worth trying: of a JPEG one is always several times as large."""
    if max_bytes is None:
        return False
    with path.open("rb") as file:
        return mime_of(file.read(3)) == JPEG and path.stat().st_size * _LEAST_GROWTH > max_bytes


def _squeezed(image: bpy.types.Image, png: Path, *, scene: bpy.types.Scene, max_bytes: int) -> bytes:
    """Make a picture as light as it has to be."""
    qualities = () if _is_transparent(image) else _JPEG_QUALITIES
    while max(size_px(image)) > 1:
        for quality in qualities:
            data = write(image, png.with_suffix(".jpg"), scene=scene, jpeg_quality=quality)
            if len(data) <= max_bytes:
                return data
        _scale(image, longer_px=int(max(size_px(image)) * _SHRINK))
        data = write(image, png, scene=scene)
        if len(data) <= max_bytes:
            return data
    raise PictureError(f"No picture fits into {max_bytes} bytes: the limit is too low.")


def _scale(image: bpy.types.Image, *, longer_px: int) -> None:
    factor = longer_px / max(size_px(image))
    image.scale(*(max(1, round(side_px * factor)) for side_px in size_px(image)))


def _is_transparent(image: bpy.types.Image) -> bool:
    return bool((pixels_of(image)[..., 3] < 1.0).any())
