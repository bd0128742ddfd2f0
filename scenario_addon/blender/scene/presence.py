# SPDX-License-Identifier: GPL-3.0-or-later
"""How often what a job has made is in the open file already: a mesh, or a UV map of another. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast

import bpy

from ...engine.values import JobId

__all__ = ["count_meshes", "has_mesh_of", "note_uv_map", "root_in", "scene_with", "select_mesh", "uv_map_of", "uv_maps"]

_UV_MAPS: Final = "scenario_uv_maps"
"""Property of a mesh: the names of UV maps that jobs have made for it, by the jobs."""


def count_meshes(job_id: JobId) -> int:
    """Count a job's meshes in all scenes. One may have left its collection, or nothing else may be left of it.

    A mesh that has got its UVs counts as one.

    Takes about 30 ms for a file with 100,000 objects.
    """
    collections = [
        collection
        for collection in bpy.data.collections
        if _is_of(collection, job_id) and any(collection in s.collection.children_recursive for s in bpy.data.scenes)
    ]
    return max(len(collections), len(_roots(job_id)))


def scene_with(job_id: JobId) -> bpy.types.Scene | None:
    """Find a scene that has objects of the job's mesh; the one that is shown where it does."""
    scenes = {scene for root in _roots(job_id) for scene in root.users_scene}
    shown = bpy.context.scene
    return shown if shown in scenes else min(scenes, key=lambda scene: scene.name, default=None)


def root_in(job_id: JobId, scene: bpy.types.Scene) -> bpy.types.Object | None:
    """Find what a job's mesh hangs on in a scene, one that is shown before others."""
    roots = [root for root in _roots(job_id) if scene in root.users_scene]
    return next((root for root in roots if root.visible_get()), next(iter(roots), None))


def select_mesh(job_id: JobId, layer: bpy.types.ViewLayer) -> bool:
    """Select what a view layer shows of a mesh, and nothing else; not while somebody is at work in another mode.

    :return: whether it is selected.
    """
    families = ([root, *root.children_recursive] for root in _roots(job_id))
    shown = next((family for objects in families if (family := _shown(objects, layer))), [])
    if not shown or (layer.objects.active is not None and layer.objects.active.mode != "OBJECT"):
        return False
    for obj in list(layer.objects.selected):
        obj.select_set(False, view_layer=layer)
    for obj in shown:
        obj.select_set(True, view_layer=layer)
    layer.objects.active = shown[0]
    return True


def _shown(objects: Iterable[bpy.types.Object], layer: bpy.types.ViewLayer) -> list[bpy.types.Object]:
    return [obj for obj in objects if obj.visible_get(view_layer=layer)]


def _roots(job_id: JobId) -> list[bpy.types.Object]:
    """Find what the other objects of each mesh hang on, by name."""
    own = {obj for obj in bpy.data.objects if _is_of(obj, job_id) and obj.users_scene}
    roots = [obj for obj in own if obj.parent not in own]
    mapped = {mesh for mesh in bpy.data.meshes if uv_map_of(mesh, job_id) is not None}
    if mapped:
        for obj in sorted(bpy.data.objects, key=lambda obj: obj.name):
            if obj.data in mapped and obj.users_scene:
                mapped.remove(cast("bpy.types.Mesh", obj.data))
                roots.append(obj)
    return sorted(roots, key=lambda obj: obj.name)


def has_mesh_of(obj: bpy.types.Object, job_id: str) -> bool:
    """Whether an object came with a job, or its mesh has a UV map that the job has made."""
    return _is_of(obj, job_id) or (isinstance(obj.data, bpy.types.Mesh) and uv_map_of(obj.data, job_id) is not None)


def uv_maps(mesh: bpy.types.Mesh) -> Mapping[str, str]:
    """Give the names of UV maps that jobs have made for a mesh, by the jobs; those that are gone are not among them."""
    noted = mesh.get(_UV_MAPS)
    if noted is None:
        return {}
    return {job_id: name for job_id, name in noted.items() if name in mesh.uv_layers}


def uv_map_of(mesh: bpy.types.Mesh, job_id: str) -> str | None:
    """Name the UV map that a job has made for a mesh; ``None`` when there is none, or none by that name any more."""
    return uv_maps(mesh).get(job_id)


def note_uv_map(mesh: bpy.types.Mesh, job_id: str, name: str) -> None:
    """Remember which job has made a UV map."""
    mesh[_UV_MAPS] = {**uv_maps(mesh), job_id: name}


def _is_of(block: bpy.types.ID, job_id: str) -> bool:
    return block.get("scenario_job_id") == job_id
