# SPDX-License-Identifier: GPL-3.0-or-later
"""How much room objects take up, along any axes. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Self

import bpy
from mathutils import Matrix, Vector

if TYPE_CHECKING:
    import numpy as np

__all__ = ["BODIES", "Box", "Triple", "bounds", "extent", "parts_of", "triple"]

Triple = tuple[float, float, float]

BODIES: Final = frozenset({"CURVE", "CURVES", "FONT", "MESH", "META", "POINTCLOUD", "SURFACE", "VOLUME"})
"""Types of objects that are seen as a surface."""

_MOST_VERTICES: Final = 5_000_000
"""Beyond so many in one call what is left is measured by its bounding box alone."""
_STRAIGHT: Final = 1e-6
"""Below this part of the longest, an axis counts as not there."""


class Box:
    """The lowest and the highest corner of whatever was added to it; ``is_empty`` until then."""

    def __init__(self) -> None:
        self.low = Vector((float("inf"),) * 3)
        self.high = -self.low

    @classmethod
    def between(cls, low: Any, high: Any) -> Self:
        box = cls()
        box.add(low)
        box.add(high)
        return box

    @property
    def is_empty(self) -> bool:
        return self.low.x > self.high.x

    @property
    def size(self) -> Vector:
        return self.high - self.low

    @property
    def centre(self) -> Vector:
        return (self.low + self.high) / 2

    @property
    def base(self) -> Vector:
        """The centre of its lower side."""
        return Vector((self.centre.x, self.centre.y, self.low.z))

    def add(self, point: Any) -> None:
        """:param point: a vector, or three numbers in anything else."""
        self.low = Vector([min(self.low[axis], point[axis]) for axis in range(3)])
        self.high = Vector([max(self.high[axis], point[axis]) for axis in range(3)])

    def seen_from(self, frame: Matrix) -> Box:
        """The box around this one in other axes: ``frame`` leads there."""
        box = Box()
        for x in (self.low.x, self.high.x):
            for y in (self.low.y, self.high.y):
                for z in (self.low.z, self.high.z):
                    box.add(frame @ Vector((x, y, z)))
        return box


def triple(vector: Vector) -> Triple:
    """Plain numbers, to the micrometre: what JSON can hold."""
    return (round(vector.x, 6), round(vector.y, 6), round(vector.z, 6))


def parts_of(objects: Iterable[bpy.types.Object], root: bpy.types.Object) -> Iterator[tuple[bpy.types.Object, Matrix]]:
    """Objects of the context's view layer for :func:`bounds`, up to date, in the axes of ``root``."""
    graph = bpy.context.evaluated_depsgraph_get()
    graph.update()
    home = root.matrix_world.inverted_safe()
    for obj in objects:
        evaluated = obj.evaluated_get(graph)
        yield evaluated, home @ evaluated.matrix_world


def bounds(parts: Iterable[tuple[bpy.types.Object, Matrix]]) -> Box:
    """Measure the smallest box around all ``parts``, to the vertex.

    :param parts: evaluated objects, each with the matrix that leads from its own axes to those of the box. They are
        looked at one by one: the objects of ``Depsgraph.object_instances`` do not outlive their turn.
    """
    box, left = Box(), _MOST_VERTICES
    for obj, frame in parts:
        points = None if _keeps_axes(frame) else _points(obj)
        if points and len(points) <= left:
            left -= len(points)
            corners = extent(obj, frame)
        else:
            corners = [frame @ Vector(corner[:]) for corner in obj.bound_box]
        for corner in corners:
            box.add(corner)
    return box


def _keeps_axes(frame: Matrix) -> bool:
    """Whether a box along one set of axes is a box along the other: then its corners say all."""
    rows = [sorted(abs(row[axis]) for axis in range(3)) for row in frame.to_3x3()]
    return all(second <= _STRAIGHT * most for _, second, most in rows)


def _points(obj: bpy.types.Object) -> Any:
    """Where the vertices are; ``None`` for what is no mesh. As an attribute they are copied twenty times as fast."""
    attribute = obj.data.attributes.get("position") if isinstance(obj.data, bpy.types.Mesh) else None
    return getattr(attribute, "data", None)


def extent(obj: bpy.types.Object, frame: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """Measure the lowest and the highest corner of an object with a mesh, to the vertex; NaN when a vertex is.

    :param obj: evaluated.
    :param frame: leads from its own axes to those of the corners.
    """
    import numpy as np  # lazy: it takes longer than enabling an add-on may

    points = _points(obj)
    places = np.empty(len(points) * 3, dtype=np.float32)
    points.foreach_get("vector", places)
    turned = np.array(frame.to_3x3(), dtype=np.float32) @ places.reshape(-1, 3).T
    shift = np.array(frame.translation)
    return turned.min(axis=1) + shift, turned.max(axis=1) + shift
