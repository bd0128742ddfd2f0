# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a mesh file that another Blender did not come to an end with, and how long it may take."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from ..children.process import Child

__all__ = ["PATIENCE_S", "broken_off", "patience_s", "too_large"]

log = logging.getLogger(__name__)

PATIENCE_S: Final = 120.0
"""For any file; a conversion takes seconds, but Blender may be rendering meanwhile."""
_PATIENCE_S_PER_MB: Final = 2.0


def patience_s(mesh: Path, least_s: float = PATIENCE_S) -> float:
    """Give how long a file may take.

    :raises OSError: it is not there.
    """
    return least_s + mesh.stat().st_size / 1e6 * _PATIENCE_S_PER_MB


def too_large(mesh: Path, limit_bytes: int | None) -> str:
    left = f"the {limit_bytes / 1e9:.1f} GB that this computer has left for it" if limit_bytes else "there is"
    remedy = "close other programs and try again, or ask for a simpler mesh"
    return f"{mesh.name} needs more memory than {left}, so it was not imported: {remedy}; it is kept in {mesh.parent}."


def broken_off(mesh: Path, child: Child) -> str:
    """Say that Blender crashed, or was ended because it took too long; its last words go to the log."""
    what = "took too long in" if child.was_ended else "crashed"
    code = child.process.returncode
    log.error("%s %s Blender's importer (exit code %s): %s", mesh.name, what, code, child.last_words())
    kept = f"its file is kept in {mesh.parent}"
    return f"{mesh.name} {what} Blender's importer, in a process apart, so it was not imported; {kept}."
