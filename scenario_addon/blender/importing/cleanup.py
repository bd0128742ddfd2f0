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
from mathutils import Matrix, Vector

from ..mesh.finish import Finish, finish_objects
from ..mesh.mesh import has_faces, is_deformed, mesh_of, total_triangles, triangle_count
from ..mesh.operations import corner_normals
from ..mesh.vertex_colours import show_vertex_colours
from ..scene.arrival import Arrival
from ..scene.bounds import Triple, extent, parts_of
from .animations import attach, gather
from .datablocks import datablocks, ids_of_all, of_type
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
_EQUAL: Final = 1e-6
"""What differs by less, of 1, is single precision's fault."""


def read_into(path: Path, collection: bpy.types.Collection, finish: Finish | None = None) -> Arrival:
    """Read a mesh file, and put what it is about into ``collection``.

    Cameras, lights, helper collections and empties go, and animation unless ``finish`` says otherwise.

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
        _bake(places, root)
    attach(clips, objects if is_rigged else ())
    show_vertex_colours(map(mesh_of, meshes))
    _remove_unused(before, collection)
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
        flaws=flaws,
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


def _bake(places: Mapping[bpy.types.Object, Matrix], root: bpy.types.Object) -> None:
    """Move turn and scale of the objects into their meshes, and hang all on ``root``; all that is seen stays."""
    if not np.isfinite(np.array(list(places.values()))).all():
        raise UnreadableError(_NOT_NUMBERS)
    for obj in places:
        obj.parent = None
    for obj, place in places.items():
        if mesh_of(obj).users > 1:
            obj.data = mesh_of(obj).copy()
        _transform(mesh_of(obj), place.to_3x3().to_4x4())
        obj.rotation_mode = "XYZ"
        offset = Vector()
        if obj != root:
            obj.parent, offset = root, places[root].translation
        obj.matrix_parent_inverse.identity()
        obj.matrix_basis = Matrix.Translation((place.translation - offset)[:])


def _transform(mesh: bpy.types.Mesh, matrix: Matrix) -> None:
    """Turn and scale a mesh. Custom normals, which Blender leaves behind in a stretch or a mirror, go along."""
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


def _bounds(meshes: Iterable[bpy.types.Object], root: bpy.types.Object) -> tuple[Triple, Triple]:
    """The lowest and the highest corner of what is seen of ``meshes``, in the axes of ``root``."""
    corners = np.array([extent(obj, frame) for obj, frame in parts_of(meshes, root)])
    low, high = corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)
    if not np.isfinite((low, high)).all():
        raise UnreadableError(_NOT_NUMBERS)
    return cast("Triple", tuple(low.tolist())), cast("Triple", tuple(high.tolist()))


def _pack(images: Iterable[bpy.types.Image]) -> int:
    """Put the pixels of the textures into the .blend; gives how many there are.

    A file beside an OBJ or FBX that is missing stays a broken link, which Blender can find again.
    """
    textures = 0
    for image in images:
        if image.source != "FILE":
            continue
        decodes = any(cast("Sequence[int]", image.size))
        if not decodes and image.packed_file:
            raise UnreadableError(f"its texture {image.name} is damaged; download it again")
        if decodes and not image.packed_file:
            image.pack()
        textures += decodes
    return textures
