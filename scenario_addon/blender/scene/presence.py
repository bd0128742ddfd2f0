# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a job's mesh is in the open file already. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from ...engine.values import JobId

__all__ = ["count_meshes", "scene_with", "select_mesh"]


def count_meshes(job_id: JobId) -> int:
    """Count a job's meshes in all scenes. One may have left its collection, or nothing else may be left of it.

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
    return sorted((obj for obj in own if obj.parent not in own), key=lambda obj: obj.name)


def _is_of(block: bpy.types.ID, job_id: JobId) -> bool:
    return block.get("scenario_job_id") == job_id
