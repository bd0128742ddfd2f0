# SPDX-License-Identifier: GPL-3.0-or-later
"""How the 3D viewports show what has come in. Main thread only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import bpy

__all__ = ["show_materials", "shows_textures"]


def show_materials(scene: bpy.types.Scene) -> None:
    """Switch the viewports that show ``scene`` in Solid to Material Preview; the others stay as they are."""
    for shading in _shadings(scene):
        if shading.type == "SOLID":
            shading.type = "MATERIAL"


def shows_textures(scene: bpy.types.Scene, *, solid_too: bool) -> bool:
    """Whether any viewport that shows ``scene`` shows the textures of what is in it.

    :param solid_too: those in Solid are about to be switched.
    """
    return any(
        shading.type in ("MATERIAL", "RENDERED")
        or (shading.type == "SOLID" and (solid_too or shading.color_type == "TEXTURE"))
        for shading in _shadings(scene)
    )


def _shadings(scene: bpy.types.Scene) -> Iterator[bpy.types.View3DShading]:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas if window.scene == scene else ():
            if area.type == "VIEW_3D":
                yield cast("bpy.types.SpaceView3D", area.spaces.active).shading
