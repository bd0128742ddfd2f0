# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a camera has to stand so that a subject fills its picture: one scale and one centre for all.

Measured to the vertex wherever something is seen that has vertices.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix, Vector

__all__ = ["FILL", "Frame", "clouds", "parallel", "perspective", "spans"]

FILL: Final = 0.9
"""Of the picture's side, by the subject's widest extent."""
SENSOR_MM: Final = 36.0
_MOST_POINTS: Final = 20_000_000
"""Beyond so many, instances are measured by their bounding boxes."""
_MOST_HAIRS: Final = 20_000
_HAIR_STEPS: Final = 5
"""Looked at along each hair, besides its tip."""
_NEAREST: Final = 0.25
"""The eye is moved back until nothing is nearer than this part of the subject's depth and width."""


@dataclass(frozen=True)
class Frame:
    """A camera: where it stands, and how wide it looks."""

    matrix: Matrix
    clip_end: float
    ortho_scale: float | None = None
    lens_mm: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)

    def widened(self, factor: float) -> Frame:
        """Show more around the same middle."""
        scale = self.ortho_scale and self.ortho_scale * factor
        shift = (self.shift[0] / factor, self.shift[1] / factor)
        return Frame(self.matrix, self.clip_end * factor, scale, self.lens_mm / factor, shift)


def clouds(graph: bpy.types.Depsgraph) -> Iterator[np.ndarray]:
    """Give the points between which everything is that is seen, in the world: (n, 3) each."""
    left = _MOST_POINTS
    instances: Any = graph.object_instances
    for instance in instances:
        obj = instance.object
        matrix = np.array(instance.matrix_world, dtype=np.float64)
        if instance.show_self:
            points = _points(obj, is_coarse=left <= 0)
            left -= len(points)
            yield points @ matrix[:3, :3].T + matrix[:3, 3]
        if instance.show_particles and not instance.is_instance:
            yield from _hairs(obj)


def spans(points: Sequence[np.ndarray], axes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Measure from where to where the points reach along each of ``axes``, (k, 3)."""
    lows, highs = np.full(len(axes), np.inf), np.full(len(axes), -np.inf)
    for cloud in points:
        if len(cloud):
            along = axes @ cloud.T
            lows, highs = np.minimum(lows, along.min(axis=1)), np.maximum(highs, along.max(axis=1))
    return lows, highs


def parallel(points: Sequence[np.ndarray], turns: Sequence[Matrix], frame: Matrix) -> list[Frame]:
    """Place orthographic cameras.

    :param turns: each one's axes in the world, 3x3.
    :param frame: the subject's, 4x4: the middle of the bounds along its axes is the middle of each picture.
    """
    home = np.array(frame.to_3x3().transposed())
    lows, highs = spans(points, home)
    middle = home.T @ ((lows + highs) / 2)
    depth = float(np.linalg.norm(highs - lows))  # for a side alone as among others: the same picture is the same bytes
    across = np.concatenate([np.array(turn.transposed())[:2] for turn in turns])
    lows, highs = spans(points, across)
    reach = float(max((highs - across @ middle).max(), (across @ middle - lows).max()))
    scale = 2.0 * reach / FILL
    return [
        Frame(_standing(turn, Vector(middle.tolist()) + _back(turn) * (2.0 * depth)), 4.0 * depth, ortho_scale=scale)
        for turn in turns
    ]


def perspective(points: Sequence[np.ndarray], eye: Matrix) -> Frame:
    """Keep the eye where it is, and cut out of what it sees the square that is filled.

    It is moved straight back where something is beside or behind it.
    """
    turn = eye.to_3x3().normalized()
    axes = np.array(turn.transposed())
    lows, highs = spans(points, axes)
    place = axes @ np.array(eye.translation)
    room = float((highs - lows).max()) * _NEAREST
    place[2] = max(place[2], highs[2] + room)
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for cloud in points:
        if len(cloud):
            x, y, z = axes @ cloud.T - place[:, None]
            seen = np.stack([x, y]) / -z
            low, high = np.minimum(low, seen.min(axis=1)), np.maximum(high, seen.max(axis=1))
    width = float((high - low).max()) / FILL
    shift = (low + high) / 2 / width
    far = 2.0 * float(place[2] - lows[2])
    lens_mm = SENSOR_MM / width
    return Frame(
        _standing(turn, Vector((axes.T @ place).tolist())), far, None, lens_mm, (float(shift[0]), float(shift[1]))
    )


def _points(obj: bpy.types.Object, *, is_coarse: bool) -> np.ndarray:
    """Give the points around an evaluated object's surface, in its own axes."""
    data: Any = obj.data
    if obj.type not in ("MESH", "CURVES", "POINTCLOUD", "VOLUME"):
        return np.empty((0, 3))
    if obj.type == "VOLUME" or is_coarse:
        return np.array([corner[:] for corner in obj.bound_box])
    places = _attribute(data, "position", "vector", 3)
    if obj.type == "MESH":
        corners = np.empty(len(data.loops), dtype=np.int32)
        data.loops.foreach_get("vertex_index", corners)
        is_used = np.zeros(len(places), dtype=bool)
        is_used[corners] = True
        return places[is_used]
    radii = _attribute(data, "radius", "value", 1)
    return _padded(places, float(radii.max()) if len(radii) else 0.01)


def _attribute(data: Any, name: str, key: str, width: int) -> np.ndarray:
    attribute = data.attributes.get(name)
    if attribute is None:
        return np.empty((0, width))
    values = np.empty(len(attribute.data) * width, dtype=np.float32)
    attribute.data.foreach_get(key, values)
    return values.reshape(-1, width)


def _padded(points: np.ndarray, radius: float) -> np.ndarray:
    """Give corners around all points, so far away."""
    if not len(points):
        return points
    low, high = points.min(axis=0) - radius, points.max(axis=0) + radius
    return np.array([[(low, high)[n >> axis & 1][axis] for axis in range(3)] for n in range(8)])


def _hairs(obj: bpy.types.Object) -> Iterator[np.ndarray]:
    """Give points along an object's hairs, in the world."""
    for modifier in obj.modifiers:
        if not isinstance(modifier, bpy.types.ParticleSystemModifier) or not modifier.show_render:
            continue
        system, settings = modifier.particle_system, modifier.particle_system.settings
        if settings.type != "HAIR" or settings.render_type != "PATH":
            continue
        count = len(system.particles) + len(system.child_particles)
        numbers = range(0, count, math.ceil(count / _MOST_HAIRS) or 1)
        last: int = 2**settings.display_step
        steps = sorted({*range(0, last, max(1, last // _HAIR_STEPS)), last})
        places = [system.co_hair(obj, particle_no=number, step=step)[:] for number in numbers for step in steps]
        yield np.array(places).reshape(-1, 3)


def _standing(turn: Matrix, place: Vector) -> Matrix:
    return Matrix.Translation(place[:]) @ turn.to_4x4()


def _back(turn: Matrix) -> Vector:
    columns: Any = turn.col
    return columns[2]
