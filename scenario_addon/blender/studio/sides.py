# SPDX-License-Identifier: GPL-3.0-or-later
"""From where a subject is looked at: which way it faces, its eight named sides, or the artist's own view. Any thread.

A subject's frame is the world turned about Z, so that the subject faces -Y in it. Its left, as for a person, is +X.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import bpy
from mathutils import Matrix, Vector

__all__ = ["AROUND", "Facing", "Rows", "View", "angle", "axes_of"]

Rows = tuple[tuple[float, ...], ...]
"""A matrix as plain numbers."""

_SLANT: Final = math.sqrt(0.5)
_UP: Final = (0.0, 0.0, 1.0)
_STANDS: Final[Mapping[str, tuple[tuple[float, float, float], tuple[float, float, float]]]] = {
    "front": ((0.0, -1.0, 0.0), _UP),
    "left": ((1.0, 0.0, 0.0), _UP),
    "right": ((-1.0, 0.0, 0.0), _UP),
    "back": ((0.0, 1.0, 0.0), _UP),
    "top": ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
    "bottom": ((0.0, 0.0, -1.0), (0.0, -1.0, 0.0)),
    "left-front": ((_SLANT, -_SLANT, 0.0), _UP),
    "right-front": ((-_SLANT, -_SLANT, 0.0), _UP),
}
"""In the subject's frame: where the camera stands, seen from the subject, and what is up in the picture."""
AROUND: Final = tuple(side for side, (stand, _) in _STANDS.items() if stand[2] == 0.0)
"""Those that lie at the height of the subject's middle."""
_STEEP: Final = 1e-3
"""Below this sine of its angle to the vertical, a direction says nothing about a turn about it."""


def angle(side: str) -> float:
    """Give the angle about Z, in radians, at which a camera stands that is at the height of the subject's middle."""
    (x, y, _), _ = _STANDS[side]
    return math.atan2(y, x)


def axes_of(side: str) -> Matrix:
    """Give a camera's axes, 3x3, in the subject's frame: right, up and backwards are its columns."""
    back, up = (Vector(direction) for direction in _STANDS[side])
    right: Any = up.cross(back)
    return Matrix((right[:], up[:], back[:])).transposed()


@dataclass(frozen=True)
class Facing:
    """Which way a subject faces."""

    turn: float = 0.0
    """Radians about the world's Z, from facing -Y."""

    @classmethod
    def of_object(cls, matrix: Matrix) -> Self:
        """Face where an object's own -Y points to; if that is up or down, its own X is what counts.

        :param matrix: of the object, in the world.
        """
        return cls(_turn(-_column(matrix, 1), _column(matrix, 0)))

    @classmethod
    def of_view(cls, matrix: Matrix) -> Self:
        """Face whoever looks.

        :param matrix: of the camera, in the world: it looks along its own -Z.
        """
        return cls(_turn(_column(matrix, 2), _column(matrix, 0)))

    @property
    def matrix(self) -> Matrix:
        """4x4, from the subject's frame to the world."""
        return Matrix.Rotation(self.turn, 4, "Z")


@dataclass(frozen=True)
class View:
    """The eye of whoever looks at the scene. Its zoom does not count: the picture is framed to the subject."""

    rows: Rows
    """The camera's 4x4 matrix in the world."""
    is_perspective: bool = True

    @classmethod
    def of_viewport(cls, region: bpy.types.RegionView3D) -> Self:
        """Look as a 3D viewport does, also through a camera. Main thread only."""
        return cls._of(region.view_matrix.inverted_safe(), is_perspective=region.window_matrix[3][3] == 0.0)

    @classmethod
    def of_camera(cls, camera: bpy.types.Object) -> Self:
        """Look as a camera does. Main thread only."""
        place: Any = camera.matrix_world
        location, rotation, _ = place.decompose()
        lens: Any = camera.data
        return cls._of(Matrix.LocRotScale(location, rotation, None), is_perspective=lens.type != "ORTHO")

    @classmethod
    def _of(cls, matrix: Matrix, *, is_perspective: bool) -> Self:
        rows: Any = matrix
        return cls(tuple(tuple(row) for row in rows), is_perspective)

    @property
    def matrix(self) -> Matrix:
        return Matrix(self.rows)


def _turn(front: Vector, side: Vector) -> float:
    """Give the turn of whatever has its front and its left there."""
    if math.hypot(front.x, front.y) >= _STEEP:
        return math.atan2(front.x, -front.y)
    return math.atan2(side.y, side.x)


def _column(matrix: Matrix, number: int) -> Vector:
    columns: Any = matrix.to_3x3().col
    return columns[number].normalized()
