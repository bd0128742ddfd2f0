# SPDX-License-Identifier: GPL-3.0-or-later
"""Surfaces with faults that are known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import bmesh
import bpy
import numpy as np
from mathutils import Matrix

__all__ = ["ball", "built", "facing_out", "flip", "flip_all", "open_box", "split_along_seams", "without"]

Points = Sequence[tuple[float, float, float]]


def built(*builders: Callable[[Any], object], name: str = "Thing") -> bpy.types.Mesh:
    """A mesh of what each of them adds."""
    mesh, work = bpy.data.meshes.new(name), bmesh.new()
    for build in builders:
        build(work)
    work.to_mesh(mesh)
    work.free()
    return mesh


def ball(
    radius: float = 1.0, at: tuple[float, float, float] = (0, 0, 0), *, subdivisions: int = 3, inside_out: bool = False
) -> Callable[[Any], object]:
    """A ball of 20 * 4 ** (subdivisions - 1) triangles."""

    def add(work: Any) -> None:
        made = bmesh.ops.create_icosphere(
            work, subdivisions=subdivisions, radius=radius, matrix=Matrix.Translation(at), calc_uvs=True
        )
        if inside_out:
            bmesh.ops.reverse_faces(work, faces=list({face for vert in made["verts"] for face in vert.link_faces}))

    return add


def flip(*numbers: int) -> Callable[[Any], object]:
    """Turn some of the faces."""

    def turn(work: Any) -> None:
        work.faces.ensure_lookup_table()
        for number in numbers:
            work.faces[number].normal_flip()

    return turn


def flip_all(work: Any) -> None:
    """Turn all faces."""
    for face in work.faces:
        face.normal_flip()


def without(is_out: Callable[[Any], bool]) -> Callable[[Any], object]:
    """Leave out the faces whose middle is so."""

    def remove(work: Any) -> None:
        out = [face for face in work.faces if is_out(face.calc_center_median())]
        bmesh.ops.delete(work, geom=out, context="FACES")

    return remove


def open_box(cuts: int = 0) -> Callable[[Any], object]:
    """A box with nothing below."""

    def add(work: Any) -> None:
        bmesh.ops.create_cube(work, size=2, calc_uvs=True)
        if cuts:
            bmesh.ops.subdivide_edges(work, edges=work.edges[:], cuts=cuts, use_grid_fill=True)
        without(lambda middle: middle.z < -0.99)(work)

    return add


def triangles(points: Iterable[Points]) -> Callable[[Any], object]:
    """Triangles that share nothing."""

    def add(work: Any) -> None:
        for corners in points:
            work.faces.new([work.verts.new(corner) for corner in corners])

    return add


def split_along_seams(mesh: bpy.types.Mesh, *, slack: float = 0.0) -> bpy.types.Mesh:
    """The same as a GLB would have it: each vertex once for each face, here.

    :param slack: how far what was one vertex is apart, at most.
    """
    work = bmesh.new()
    work.from_mesh(mesh)
    bmesh.ops.split_edges(work, edges=work.edges[:])
    rng = np.random.default_rng(0)
    for vertex in work.verts:
        vertex.co += type(vertex.co)(rng.uniform(-slack, slack, 3))
    work.to_mesh(mesh)
    work.free()
    return mesh


def facing_out(mesh: bpy.types.Mesh) -> list[bool]:
    """Of each face of a mesh around the origin, whether it looks away from that."""
    return [face.normal.dot(face.center) > 0 for face in mesh.polygons]
