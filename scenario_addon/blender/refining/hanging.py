# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that stand where another one stands, and go with whatever that hangs on. Main thread only."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import bpy
from mathutils import Matrix

from ..scene.arrival import Arrival
from ..scene.placement import note_rest
from ..variants.group import is_same
from .source import Source

__all__ = ["hang_like", "holder_for"]

_CHANNELS = (
    "rotation_mode",
    "location",
    "rotation_euler",
    "rotation_quaternion",
    "rotation_axis_angle",
    "scale",
    "delta_location",
    "delta_rotation_euler",
    "delta_rotation_quaternion",
    "delta_scale",
)


def hang_like(
    obj: bpy.types.Object, like: bpy.types.Object, family: Collection[bpy.types.Object], *, move: Matrix
) -> bool:
    """Have an object stand as another one does, in its axes after ``move``.

    :param family: what is hidden with the other one: nothing hangs on that.
    :return: whether location, rotation and scale can say so; else it is not sheared as it should be.
    """
    one: Any = obj
    wanted: Any = like.matrix_world @ move
    top = like
    while top.parent is not None and top.parent in family:
        top = top.parent
    _share_parent(one, top)
    for channel in _CHANNELS:
        setattr(one, channel, getattr(like, channel))
    if move != Matrix.Identity(4):
        one.matrix_basis = like.matrix_basis @ move
    bpy.context.view_layer.update()
    if not is_same(one.matrix_world, wanted):  # a constraint, or it hangs on what is hidden
        one.matrix_world = wanted
        bpy.context.view_layer.update()
    return is_same(one.matrix_world, wanted)


def _share_parent(obj: Any, other: bpy.types.Object) -> None:
    """Hang an object on what another one hangs on, without being bent by it."""
    is_bent = other.parent_type in {"ARMATURE", "LATTICE", "CURVE", "KEY"}
    obj.parent, obj.parent_type = other.parent, "OBJECT" if is_bent else other.parent_type
    obj.parent_bone = other.parent_bone
    obj.parent_vertices = other.parent_vertices
    obj.matrix_parent_inverse = other.matrix_parent_inverse


def holder_for(arrival: Arrival, source: Source, family: Collection[bpy.types.Object]) -> bpy.types.Object:
    """Make what all of a mesh can hang on, in the place of its source."""
    holder: Any = bpy.data.objects.new(arrival.root.name, None)
    holder.empty_display_type = "PLAIN_AXES"
    holder.empty_display_size = max(
        1e-6, max(high - low for low, high in zip(arrival.low, arrival.high, strict=True)) / 2
    )
    for name in ("scenario_job_id", "scenario_model"):
        if name in arrival.root:
            holder[name] = arrival.root[name]
    arrival.collection.objects.link(holder)
    note_rest(holder)
    hang_like(holder, source.like, family, move=source.turn)
    return holder
