# SPDX-License-Identifier: GPL-3.0-or-later
"""How the 3D viewports show what has come in. Main thread only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import bpy

from .views import viewports

__all__ = ["is_factory_scene", "show_materials", "shows_solid", "shows_textures"]

_FACTORY: Final = {"Camera": "CAMERA", "Cube": "MESH", "Light": "LIGHT"}
_CUBE: Final = 8
"""Its vertices."""


def is_factory_scene(scene: bpy.types.Scene) -> bool:
    """Whether a scene holds nothing but what Blender starts with, or part of it, and meshes of ours."""
    return all(obj.get("scenario_job_id") or _is_from_factory(obj) for obj in scene.objects)


def _is_from_factory(obj: bpy.types.Object) -> bool:
    if _FACTORY.get(obj.name) != obj.type:
        return False
    return not isinstance(obj.data, bpy.types.Mesh) or len(obj.data.vertices) == _CUBE


def show_materials(scene: bpy.types.Scene) -> bool:
    """Switch the viewports that show ``scene`` in Solid to Material Preview; says whether there were any."""
    solid = [shading for shading in _shadings(scene) if shading.type == "SOLID"]
    for shading in solid:
        shading.type = "MATERIAL"
    return bool(solid)


def shows_solid(scene: bpy.types.Scene) -> bool:
    """Whether a viewport shows ``scene`` in Solid, without its textures."""
    return any(shading.type == "SOLID" and shading.color_type != "TEXTURE" for shading in _shadings(scene))


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
    return (space.shading for _, _, space in viewports(scene))
