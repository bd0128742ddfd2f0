# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a model file into the scene, whole or not at all. Main thread only.

A model gets a collection of its own, stands with its base on the 3D cursor and carries the job it came from.
When anything goes wrong, every datablock that came in is removed again and the scene is as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, cast

import bpy
import numpy as np
from mathutils import Vector

from ..engine.errors import ImportFailed
from .readers import UnreadableError, meaning, read

__all__ = ["ImportedModel", "import_model"]

_UNWANTED_OBJECTS: Final = frozenset({"CAMERA", "LIGHT", "LIGHT_PROBE", "SPEAKER"})
_UNWANTED_DATA: Final = (
    bpy.types.Action,
    bpy.types.Camera,
    bpy.types.Collection,
    bpy.types.Light,
    bpy.types.LightProbe,
    bpy.types.Speaker,
)


@dataclass(frozen=True)
class ImportedModel:
    """What came in, by name: a reference to a live object would not survive an undo."""

    collection: str
    objects: tuple[str, ...]
    triangles: int
    textures: int


def import_model(
    path: Path,
    *,
    name: str,
    job_id: str,
    model_id: str,
    location: Sequence[float] | None = None,
    height: float = 0.0,
    scene: bpy.types.Scene | None = None,
) -> ImportedModel:
    """Import a GLB, glTF, FBX or OBJ into a new collection, as one undo step.

    In Object mode the new objects end up selected, the mesh with the most triangles active. An artist who is
    in any other mode is at work on something: mode, active object and selection stay as they are.

    :param name: of the collection; Blender numbers it when it is taken.
    :param location: where the bottom centre of the model goes, in world space; ``None`` is the 3D cursor.
    :param height: what the model is scaled to, in metres; 0 keeps the file's size.
    :param scene: where it goes; ``None`` is the current scene.
    :raises ImportFailed: the file is missing, broken or empty. The scene is as it was and the file is kept.
    """
    target = cast("bpy.types.Scene", scene or bpy.context.scene)
    with _at_home_in(target):
        view = _View.of_the_artist()
        view.leave_mode()
        with _all_or_nothing(path, view) as before:
            collection = _new_collection(name, target)
            read(path)
            objects = _keep(_datablocks(other_than=before), collection)
            textures = _pack(_datablocks(other_than=before))
            meshes = [obj for obj in objects if obj.type == "MESH" and _mesh(obj).polygons]
            _stand(objects, meshes, _place(target, location), height)
            _tag((collection, *objects, *map(_mesh, meshes)), job_id=job_id, model_id=model_id)
        if view.mode == "OBJECT":
            view.select(objects, active=max(meshes, key=_triangles))
        else:
            view.restore()
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message=f"Import {name}")
    return ImportedModel(
        collection=collection.name,
        objects=tuple(obj.name for obj in objects),
        triangles=sum(map(_triangles, meshes)),
        textures=textures,
    )


def _place(scene: bpy.types.Scene, location: Sequence[float] | None) -> Vector:
    return scene.cursor.location.copy() if location is None else Vector(location)


def _at_home_in(scene: bpy.types.Scene) -> AbstractContextManager[object]:
    """Act in a window that shows ``scene``, else in it all the same.

    A timer runs without a window, and without one there is no mode to leave and no undo step to push.
    """
    windows = bpy.context.window_manager.windows
    for window in (bpy.context.window, *windows):
        if window and window.scene == scene:
            # Scene and view layer as well: the caller may have overridden them with others.
            return bpy.context.temp_override(window=window, scene=scene, view_layer=window.view_layer)
    return bpy.context.temp_override(scene=scene, view_layer=scene.view_layers[0])


@dataclass(frozen=True)
class _View:
    """What the artist has active, selected and in which mode. Holds live objects: for use within one call."""

    layer: bpy.types.ViewLayer
    collection: bpy.types.Collection
    active: bpy.types.Object | None
    mode: Any
    """The name Blender has for it."""
    in_mode: frozenset[bpy.types.Object]
    """Several objects can be in Edit mode together."""
    selected: frozenset[bpy.types.Object]

    @classmethod
    def of_the_artist(cls) -> Self:
        layer = bpy.context.view_layer
        active = layer.objects.active
        mode = active.mode if active else "OBJECT"
        return cls(
            layer=layer,
            collection=layer.active_layer_collection.collection,
            active=active,
            mode=mode,
            in_mode=frozenset(obj for obj in layer.objects if obj.mode == mode),
            selected=frozenset(obj for obj in layer.objects if obj.select_get()),
        )

    def leave_mode(self) -> None:
        """Importers work in Object mode."""
        if self.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")

    def select(self, objects: Iterable[bpy.types.Object], *, active: bpy.types.Object | None) -> None:
        """Select these and no others; the active collection is the artist's again."""
        _activate(self.collection, self.layer)
        chosen = frozenset(objects)
        for obj in self.layer.objects:
            obj.select_set(obj in chosen)
        self.layer.objects.active = active

    def restore(self) -> None:
        if self.mode != "OBJECT":
            self.select(self.in_mode, active=self.active)
            bpy.ops.object.mode_set(mode=self.mode)
        self.select(self.selected, active=self.active)


