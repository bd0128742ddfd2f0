# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh cleaned and with fewer triangles: what is shown, what was delivered, levels of detail. Main thread only."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import bpy

from ..cleaning.clean import Cleaning, cleaned
from ..cleaning.report import Report
from .delivered import FULL, LODS, find_kept, keep
from .mesh import has_faces, is_deformed, mesh_of, triangle_count
from .operations import decimated, merged, shade_smooth

__all__ = ["Detail", "add_lods", "clean"]

log = logging.getLogger(__name__)

_FEWEST: Final = 4
"""Triangles: a solid cannot have fewer."""
_ROUNDING: Final = 1e-6
"""Of a triangle: all parts together are not to have more than is wanted."""
_MOST_OBJECTS: Final = 2_500
"""With all their levels of detail: more would keep a window waiting when they are appended."""


@dataclass(frozen=True)
class Detail:
    """What is wanted, as in :class:`.finish.Finish`."""

    triangles: int = 0
    lods: int = 0
    merge: bool = False
    smooth: bool = False


def add_lods(
    objects: Sequence[bpy.types.Object],
    collection: bpy.types.Collection,
    detail: Detail,
    cleaning: Cleaning | None = None,
) -> tuple[list[bpy.types.Object], Report | None]:
    """Give the objects the meshes that are wanted, and children with the other ones, hidden.

    Meshes with shape keys or an armature are cleaned, and stay as they are otherwise. Objects that share a mesh go on
    sharing it.

    :param cleaning: ``None`` does not even look what there is to clean.
    :return: the new objects, and what was found and done.
    """
    visible = [obj for obj in objects if has_faces(obj)]
    sources, report = clean(dict.fromkeys(map(mesh_of, visible)), cleaning)
    plain = [obj for obj in visible if detail != Detail() and _is_plain(obj)]
    count = sum(triangle_count(sources[mesh_of(obj)]) for obj in plain)
    share = detail.triangles / count if 0 < detail.triangles < count else 1.0
    lods = detail.lods
    if (most := _MOST_OBJECTS // max(1, len(plain)) - (2 if share < 1.0 else 1)) < lods:
        log.warning("%d objects are too many for %d levels of detail each", len(plain), lods)
        lods = max(0, most)
    shaped = {mesh_of(obj) for obj in plain}
    variants = {
        mesh: _Variants.of(mesh, source, share, replace(detail, lods=lods))
        if mesh in shaped
        else _Variants(source, mesh if source != mesh else None, ())
        for mesh, source in sources.items()
    }
    return _hang(visible, variants, collection), report


def clean(
    meshes: Iterable[bpy.types.Mesh], cleaning: Cleaning | None
) -> tuple[dict[bpy.types.Mesh, bpy.types.Mesh], Report | None]:
    """Clean meshes; gives what to have in place of each, which may be itself, and what was found and done in all."""
    if cleaning is None:
        return {mesh: mesh for mesh in meshes}, None
    made = {mesh: cleaned(mesh, cleaning) for mesh in meshes}
    return {mesh: new or mesh for mesh, (new, _) in made.items()}, sum((told for _, told in made.values()), Report())


@dataclass(frozen=True)
class _Variants:
    """What comes of one mesh. Holds live datablocks: for use within one call."""

    shown: bpy.types.Mesh
    full: bpy.types.Mesh | None
    """The mesh as delivered, where another one is shown that is not the same but for how it is stored."""
    lods: tuple[bpy.types.Mesh, ...]

    @classmethod
    def of(cls, mesh: bpy.types.Mesh, source: bpy.types.Mesh, share: float, detail: Detail) -> Self:
        """Make the variants of a mesh.

        :param source: the mesh, or what cleaning made of it.
        :param share: of the triangles that is shown, 1.0 for all.
        """
        whole = merged(source)
        if detail.smooth:
            shade_smooth(whole)
        made: list[bpy.types.Mesh] = []
        wanted = triangle_count(source) * share
        for level in range(0 if share < 1.0 else 1, detail.lods + 1):
            triangles = max(_FEWEST, int(wanted / 2**level + _ROUNDING))
            previous = made[-1] if made else whole
            if triangles >= triangle_count(previous):
                break
            made.append(decimated(previous, triangles=triangles, normals_of=whole))
        is_reduced = share < 1.0 and bool(made)
        shown = made.pop(0) if is_reduced else whole if detail.merge or detail.smooth else source
        bpy.data.batch_remove(list({whole, source} - {shown, mesh}))
        return cls(shown, mesh if is_reduced or source != mesh else None, tuple(made))


def _hang(
    objects: Sequence[bpy.types.Object], variants: Mapping[bpy.types.Mesh, _Variants], collection: bpy.types.Collection
) -> list[bpy.types.Object]:
    """Give every object the mesh to be shown, and children for the others."""
    hidden: list[bpy.types.Object] = []
    has_full = find_kept(objects, FULL)  # of an earlier time: that is what was delivered
    for obj in objects:
        variant = variants[mesh_of(obj)]
        obj.data, delivered = variant.shown, variant.full
        if delivered is not None and obj not in has_full:
            hidden.append(keep(delivered, FULL, f"{obj.name}_full", beside=obj, collection=collection))
        for number, mesh in enumerate(variant.lods, start=1):
            hidden.append(keep(mesh, LODS, f"{obj.name}_LOD{number}", beside=obj, collection=collection))
    for mesh, variant in variants.items():
        name = mesh.name
        if not mesh.users:
            bpy.data.meshes.remove(mesh)
        elif variant.full is not None:
            mesh.name = f"{name}_full"
        variant.shown.name = name
        for number, lod in enumerate(variant.lods, start=1):
            lod.name = f"{name}_LOD{number}"
    return hidden


def _is_plain(obj: bpy.types.Object) -> bool:
    """Whether nothing depends on which vertices its mesh has."""
    if is_deformed(obj):
        log.info("%s has an armature or shape keys: its mesh stays as delivered", obj.name)
        return False
    return True
