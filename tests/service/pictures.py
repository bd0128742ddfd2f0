# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures as the reconstruction sees them: upright, cut to their subject; and pictures drawn from words."""

from __future__ import annotations

import hashlib
import io
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from .glb import Floats

__all__ = [
    "UnusablePictureError",
    "draw_words",
    "encoded",
    "has_cutout",
    "luminance",
    "open_subject",
    "seamless",
    "solid",
    "without_ground",
]

_OPAQUE: Final = 250
_WORDS_PX: Final = 160
_GROUND: Final = 60
"""How far a colour may be from a corner's and still belong to the ground, over all channels."""
_FILLED_PX: Final = 512
_FADED_PX: Final = 5
"""So much of a cut-out's rim, of 512 px, is as what is inside of it: there the ground shines through."""
_ENCODING: Final[dict[str, dict[str, int]]] = {
    "JPEG": {"quality": 90, "subsampling": 0},  # whole chroma: no colour bleeds from tile to tile
    "PNG": {"compress_level": 1},
}


class UnusablePictureError(ValueError):
    """Nothing can be made of the picture; the text says why."""


def open_subject(data: bytes) -> Image.Image:
    """The picture in RGBA, upright, cropped to what is not transparent.

    :raises UnusablePictureError: the bytes are no picture, or nothing on it is visible.
    """
    picture = _opened(data)
    bounds = picture.getchannel("A").point(lambda alpha: 255 if alpha > 127 else 0).getbbox()
    if bounds is None:
        raise UnusablePictureError("The provider could not reconstruct a mesh from this image.")
    return picture.crop(bounds)


def without_ground(data: bytes) -> Image.Image:
    """The picture in RGBA, as large as before; what is of the corners' colour and reaches one of them is transparent.

    :raises UnusablePictureError: the bytes are no picture, or nothing is left of it.
    """
    picture = _opened(data)
    right, bottom = picture.width - 1, picture.height - 1
    for corner in ((0, 0), (right, 0), (0, bottom), (right, bottom)):
        ImageDraw.floodfill(picture, corner, (0, 0, 0, 0), thresh=_GROUND)
    if picture.getchannel("A").getbbox() is None:
        raise UnusablePictureError("The provider found no subject in this image.")
    return picture


def _opened(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data)) as image:
            return ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnusablePictureError("The provider could not read this image.") from error


def has_cutout(picture: Image.Image) -> bool:
    """Whether parts of the picture are transparent."""
    extrema = picture.getchannel("A").getextrema()
    return float(extrema[0]) < _OPAQUE  # type: ignore[arg-type]


def solid(picture: Image.Image) -> Image.Image:
    """The picture in RGB, its transparent parts filled with the mean colour of the others."""
    pixels = np.asarray(picture.resize((64, 64)), dtype=np.float32).reshape(-1, 4)
    weights = pixels[:, 3] + 1e-3
    mean = (pixels[:, :3] * weights[:, None]).sum(axis=0) / weights.sum()
    ground = Image.new("RGBA", picture.size, (*(int(channel) for channel in mean), 255))
    return Image.alpha_composite(ground, picture).convert("RGB")


def seamless(picture: Image.Image, side_px: int) -> Image.Image:
    """The picture in RGB as a square, its colours carried on over its outline: what bends away there has no streaks."""
    square = picture.resize((side_px, side_px), Image.Resampling.BICUBIC)
    if not has_cutout(picture):
        return square.convert("RGB")
    small = picture.resize((_FILLED_PX, _FILLED_PX), Image.Resampling.BOX)
    small.putalpha(small.getchannel("A").point(lambda alpha: 255 if alpha >= _OPAQUE else 0))
    small.putalpha(small.getchannel("A").filter(ImageFilter.MinFilter(2 * _FADED_PX + 1)))
    filled = _carried_on(small).resize(square.size, Image.Resampling.BICUBIC)
    kept = small.getchannel("A").filter(ImageFilter.BoxBlur(_FADED_PX / 2)).resize(square.size)
    return Image.composite(square.convert("RGB"), filled, kept)


def _carried_on(picture: Image.Image) -> Image.Image:
    """The picture in RGB, what is transparent in the colours of what is nearest to it."""
    levels = [picture]
    while levels[-1].width > 1:
        levels.append(levels[-1].reduce(2))
    filled = solid(picture).resize((1, 1))
    for level in reversed(levels):
        known = level.getchannel("A").point(lambda alpha: min(255, 8 * alpha))
        filled = Image.composite(level.convert("RGB"), filled.resize(level.size, Image.Resampling.BILINEAR), known)
    return filled


def luminance(picture: Image.Image, size: tuple[int, int]) -> Floats:
    """Brightness from 0 to 1 on a grid of ``size`` (width, height)."""
    grey = solid(picture).convert("L").resize(size, Image.Resampling.BILINEAR)
    return np.asarray(grey, dtype=np.float32) / 255.0


def draw_words(words: str) -> bytes:
    """A PNG of the words on a transparent ground, in a colour of their own."""
    font = ImageFont.load_default(size=_WORDS_PX)
    lines = "\n".join(words.split()[:4]) or "?"
    left, top, right, bottom = (
        int(edge) for edge in ImageDraw.Draw(Image.new("L", (1, 1))).textbbox((0, 0), lines, font)
    )
    picture = Image.new("RGBA", (right - left, bottom - top))
    digest = hashlib.sha256(words.encode()).digest()
    colour = (64 + digest[0] // 2, 64 + digest[1] // 2, 64 + digest[2] // 2, 255)
    ImageDraw.Draw(picture).text((-left, -top), lines, fill=colour, font=font)
    return encoded(picture, "PNG")


def encoded(picture: Image.Image, format_name: str) -> bytes:
    """The picture as a file."""
    stream = io.BytesIO()
    picture.save(stream, format_name, **_ENCODING.get(format_name, {}))
    return stream.getvalue()