def _activate(collection: bpy.types.Collection, layer: bpy.types.ViewLayer) -> None:
    """Make ``collection`` the active one wherever it hangs in the tree."""
    branches = [layer.layer_collection]
    for branch in branches:
        if branch.collection == collection:
            layer.active_layer_collection = branch
            return
        branches.extend(branch.children)


@contextmanager
def _all_or_nothing(path: Path, view: _View) -> Iterator[frozenset[int]]:
    """Give the ids of what is there before; remove everything else when the block does not reach its end."""
    before = frozenset(block.session_uid for block in _datablocks())
    try:
        yield before
    except BaseException as error:
        bpy.data.batch_remove(_datablocks(other_than=before))
        view.restore()
        if isinstance(error, UnreadableError | RuntimeError):
            raise ImportFailed(f"{path.name} could not be imported: {meaning(error)}.", path=path) from error
        raise


def _datablocks(*, other_than: frozenset[int] = frozenset()) -> list[bpy.types.ID]:
    """Everything in the open file, but for the blocks with these ids."""
    kinds = [kind.identifier for kind in bpy.data.bl_rna.properties if kind.type == "COLLECTION"]
    blocks = {block.session_uid: block for kind in kinds for block in getattr(bpy.data, kind)}
    return [block for uid, block in blocks.items() if uid not in other_than]


def _new_collection(name: str, scene: bpy.types.Scene) -> bpy.types.Collection:
    """A collection under the scene's own, active: importers fail when the active one is excluded."""
    collection = bpy.data.collections.new(name)
    scene.collection.children.link(collection)
    _activate(collection, bpy.context.view_layer)
    return collection


def _keep(new: Sequence[bpy.types.ID], collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """Put the new objects into ``collection`` alone; cameras, lights, animation and helper collections go."""
    unwanted, objects = [], []
    for block in new:
        if isinstance(block, bpy.types.Object):
            (unwanted if block.type in _UNWANTED_OBJECTS else objects).append(block)
        elif isinstance(block, _UNWANTED_DATA) and block != collection:
            unwanted.append(block)
    for obj in objects:
        for home in obj.users_collection:
            home.objects.unlink(obj)
        collection.objects.link(obj)
    for block in new:
        if block not in unwanted and getattr(block, "animation_data", None):
            block.animation_data_clear()
    bpy.data.batch_remove(unwanted)
    bpy.context.view_layer.update()
    return objects


def _pack(new: Iterable[bpy.types.ID]) -> int:
    """Put the pixels of the new textures into the .blend; gives how many there are.

    A file beside an OBJ or FBX that is missing stays a broken link, which Blender can find again.
    """
    textures = 0
    for image in new:
        if not isinstance(image, bpy.types.Image) or image.source != "FILE":
            continue
        decodes = any(cast("Sequence[int]", image.size))
        if not decodes and image.packed_file:
            raise UnreadableError(f"its texture {image.name} is damaged; download it again")
        if decodes and not image.packed_file:
            image.pack()
        textures += decodes
    return textures


def _stand(
    objects: Iterable[bpy.types.Object], meshes: Sequence[bpy.types.Object], location: Vector, height: float
) -> None:
    """Scale and move the model, as one, until the bottom centre of its bounding box is at ``location``."""
    if not meshes:
        raise UnreadableError("there is no mesh with faces in it")
    corners = np.array([_corners(obj) for obj in meshes])
    low, high = corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)
    if not np.isfinite((low, high)).all():
        raise UnreadableError("it has points that are not numbers; generate it again")
    factor = height / (high[2] - low[2]) if height > 0 and high[2] > low[2] else 1.0
    bottom_centre = Vector(((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]))
    for obj in objects:
        if obj.parent is None:
            obj.scale *= factor
            obj.location = location + (obj.location - bottom_centre) * factor
    bpy.context.view_layer.update()


def _corners(obj: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest corner of what is seen of ``obj``, in world space."""
    mesh = _mesh(obj.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    points = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", points)
    turn, shift = np.array(obj.matrix_world.to_3x3()), np.array(obj.matrix_world.translation)
    world = points.reshape(-1, 3) @ turn.T + shift
    return world.min(axis=0), world.max(axis=0)


def _tag(blocks: Iterable[bpy.types.ID], *, job_id: str, model_id: str) -> None:
    for block in blocks:
        block["scenario_job_id"] = job_id
        block["scenario_model"] = model_id


def _triangles(obj: bpy.types.Object) -> int:
    """A polygon of n corners makes n - 2 triangles."""
    mesh = _mesh(obj)
    return len(mesh.loops) - 2 * len(mesh.polygons)


def _mesh(obj: bpy.types.Object) -> bpy.types.Mesh:
    return cast("bpy.types.Mesh", obj.data)
