# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the artist sees a mesh that has come in, and a view that shows it. Main thread only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, cast

import bpy
from mathutils import Matrix, Vector

from .bounds import Box

if TYPE_CHECKING:
    from .arrival import Arrival

__all__ = ["bring_into_view", "look_at_selected", "viewports"]

_TINY: Final = 0.04
"""Parts of half the view's width and height: nobody sees what is smaller than that in both directions."""


def bring_into_view(arrival: Arrival, scene: bpy.types.Scene) -> None:
    """Have each viewport that shows a scene look at a mesh that is selected there, unless it is seen already.

    A view through a camera, a local one and a divided one stay as they are.
    """
    box = Box.between(arrival.low, arrival.high).seen_from(cast("Matrix", arrival.root.matrix_world))
    for window, area, space in viewports(scene):
        view: Any = space.region_3d
        is_free = view.view_perspective != "CAMERA" and not space.local_view and not space.region_quadviews
        if is_free and not _is_seen(box, view.perspective_matrix):
            _look(window, area)


def look_at_selected(scene: bpy.types.Scene) -> None:
    """Have each viewport that shows a scene look at what is selected there."""
    for window, area, _ in viewports(scene):
        _look(window, area)


def _look(window: bpy.types.Window, area: bpy.types.Area) -> None:
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.view3d.view_selected()


def viewports(
    scene: bpy.types.Scene,
) -> Iterator[tuple[bpy.types.Window, bpy.types.Area, bpy.types.SpaceView3D]]:
    """Give the 3D viewports that show a scene, each with its window."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas if window.scene == scene else ():
            if area.type == "VIEW_3D":
                yield window, area, cast("bpy.types.SpaceView3D", area.spaces.active)


def _is_seen(box: Box, matrix: Matrix) -> bool:
    """Whether the middle of a box is in the view, and not too small to be found.

    :param matrix: from the world to the view, whose borders are at -1 and 1.
    """
    corners = [Vector((x, y, z, 1.0)) for x in _ends(box, 0) for y in _ends(box, 1) for z in _ends(box, 2)]
    shown = [matrix @ corner for corner in (*corners, Vector((*box.centre, 1.0)))]
    if any(point.w <= 0.0 for point in shown):  # behind the viewer, or around
        return False
    places = [(point.x / point.w, point.y / point.w) for point in shown]
    if max(map(abs, places[-1])) > 1.0:
        return False
    sizes = [max(axis) - min(axis) for axis in zip(*places, strict=True)]
    return max(sizes) > _TINY


def _ends(box: Box, axis: int) -> tuple[float, float]:
    return box.low[axis], box.high[axis]
