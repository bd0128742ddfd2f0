# SPDX-License-Identifier: GPL-3.0-or-later
"""New UVs as one more UV map of the mesh that they were made for. Main thread only, but for the matching."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix

from ..mesh.delivered import is_kept
from ..mesh.mesh import has_faces, mesh_of
from ..scene.arrival import Arrival
from ..scene.presence import note_uv_map, uv_map_of
from .corners import Corners, box_of, read_corners
from .fit import fit
from .matching import Faces, Match, match
from .source import Source

__all__ = ["Ready", "Unwrapped", "add_map", "corners_given", "corners_made", "find_map", "hindrance", "match_any"]

_ENOUGH: Final = 0.98
"""Of all faces: with fewer it is not the same mesh."""
_MOST_TORN: Final = 0.1
"""Of all faces: where a seam runs across more, the coordinates say nothing of them."""
_SLIGHT: Final = 1e-5
"""Of a side: by no more do boxes around the same mesh differ."""
_MOST_MAPS: Final = 8
"""UV maps that a mesh can have."""


@dataclass(frozen=True)
class Unwrapped:
    """Coordinates for all of a source's meshes; or why there are none."""

    match: Match | None
    reason: str = ""
    """Why it cannot be a UV map, as a clause."""


@dataclass(frozen=True, eq=False)
class Ready:
    """What was found before the mesh comes in."""

    given: Sequence[Corners]
    """What it was looked for in."""
    match: Match | None

    def is_of(self, given: Sequence[Corners]) -> bool:
        """Whether these are the same faces still."""
        return len(self.given) == len(given) and all(
            one.is_same(other) for one, other in zip(self.given, given, strict=True)
        )


def find_map(arrival: Arrival, source: Source, ready: Ready | None = None) -> Unwrapped:
    """Find what a mesh that has come in, placed as in its file, says of the UVs of what it was made of.

    :param ready: what was found before; that is used where it still holds.
    """
    if reason := hindrance(source):
        return Unwrapped(None, reason)
    given = corners_given(source)
    if ready is None or not ready.is_of(given):
        made = corners_made(arrival)
        if made is None:
            return Unwrapped(None, "the result has no UVs")
        ready = match_any(given, made)
    return _judged(ready.match, source)


def corners_made(arrival: Arrival) -> Corners | None:
    """Read a mesh that came in, placed as in its file, in a scene or in none; ``None`` when it has no UVs."""
    root = arrival.root
    shown = [obj for obj in arrival.objects if has_faces(obj) and not is_kept(obj)]
    return read_corners(((mesh_of(obj), _place_in_file(obj, root)) for obj in shown), has_uvs=True)


def match_any(given: Sequence[Corners], made: Corners) -> Ready:
    """Match faces with those that are most like them. Any thread."""
    best: Match | None = None
    there = made.faces()
    for corners in given:
        faces = corners.faces()
        found = match(faces, _fitted(there, faces))
        if best is None or found.share > best.share:
            best = found
        if found.share >= _ENOUGH:
            break
    return Ready(given, best)


def add_map(source: Source, found: Match, *, name: str, job_id: str) -> str:
    """Give the meshes of a source one more UV map, active for viewports and renders; the others stay.

    :return: what was done, as a sentence.
    """
    at, added = 0, ""
    for mesh in _meshes(source):
        layers: Any = mesh.uv_layers
        known = uv_map_of(mesh, job_id)
        layer = layers[known] if known is not None else layers.new(name=name, do_init=False)
        count = len(mesh.loops)
        layer.uv.foreach_set("vector", np.ascontiguousarray(found.uvs[at : at + count], np.float32).reshape(-1))
        layers.active = layer
        layer.active_render = True
        added = added or layer.name
        note_uv_map(mesh, job_id, layer.name)
        mesh.update()
        at += count
    torn = round(found.torn * 100)
    seams = f", {max(torn, 1)} % of them in one piece where a seam ran across" if found.torn else ""
    return f"{source.name}: UV map '{added}' added, {math.floor(found.share * 100)} % of faces matched{seams}"


def _judged(found: Match | None, source: Source) -> Unwrapped:
    if found is None:
        return Unwrapped(None, f"{source.name} has no faces")
    if found.share < _ENOUGH:
        is_modified = any(map(_changes_faces, source.objects))
        because = ", whose modifiers change its faces" if is_modified else ""
        return Unwrapped(
            None, f"only {math.floor(found.share * 100)} % of the faces of {source.name} are in it{because}"
        )
    if found.torn > _MOST_TORN:
        share = math.ceil(found.torn * 100)
        return Unwrapped(None, f"its seams run across {share} % of the faces of {source.name}, which are no triangles")
    return Unwrapped(found)


def hindrance(source: Source) -> str:
    """Say why a source can get no UV map, as a clause; "" when it can."""
    meshes = _meshes(source)
    if any(not mesh.is_editable or mesh.override_library for mesh in meshes):
        return f"the mesh of {source.name} is linked from another file"
    if any(len(mesh.uv_layers) >= _MOST_MAPS for mesh in meshes):
        return f"{source.name} has {_MOST_MAPS} UV maps, and a mesh cannot have more"
    return ""


def _meshes(source: Source) -> list[bpy.types.Mesh]:
    """Each once, however many of the objects share it."""
    return list(dict.fromkeys(mesh_of(obj) for obj in source.objects if has_faces(obj)))


def corners_given(source: Source) -> list[Corners]:
    """Read the faces in the axes of what was made: without modifiers, then with those that only move vertices."""
    owners = {mesh_of(obj): obj for obj in reversed(source.objects) if has_faces(obj)}
    frames = [(mesh, source.home @ owners[mesh].matrix_world) for mesh in _meshes(source)]
    found = [read_corners(frames)]
    is_bent = any(obj.modifiers or mesh_of(obj).shape_keys for obj in owners.values())
    if is_bent and not any(map(_changes_faces, owners.values())):
        found.append(read_corners([(_evaluated(owners[mesh]), frame) for mesh, frame in frames]))
    return [corners for corners in found if corners is not None]


def _place_in_file(obj: bpy.types.Object, root: bpy.types.Object) -> Matrix:
    """What leads from an object's axes to those of its file. Blender works out the place of what is in a scene only."""
    place: Any = obj.matrix_basis.copy()
    while obj != root and obj.parent is not None:
        parent: Any = obj.parent
        place, obj = parent.matrix_basis @ obj.matrix_parent_inverse @ place, parent
    return place


def _changes_faces(obj: bpy.types.Object) -> bool:
    """Whether modifiers give an object other faces than its mesh has."""
    if not has_faces(obj):
        return False
    mesh, evaluated = mesh_of(obj), _evaluated(obj)
    counts = [(len(one.vertices), len(one.loops), len(one.polygons)) for one in (mesh, evaluated)]
    return counts[0] != counts[1]


def _evaluated(obj: bpy.types.Object) -> bpy.types.Mesh:
    return mesh_of(obj.evaluated_get(bpy.context.evaluated_depsgraph_get()))


def _fitted(made: Faces, source: Faces) -> Faces:
    """What came in, where and as large as what it was made of."""
    change = fit(box_of(made), [box_of(source)], keeps_proportions=False, close=_SLIGHT)
    if change == Matrix.Identity(4):
        return made
    linear, shift = np.array(change.to_3x3(), np.float32), np.array(change.translation, np.float32)
    return Faces(made.points @ linear.T + shift, made.vertices, made.starts, made.uvs)
