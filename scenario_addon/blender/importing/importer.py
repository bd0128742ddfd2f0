# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a mesh file into the scene, whole or not at all. Main thread only.

A mesh gets a collection of its own, stands with its base on the 3D cursor and carries the job it came from.
When anything goes wrong, every datablock that came in is removed again and the scene is as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

import bpy

from ...engine.errors import ImportFailed
from ..context.showing import showing
from ..mesh.finish import Finish
from ..scene.arrival import Arrival
from ..scene.free_space import step_aside
from ..scene.placement import Placement, place
from ..scene.surroundings import same_scenes_shown
from ..variants.group import Kinship
from ..variants.switch import take_in
from .append import append
from .cleanup import read_into
from .converted import Converted
from .datablocks import datablocks, ids_of_all
from .readers import UnreadableError, meaning
from .staging import Taken

__all__ = ["import_mesh"]

log = logging.getLogger(__name__)


def import_mesh(
    path: Path,
    *,
    name: str,
    job_id: str,
    model_id: str,
    placement: Placement | None = None,
    finish: Finish | None = None,
    converted: Converted | None = None,
    staged: Taken | None = None,
    variant: Kinship | None = None,
    seat: Callable[[Arrival, bpy.types.Scene], Arrival] | None = None,
    scene: bpy.types.Scene | None = None,
) -> Arrival:
    """Import a mesh file, of any kind that ``readers`` knows, into a new collection.

    In Object mode the new objects end up selected, the main one active. An artist who is in any other mode is at work
    on something: mode, active object and selection stay as they are.

    :param name: of the collection; Blender numbers it when it is taken.
    :param placement: where and how large; the default is the file's own size at the 3D cursor.
    :param finish: what is done to the meshes.
    :param converted: what a converter made of the file, name and finish included; that is read where it can be.
    :param staged: ``converted`` appended already, see ``staging``.
    :param variant: what it is a variant of; its sisters in the scene are hidden, and it stands where they do.
    :param seat: puts it where it belongs, instead of ``placement`` and ``variant``; gets it tagged, as it was in its
        file.
    :param scene: where it goes; ``None`` is the current scene.
    :raises ImportFailed: the file is missing, broken or empty. The scene is as it was and the file is kept.
    """
    target = cast("bpy.types.Scene", scene or bpy.context.scene)
    with same_scenes_shown(), _at_home_in(target):
        view = _View.of_the_artist()
        with _all_or_nothing(path, view, staged):
            arrival = _appended(converted, staged, target) if converted else None
            if arrival is None:
                view.leave_mode()
                arrival = read_into(path, _new_collection(name, target), finish)
            _tag(arrival, job_id=job_id, model_id=model_id)
            if seat is not None:
                arrival = seat(arrival, target)
            else:
                arrival = place(arrival, placement or Placement(), target)
                arrival = _settled(arrival, placement or Placement(), target, variant)
        if view.mode == "OBJECT":
            view.select((obj for obj in arrival.objects if obj.visible_get()), active=arrival.root)
        else:
            view.restore()
    return arrival


def _settled(arrival: Arrival, placement: Placement, scene: bpy.types.Scene, variant: Kinship | None) -> Arrival:
    """Show a mesh that has been placed instead of its sisters, or not inside of something else without a word."""
    if variant is not None and take_in(arrival.root, variant, scene):
        return arrival
    layer = bpy.context.view_layer  # which shows the scene here
    return step_aside(arrival, layer, moves=placement.steps_aside, ignored=placement.replaces)


def _appended(converted: Converted, staged: Taken | None, scene: bpy.types.Scene) -> Arrival | None:
    """The mesh in ``scene``, in whatever mode the artist is; ``None`` when it cannot be read."""
    try:
        arrival = staged.arrival if staged else append(converted)
    except OSError as error:
        log.warning("%s is imported directly: %s", converted.blend.name, error)
        return None
    scene.collection.children.link(arrival.collection)
    return arrival


def _at_home_in(scene: bpy.types.Scene) -> AbstractContextManager[object]:
    """Act in a window that shows ``scene``, else in it all the same.

    A timer runs without a window, and without one there is no mode to leave and no undo step to push.
    """
    windows = bpy.context.window_manager.windows
    for window in (bpy.context.window, *windows):
        if window and window.scene == scene:
            return showing(scene, window.view_layer, window)
    return showing(scene, scene.view_layers[0])


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
            in_mode=frozenset(obj for obj in layer.objects if obj.mode == mode) if mode != "OBJECT" else frozenset(),
            selected=frozenset(layer.objects.selected),
        )

    def leave_mode(self) -> None:
        """Importers work in Object mode."""
        if self.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")

    def select(self, objects: Iterable[bpy.types.Object], *, active: bpy.types.Object | None) -> None:
        """Select these and no others; the active collection is the artist's again."""
        _activate(self.collection, self.layer)
        for obj in list(self.layer.objects.selected):
            obj.select_set(False)
        for obj in objects:
            obj.select_set(True)
        self.layer.objects.active = active

    def restore(self) -> None:
        if self.active is not None and self.active.mode != self.mode:
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
def _all_or_nothing(path: Path, view: _View, staged: Taken | None) -> Iterator[None]:
    """Remove everything that came in, now or before, when the block does not reach its end."""
    before = ids_of_all() - (staged.ids if staged else frozenset())
    try:
        yield
    except BaseException as error:
        bpy.data.batch_remove(datablocks(other_than=before))
        view.restore()
        if isinstance(error, UnreadableError | RuntimeError):
            raise ImportFailed(f"{path.name} could not be imported: {meaning(error)}.", path=path) from error
        raise


def _new_collection(name: str, scene: bpy.types.Scene) -> bpy.types.Collection:
    """A collection under the scene's own, active: importers fail when the active one is excluded."""
    collection = bpy.data.collections.new(name)
    scene.collection.children.link(collection)
    _activate(collection, bpy.context.view_layer)
    return collection


def _tag(arrival: Arrival, *, job_id: str, model_id: str) -> None:
    objects = arrival.objects
    meshes = {obj.data for obj in objects if isinstance(obj.data, bpy.types.Mesh)}
    for block in (arrival.collection, *objects, *meshes):
        block["scenario_job_id"] = job_id
        block["scenario_model"] = model_id
