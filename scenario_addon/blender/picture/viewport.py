# SPDX-License-Identifier: GPL-3.0-or-later
"""A 3D viewport drawn once more, for its pixels. Main thread only, and only where there is a window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

import bpy
import gpu
import numpy as np
from mathutils import Matrix

from ...engine.errors import PictureError
from .pixels import made
from .subject.box import Square, box_of

__all__ = ["LastDrawing", "Place", "Sight", "draw_sight", "draw_viewport", "find_viewport", "heeds_matrices"]

_NOISE: Final = 1
_SKETCH_PX: Final = 512
"""Each side of the drawings that only tell where the subject is."""
_SHARP_PX: Final = 100
"""What is so large in a sketch is framed well enough: to 2 % of its size."""
_MOST_PX: Final = 3072
"""The longer side of a drawing that a part is cut out of."""
_LIT: Final = frozenset({"MATERIAL", "RENDERED"})
"""Kinds of shading that can show the scene's world."""


@dataclass(frozen=True, slots=True)
class Place:
    """A viewport that can be drawn, and what is shown in it as its shading says."""

    window: bpy.types.Window
    space: bpy.types.SpaceView3D
    region: bpy.types.Region


@dataclass(frozen=True, slots=True)
class Sight:
    """What is looked at."""

    view: Matrix
    """From the world to the eye's axes."""
    window: Matrix
    """From there to -1 to 1 on both sides."""
    width: float
    height: float
    """In pixels on the screen, or anything else: it is the proportion that counts."""

    def narrowed(self, square: Square) -> Sight:
        """Look at a square of it alone."""
        across, up = self.width / square.side, self.height / square.side
        shift_x = (self.width - 2 * square.left) / square.side - 1.0
        shift_y = (self.height - 2 * square.bottom) / square.side - 1.0
        zoom = Matrix(((across, 0, 0, shift_x), (0, up, 0, shift_y), (0, 0, 1, 0), (0, 0, 0, 1)))
        return Sight(self.view, zoom @ self.window, square.side, square.side)


class LastDrawing:
    """What was given out last, as it was drawn."""

    def __init__(self) -> None:
        self._pixels: dict[str, np.ndarray] = {}

    def steadied(self, pixels: np.ndarray, name: str) -> np.ndarray:
        """The last drawing of this name, where the new one is as good as the same, else the new one.

        Blender 5.2 draws a smoothed edge of an unchanged view one step brighter or darker from one time to the next.
        That must not make another picture, and another order, of it.

        :param pixels: RGBA from 0 to 255, multiplied by alpha.
        """
        last = self._pixels.get(name)
        if last is None or last.shape != pixels.shape or _largest_step(last, pixels) > _NOISE:
            last = self._pixels[name] = pixels
        return last


@contextmanager
def draw_viewport(
    context: bpy.types.Context, last: LastDrawing, *, size_px: int, is_whole: bool
) -> Iterator[bpy.types.Image]:
    """Draw what the viewport shows, without overlays and background: an image that lives for the block.

    :param context: whose 3D viewport it is; without one the largest in any window.
    :param last: remembers it for the next time.
    :param size_px: each side of a square that what is seen fills well.
    :param is_whole: draw it as it is seen instead, at its own size.
    :raises PictureError: there is no window, no viewport, or nothing to see in it.
    """
    window, area, region = find_viewport(context)
    view = cast(bpy.types.RegionView3D, region.data)
    place = Place(window, cast(bpy.types.SpaceView3D, area.spaces.active), region)
    sight = Sight(view.view_matrix.copy(), view.window_matrix.copy(), region.width, region.height)
    pixels = draw_sight(place, sight, last, name="viewport", size_px=None if is_whole else size_px)
    if pixels is None:
        raise PictureError("The 3D viewport shows no object: turn it to what you want as a mesh.")
    with made(pixels) as image:
        yield image


def draw_sight(place: Place, sight: Sight, last: LastDrawing, *, name: str, size_px: int | None) -> np.ndarray | None:
    """Draw what is seen: RGBA in 0 to 1, the lowest row first; ``None`` where that is nothing.

    :param name: tells what ``last`` remembers of this from what it remembers of others.
    :param size_px: each side of a square that what is seen fills well, with nothing in it that is not in sight;
        ``None`` for all of it, at its own size.
    """
    with _bare(place):
        pixels = _drawn(place, sight, last, name=name, size_px=size_px)
    if pixels is None or not pixels[..., 3].any():
        return None
    return _straight(last.steadied(pixels, f"{name}, {'whole' if size_px is None else 'framed'}"))


def heeds_matrices(space: bpy.types.SpaceView3D) -> bool:
    """Whether what draws a viewport looks through the matrices that it is given: EEVEE before 5.0 asks the viewport."""
    return space.shading.type not in _LIT or bpy.app.version >= (5, 0, 0)


