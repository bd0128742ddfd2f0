# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a scene that were given to a model, found again when what was made of them comes. Main thread only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import bpy
from mathutils import Matrix

from ..mesh.delivered import is_kept
from ..mesh.mesh import has_faces, mesh_of, triangle_count
from ..scene.bounds import BODIES, Box, bounds, extent, parts_of
from ..scene.placement import note_rest
from ..scene.presence import has_mesh_of
from ..scene.refined import Refined
from ..variants.enlisting import root_of

__all__ = ["Source", "find"]


@dataclass(frozen=True)
class Source:
    """Holds live objects: for use within one call."""

    objects: tuple[bpy.types.Object, ...]
    """That were given, the active one first."""
    like: bpy.types.Object
    """What was made of them is in the axes of this one, turned as the next says."""
    turn: Matrix = field(default_factory=lambda: Matrix.Identity(4))

    @property
    def home(self) -> Matrix:
        """Leads from the world to the axes that what was made is in."""
        frame: Any = self.like.matrix_world @ self.turn
        return frame.inverted_safe()

    @property
    def active(self) -> bpy.types.Object:
        return self.objects[0]

    @property
    def name(self) -> str:
        return self.active.name

    def hindrance(self) -> str:
        """Say why it has to be left as it is, as a clause; "" when it has not."""
        touched = {*self.objects, root_of(self.objects)}
        if any(not obj.is_editable or obj.override_library for obj in touched):
            return f"{self.name} is linked from another file"
        if any(obj.mode != "OBJECT" for obj in touched):
            return f"somebody is at work on {self.name} in another mode"
        return ""

    def boxes(self) -> list[Box]:
        """Measure it in the axes of what was made: with its modifiers, then without, as it may have been given, too."""
        back = self.turn.inverted_safe()
        boxes = [bounds((obj, back @ frame) for obj, frame in parts_of(self.objects, self.like))]
        bare = Box()
        for obj in self.objects:
            if has_faces(obj):
                for corner in extent(obj, self.home @ obj.matrix_world):
                    bare.add(corner)
        return [box for box in (*boxes, bare) if not box.is_empty]


def find(refined: Refined, scene: bpy.types.Scene, *, is_held: bool = False) -> Source | None:
    """Find what an order refines; ``None`` when it is not in the scene, or no longer under the name it had.

    What a job of ours had made is known by that, whatever it is called by now.

    :param is_held: the model was given the job's own file, and not what is in the scene.
    """
    everything = (obj for name in refined.objects if (obj := scene.objects.get(name)) is not None)
    named = [obj for obj in everything if obj.type in BODIES and not is_kept(obj)]
    if refined.job_id is None:
        return Source(tuple(named), named[0]) if named else None
    own = [obj for obj in scene.objects if has_faces(obj) and not is_kept(obj) and has_mesh_of(obj, refined.job_id)]
    if not own:
        return None
    objects = tuple(named if named and named[0] in own else _of_one(own))
    root = _top(objects[0])
    if not is_held or root.type == "MESH":
        return Source(objects, objects[0])
    return Source(objects, root, note_rest(root).inverted_safe())


def _of_one(own: Sequence[bpy.types.Object]) -> list[bpy.types.Object]:
    """Of several copies the one that the active object belongs to, else the first by name; its largest mesh first."""
    families: dict[bpy.types.Object, list[bpy.types.Object]] = {}
    for obj in own:
        families.setdefault(_top(obj), []).append(obj)
    active = bpy.context.view_layer.objects.active
    top = _top(active) if active is not None else None
    chosen = top if top in families else min(families, key=lambda obj: obj.name)
    assert chosen is not None
    return sorted(families[chosen], key=lambda obj: (obj != chosen, -triangle_count(mesh_of(obj)), obj.name))


def _top(obj: bpy.types.Object) -> bpy.types.Object:
    """What hangs together by the job that it came with."""
    job_id, above = obj.get("scenario_job_id"), obj.parent
    while job_id and above is not None and above.get("scenario_job_id") == job_id:
        obj, above = above, above.parent
    return obj
