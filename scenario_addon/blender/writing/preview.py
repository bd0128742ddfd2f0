# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of a mesh that is open, alone on a transparent ground, from its front, a little from above and aside."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ...engine.errors import DiskError
from ...engine.files import create, discard, publish
from ...engine.host import Commission
from ...engine.names import numbered
from ...engine.pictures.png import marked
from ..picture.containers import without_origin
from ..scene.arrival import Arrival
from ..studio.child.framing import Frame, clouds, perspective, spans
from ..studio.child.light import Booth

__all__ = ["SIZE_PX", "photograph"]

SIZE_PX: Final = 512
_SAMPLES: Final = 6
"""A pixel, which takes two cores a second; with fewer, edges are jagged."""
_ASIDE: Final = math.radians(30.0)
"""Towards the mesh's left, the right side of the picture."""
_ABOVE: Final = math.radians(18.0)
_AWAY: Final = 3.0
"""The camera's distance from the middle, in diagonals of the mesh."""


def photograph(arrival: Arrival, commission: Commission, *, token: str, engine: str) -> Path:
    """Render a preview, and give it its name or a numbered one, marked as of the job's mesh.

    :raises DiskError: it cannot be written.
    :raises RuntimeError: it cannot be rendered.
    """
    wanted = commission.preview
    assert wanted is not None
    part = wanted.with_name(f".{token}{wanted.suffix}")
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        _render(arrival, part, engine=engine)
        png = marked(without_origin(part.read_bytes()), commission.job_id)
        discard(part)
        with create(part) as file:
            file.write(png)
        return publish(part, numbered(wanted))
    except OSError as error:
        raise DiskError(f"{wanted} could not be written: {error.strerror or error}") from error
    finally:
        discard(part)


def _render(arrival: Arrival, path: Path, *, engine: str) -> None:
    scene = bpy.data.scenes.new("Preview")
    for obj in arrival.objects:
        scene.collection.objects.link(obj)
    bpy.context.window.scene = scene
    graph = bpy.context.evaluated_depsgraph_get()
    booth = Booth(scene, engine=engine, size_px=SIZE_PX, samples=_SAMPLES, look="MATERIALS", is_lit=False)
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
