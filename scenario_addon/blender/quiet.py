# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard output kept for the command line's results. Main thread only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

import bpy

__all__ = ["silence"]


@contextmanager
def silence() -> Iterator[None]:
    """Keep what Blender and its importers say off standard output."""
    level, terminal = bpy.app.debug_value, os.dup(1)
    bpy.app.debug_value = 2  # the glTF importer's word for errors only
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)  # what is written in C
        with redirect_stdout(StringIO()):
            yield
    finally:
        os.dup2(terminal, 1)
        os.close(terminal)
        bpy.app.debug_value = level
