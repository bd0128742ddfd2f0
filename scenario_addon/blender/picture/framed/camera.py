# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scene's camera sees, drawn as the viewport draws it. Main thread only, and only where there is a window."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import bpy

from ....engine.errors import PictureError
from ..viewport import LastDrawing, Place, Sight, draw_sight, find_viewport, heeds_matrices
from .kept import keep_pixels

__all__ = ["NO_CAMERA", "SEES_NOTHING", "camera_sight", "capture_camera"]

NO_CAMERA: Final = "The scene has no camera: add one, or choose another source."
_FRAME_ZOOM: Final = 50.0 * (2.0 - math.sqrt(2.0))
"""Of a viewport that looks through the camera: its frame is as wide as the viewport."""
SEES_NOTHING: Final = "The camera sees no object: turn it to what you want as a mesh."


def capture_camera(
    context: bpy.types.Context, *, folder: Path, last: LastDrawing, size_px: int = 1024, is_whole: bool = False
) -> Path:
    """Draw what the scene's camera sees, with the shading of the context's 3D viewport, or else of the largest one.

    :param last: remembers it for the next time.
    :param size_px: each side of a square, which what is seen fills to nine tenths; or the longer side of the whole.
    :param is_whole: draw all that the camera frames instead.
    :raises PictureError: there is no camera, no window, no viewport, or nothing to be seen.
    :raises DiskError: the picture cannot be written.
    """
    window, area, region = find_viewport(context)
    place = Place(window, cast(bpy.types.SpaceView3D, area.spaces.active), region)
    if window.scene.camera is None:
        raise PictureError(NO_CAMERA)
    with context.temp_override(window=window):
        graph = context.evaluated_depsgraph_get()
    sight = camera_sight(window.scene, graph, size_px=size_px)
    with _looking_through(place):
        pixels = draw_sight(place, sight, last, name="camera", size_px=None if is_whole else size_px)
    if pixels is None:
        raise PictureError(SEES_NOTHING)
    return keep_pixels(pixels, name="Camera", folder=folder)


@contextmanager
def _looking_through(place: Place) -> Iterator[None]:
    """Have the viewport look through the camera, so that its frame fills it, where the matrices are not heeded."""
    view: Any = place.region.data
    before = (view.view_perspective, view.view_camera_zoom), tuple(view.view_camera_offset)
    if heeds_matrices(place.space):
        yield
        return
    try:
        view.view_perspective, view.view_camera_zoom, view.view_camera_offset = "CAMERA", _FRAME_ZOOM, (0.0, 0.0)
        yield
    finally:
        (view.view_perspective, view.view_camera_zoom), view.view_camera_offset = before


def camera_sight(scene: bpy.types.Scene, graph: bpy.types.Depsgraph, *, size_px: int) -> Sight:
    """Look as the scene's camera does when it renders.

    :param size_px: the longer side of what it frames.
    """
    camera: Any = scene.camera
    camera = camera.evaluated_get(graph)
    render = scene.render
    width, height = render.resolution_x * render.pixel_aspect_x, render.resolution_y * render.pixel_aspect_y
    window = camera.calc_matrix_camera(
        graph,
        x=render.resolution_x,
        y=render.resolution_y,
        scale_x=render.pixel_aspect_x,
        scale_y=render.pixel_aspect_y,
    )
    scale = size_px / max(width, height)
    return Sight(camera.matrix_world.normalized().inverted(), window, width * scale, height * scale)
