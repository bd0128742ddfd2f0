# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands where a mesh is to stand, and where there is room beside it. Main thread only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import bpy
import numpy as np
from mathutils import Matrix

from .bounds import BODIES, Box

if TYPE_CHECKING:
    from .arrival import Arrival

__all__ = ["step_aside"]

_DEPTH: Final = 0.05
"""What is not this part of the mesh's size inside of something along each axis only touches it: a floor, a wall."""
_SURROUNDINGS: Final = 5.0
"""What is so many times as wide and as deep as the mesh is not beside it but around it: a room, a landscape."""
_GAP: Final = 0.1
"""Between neighbours: part of the mesh's own width."""


def step_aside(arrival: Arrival, layer: bpy.types.ViewLayer, *, moves: bool, ignored: Collection[str] = ()) -> Arrival:
    """See whether a mesh that has been placed stands inside of something that is seen, by their bounding boxes.

    Takes about 20 ms for 100,000 objects.

    :param moves: have it stand beside that instead, along X.
    :param ignored: names of objects that it may stand in.
    :return: the arrival, and in it what is to be said of where it stands.
    """
    root: Any = arrival.root
    layer.update()
    box = Box.between(arrival.low, arrival.high).seen_from(root.matrix_world)
    low, size = np.array(box.low), np.array(box.size)
    names, lows, highs = _others(layer, {*arrival.object_names, *ignored})
    around = ((highs - lows)[:, :2] > _SURROUNDINGS * size[:2]).all(axis=1)
    names, lows, highs = names[~around], lows[~around], highs[~around]
    first, shift = "", 0.0
    for _ in range(len(names) + 1):
        at = low + np.array((shift, 0.0, 0.0))
        depths = np.minimum(highs, at + size) - np.maximum(lows, at)
        inside = np.flatnonzero((depths > _DEPTH * size).all(axis=1))
        hits = [number for number in inside if layer.objects[names[number]].visible_get(view_layer=layer)]
        if not hits:
            break
        first = first or str(names[hits[0]])
        if not moves:
            return replace(arrival, where=f"inside {first}")
        shift = float(highs[hits, 0].max() - low[0] + _GAP * size[0])
    if not first:
        return arrival
    root.matrix_world = Matrix.Translation((shift, 0.0, 0.0)) @ root.matrix_world
    layer.update()
    return replace(arrival, where=f"beside {first}")


def _others(layer: bpy.types.ViewLayer, own: Iterable[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Names of all other objects with a body, and the lowest and the highest corner of each in the world."""
    objects: Any = layer.objects
    count = len(objects)
    frames, boxes = np.empty(count * 16, np.float32), np.empty(count * 24, np.float32)
    objects.foreach_get("matrix_world", frames)
    objects.foreach_get("bound_box", boxes)
    columns = frames.reshape(count, 4, 4)  # one after the other, as Blender keeps them
    corners = boxes.reshape(count, 8, 3) @ columns[:, :3, :3] + columns[:, 3:, :3]
    known = set(own)
    wanted = np.array([obj.type in BODIES and obj.name not in known for obj in objects], dtype=bool)
    names = np.array([obj.name for obj in objects], dtype=object)
    return names[wanted], corners.min(axis=1)[wanted], corners.max(axis=1)[wanted]
