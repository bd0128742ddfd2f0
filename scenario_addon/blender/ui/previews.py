# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures for the panels: of picture files, loaded by Blender when they are first drawn, or sooner."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import bpy
import bpy.utils.previews

from ..app.session import session

__all__ = ["forget", "icon_of_file", "icon_of_image", "make_ready", "ready_icon"]

_AGAIN_S: Final = 2.0
"""So long it is not looked again for a file that was not there: a sidebar is drawn with every move of the mouse."""
_missing: Final[dict[str, float]] = {}
"""When they were looked for, monotonic."""


def icon_of_file(path: Path) -> int:
    """The icon of a picture file; 0 for none."""
    if session.icons is None:
        session.icons = bpy.utils.previews.new()
        session.icons.ready = {}  # the icons of those that are decoded, by the file; 0 for what cannot be read
    key = str(path)
    if key not in session.icons:
        now_s = time.monotonic()
        if now_s - _missing.get(key, -_AGAIN_S) < _AGAIN_S:
            return 0
        if not path.is_file():
            _missing[key] = now_s
            return 0
        session.icons.load(key, key, "IMAGE")
    return session.icons[key].icon_id


def ready_icon(path: Path) -> int:
    """The icon of a picture file that was made ready; 0 while it was not, and for what cannot be read.

    Popups show nothing else: Blender decodes what a panel shows by and by, but leaves it blank in a popup.
    """
    return session.icons.ready.get(str(path), 0) if session.icons is not None else 0


def make_ready(path: Path) -> bool:
    """Have Blender decode a picture file, which takes up to 20 ms; says whether there was anything to do."""
    icon = icon_of_file(path)
    if str(path) in session.icons.ready:
        return False
    is_readable = bool(icon) and session.icons[str(path)].image_size[0] > 0  # the question is what decodes it
    session.icons.ready[str(path)] = icon if is_readable else 0
    return True


def icon_of_image(image: bpy.types.Image) -> int:
    """The icon of an Image datablock; 0 while Blender has none."""
    return image.preview.icon_id if image.preview else 0


def forget() -> None:
    """Give back what the pictures take."""
    _missing.clear()
    if session.icons is not None:
        bpy.utils.previews.remove(session.icons)
        session.icons = None
