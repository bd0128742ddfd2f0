# SPDX-License-Identifier: GPL-3.0-or-later
"""The faces of objects as arrays: read on the main thread, worked on in any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ..scene.bounds import Box
from .matching import Faces, Floats

__all__ = ["Corners", "box_of", "read_corners"]


@dataclass(frozen=True, eq=False)
class _Piece:
    """One mesh, as Blender has it."""

    points: np.ndarray
    frame: np.ndarray
    """Leads from its own axes to those of the whole."""
    vertices: np.ndarray
    starts: np.ndarray
    uvs: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Corners:
    """What was read of meshes, copied and not worked on yet."""

    pieces: Sequence[_Piece]

    def faces(self) -> Faces:
        """Give all of them as one. Takes a tenth of a second for 300,000 triangles."""
        points: list[Floats] = []
        vertices: list[np.ndarray] = []
        starts: list[np.ndarray] = []
        vertex_count = corner_count = 0
        for piece in self.pieces:
            points.append(_moved(piece.points, piece.frame))
            vertices.append(piece.vertices.astype(np.int64) + vertex_count)
            starts.append(piece.starts.astype(np.int64) + corner_count)
            vertex_count, corner_count = vertex_count + len(piece.points), corner_count + len(piece.vertices)
        uvs = [piece.uvs for piece in self.pieces if piece.uvs is not None]
        flat = np.concatenate(uvs) if len(uvs) == len(self.pieces) else None
        return Faces(np.concatenate(points), np.concatenate(vertices), np.concatenate(starts), flat)

    def is_same(self, other: Corners) -> bool:
        """Whether points and faces are the same to the last bit, whatever their UVs."""
        return len(self.pieces) == len(other.pieces) and all(
            np.array_equal(getattr(one, name), getattr(two, name))
            for one, two in zip(self.pieces, other.pieces, strict=True)
            for name in ("points", "frame", "vertices", "starts")
        )


def read_corners(parts: Iterable[tuple[bpy.types.Mesh, Matrix]], *, has_uvs: bool = False) -> Corners | None:
    """Read meshes, each with the matrix that leads from its own axes to those of the whole. Main thread.

    Attributes are copied as they are: a few milliseconds a million, where the corners' own properties take a second.

    :param has_uvs: with the coordinates of the active UV map.
    :return: ``None`` where there are no faces, or a mesh has no UV map.
    """
    pieces: list[_Piece] = []
    for mesh, frame in parts:
        attributes: Any = mesh.attributes
        layer: Any = mesh.uv_layers.active
        if has_uvs and layer is None:
            return None
        pieces.append(
            _Piece(
                points=_read(attributes["position"].data, "vector", 3, np.float32),
                frame=np.array(frame, np.float64),
                vertices=_read(attributes[".corner_vert"].data, "value", 1, np.int32).reshape(-1),
                starts=_starts(mesh),
                uvs=_read(layer.uv, "vector", 2, np.float32) if has_uvs else None,
            )
        )
    return Corners(pieces) if any(len(piece.vertices) for piece in pieces) else None


def box_of(faces: Faces) -> Box:
    return Box.between(faces.points.min(axis=0).tolist(), faces.points.max(axis=0).tolist())


def _moved(points: Floats, frame: np.ndarray) -> Floats:
    if np.array_equal(frame, np.identity(4)):
        return points
    return (points @ frame[:3, :3].T + frame[:3, 3]).astype(np.float32)


def _starts(mesh: bpy.types.Mesh) -> np.ndarray:
    if len(mesh.loops) == 3 * len(mesh.polygons):  # no face has fewer
        return np.arange(0, len(mesh.loops), 3, dtype=np.int32)
    return _read(mesh.polygons, "loop_start", 1, np.int32).reshape(-1)


def _read(items: Any, name: str, width: int, kind: Any) -> np.ndarray:
    values = np.empty(len(items) * width, dtype=kind)
    items.foreach_get(name, values)
    return values.reshape(-1, width)
