# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures for the panels: of picture files, loaded by Blender when they are first drawn."""

from __future__ import annotations

from pathlib import Path

import bpy
import bpy.utils.previews

from ..app.session import session

__all__ = ["forget", "icon_of_file", "icon_of_image"]


def icon_of_file(path: Path) -> int:
    """The icon of a picture file; 0 for none."""
    if session.icons is None:
        session.icons = bpy.utils.previews.new()
    key = str(path)
    if key not in session.icons:
        if not path.is_file():
            return 0
        session.icons.load(key, key, "IMAGE")
    return session.icons[key].icon_id


def icon_of_image(image: bpy.types.Image) -> int:
    """The icon of an Image datablock; 0 while Blender has none."""
    return image.preview.icon_id if image.preview else 0


def forget() -> None:
    """Give back what the pictures take."""
    if session.icons is not None:
        bpy.utils.previews.remove(session.icons)
        session.icons = None
