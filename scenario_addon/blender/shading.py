# SPDX-License-Identifier: GPL-3.0-or-later
"""How the 3D viewports show what has come in. Main thread only."""

from __future__ import annotations

from typing import cast

import bpy

__all__ = ["show_materials"]


def show_materials(scene: bpy.types.Scene) -> None:
    """Switch the viewports that show ``scene`` in Solid to Material Preview; the others stay as they are."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas if window.scene == scene else ():
            if area.type != "VIEW_3D":
                continue
            shading = cast("bpy.types.SpaceView3D", area.spaces.active).shading
            if shading.type == "SOLID":
                shading.type = "MATERIAL"
