# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures that are made: drawn from words, or larger than they were."""

from __future__ import annotations

import hashlib
import io
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from .pictures import UnusablePictureError, encoded

__all__ = ["enlarged", "painted"]

_SIDE_PX: Final = 512
_GROUND: Final = (232, 232, 228)
_SHAPES: Final = 7


def painted(words: str, *, seed: int) -> bytes:
    """A PNG of a thing on a light ground: the same words and seed give the same one, any others another one."""
    digest = hashlib.sha256(f"{seed}\n{words}".encode()).digest()
    chance = np.random.default_rng(list(digest))
    picture = Image.new("RGB", (_SIDE_PX, _SIDE_PX), _GROUND)
    brush = ImageDraw.Draw(picture)
    for _ in range(_SHAPES):
        middle = chance.uniform(0.4, 0.6, 2) * _SIDE_PX
        reach = chance.uniform(0.08, 0.3, 2) * _SIDE_PX
        colour = tuple(int(channel) for channel in chance.integers(30, 200, 3))
        draw = brush.ellipse if chance.random() < 0.6 else brush.rectangle
        draw((*(middle - reach), *(middle + reach)), fill=colour)
    return encoded(picture, "PNG")


def enlarged(data: bytes, *, factor: int) -> bytes:
    """The picture with so many times the pixels on each side.

    :raises UnusablePictureError: the bytes are no picture.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnusablePictureError("The provider could not read this image.") from error
    size = (upright.width * factor, upright.height * factor)
    return encoded(upright.resize(size, Image.Resampling.LANCZOS), "PNG")
