# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scene's camera sees where there is no window that could draw it: the studio renders it. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import bpy
from mathutils import Matrix, Vector

from ...engine.errors import PictureError
from ..picture.framed.camera import NO_CAMERA, SEES_NOTHING, camera_sight
from ..studio.setup import VIEW, Setup
from ..studio.sides import View
from ..studio.studio import Studio
from ..studio.subject import of_objects

__all__ = ["render_camera", "seen_by_camera"]


def render_camera(context: bpy.types.Context, *, folder: Path, size_px: int) -> Path:
    """Have all that the camera sees rendered alone, from where it stands, framed to it. Takes seconds.

    :param folder: where the picture is kept.
    :raises PictureError: there is no camera, it sees nothing, or nothing here can render.
    :raises DiskError: something cannot be written.
    """
    scene = context.scene
    if scene.camera is None:
        raise PictureError(NO_CAMERA)
    graph = context.evaluated_depsgraph_get()
    names = seen_by_camera(scene, graph)
    if not names:
        raise PictureError(SEES_NOTHING)
    view = View.of_camera(scene.camera.evaluated_get(graph))
    studio = Studio(folder / "studio")
    try:
        capture = studio.take(of_objects(names, scene), Setup(view=view, size_px=size_px), pictures=folder)
    finally:
        studio.close()
    return capture.pictures[VIEW]


def seen_by_camera(scene: bpy.types.Scene, graph: bpy.types.Depsgraph) -> tuple[str, ...]:
    """Name the objects of which something is in the camera's frame, and that a render would show."""
    sight = camera_sight(scene, graph, size_px=1)
    look = sight.window @ sight.view
    found = dict.fromkeys(owner.name for owner, corners in _drawn(graph, look) if _is_in_frame(corners))
    return tuple(name for name in found if name in scene.objects and _is_rendered(scene.objects[name]))


def _drawn(graph: bpy.types.Depsgraph, look: Matrix) -> Iterator[tuple[Any, list[Vector]]]:
    """Give who owns what Blender draws, and the corners of its box as the camera projects them."""
    for instance in cast("Iterable[Any]", graph.object_instances):
        if instance.show_self:
            way = look @ instance.matrix_world
            corners = [way @ Vector((*corner[:], 1.0)) for corner in instance.object.bound_box]
            yield (instance.parent if instance.is_instance else instance.object), corners


def _is_in_frame(corners: list[Vector]) -> bool:
    """Whether no side of the frame has all of a box beyond it."""
    beyond = (
        all(sign * corner[axis] > corner[3] for corner in corners)  # pyright: ignore[reportIndexIssue]
        for axis in range(3)
        for sign in (-1.0, 1.0)
    )
    return not any(beyond)


def _is_rendered(obj: bpy.types.Object) -> bool:
    is_put_away = all(collection.hide_render for collection in obj.users_collection)
    return not obj.hide_render and obj.visible_camera and not is_put_away
