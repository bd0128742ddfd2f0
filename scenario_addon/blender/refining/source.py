# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a scene that were given to a model, found again when what was made of them comes. Main thread only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
from mathutils import Matrix

from ..mesh.delivered import is_kept
from ..mesh.mesh import has_faces, mesh_of, triangle_count
from ..scene.bounds import BODIES, Box, bounds, extent, parts_of
from ..scene.presence import has_mesh_of
from ..scene.refined import Refined

__all__ = ["Source", "find"]


@dataclass(frozen=True)
class Source:
    """Holds live objects: for use within one call."""

    objects: tuple[bpy.types.Object, ...]
    """That were given, the active one first: what was made of them is in its axes."""

    @property
    def active(self) -> bpy.types.Object:
        return self.objects[0]

    @property
    def name(self) -> str:
        return self.active.name

    def hindrance(self) -> str:
        """Say why it has to be left as it is, as a clause; "" when it has not."""
        if any(not obj.is_editable or obj.override_library for obj in self.objects):
            return f"{self.name} is linked from another file"
        if any(obj.mode != "OBJECT" for obj in self.objects):
            return f"somebody is at work on {self.name} in another mode"
        return ""

    def boxes(self) -> list[Box]:
        """Measure it in the active object's axes: with its modifiers, then without where it may have been given so."""
        boxes = [bounds(parts_of(self.objects, self.active))]
        home: Matrix = self.active.matrix_world.inverted_safe()
        bare = Box()
        for obj in self.objects:
            if has_faces(obj):
                for corner in extent(obj, home @ obj.matrix_world):
                    bare.add(corner)
        return [box for box in (*boxes, bare) if not box.is_empty]


def find(refined: Refined, scene: bpy.types.Scene) -> Source | None:
    """Find what an order refines; ``None`` when it is not in the scene, or no longer under the name it had.

    What a job of ours had made is known by that, whatever it is called by now.
    """
    named = [obj for name in refined.objects if (obj := scene.objects.get(name)) is not None and obj.type in BODIES]
    if refined.job_id is None:
        return Source(tuple(named)) if named else None
    own = [obj for obj in scene.objects if has_faces(obj) and not is_kept(obj) and has_mesh_of(obj, refined.job_id)]
    if not own:
        return None
    if named and named[0] in own:
        return Source(tuple(named))
    return Source(tuple(_of_one(own)))


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
