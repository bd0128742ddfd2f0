# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of meshes everywhere. Loads without numpy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import bpy

__all__ = ["has_faces", "is_deformed", "mesh_of", "total_triangles", "triangle_count"]


def mesh_of(obj: bpy.types.Object) -> bpy.types.Mesh:
    """The mesh of an object that has one."""
    return cast("bpy.types.Mesh", obj.data)


def has_faces(obj: bpy.types.Object) -> bool:
    """Whether an object has a mesh of which something can be seen."""
    return obj.type == "MESH" and bool(mesh_of(obj).polygons)


def triangle_count(mesh: bpy.types.Mesh) -> int:
    """Count triangles: a polygon of n corners makes n - 2."""
    return len(mesh.loops) - 2 * len(mesh.polygons)


def total_triangles(objects: Iterable[bpy.types.Object]) -> int:
    """Count the triangles of objects that have meshes."""
    return sum(triangle_count(mesh_of(obj)) for obj in objects)


def is_deformed(obj: bpy.types.Object) -> bool:
    """Whether shape keys or an armature depend on which vertices the mesh of an object has, and where."""
    return mesh_of(obj).shape_keys is not None or any(modifier.type == "ARMATURE" for modifier in obj.modifiers)
