# SPDX-License-Identifier: GPL-3.0-or-later
"""One mesh as another one: its vertices merged, with fewer triangles, or shaded smooth. Main thread only.

UVs, materials and custom normals are kept. A mesh that is given is never changed, but by :func:`shade_smooth`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import bpy
import numpy as np

from .mesh import triangle_count

__all__ = ["corner_normals", "decimated", "merged", "shade_smooth"]

_SAME_PLACE: Final = 1e-5
"""Vertices closer than this share of the mesh's size are one: files repeat a vertex for each UV island it is in."""
_MOST_SEAM: Final = 1 / 3
"""Of the vertices to be left. With more on UV seams, keeping them all would leave too few for the rest."""
_SAME_UV: Final = 1e-6
_INWARD: Final = 0.05
"""How far a corner is moved towards the middle of its triangle before the nearest normal is looked up. On the corner
itself both sides of a hard edge are equally near, and the wrong one is found as often as the right one."""
_OWN: Final = "scenario"
"""Name of what is made here and goes again: objects, a scene, an attribute, a group of vertices."""


def merged(mesh: bpy.types.Mesh) -> bpy.types.Mesh:
    """Make a new mesh whose vertices at the same place are one. UVs and custom normals stay with the corners."""
    distance = _SAME_PLACE * float(np.ptp(_points(mesh), axis=0).max())
    with _copy(mesh) as source:
        carried: Any = source.attributes.new(_OWN, "FLOAT_VECTOR", "CORNER")
        carried.data.foreach_set("vector", corner_normals(mesh).ravel())
        new = _modified(source, lambda obj: _add(obj, "WELD", merge_threshold=distance))
    carried = new.attributes[_OWN]
    normals = _read(carried.data, "vector", 3)
    new.attributes.remove(carried)
    if mesh.has_custom_normals:
        new.normals_split_custom_set(normals.tolist())
    return new


def decimated(mesh: bpy.types.Mesh, *, triangles: int, normals_of: bpy.types.Mesh | None = None) -> bpy.types.Mesh:
    """Make a mesh of about so many triangles. Open edges stay where they are, and so do UV seams where that can be.

    :param mesh: with merged vertices: along a seam where they are not, cracks would open.
    :param normals_of: the mesh whose custom normals it gets; ``None`` is ``mesh``.
    """
    seam = _seam_vertices(mesh)
    keep_seam = seam.any() and seam.sum() <= _MOST_SEAM * triangles / 2  # a closed surface has half as many vertices

    def reduce(obj: bpy.types.Object) -> None:
        modifier = _add(obj, "DECIMATE", ratio=triangles / triangle_count(mesh), use_collapse_triangulate=True)
        if keep_seam:
            group = obj.vertex_groups.new(name=_OWN)
            group.add(np.flatnonzero(~seam).tolist(), 1.0, "REPLACE")
            modifier.vertex_group = group.name

    with _copy(mesh) as source:
        new = _modified(source, reduce)
    original = normals_of or mesh
    if original.has_custom_normals:
        new.normals_split_custom_set(_nearest_normals(new, original).tolist())
    return new


def shade_smooth(mesh: bpy.types.Mesh) -> None:
    """Shade the whole surface smooth; hard edges and the normals of the file go."""
    if mesh.has_custom_normals:
        with bpy.context.temp_override(mesh=mesh):
            bpy.ops.mesh.customdata_custom_splitnormals_clear()
    for name in ("sharp_face", "sharp_edge"):
        if name in mesh.attributes:
            mesh.attributes.remove(mesh.attributes[name])
    mesh.update()


def _seam_vertices(mesh: bpy.types.Mesh) -> np.ndarray:
    """Which vertices have different UVs in different faces, as booleans."""
    vertex = _read(mesh.loops, "vertex_index", 1, np.int32)
    seam = np.zeros(len(mesh.vertices), dtype=bool)
    for layer in mesh.uv_layers:
        uv = _read(layer.uv, "vector", 2)
        one_of_them = np.empty((len(seam), 2), dtype=np.float32)
        one_of_them[vertex] = uv
        seam[vertex[np.abs(uv - one_of_them[vertex]).max(axis=1) > _SAME_UV]] = True
    return seam


