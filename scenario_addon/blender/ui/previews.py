# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures for the panels: of picture files, loaded by Blender when they are first drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import bpy.utils.previews

__all__ = ["forget", "icon_of_file", "icon_of_image"]

_collections: list[Any] = []
"""One at most; none before the first picture is drawn."""


def icon_of_file(path: Path) -> int:
    """The icon of a picture file; 0 for none."""
    if not _collections:
        _collections.append(bpy.utils.previews.new())
    key = str(path)
    previews = _collections[0]
    if key not in previews:
        if not path.is_file():
            return 0
        previews.load(key, key, "IMAGE")
    return previews[key].icon_id


def icon_of_image(image: bpy.types.Image) -> int:
    """The icon of an Image datablock; 0 while Blender has none."""
    return image.preview.icon_id if image.preview else 0


def forget() -> None:
    """Give back what the pictures take."""
    while _collections:
        bpy.utils.previews.remove(_collections.pop())
