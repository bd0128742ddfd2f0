# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn and scale of objects into their meshes, where no other object has the same mesh. Main thread only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import bpy
import numpy as np
from mathutils import Matrix

from .mesh import mesh_of
from .operations import corner_normals

__all__ = ["bake", "transform"]

_EQUAL: Final = 1e-6
"""What differs by less, of 1, is single precision's fault."""
_FLAT: Final = 1e-12
"""A determinant below it is none."""


def bake(places: Mapping[bpy.types.Object, Matrix], root: bpy.types.Object) -> None:
    """Move turn and scale of the objects into their meshes, and hang all on ``root``; all that is seen stays.

    Objects that share a mesh go on sharing it. When they are not turned and scaled alike, the mesh is moved as that of
    ``root`` is, so that this has neither turn nor scale, else not at all, and each object keeps what remains.

    :param places: where each is in the world, in numbers.
    """
    for obj in places:
        obj.parent = None
    sharing = defaultdict[bpy.types.Mesh, list[bpy.types.Object]](list)
    for obj in places:
        sharing[mesh_of(obj)].append(obj)
    for mesh, objects in sharing.items():
        linear = {obj: places[obj].to_3x3() for obj in objects}
        first = linear[root if root in objects else objects[0]]
        is_alike = all(_is_same(other, first) for other in linear.values())
        if root in objects and not is_alike and abs(first.determinant()) < _FLAT:
            root.data = mesh.copy()  # what is flat cannot be made whole again for the others
            transform(mesh_of(root), linear.pop(root).to_4x4())
            _hang(root, root, Matrix.Identity(3), places)
        baked = first if is_alike or root in linear else Matrix.Identity(3)
        transform(mesh, baked.to_4x4())
        for obj, own in linear.items():
            left = Matrix.Identity(3) if _is_same(own, baked) else own @ baked.inverted_safe()
            _hang(obj, root, left, places)


def _hang(
    obj: bpy.types.Object, root: bpy.types.Object, linear: Matrix, places: Mapping[bpy.types.Object, Matrix]
) -> None:
    """Hang an object on ``root`` where it is, turned and scaled as ``linear`` says."""
    offset = places[obj].translation
    if obj != root:
        obj.parent, offset = root, offset - places[root].translation
    obj.rotation_mode = "XYZ"
    place = Matrix.Translation(offset[:]) @ linear.to_4x4()
    parts: Any = place.decompose()
    # Location, rotation and scale cannot say a shear; the link to the parent can.
    is_sheared = not _is_same(Matrix.LocRotScale(*parts).to_3x3(), linear)
    obj.matrix_parent_inverse = place if is_sheared else Matrix.Identity(4)
    obj.matrix_basis = Matrix.Identity(4) if is_sheared else place


def _is_same(first: Matrix, second: Matrix) -> bool:
    size = max(abs(number) for row in first for number in row)
    return bool(np.allclose(np.array(first), np.array(second), rtol=0.0, atol=_EQUAL * size))


def transform(mesh: bpy.types.Mesh, matrix: Matrix) -> None:
    """Turn and scale a mesh, but do not move it.

    Custom normals, which Blender leaves behind in a stretch or a mirror, go along.
    """
    matrix = matrix.to_3x3().to_4x4()
    linear = np.array(matrix.to_3x3())
    if np.allclose(linear, np.identity(3), atol=_EQUAL):
        return
    square = linear @ linear.T
    size = square.trace() / 3
    is_mirrored = np.linalg.det(linear) < 0
    is_stretched = not np.allclose(square, size * np.identity(3), atol=_EQUAL * size)
    if not (is_mirrored or is_stretched):
        mesh.transform(matrix)
        return
    normals = _turned_normals(mesh, seen_through=matrix) if mesh.has_custom_normals else None
    mesh.transform(matrix)
    if is_mirrored:
        mesh.flip_normals()
    if normals is not None:
        order = _corners_after_flip(mesh) if is_mirrored else slice(None)
        mesh.normals_split_custom_set(cast("Sequence[Sequence[float]]", normals[order]))


def _turned_normals(mesh: bpy.types.Mesh, *, seen_through: Matrix) -> np.ndarray:
    """What becomes of each corner's normal, a row each, when the mesh is transformed."""
    turned = corner_normals(mesh) @ np.array(seen_through.to_3x3().inverted_safe())
    return turned / np.maximum(np.linalg.norm(turned, axis=1), np.finfo(np.float32).tiny)[:, None]


def _corners_after_flip(mesh: bpy.types.Mesh) -> np.ndarray:
    """Where each corner was before its face was flipped: the first stays, the others follow in reverse."""
    starts, counts = (np.empty(len(mesh.polygons), dtype=np.int32) for _ in range(2))
    mesh.polygons.foreach_get("loop_start", starts)
    mesh.polygons.foreach_get("loop_total", counts)
    start, count = np.repeat(starts, counts), np.repeat(counts, counts)
    return start + (start - np.arange(len(start))) % count
