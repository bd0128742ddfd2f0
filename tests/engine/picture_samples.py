# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures in every format."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageColor

__all__ = ["encoded", "save_picture", "write"]


def save_picture(path: Path, width_px: int = 256, height_px: int = 256, **options: Any) -> Path:
    """A simple picture in the format of the path's suffix: a spot on a plain ground.

    :param options: as Pillow's writers take them; ``color`` is that of the ground, ``spot`` that of the spot.
    """
    ground, spot = options.pop("color", "teal"), options.pop("spot", "white")
    picture = Image.new("RGB", (width_px, height_px), ground)
    picture.putpixel((width_px // 2, height_px // 2), ImageColor.getrgb(spot))
    picture.save(path, **options)
    return path


def encoded(kind: str, size: tuple[int, int] = (130, 70), mode: str = "RGB", **options: Any) -> bytes:
    """A picture of noise, so that it does not compress well."""
    buffer = io.BytesIO()
    Image.effect_noise(size, 80).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def write(folder: Path, data: bytes, name: str = "picture.png") -> Path:
    """A file with these bytes."""
    path = folder / name
    path.write_bytes(data)
    return path
