# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh with fewer triangles: what is shown, what was delivered, levels of detail. Main thread only."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import bpy

from .mesh import has_faces, is_deformed, mesh_of, total_triangles, triangle_count
from .operations import decimated, merged, shade_smooth

__all__ = ["add_lods"]

log = logging.getLogger(__name__)

_FEWEST: Final = 4
"""Triangles: a solid cannot have fewer."""
_ROUNDING: Final = 1e-6
"""Of a triangle: all parts together are not to have more than is wanted."""
_MOST_OBJECTS: Final = 2_500
"""With all their levels of detail: more would keep a window waiting when they are appended."""


def add_lods(
    objects: Sequence[bpy.types.Object],
    collection: bpy.types.Collection,
    *,
    triangles: int,
    lods: int,
    merge: bool,
    smooth: bool,
) -> list[bpy.types.Object]:
    """Give the objects the meshes that are wanted, and children with the other ones, hidden.

    Meshes with shape keys or an armature stay as they are. The parameters are those of :class:`.finish.Finish`.

    :return: the new objects.
    """
    plain = [obj for obj in objects if _is_plain(obj)]
    count = total_triangles(plain)
    share = triangles / count if 0 < triangles < count else 1.0
    if (most := _MOST_OBJECTS // max(1, len(plain)) - (2 if share < 1.0 else 1)) < lods:
        log.warning("%d objects are too many for %d levels of detail each", len(plain), lods)
        lods = max(0, most)
    variants = {
        mesh: _Variants.of(mesh, share, lods=lods, merge=merge, smooth=smooth)
        for mesh in dict.fromkeys(map(mesh_of, plain))
    }
    return _hang(plain, variants, collection)


@dataclass(frozen=True)
class _Variants:
    """What comes of one mesh. Holds live datablocks: for use within one call."""

    shown: bpy.types.Mesh
    full: bpy.types.Mesh | None
    """The mesh as delivered, where fewer triangles are shown."""
    lods: tuple[bpy.types.Mesh, ...]

    @classmethod
    def of(cls, mesh: bpy.types.Mesh, share: float, *, lods: int, merge: bool, smooth: bool) -> Self:
        """Make the variants of a mesh.

        :param share: of the triangles that is shown, 1.0 for all.
        """
        whole = merged(mesh)
        if smooth:
            shade_smooth(whole)
        made: list[bpy.types.Mesh] = []
        wanted = triangle_count(mesh) * share
        for level in range(0 if share < 1.0 else 1, lods + 1):
            triangles = max(_FEWEST, int(wanted / 2**level + _ROUNDING))
            previous = made[-1] if made else whole
            if triangles >= triangle_count(previous):
                break
            made.append(decimated(previous, triangles=triangles, normals_of=whole))
        is_reduced = share < 1.0 and bool(made)
        shown = made.pop(0) if is_reduced else whole if merge or smooth else mesh
        if whole != shown:
            bpy.data.meshes.remove(whole)
        return cls(shown, mesh if is_reduced else None, tuple(made))


def _hang(
    objects: Iterable[bpy.types.Object], variants: Mapping[bpy.types.Mesh, _Variants], collection: bpy.types.Collection
) -> list[bpy.types.Object]:
    """Give every object the mesh to be shown, and children for the others."""
    hidden: list[bpy.types.Object] = []
    for obj in objects:
        variant = variants[mesh_of(obj)]
        if variant.full is not None:
            hidden.append(_child(obj, variant.full, f"{obj.name}_full", _drawer(collection, "Full")))
        for number, mesh in enumerate(variant.lods, start=1):
            hidden.append(_child(obj, mesh, f"{obj.name}_LOD{number}", _drawer(collection, "LODs")))
        obj.data = variant.shown
    for mesh, variant in variants.items():
        name = mesh.name
        if variant.full is not None:
            mesh.name = f"{name}_full"
        elif mesh.users == 0:
            bpy.data.meshes.remove(mesh)
        variant.shown.name = name
        for number, lod in enumerate(variant.lods, start=1):
            lod.name = f"{name}_LOD{number}"
    return hidden


def _child(parent: bpy.types.Object, mesh: bpy.types.Mesh, name: str, home: bpy.types.Collection) -> bpy.types.Object:
    """Make an object that goes wherever ``parent`` goes."""
    obj = bpy.data.objects.new(name, mesh)
    obj.parent = parent
    home.objects.link(obj)
    return obj


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


def _is_plain(obj: bpy.types.Object) -> bool:
    """Whether nothing depends on which vertices its mesh has."""
    if not has_faces(obj):
        return False
    if is_deformed(obj):
        log.info("%s has an armature or shape keys: its mesh stays as delivered", obj.name)
        return False
    return True
