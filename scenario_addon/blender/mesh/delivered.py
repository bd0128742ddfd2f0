# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes that are kept beside the one that is shown: as delivered, and levels of detail. Hidden, and found again.

Main thread only. Loads without numpy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import bpy
from mathutils import Matrix

from .mesh import is_deformed, mesh_of

__all__ = ["FULL", "LODS", "find_kept", "is_kept", "keep", "restore"]

FULL: Final = "Full"
"""As delivered."""
LODS: Final = "LODs"
"""With fewer triangles."""

_KEPT: Final = "scenario_kept"
"""Property of an object whose mesh is kept beside that of its parent: which it is."""
_NAMES: Final = {FULL: "_full", LODS: "_LOD"}
"""What is in the name of such an object, by which those of an older version are known."""
_SHOWN: Final = "scenario_shown"
"""Property of a mesh that is shown in place of one that is kept: how it was when it was made."""
_SLIGHT: Final = 1e-6
"""Of a mesh's size: single precision's fault."""


def keep(
    mesh: bpy.types.Mesh, which: str, name: str, *, beside: bpy.types.Object, collection: bpy.types.Collection
) -> bpy.types.Object:
    """Make a hidden object with this mesh, which goes and bends wherever and however ``beside`` does.

    :param which: :data:`FULL` or :data:`LODS`.
    :param collection: of the whole mesh.
    """
    obj: Any = beside.copy() if is_deformed(beside) else bpy.data.objects.new(name, mesh)
    obj.name, obj.data = name, mesh
    obj.animation_data_clear()
    obj.parent, obj.parent_type = beside, "OBJECT"
    obj.matrix_parent_inverse = obj.matrix_basis = Matrix.Identity(4)
    obj[_KEPT] = which
    _drawer(collection, which).objects.link(obj)
    if which == FULL:
        mesh_of(beside)[_SHOWN] = _likeness(mesh_of(beside))
    return obj


def is_kept(obj: bpy.types.Object) -> bool:
    """Whether an object is there for a mesh that is not to be seen."""
    return obj.parent is not None and _which(obj) is not None


def find_kept(objects: Iterable[bpy.types.Object], which: str) -> dict[bpy.types.Object, bpy.types.Object]:
    """Find what is kept beside each of the objects, where anything is."""
    wanted = set(objects)
    return {obj.parent: obj for obj in bpy.data.objects if obj.parent in wanted and _which(obj) == which}


def restore(objects: Iterable[bpy.types.Object]) -> list[bpy.types.Object]:
    """Show the meshes as delivered again, unless the artist has worked on those that are shown.

    :return: the objects of which somebody has edited the mesh: they stay as they are.
    """
    edited: list[bpy.types.Object] = []
    put_back: set[bpy.types.Mesh] = set()
    for obj, kept in find_kept(objects, FULL).items():
        shown, full = mesh_of(obj), mesh_of(kept)
        if _SHOWN in shown and not _is_like(shown):
            edited.append(obj)
            continue
        place: Any = kept.matrix_parent_inverse @ kept.matrix_basis  # the origin may have been moved meanwhile
        if full not in put_back:
            put_back.add(full)
            full.transform(place, shape_keys=True)
        name, homes = shown.name, kept.users_collection
        obj.data = full
        bpy.data.objects.remove(kept)
        if not shown.users:
            bpy.data.meshes.remove(shown)
            full.name = name
        bpy.data.batch_remove([home for home in homes if not home.all_objects])
    return edited


def _which(obj: bpy.types.Object) -> str | None:
    if isinstance(which := obj.get(_KEPT), str):
        return which
    homes = [home.name for home in obj.users_collection if home.hide_viewport]
    return next(
        (kind for kind, part in _NAMES.items() if part in obj.name and any(f" {kind}" in home for home in homes)), None
    )


def _drawer(collection: bpy.types.Collection, name: str) -> bpy.types.Collection:
    """Find or make the hidden collection of this name under that of the mesh: one click shows what is in it."""
    full_name = f"{collection.name} {name}"
    for child in collection.children:
        if child.name.startswith(full_name):
            return child
    drawer = bpy.data.collections.new(full_name)
    drawer.hide_viewport = drawer.hide_render = True
    collection.children.link(drawer)
    return drawer


def _likeness(mesh: bpy.types.Mesh) -> list[float]:
    """What a change of a mesh changes, but for where its origin is."""
    import numpy as np  # lazy: it takes longer than enabling an add-on may

    points = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", points)
    spread = points.reshape(-1, 3).astype(np.float64).std(axis=0) if len(points) else np.zeros(3)
    return [len(mesh.vertices), len(mesh.loops), *spread.tolist()]


def _is_like(mesh: bpy.types.Mesh) -> bool:
    before, now = list(mesh[_SHOWN]), _likeness(mesh)
    size = max(now[2:])
    return before[:2] == now[:2] and all(abs(a - b) <= _SLIGHT * size for a, b in zip(before, now, strict=True))
