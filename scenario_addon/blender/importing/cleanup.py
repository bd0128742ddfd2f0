# SPDX-License-Identifier: GPL-3.0-or-later
"""From a mesh file to clean objects: the main mesh and what belongs to it, textures packed. Main thread only.

Works in the artist's Blender and in one without a window that has nothing else to do, see ``worker``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, cast

import bpy
import numpy as np
from mathutils import Matrix

from ..mesh.baking import bake
from ..mesh.findings import words_of
from ..mesh.finish import Finish, finish_objects, finish_textures
from ..mesh.mesh import has_faces, is_deformed, mesh_of, total_triangles, triangle_count
from ..mesh.vertex_colours import show_vertex_colours
from ..scene.arrival import Arrival
from ..scene.bounds import Triple, extent, parts_of
from .animations import attach, gather
from .datablocks import datablocks, ids_of_all, of_type
from .lost_textures import leave_out_lost
from .readers import UnreadableError, read

__all__ = ["read_into"]

_UNWANTED_DATA: Final = (
    bpy.types.Action,
    bpy.types.Camera,
    bpy.types.Collection,
    bpy.types.Light,
    bpy.types.LightProbe,
    bpy.types.Scene,
    bpy.types.Speaker,
)
_NOT_NUMBERS: Final = "it has points that are not numbers; generate it again"


def read_into(path: Path, collection: bpy.types.Collection, finish: Finish | None = None) -> Arrival:
    """Read a mesh file, and put what it is about into ``collection``.

    Cameras, lights, helper collections and empties go, and animation unless ``finish`` says otherwise. The root is
    named after the collection: what files call their meshes (``geometry_0``, ``relief``) tells nobody anything.

    :param collection: an empty one of the scene in the context, active: importers fail when the active one is excluded.
    :raises UnreadableError: it gives no mesh. What came in so far is still there.
    :raises RuntimeError: the importer refused it, see :func:`.readers.meaning`.
    """
    finish = finish or Finish()
    clips = gather(path, frame_rate=finish.frame_rate) if finish.keep_animations else []
    before = ids_of_all()
    flaws = read(path)
    places = _keep(datablocks(other_than=before), collection)
    objects = list(places)
    meshes = [obj for obj in objects if has_faces(obj)]
    if not meshes:
        raise UnreadableError("there is no mesh with faces in it")
    main = max(meshes, key=lambda obj: triangle_count(mesh_of(obj)))
    is_rigged = any(map(is_deformed, meshes)) or any(obj.type == "ARMATURE" for obj in objects)
    if is_rigged:
        root = _outermost(main, objects)
        _hang(places, root)
    else:
        root = main
        if not np.isfinite(np.array(list(places.values()))).all():
            raise UnreadableError(_NOT_NUMBERS)
        bake(places, root)
    attach(clips, objects if is_rigged else ())
    _name(root, collection.name)
    _remove_unused(before, collection)
    shrunk = finish_textures(objects, finish)  # before anything decodes all of them at once
    lost = leave_out_lost(of_type(datablocks(other_than=before), bpy.types.Image))
    show_vertex_colours(map(mesh_of, meshes))
    objects = finish_objects(sorted(objects, key=lambda obj: obj != root), collection, finish)
    bpy.context.view_layer.update()
    low, high = _bounds(meshes, root)
    return Arrival(
        collection_name=collection.name,
        object_names=tuple(obj.name for obj in objects),
        low=low,
        high=high,
        triangles=total_triangles(meshes),
        textures=_pack(of_type(datablocks(other_than=before), bpy.types.Image)),
        is_rigged=is_rigged,
        flaws=(*flaws, *lost, *shrunk),
        cleaned=words_of(root),
    )


def _keep(new: Sequence[bpy.types.ID], collection: bpy.types.Collection) -> dict[bpy.types.Object, Matrix]:
    """Put what is wanted of the new objects into ``collection`` alone; everything else goes, and all animation.

    :return: the objects, and where each was in the world.
    """
    unwanted: list[bpy.types.ID] = [b for b in new if isinstance(b, _UNWANTED_DATA) and b != collection]
    objects: list[bpy.types.Object] = []
    for obj in of_type(new, bpy.types.Object):
        (objects if has_faces(obj) or obj.type == "ARMATURE" else unwanted).append(obj)
    for obj in objects:
        for home in obj.users_collection:
            home.objects.unlink(obj)
        collection.objects.link(obj)
    for block in new:
        if block not in unwanted and getattr(block, "animation_data", None):
            block.animation_data_clear()
    bpy.context.view_layer.update()
    places = {obj: obj.matrix_world.copy() for obj in objects}
    bpy.data.batch_remove(unwanted)
    return places


def _name(root: bpy.types.Object, name: str) -> None:
    root.name = name
    if root.data is not None:
        root.data.name = name


def _remove_unused(before: frozenset[int], collection: bpy.types.Collection) -> None:
    """Meshes of what went, and what only they used."""
    while unused := [block for block in datablocks(other_than=before) if not block.users and block != collection]:
        bpy.data.batch_remove(unused)


def _outermost(main: bpy.types.Object, objects: Iterable[bpy.types.Object]) -> bpy.types.Object:
    """The armature that deforms the main mesh, or that mesh, and from there upward until nothing follows."""
    deforms = (modifier.object for modifier in main.modifiers if isinstance(modifier, bpy.types.ArmatureModifier))
    root = next((obj for obj in deforms if obj in set(objects)), main)
    while root.parent is not None:
        root = root.parent
    return root


def _hang(places: Mapping[bpy.types.Object, Matrix], root: bpy.types.Object) -> None:
    """Have everything that stands by itself go wherever ``root`` goes; all stays in its place."""
    root.matrix_basis = places[root]
    for obj, place in places.items():
        if obj.parent is None and obj != root:
            obj.parent = root
            obj.matrix_parent_inverse = places[root].inverted_safe()
            obj.matrix_basis = place


def _bounds(meshes: Iterable[bpy.types.Object], root: bpy.types.Object) -> tuple[Triple, Triple]:
    """The lowest and the highest corner of what is seen of ``meshes``, in the axes of ``root``."""
    corners = np.array([extent(obj, frame) for obj, frame in parts_of(meshes, root)])
    low, high = corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)
    if not np.isfinite((low, high)).all():
        raise UnreadableError(_NOT_NUMBERS)
    return cast("Triple", tuple(low.tolist())), cast("Triple", tuple(high.tolist()))


def _pack(images: Iterable[bpy.types.Image]) -> int:
    """Put the pixels of the textures into the .blend; gives how many there are."""
    textures = [image for image in images if image.source == "FILE" and any(cast("Sequence[int]", image.size))]
    for image in textures:
        if not image.packed_file:
            image.pack()
    return len(textures)
