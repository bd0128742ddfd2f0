# SPDX-License-Identifier: GPL-3.0-or-later
"""The animations in a file, for the model that comes in at rest. Main thread only.

A file is read once for its animations, of which nothing else stays, and once at rest: so a model is the same with
them as without.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix

from .datablocks import datablocks, ids_of_all, of_type
from .readers import UnreadableError, may_be_animated, read_animated

__all__ = ["Clip", "attach", "gather"]

log = logging.getLogger(__name__)

_PLACE: Final = ("location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale")
"""The paths of the curves that move an object as a whole."""
_KEYFRAME: Final = ("co", "handle_left", "handle_right")
_ALMOST: Final = 1e-6


@dataclass(frozen=True)
class Clip:
    """An action, and what of a model it moves. Holds live objects: for use within one call."""

    name: str
    action: bpy.types.Action
    owner: str
    """Name of the object."""
    of_shapes: bool
    """It moves the object's shape keys."""
    slot: Any
    """The part of the action that does; ``None`` before Blender 4.4, which knows none."""
    is_apart: bool
    """The object hung on one that does not stay: it is moved against another frame than the one it has then."""


def gather(path: Path, *, frame_rate: float) -> list[Clip]:
    """Read the animations of a file, and nothing else. A file whose animations cannot be read has none.

    :param frame_rate: frames a second that they are for; 0: those of the current scene.
    """
    if not may_be_animated(path):
        return []
    render = bpy.context.scene.render
    wanted = frame_rate or render.fps / render.fps_base
    before = ids_of_all()
    try:
        factor = wanted / read_animated(path)
        clips = list(_clips_of(datablocks(other_than=before)))
    except (UnreadableError, RuntimeError) as error:
        log.warning("%s comes in without its animations: %s", path.name, error)
        clips, factor = [], 1.0
    actions = {clip.action for clip in clips}
    bpy.data.batch_remove([block for block in datablocks(other_than=before) if block not in actions])
    for action in actions:
        _retime(action, factor)
    return clips


def attach(clips: Sequence[Clip], objects: Iterable[bpy.types.Object]) -> None:
    """Give each clip to its object, as a muted track: nothing moves until somebody wants it to.

    Clips of other objects go.
    """
    owners = {obj.name: obj for obj in objects}
    actions, used = {clip.action for clip in clips}, set[bpy.types.Action]()
    for clip in clips:
        owner = _block(owners.get(clip.owner), of_shapes=clip.of_shapes)
        if owner is None:
            continue
        used.add(clip.action)
        if clip.is_apart:
            _leave_in_place(clip)
        data = owner.animation_data or owner.animation_data_create()
        track = data.nla_tracks.new()
        track.name, track.mute = clip.name, True
        strip = track.strips.new(clip.action.name, floor(clip.action.frame_range[0]), clip.action)
        if clip.slot is not None:
            strip.action_slot = clip.slot
            data.last_slot_identifier = clip.slot.identifier  # so that the action finds it, whatever the object's name
    for action in used:
        action.use_fake_user = False
    bpy.data.batch_remove(list(actions - used))


def _clips_of(new: Iterable[bpy.types.ID]) -> Iterator[Clip]:
    """What moves the new objects and their shape keys, the lowest track first."""
    new = list(new)
    seen: set[tuple[bpy.types.ID, bpy.types.Action]] = set()
    owners: dict[tuple[str, str], tuple[bpy.types.Object, bool]] = {}
    for obj in of_type(new, bpy.types.Object):
        for of_shapes in (False, True):
            block = _block(obj, of_shapes=of_shapes)
            if block is None:
                continue
            owners["KEY" if of_shapes else "OBJECT", block.name] = obj, of_shapes
            for name, action, slot in _assigned(block):
                if (block, action) not in seen:
                    seen.add((block, action))
                    yield _clip(name, action, obj, slot, of_shapes=of_shapes)
    used = {action for _, action in seen}
    for action in of_type(new, bpy.types.Action):
        for kind, name, slot in _named(action) if action not in used else ():
            if (kind, name) in owners:
                obj, of_shapes = owners[kind, name]
                yield _clip(action.name, action, obj, slot, of_shapes=of_shapes)


def _assigned(block: Any) -> Iterator[tuple[str, bpy.types.Action, Any]]:
    data = block.animation_data
    for track in data.nla_tracks if data else ():
        for strip in track.strips:
            if strip.action:
                yield track.name, strip.action, getattr(strip, "action_slot", None)
    if data and data.action:
        yield data.action.name, data.action, getattr(data, "action_slot", None)


def _named(action: Any) -> Iterator[tuple[str, str, Any]]:
    """The kind and the name of what an action is for that an FBX importer has given to nothing: it has several."""
    if hasattr(action, "slots"):
        for slot in action.slots:
            yield slot.target_id_type, slot.identifier[2:], slot
    else:
        of_shapes = any(curve.data_path.startswith("key_blocks") for curve in action.fcurves)
        yield "KEY" if of_shapes else "OBJECT", action.name.partition("|")[0], None


def _clip(name: str, action: bpy.types.Action, obj: bpy.types.Object, slot: Any, *, of_shapes: bool) -> Clip:
    parent = obj.parent
    is_apart = parent is not None and parent.type not in ("MESH", "ARMATURE") and not _is_nowhere(parent.matrix_world)
    return Clip(name, action, obj.name, of_shapes=of_shapes, slot=slot, is_apart=is_apart and not of_shapes)


def _is_nowhere(place: Matrix) -> bool:
    return bool(np.allclose(np.array(place), np.identity(4), atol=_ALMOST))


def _block(obj: bpy.types.Object | None, *, of_shapes: bool) -> Any:
    return getattr(obj.data, "shape_keys", None) if obj is not None and of_shapes else obj


def _bags(clip_action: Any, slot: Any = None) -> Iterator[Any]:
    """Where the curves of an action are; of one slot alone, where one is given."""
    if not hasattr(clip_action, "layers"):
        yield clip_action
        return
    for layer in clip_action.layers:
        for strip in layer.strips:
            yield from (bag for bag in strip.channelbags if slot is None or bag.slot == slot)


def _leave_in_place(clip: Clip) -> None:
    """Drop what moves the object as a whole; its bones stay."""
    for bag in _bags(clip.action, clip.slot):
        for curve in [curve for curve in bag.fcurves if curve.data_path in _PLACE]:
            bag.fcurves.remove(curve)


def _retime(action: bpy.types.Action, factor: float) -> None:
    if abs(factor - 1) < _ALMOST:
        return
    for curve in (curve for bag in _bags(action) for curve in bag.fcurves):
        for part in _KEYFRAME:
            values = np.empty(len(curve.keyframe_points) * 2, dtype=np.float32)
            curve.keyframe_points.foreach_get(part, values)
            values[::2] *= factor
            curve.keyframe_points.foreach_set(part, values)
        curve.update()
