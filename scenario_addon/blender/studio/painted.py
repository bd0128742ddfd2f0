# SPDX-License-Identifier: GPL-3.0-or-later
"""Images whose latest pixels are in no file: read on the main thread, which is quick, and written by another one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy

from ..picture.pixels import pixels_of, save, standard_scene
from ..sheet.png import PngWriter

if TYPE_CHECKING:
    import numpy as np

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
    """RGBA in 0 to 1, the lowest row first; ``None`` where the file is there already."""

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
                rows = self.pixels[max(0, end - _ROWS) : end][::-1]
                png.add((rows.clip(0.0, 1.0) * 255.0 + 0.5).astype("uint8"))
            png.end()


def read_painted(objects: Collection[Any], folder: Path) -> list[Painted]:
    """Read the images that belong to objects and whose latest pixels are in no file. Main thread.

    :param folder: where their files go.
    :raises RuntimeError, OSError: one of more than 8 bits cannot be written.
    """
    dirty = [image for image in bpy.data.images if _is_painted(image)]
    users: Any = bpy.data.user_map() if dirty else {}
    wanted = [image for image in dirty if _belongs(image, set(objects), users)]
    return [_read(image, folder / f"{number}.png") for number, image in enumerate(wanted)]


def _read(image: bpy.types.Image, path: Path) -> Painted:
    if not image.is_float and image.channels == 4:
        return Painted(image.name, path, pixels_of(image))
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
