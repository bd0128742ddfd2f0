# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of objects: the probe that has them taken, as Generate does, and looks how long that holds Blender up."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import bpy

__all__ = ["taking"]

_LOOK_S = 0.005


def taking(*, path: str, sides: list[str], size_px: int) -> dict[str, float]:
    """Import a file, and have pictures taken of it; gives seconds.

    ``held up`` is how long the window waits at the press, ``longest`` the longest that it waits while the pictures are
    taken, ``redraw`` what one redraw takes in any case, and ``seconds`` is when all pictures are there.

    :param path: a GLB.
    """
    from scenario_addon.blender.studio.setup import Setup
    from scenario_addon.blender.studio.studio import Studio
    from scenario_addon.blender.studio.subject import of_selection

    windows = bpy.context.window_manager.windows
    with bpy.context.temp_override(window=windows[0] if windows else None):
        bpy.ops.import_scene.gltf(filepath=path)
        redraw_s = _redrawn()
        studio = Studio(Path(tempfile.mkdtemp()))
        began_s = time.perf_counter()
        sitting = studio.begin(
            of_selection(bpy.context), Setup(tuple(sides), size_px=size_px), pictures=Path(tempfile.mkdtemp())
        )
        held_s = time.perf_counter() - began_s
        longest_s = 0.0
        while not sitting.is_over:
            longest_s = max(longest_s, _redrawn())
            time.sleep(_LOOK_S)
        sitting.result()
        whole_s = time.perf_counter() - began_s
    studio.close()
    return {"held up": held_s, "longest": longest_s, "redraw": redraw_s, "seconds": whole_s}


def _redrawn() -> float:
    """Draw the window anew, where there is one."""
    began_s = time.perf_counter()
    if not bpy.app.background:
        draw: Any = bpy.ops.wm.redraw_timer
        draw(type="DRAW_WIN_SWAP", iterations=1)
    return time.perf_counter() - began_s