def _drawn(place: Place, sight: Sight, last: LastDrawing, *, name: str, size_px: int | None) -> np.ndarray | None:
    whole = max(sight.width, sight.height)
    if size_px is None:
        return _draw_whole(place, sight, 1.0)
    square = _square_around(place, sight, last, name=name)
    if square is None:
        return None
    if heeds_matrices(place.space):
        return _draw_square(place, sight, square, size_px)
    scale = min(size_px / square.side, _MOST_PX / whole)
    return _part(_draw_whole(place, sight, scale), square, scale)


def _square_around(place: Place, sight: Sight, last: LastDrawing, *, name: str) -> Square | None:
    """Find the square around what is seen, by drawing it small; of what is a few pixels then, once more and larger."""
    scale = min(1.0, _SKETCH_PX / max(sight.width, sight.height))
    sketch = last.steadied(_draw_whole(place, sight, scale), f"{name}, sketched")
    box = box_of(sketch[..., 3] > 0)
    if box is None:
        return None
    square = Square.around(box).inside(Square(0.0, 0.0, 1.0 / scale), size_px=1)
    if box.extent >= _SHARP_PX:
        return square
    if heeds_matrices(place.space):
        wider = Square.around(box, least_side=box.extent * 2).inside(Square(0.0, 0.0, 1.0 / scale), size_px=1)
        sketch, origin, scale = _draw_square(place, sight, wider, _SKETCH_PX), wider, _SKETCH_PX / wider.side
    else:
        origin, scale = (
            Square(0.0, 0.0, 1.0),
            min(scale * _SHARP_PX / box.extent, _MOST_PX / max(sight.width, sight.height)),
        )
        sketch = _draw_whole(place, sight, scale)
    box = box_of(last.steadied(sketch, f"{name}, sketched again")[..., 3] > 0)
    if box is None:
        return square
    return Square.around(box).inside(Square(origin.left, origin.bottom, 1.0 / scale), size_px=1)


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


def _draw_whole(place: Place, sight: Sight, scale: float) -> np.ndarray:
    return _draw(place, sight, max(1, round(sight.width * scale)), max(1, round(sight.height * scale)))


def _draw_square(place: Place, sight: Sight, square: Square, size_px: int) -> np.ndarray:
    """Draw a square of a sight, and nothing that is beyond the edges of the sight."""
    pixels = _draw(place, sight.narrowed(square), size_px, size_px)
    scale = size_px / square.side
    columns, rows = (
        slice(max(0, round(-start * scale)), max(0, round((end - start) * scale)))
        for start, end in ((square.left, sight.width), (square.bottom, sight.height))
    )
    seen = np.zeros_like(pixels)
    seen[rows, columns] = pixels[rows, columns]
    return seen


def _part(pixels: np.ndarray, square: Square, scale: float) -> np.ndarray:
    """Cut a square out of a drawing of the whole; beyond its edges is nothing."""
    left, bottom, side = (round(value * scale) for value in (square.left, square.bottom, square.side))
    part = pixels[max(bottom, 0) : bottom + side, max(left, 0) : left + side]
    result = np.zeros((side, side, 4), dtype=pixels.dtype)
    row, column = max(-bottom, 0), max(-left, 0)
    result[row : row + part.shape[0], column : column + part.shape[1]] = part
    return result


def _draw(place: Place, sight: Sight, width_px: int, height_px: int) -> np.ndarray:
    """RGBA in 0 to 255, the lowest row first, colours as on the screen and multiplied by alpha."""
    offscreen = gpu.types.GPUOffScreen(width_px, height_px)
    try:
        offscreen.draw_view3d(
            place.window.scene,
            place.window.view_layer,
            place.space,
            place.region,
            sight.view,
            sight.window,
            do_color_management=True,
            draw_background=False,
        )
        buffer: Any = offscreen.texture_color.read()
    finally:
        offscreen.free()
    buffer.dimensions = width_px * height_px * 4
    return np.array(buffer, dtype=np.uint8).reshape(height_px, width_px, 4)


def _straight(pixels: np.ndarray) -> np.ndarray:
    """RGBA in 0 to 1, not multiplied by alpha."""
    pixels = pixels.astype(np.float32) / 255.0
    alpha = pixels[..., 3:]
    np.divide(pixels[..., :3], alpha, out=pixels[..., :3], where=alpha > 0.0)
    return np.clip(pixels, 0.0, 1.0)


def _largest_step(one: np.ndarray, other: np.ndarray) -> int:
    return int((np.maximum(one, other) - np.minimum(one, other)).max())


@contextmanager
def _bare(place: Place) -> Iterator[None]:
    """Have no overlays in a viewport, and no world: EEVEE draws that whatever is said of the background."""
    overlay, render, layer = place.space.overlay, place.window.scene.render, place.window.view_layer
    before = overlay.show_overlays, render.film_transparent
    overlay.show_overlays = False
    if not render.film_transparent and place.space.shading.type in _LIT:
        render.film_transparent = True
    layer.update()  # also, what a script has just changed is seen
    try:
        yield
    finally:
        overlay.show_overlays = before[0]
        if render.film_transparent != before[1]:
            render.film_transparent = before[1]
            layer.update()