def _nearest_normals(mesh: bpy.types.Mesh, original: bpy.types.Mesh) -> np.ndarray:
    """For every corner of a mesh of triangles the normal that ``original`` has there, (corners, 3)."""
    triangles = _points(mesh)[_read(mesh.loops, "vertex_index", 1, np.int32)].reshape(-1, 3, 3)
    moved = triangles + (triangles.mean(axis=1, keepdims=True) - triangles) * _INWARD
    apart = bpy.data.meshes.new(_OWN)
    source = bpy.data.objects.new(_OWN, original)
    try:
        _fill(apart, moved)
        new = _modified(
            apart,
            lambda obj: _add(
                obj,
                "DATA_TRANSFER",
                object=source,
                use_loop_data=True,
                data_types_loops={"CUSTOM_NORMAL"},
                loop_mapping="POLYINTERP_NEAREST",
            ),
            source,
        )
        normals = corner_normals(new)
        bpy.data.meshes.remove(new)
        return normals
    finally:
        bpy.data.objects.remove(source)
        bpy.data.meshes.remove(apart)


def _fill(mesh: bpy.types.Mesh, triangles: np.ndarray) -> None:
    """Put triangles, (n, 3, 3), into an empty mesh, none joined to another."""
    corners = len(triangles) * 3
    mesh.vertices.add(corners)
    mesh.vertices.foreach_set("co", triangles.astype(np.float32).ravel())
    mesh.loops.add(corners)
    mesh.loops.foreach_set("vertex_index", np.arange(corners, dtype=np.int32))
    mesh.polygons.add(len(triangles))
    mesh.polygons.foreach_set("loop_start", np.arange(0, corners, 3, dtype=np.int32))
    mesh.update(calc_edges=True)


def _modified(
    mesh: bpy.types.Mesh, add_modifiers: Callable[[bpy.types.Object], object], *others: bpy.types.Object
) -> bpy.types.Mesh:
    """Apply modifiers to a mesh: gives a new one of the same name but for Blender's number.

    :param others: objects that the modifiers look at.
    """
    obj = bpy.data.objects.new(_OWN, mesh)
    try:
        add_modifiers(obj)
        with _evaluated((obj, *others)) as depsgraph:
            new = bpy.data.meshes.new_from_object(
                obj.evaluated_get(depsgraph), preserve_all_data_layers=True, depsgraph=depsgraph
            )
        obj.data = new
        if own := obj.vertex_groups.get(_OWN):
            obj.vertex_groups.remove(own)
        return new
    finally:
        bpy.data.objects.remove(obj)


@contextmanager
def _copy(mesh: bpy.types.Mesh) -> Iterator[bpy.types.Mesh]:
    """Make a copy to write into for a while: attributes, groups of vertices."""
    copy = cast("bpy.types.Mesh", mesh.copy())
    try:
        yield copy
    finally:
        bpy.data.meshes.remove(copy)


@contextmanager
def _evaluated(objects: tuple[bpy.types.Object, ...]) -> Iterator[bpy.types.Depsgraph]:
    """Objects as Blender computes them, in a scene of their own: nothing else is computed, and no scene is touched."""
    scene = bpy.data.scenes.new(_OWN)
    try:
        for obj in objects:
            scene.collection.objects.link(obj)
        layer = scene.view_layers[0]
        layer.update()  # which makes the graph
        graph = layer.depsgraph
        assert graph is not None
        yield graph
    finally:
        bpy.data.scenes.remove(scene)


def _add(obj: bpy.types.Object, kind: Any, **settings: object) -> Any:
    modifier = obj.modifiers.new(kind, kind)
    for name, value in settings.items():
        setattr(modifier, name, value)
    return modifier


def _points(mesh: bpy.types.Mesh) -> np.ndarray:
    return _read(mesh.vertices, "co", 3)


def corner_normals(mesh: bpy.types.Mesh) -> np.ndarray:
    """The normal of every corner as it is shown, (corners, 3)."""
    return _read(mesh.corner_normals, "vector", 3)


def _read(items: Any, attribute: str, width: int, dtype: type[np.generic] = np.float32) -> np.ndarray:
    """Read an attribute of all items, (items, width), or flat for a width of 1."""
    values = np.empty(len(items) * width, dtype=dtype)
    items.foreach_get(attribute, values)
    return values if width == 1 else values.reshape(-1, width)
