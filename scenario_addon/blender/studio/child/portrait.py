# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of a mesh that is open, alone on a transparent ground, from its front, a little from above and aside."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix, Vector

from .framing import Frame, clouds, perspective, spans
from .light import Booth

__all__ = ["portray"]

_ASIDE: Final = math.radians(30.0)
"""Towards the mesh's left, the right side of the picture."""
_ABOVE: Final = math.radians(18.0)
_AWAY: Final = 3.0
"""The camera's distance from the middle, in diagonals of the mesh."""


def portray(objects: Iterable[bpy.types.Object], path: Path, *, engine: str, size_px: int, samples: int) -> None:
    """Render objects into a file.

    :raises RuntimeError: it cannot be rendered or written.
    """
    scene = bpy.data.scenes.new("Preview")
    for obj in objects:
        scene.collection.objects.link(obj)
    bpy.context.window.scene = scene
    graph = bpy.context.evaluated_depsgraph_get()
    booth = Booth(scene, engine=engine, size_px=size_px, samples=samples, look="MATERIALS", is_lit=False)
    booth.shoot(_frame(list(clouds(graph))), path)


def _frame(points: list[np.ndarray]) -> Frame:
    lows, highs = spans(points, np.eye(3))
    middle, diagonal = (lows + highs) / 2, float(np.linalg.norm(highs - lows))
    back: Any = Vector((math.sin(_ASIDE) * math.cos(_ABOVE), -math.cos(_ASIDE) * math.cos(_ABOVE), math.sin(_ABOVE)))
    up: Any = Vector((0.0, 0.0, 1.0))
    right: Any = up.cross(back).normalized()
    turn = Matrix((right[:], back.cross(right)[:], back[:])).transposed()
    eye = Vector(middle.tolist()) + back * (_AWAY * diagonal)
    return perspective(points, Matrix.Translation(eye[:]) @ turn.to_4x4())
