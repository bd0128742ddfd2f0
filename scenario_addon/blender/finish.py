# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to a model's meshes and textures after the import, if wanted. Main thread only.

Never destructive: the mesh as delivered stays in the model's collection, hidden, when fewer triangles are shown; the
file that came from the service is on disk in any case.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self, cast

import bpy

from .surface import decimated, merged, shade_smooth, triangle_count
from .textures import cap, textures_of

__all__ = ["MAX_LODS", "Finish", "finish_objects"]

log = logging.getLogger(__name__)

MAX_LODS: Final = 6
"""The last has 1/64 of the triangles."""
_FEWEST: Final = 4
"""Triangles: a solid cannot have fewer."""


@dataclass(frozen=True)
class Finish:
    """What is wanted. The defaults leave a model as it was delivered."""

    triangles: int = 0
    """Of all meshes together that are shown; 0: as delivered."""
    lods: int = 0
    """Further levels of detail, each with half of the triangles of the one before."""
    merge: bool = False
    """Vertices at the same place become one; UVs and custom normals stay as they are."""
    smooth: bool = False
    """The surface is shaded smooth in place of the file's normals. Merges as well: a split seam would show."""
    max_texture_px: int = 0
    """Longest side of a texture; 0: as delivered."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what an older or newer version wrote: what is missing or makes no sense is as delivered."""
        given = cast("Mapping[str, Any]", data) if isinstance(data, Mapping) else {}
        known = {f.name: type(f.default) for f in fields(cls)}
        usable = {k: v for k, v in given.items() if k in known and type(v) is known[k] and v >= 0}
        if "lods" in usable:
            usable["lods"] = min(usable["lods"], MAX_LODS)
        return cls(**usable)


def finish_objects(
    objects: Sequence[bpy.types.Object], collection: bpy.types.Collection, finish: Finish
) -> tuple[bpy.types.Object, ...]:
    """Do what is wanted; the shown objects stay the same, their meshes may be new ones.

    Meshes with shape keys or an armature stay as they are. New objects are children of those they belong to, at the
    same place, in collections under ``collection`` that are hidden: ``<collection> Full`` with the meshes as
    delivered, ``<collection> LODs``. The same input gives the same result.

    :return: all objects of the model, the hidden ones last.
    """
    hidden: list[bpy.types.Object] = []
    if finish.merge or finish.smooth or finish.triangles or finish.lods:
        plain = [obj for obj in objects if _is_plain(obj)]
        count = sum(triangle_count(_mesh(obj)) for obj in plain)
        share = finish.triangles / count if 0 < finish.triangles < count else 1.0
        levels = {mesh: _Levels.of(mesh, share, finish) for mesh in dict.fromkeys(map(_mesh, plain))}
        hidden = _hang(plain, levels, collection)
    if finish.max_texture_px:
        for image in textures_of(_mesh(obj) for obj in objects if obj.type == "MESH"):
            cap(image, finish.max_texture_px)
    return (*objects, *hidden)


@dataclass(frozen=True)
class _Levels:
    """What comes of one mesh. Holds live datablocks: for use within one call."""

    shown: bpy.types.Mesh
    full: bpy.types.Mesh | None
    """The mesh as delivered, where fewer triangles are shown."""
    lods: tuple[bpy.types.Mesh, ...]

    @classmethod
    def of(cls, mesh: bpy.types.Mesh, share: float, finish: Finish) -> Self:
        """:param share: of the triangles that is shown, 1.0 for all."""
        whole = merged(mesh)
        if finish.smooth:
            shade_smooth(whole)
        made: list[bpy.types.Mesh] = []
        wanted = triangle_count(mesh) * share
        for level in range(0 if share < 1.0 else 1, finish.lods + 1):
            triangles = max(_FEWEST, round(wanted / 2**level))
            previous = made[-1] if made else whole
            if triangles >= triangle_count(previous):
                break
            made.append(decimated(previous, triangles=triangles, normals_of=whole))
        is_reduced = share < 1.0 and bool(made)
        shown = made.pop(0) if is_reduced else whole if finish.merge or finish.smooth else mesh
        if whole != shown:
            bpy.data.meshes.remove(whole)
        return cls(shown, mesh if is_reduced else None, tuple(made))


def _hang(
    objects: Iterable[bpy.types.Object], levels: Mapping[bpy.types.Mesh, _Levels], collection: bpy.types.Collection
) -> list[bpy.types.Object]:
    """Give every object the mesh to be shown, and children for the others."""
    hidden: list[bpy.types.Object] = []
    for obj in objects:
        level = levels[_mesh(obj)]
        if level.full is not None:
            hidden.append(_child(obj, level.full, f"{obj.name}_full", _drawer(collection, "Full")))
        for number, mesh in enumerate(level.lods, start=1):
            hidden.append(_child(obj, mesh, f"{obj.name}_LOD{number}", _drawer(collection, "LODs")))
        obj.data = level.shown
    for mesh, level in levels.items():
        name = mesh.name
        if level.full is not None:
            mesh.name = f"{name}_full"
        elif mesh.users == 0:
            bpy.data.meshes.remove(mesh)
        level.shown.name = name
        for number, lod in enumerate(level.lods, start=1):
            lod.name = f"{name}_LOD{number}"
    return hidden


def _child(parent: bpy.types.Object, mesh: bpy.types.Mesh, name: str, home: bpy.types.Collection) -> bpy.types.Object:
    """A new object that goes wherever ``parent`` goes."""
    obj = bpy.data.objects.new(name, mesh)
    obj.parent = parent
    home.objects.link(obj)
    return obj


def _drawer(collection: bpy.types.Collection, name: str) -> bpy.types.Collection:
    """The hidden collection of this name under the model's: one click shows what is in it."""
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
    if obj.type != "MESH" or not _mesh(obj).polygons:
        return False
    is_rigged = _mesh(obj).shape_keys is not None or any(m.type == "ARMATURE" for m in obj.modifiers)
    if is_rigged:
        log.info("%s has an armature or shape keys: its mesh stays as delivered", obj.name)
    return not is_rigged


def _mesh(obj: bpy.types.Object) -> bpy.types.Mesh:
    return cast("bpy.types.Mesh", obj.data)
