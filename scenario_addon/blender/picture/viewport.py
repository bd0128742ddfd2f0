# SPDX-License-Identifier: GPL-3.0-or-later
"""A 3D viewport drawn once more, for its pixels. Main thread only, and only where there is a window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import bpy
import gpu
import numpy as np

from ...engine.errors import PictureError

__all__ = ["LastDrawing", "draw_viewport", "find_viewport"]

_NOISE: Final = 1


class LastDrawing:
    """What was given out last, as it was drawn."""

    def __init__(self) -> None:
        self._pixels: np.ndarray | None = None

    def steadied(self, pixels: np.ndarray) -> np.ndarray:
        """The last drawing, where the new one is as good as the same, else the new one.

        Blender 5.2 draws a smoothed edge of an unchanged view one step brighter or darker from one time to the next.
        That must not make another picture, and another order, of it.

        :param pixels: RGBA from 0 to 255, multiplied by alpha.
        """
        last = self._pixels
        if last is None or last.shape != pixels.shape or _largest_step(last, pixels) > _NOISE:
            last = self._pixels = pixels
        return last


@contextmanager
def draw_viewport(context: bpy.types.Context, last: LastDrawing) -> Iterator[bpy.types.Image]:
    """Draw what the viewport shows, at its size, without overlays and background: an image that lives for the block.

    :param context: whose 3D viewport it is; without one the largest in any window.
    :param last: remembers it for the next time.
    :raises PictureError: there is no window, no viewport, or nothing to see in it.
    """
    window, area, region = find_viewport(context)
    pixels = _straight(last.steadied(_draw(window, cast(bpy.types.SpaceView3D, area.spaces.active), region)))
    if not pixels[..., 3].any():
        raise PictureError("The 3D viewport shows no object: turn it to what you want as a mesh.")
    height_px, width_px, _ = pixels.shape
    image: Any = bpy.data.images.new("Scenario viewport", width_px, height_px, alpha=True)
    try:
        image.pixels.foreach_set(pixels.ravel())
        yield image
    finally:
        bpy.data.images.remove(image)


def find_viewport(
    context: bpy.types.Context,
) -> tuple[bpy.types.Window, bpy.types.Area, bpy.types.Region]:
    """Find the viewport that somebody means: its window, its area, and the region with the view.

    :raises PictureError: there is none.
    """
    if bpy.app.background:
        raise PictureError("Without a window there is no 3D viewport: use a render, an image or a file.")
    area, region = context.area, context.region
    if area is not None and area.type == "VIEW_3D":
        if region is None or region.type != "WINDOW":  # the sidebar's, when a button in it was pressed
            region = _largest(r for r in area.regions if r.type == "WINDOW")
        return context.window, area, region
    windows = [context.window] if context.window else context.window_manager.windows
    for candidates in (windows, context.window_manager.windows):
        found = {a: w for w in candidates for a in w.screen.areas if a.type == "VIEW_3D"}
        if found:
            area = _largest(found)
            return found[area], area, _largest(r for r in area.regions if r.type == "WINDOW")
    raise PictureError("No 3D viewport is open: open one, or choose another source.")


def _largest(parts: Iterable[Any]) -> Any:
    return max(parts, key=lambda part: part.width * part.height)


def _draw(window: bpy.types.Window, space: bpy.types.SpaceView3D, region: bpy.types.Region) -> np.ndarray:
    """RGBA in 0 to 255, the lowest row first, colours as on the screen and multiplied by alpha."""
    view = cast(bpy.types.RegionView3D, region.data)
    offscreen = gpu.types.GPUOffScreen(region.width, region.height)
    try:
        with _bare(space):
            offscreen.draw_view3d(
                window.scene,
                window.view_layer,
                space,
                region,
                view.view_matrix,
                view.window_matrix,
                do_color_management=True,
                draw_background=False,
            )
        buffer: Any = offscreen.texture_color.read()
    finally:
        offscreen.free()
    buffer.dimensions = region.width * region.height * 4
    return np.array(buffer, dtype=np.uint8).reshape(region.height, region.width, 4)


def _straight(pixels: np.ndarray) -> np.ndarray:
    """RGBA in 0 to 1, not multiplied by alpha."""
    pixels = pixels.astype(np.float32) / 255.0
    alpha = pixels[..., 3:]
    np.divide(pixels[..., :3], alpha, out=pixels[..., :3], where=alpha > 0.0)
    return np.clip(pixels, 0.0, 1.0)


def _largest_step(one: np.ndarray, other: np.ndarray) -> int:
    return int((np.maximum(one, other) - np.minimum(one, other)).max())


@contextmanager
def _bare(space: bpy.types.SpaceView3D) -> Iterator[None]:
    shown = space.overlay.show_overlays
    space.overlay.show_overlays = False
    try:
        yield
    finally:
        space.overlay.show_overlays = shown
