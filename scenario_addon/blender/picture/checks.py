# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at decoded pixels: whether all of a picture is there, and whether it shows anything. Main thread only.

The engine does that for PNG, without Blender and to the letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

import bpy
import numpy as np

from ...engine.errors import PictureError
from ...engine.pictures.flaws import MOST_PARTS, all_transparent, one_colour
from ...engine.pictures.header import JPEG, PNG, mime_of
from ...engine.pictures.jpeg import END, SCAN, segments
from ...engine.pictures.webp import parts
from ...engine.values import SourceImage
from .pixels import loaded, pixels_of

__all__ = ["refuse_cut", "refuse_nothing"]

_FILL: Final = (128, 64)
"""The grey that stands for what is missing of a JPEG: of three colours, of four inks."""
_BLOCK_PX: Final = 8

_PLAIN_BYTES_PER_PX: Final = 0.04
"""One colour never needs more in a JPEG, and still less in a WebP; hardly any photo does with so little."""
_NOISE_BYTES_PER_PX: Final = 1.0
"""Hardly visible noise of red, green and blue in a PNG needs less, and many a render needs more."""
_RENDER_NOISE: Final = 8
"""Steps of 255 between the darkest and the brightest."""
_PLAIN_ALPHA_BYTES_PER_PX: Final = 0.0005
_SPARE_BYTES: Final = 1024
_ANIMATION: Final = 0x02
_VP8L_ALPHA: Final = 0x10


def refuse_cut(image: bpy.types.Image, path: Path) -> None:
    """Refuse a JPEG that breaks off: Blender reads it, and what is missing is grey. One without its end mark will do.

    :raises PictureError: the last part of the picture is missing.
    """
    if _ends(path):
        return
    corner = np.rint(_last_block(pixels_of(image))[..., :3] * 255.0)
    if corner.size and np.ptp(corner) == 0 and min(abs(corner.flat[0] - grey) for grey in _FILL) <= 1:
        raise PictureError(f"{path.name} is cut short: get the whole file again, or choose another picture.")


def refuse_nothing(image: SourceImage, *, is_subject: bool, is_render: bool = False) -> None:
    """Refuse a JPEG, a WebP or a render on which nothing is to be seen.

    Decoding 4,096 px takes up to half a second, so only a file is decoded that is small for its pixels.

    :param is_subject: whether a mesh is to be made of what it shows.
    :param is_render: denoising leaves a little noise even in an empty world.
    :raises PictureError: it is transparent everywhere, or a subject of one colour.
    """
    if (image.mime == PNG and not is_render) or not _may_be_nothing(image):
        return
    with loaded(image.path) as picture:
        pixels = pixels_of(picture)
    if not pixels.size:
        return  # this Blender cannot read it
    if not pixels[..., 3].any():
        raise all_transparent(image.path.name)
    if is_subject and np.ptp(pixels, axis=(0, 1)).max() * 255.0 <= (_RENDER_NOISE if is_render else 0):
        raise one_colour(image.path.name)


def _last_block(pixels: np.ndarray) -> np.ndarray:
    """The lower right corner, as far as it was stored as one and what stands beside it does not shine in."""
    height_px, width_px, _ = pixels.shape
    rows, columns = (side_px % _BLOCK_PX or _BLOCK_PX for side_px in (height_px, width_px))
    return pixels[: max(1, rows - 1), -max(1, columns - 1) :]


def _ends(path: Path) -> bool:
    """Whether a file is no JPEG, or one that goes on to its end."""
    with path.open("rb") as file:
        if mime_of(file.read(3)) != JPEG:
            return True
        return any(segment.marker == END for segment in islice(segments(file), MOST_PARTS))


def _may_be_nothing(image: SourceImage) -> bool:
    size_px = image.width_px * image.height_px
    if image.mime == PNG:
        return image.size_bytes <= size_px * _NOISE_BYTES_PER_PX + _SPARE_BYTES
    with image.path.open("rb") as file:
        if image.mime == JPEG:
            scan = next((segment.start for segment in segments(file) if segment.marker == SCAN), 0)
            return image.size_bytes - scan <= size_px * _PLAIN_BYTES_PER_PX + _SPARE_BYTES
        return any(_is_suspicious(kind, length, start, size_px) for kind, length, start in _webp_parts(file))


def _is_suspicious(kind: bytes, length: int, start: bytes, size_px: int) -> bool:
    """Whether a part of a WebP can be of one colour, or can be alpha that is 0 everywhere."""
    if kind == b"ALPH":
        is_raw = start[0] & 0b11 == 0
        return is_raw or length <= size_px * _PLAIN_ALPHA_BYTES_PER_PX + _SPARE_BYTES
    if kind == b"VP8L" and start[4] & _VP8L_ALPHA:
        return True
    return kind in (b"VP8 ", b"VP8L") and length <= size_px * _PLAIN_BYTES_PER_PX + _SPARE_BYTES


def _webp_parts(file: BinaryIO) -> Iterator[tuple[bytes, int, bytes]]:
    """Kind, length in bytes and first five bytes of each part; none of a film after its header."""
    for part in islice(parts(file), MOST_PARTS):
        start = file.read(5).ljust(5, b"\0")
        if not part.kind.strip(b"\0") or (part.kind == b"VP8X" and start[0] & _ANIMATION):
            return
        yield part.kind, part.length, start
