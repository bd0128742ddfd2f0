# SPDX-License-Identifier: GPL-3.0-or-later
"""Images whose latest pixels are in no file: read on the main thread, which is quick, and written by another one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np

from ..picture.pixels import save, size_px, standard_scene
from ..sheet.png import PngWriter

__all__ = ["Painted", "read_painted"]

_ROWS: Final = 256
"""Written at a time."""
_QUICKLY: Final = 1
"""Of zlib's levels."""


@dataclass(frozen=True)
class Painted:
    """What an image shows at the moment."""

    name: str
    path: Path
    """The file that it goes into, a PNG."""
    pixels: np.ndarray | None
    """RGBA, a byte each, the lowest row first; ``None`` where the file is there already."""

    def write(self) -> None:
        """Write the file. Takes seconds for a large image: any thread but the one that draws.

        :raises OSError: it cannot be written.
        """
        if self.pixels is None:
            return
        height_px, width_px, _ = self.pixels.shape
        with self.path.open("wb") as file:
            png = PngWriter(file, width_px, height_px, has_alpha=True, level=_QUICKLY)
            for end in range(height_px, 0, -_ROWS):
                png.add(self.pixels[max(0, end - _ROWS) : end][::-1])
            png.end()


def read_painted(objects: Collection[Any], folder: Path) -> list[Painted]:
    """Read the images that belong to objects and whose latest pixels are in no file. Main thread.

    :param folder: where their files go.
    :raises RuntimeError, OSError: one of more than 8 bits cannot be written.
    """
    dirty = [image for image in bpy.data.images if _is_painted(image)]
    users: Any = bpy.data.user_map() if dirty else {}
    wanted = [image for image in dirty if _belongs(image, set(objects), users)]
    desk = _Desk()
    return [_read(image, folder / f"{number}.png", desk) for number, image in enumerate(wanted)]


class _Desk:
    """Room for pixels as Blender gives them, used for one image after another: to get the memory takes longest."""

    def __init__(self) -> None:
        self._floats: Any = None

    def pixels_of(self, image: bpy.types.Image) -> np.ndarray:
        """Give the pixels of an image of 8 bits, a byte each, the lowest row first."""
        width_px, height_px = size_px(image)
        count = width_px * height_px * 4
        if self._floats is None or self._floats.size != count:
            self._floats = np.empty(count, dtype=np.float32)
        if count:
            image.pixels.foreach_get(self._floats)
        self._floats *= 255.0
        self._floats += 0.5
        return self._floats.astype(np.uint8).reshape(height_px, width_px, 4)


def _read(image: bpy.types.Image, path: Path, desk: _Desk) -> Painted:
    if not image.is_float and image.channels == 4:
        return Painted(image.name, path, desk.pixels_of(image))
    with standard_scene() as scene:
        save(image, path, scene=scene)
    return Painted(image.name, path, None)


def _is_painted(image: bpy.types.Image) -> bool:
    return image.is_dirty and image.library is None and image.source in ("FILE", "GENERATED") and image.users > 0


def _belongs(image: bpy.types.Image, objects: set[Any], users: Any) -> bool:
    """Whether one of these uses an image, however many others are in between."""
    seen, new = set[Any](), {image}
    while new:
        if not new.isdisjoint(objects):
            return True
        seen |= new
        new = {user for block in new for user in users.get(block, ())} - seen
    return False
