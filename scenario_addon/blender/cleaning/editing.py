# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh as another one, without some faces, with others turned, and with lids. Main thread only.

UVs, materials, colours, groups of vertices, shape keys and custom normals stay with what they belong to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import bmesh
import bpy
import numpy as np
from mathutils import Vector

from .holes import MIDDLE, Lid
from .surface import read

__all__ = ["edited"]

_NORMAL: Final = "scenario"
"""Name of the attribute that carries the custom normals, and goes again."""
_ROUND: Final = 0.7
"""Cosine of the angle between a lid and what is around it, up to which the shading runs on: 45 degrees."""
_SAME_UV: Final = 1e-4


def edited(mesh: bpy.types.Mesh, *, gone: np.ndarray, turned: np.ndarray, lids: Sequence[Lid]) -> bpy.types.Mesh:
    """Make the new mesh.

    :param gone: which faces it is not to have, (faces,).
    :param turned: which are turned, with the normals that look to the other side then, (faces,).
    """
    new = cast("bpy.types.Mesh", mesh.copy())
    # They are stored as turns against the surface's own, which change only where faces are turned or added.
    has_new_normals = mesh.has_custom_normals and bool(turned.any() or lids)
    if has_new_normals:
        carried: Any = new.attributes.new(_NORMAL, "FLOAT_VECTOR", "CORNER")
        carried.data.foreach_set("vector", _normals_when(mesh, turned).ravel())
    work = bmesh.new()
    try:
        work.from_mesh(new)
        work.faces.ensure_lookup_table()
        work.verts.ensure_lookup_table()
        for number in np.flatnonzero(turned).tolist():
            work.faces[number].normal_flip()
        rest: list[Any] = [work.faces[number] for number in np.flatnonzero(gone).tolist()]
        _close(work, lids)
        bmesh.ops.delete(work, geom=rest, context="FACES")
        work.to_mesh(new)
    finally:
        work.free()
    if has_new_normals:
        carried = new.attributes[_NORMAL]
        normals = read(carried.data, "vector", 3)
        new.attributes.remove(carried)
        new.normals_split_custom_set(normals.tolist())
    return new


def _normals_when(mesh: bpy.types.Mesh, turned: np.ndarray) -> np.ndarray:
    """The normals of all corners once some faces are turned: with them those that would look to their back."""
    normals = read(mesh.corner_normals, "vector", 3)
    fronts = read(mesh.polygons, "normal", 3)  # in newer Blenders, polygon_normals are the custom ones, too
    fronts[~turned] = 0.0
    face = np.repeat(np.arange(len(turned)), read(mesh.polygons, "loop_total", 1, np.int32))
    normals[(normals * fronts[face]).sum(axis=1) > 0] *= -1
    return normals


def _close(work: bmesh.types.BMesh, lids: Sequence[Lid]) -> None:
    """Add the faces of all lids."""
    closings = [_Closing.of(work, lid) for lid in lids]  # before anything is added, while numbers are good
    for closing in closings:
        closing.add(work)


def _middle(work: bmesh.types.BMesh, around: Sequence[bmesh.types.BMVert]) -> bmesh.types.BMVert:
    """Make the vertex in the middle of a lid, which is what those around it are on average."""
    middle = work.verts.new(_mean([vertex.co for vertex in around]), around[0])
    for layer in work.verts.layers.shape.values():
        middle[layer] = _mean([vertex[layer] for vertex in around])
    for layer in work.verts.layers.deform.values():
        weights = Counter[int]()
        for vertex in around:
            weights.update({group: weight / len(around) for group, weight in vertex[layer].items()})
        middle[layer].clear()
        for group, weight in weights.items():
            middle[layer][group] = weight
    return middle


def _mean(vectors: Sequence[Vector]) -> Any:
    return sum(vectors, Vector((0.0, 0.0, 0.0))) / len(vectors)


@dataclass(frozen=True)
class _Closing:
    """A lid on its way into a mesh. Holds live elements: for use within one call."""

    lid: Lid
    corners: list[bmesh.types.BMLoop]
    """Of the faces around it, one for each edge of the rim: what the lid's corners there are to be like."""
    islands: list[int]
    """Which corners are neighbours in all UV maps, too."""

    @classmethod
    def of(cls, work: bmesh.types.BMesh, lid: Lid) -> _Closing:
        corners: list[bmesh.types.BMLoop] = []
        ends: list[bmesh.types.BMLoop] = []
        for face, vertex in zip(lid.faces.tolist(), lid.vertices.tolist(), strict=True):
            corner = next(loop for loop in work.faces[face].loops if loop.vert.index == vertex)
            corners.append(corner)
            ends.append(corner.link_loop_next)
        layers = work.loops.layers.uv.values()
        islands, island = [0], 0
        for corner, end in zip(corners[1:], ends, strict=False):
            island += any((corner[layer].uv - end[layer].uv).length > _SAME_UV for layer in layers)
            islands.append(island)
        if not any((corners[0][layer].uv - ends[-1][layer].uv).length > _SAME_UV for layer in layers):
            islands = [0 if number == island else number for number in islands]
        return cls(lid, corners, islands)

    def add(self, work: bmesh.types.BMesh) -> None:
        """Make the faces, of the material that most of those around them have."""
        materials = Counter(corner.face.material_index for corner in self.corners)
        like = next(c.face for c in self.corners if c.face.material_index == materials.most_common(1)[0][0])
        around = [corner.vert for corner in self.corners]
        middle = _middle(work, around) if any(MIDDLE in triangle for triangle in self.lid.triangles) else None
        for triangle in self.lid.triangles:
            vertices: Any = [middle if n == MIDDLE else around[n] for n in triangle]
            if work.faces.get(vertices) is None:
                self._paint(work, work.faces.new(vertices, like), triangle)

    def _paint(self, work: bmesh.types.BMesh, face: bmesh.types.BMFace, triangle: Sequence[int]) -> None:
        """Give a face of the lid the corners of what is around it; where those are apart on the texture, one colour."""
        rim = [n for n in triangle if n != MIDDLE]
        is_one_island = len({self.islands[n] for n in rim}) == 1
        for loop, number in zip(face.loops, triangle, strict=True):
            loop.copy_from(self.corners[number if is_one_island and number != MIDDLE else rim[0]])
        if is_one_island and MIDDLE in triangle and len(set(self.islands)) == 1:
            for layer in work.loops.layers.uv.values():
                mean: Any = sum((corner[layer].uv for corner in self.corners), Vector((0.0, 0.0)))
                face.loops[list(triangle).index(MIDDLE)][layer].uv = mean / len(self.corners)
        self._shade(work, face, triangle)

    def _shade(self, work: bmesh.types.BMesh, face: bmesh.types.BMFace, triangle: Sequence[int]) -> None:
        """Have the shading run on from what is around it, unless there is an edge."""
        face.normal_update()
        layer = work.loops.layers.float_vector.get(_NORMAL)
        if layer is None:
            facing = [self.corners[n].face.normal.dot(face.normal) for n in triangle if n != MIDDLE]
            face.smooth = face.smooth and min(facing) > _ROUND
            return
        for loop, number in zip(face.loops, triangle, strict=True):
            around: Any = self.corners[number][layer] if number != MIDDLE else face.normal
            loop[layer] = around if around.dot(face.normal) > _ROUND else face.normal
