# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Blender still shows what is in an image's file. Main thread only.

Blender reads a file once. What happens to it afterwards is not seen before the image is loaded again.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np

from ...engine.pictures.header import measure
from .pixels import loaded, pixels_of, size_px

__all__ = ["differs", "may_have_changed", "shows_the_same"]

_MARGIN_S: Final = 3600.0
"""For clocks that do not agree, such as a file server's."""


def differs(image: bpy.types.Image, path: Path) -> bool:
    """Compare what is shown with the file, where that may have changed since it was loaded.

    Reading 4,096 px again takes up to a second: a file that is older than this Blender is not read.
    """
    if not image.has_data:
        return False  # not loaded yet: it will show the file
    if _file_size_px(path) not in (None, size_px(image)):
        return True
    return may_have_changed(path) and not shows_the_same(image, path)


def may_have_changed(path: Path) -> bool:
    """Whether a file was written or put in its place since this Blender began."""
    status = path.stat()
    return max(status.st_mtime, status.st_ctime) > _began_s() - _MARGIN_S


def shows_the_same(image: bpy.types.Image, path: Path) -> bool:
    """Compare what is shown with what the file would show if it were loaded now, with the same settings."""
    with loaded(path, like=image) as fresh:
        return np.array_equal(pixels_of(fresh), pixels_of(image))


def _file_size_px(path: Path) -> tuple[int, int] | None:
    try:
        with path.open("rb") as file:
            found = measure(file, size_bytes=os.fstat(file.fileno()).st_size)
    except (OSError, ValueError):
        return None
    return (found.width_px, found.height_px) if found else None


def _began_s() -> float:
    """When this process began; 0 where nobody can tell."""
    try:
        if sys.platform == "linux":
            ticks = int(Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()[19])
            return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks / os.sysconf("SC_CLK_TCK")
        session: Any = Path(bpy.app.tempdir).stat()  # Blender makes this folder when it starts
        return getattr(session, "st_birthtime", session.st_ctime)
    except (OSError, ValueError, IndexError):
        return 0.0
