# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts what was made of a mesh into that mesh's place, which is kept, hidden. Main thread only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy

from ...engine.models.words.refinements import Refinement
from ..mesh.mesh import has_faces, is_deformed, total_triangles
from ..scene.arrival import Arrival
from ..scene.bounds import Box, triple
from ..scene.free_space import step_aside
from ..scene.placement import move_mesh, note_rest
from ..variants.enlisting import enlist
from ..variants.group import KEY, Variant, members
from ..variants.row import is_laid_out, stack
from ..variants.switch import discard, show_alone, take_over
from .fit import fit
from .hanging import hang_like, holder_for
from .matching import Match
from .parts import gather_parts
from .source import Source
from .uv_map import Ready, add_map, find_map

__all__ = ["Seat"]


class Seat:
    """The place of what was given to a model.

    :param kind: what the model does, a value of ``Refinement``.
    :param label: what the result is called beside its sisters.
    :param map_name: what a UV map is called.
    :param ready: what was found of UVs before.
    """

    def __init__(self, source: Source, *, kind: str, label: str, map_name: str, ready: Ready | None = None) -> None:
        self._source = source
        self._kind = kind
        self._label = label
        self._map_name = map_name
        self._ready = ready
        self._hindrance = source.hindrance()
        """Looked at before the import, which may leave the artist's mode for a while."""

    def __call__(self, arrival: Arrival, scene: bpy.types.Scene) -> Arrival:
        """Have a mesh that has just come in, and carries its job, take the place.

        :return: the arrival as it is now.
        """
        layer = bpy.context.view_layer  # which shows the scene here
        layer.update()
        reason = ""
        if self._kind == Refinement.UVS and not self._hindrance:
            found = find_map(arrival, self._source, self._ready)
            if found.match is not None:
                return self._mapped(arrival, found.match)
            reason = f"The new UVs came as a mesh, not as a UV map: {found.reason}."
        variant = None if self._hindrance else enlist(self._source.objects, scene)
        if variant is not None:
            _bring_forward(variant, scene)
            layer.update()
        _move_to(_home_of(self._source.active, scene), arrival, scene)
        arrival = self._seated(arrival, variant)
        layer.update()
        if variant is None:
            told = f"{self._hindrance}: the result stands beside it, as a mesh of its own."
            return replace(step_aside(arrival, layer, moves=True), told=told[0].upper() + told[1:])
        take_over(arrival.root, self._label, variant, scene)
        return replace(arrival, where=f"in place of {self._source.name}", told=reason)

    def _mapped(self, arrival: Arrival, found: Match) -> Arrival:
        """Give the source a UV map instead of what has come in, which goes again."""
        source, job_id = self._source, str(arrival.root.get("scenario_job_id", ""))
        discard(arrival.objects)
        report = add_map(source, found, name=self._map_name, job_id=job_id)
        box = source.boxes()[0]
        meshes = [obj for obj in source.objects if has_faces(obj)]
        return Arrival(
            collection_name=source.active.users_collection[0].name,
            object_names=tuple(obj.name for obj in source.objects),
            low=triple(box.low),
            high=triple(box.high),
            triangles=total_triangles(meshes),
            is_rigged=any(map(is_deformed, meshes)),
            report=report,
        )

    def _seated(self, arrival: Arrival, variant: Variant | None) -> Arrival:
        """Have it stand exactly where its source stands, turned, scaled and sheared as that is."""
        source, root = self._source, arrival.root
        given: Any = root.matrix_basis.copy()
        made = Box.between(arrival.low, arrival.high).seen_from(given)
        change = fit(made, source.boxes(), keeps_proportions=arrival.is_rigged)
        family = {source.like, *(variant.objects if variant is not None else ())}
        if not arrival.is_rigged:
            arrival = move_mesh(arrival, change @ given)
            if self._kind == Refinement.PARTS and len(arrival.object_names) > 1:
                return gather_parts(arrival, source, family)
            hang_like(root, source.like, family, move=source.turn)
            return arrival
        note_rest(root)
        if hang_like(root, source.like, family, move=source.turn @ change @ given):
            return arrival
        holder = holder_for(arrival, source, family)
        root.parent, root.matrix_parent_inverse, root.matrix_basis = holder, change, given
        return replace(arrival, object_names=(holder.name, *arrival.object_names))


def _bring_forward(variant: Variant, scene: bpy.types.Scene) -> None:
    """Have the source itself stand where the artist has put whichever of its sisters is shown."""
    key = str(variant.root[KEY])
    if is_laid_out(key, scene):
        stack(key, scene)
    show_alone(variant, members(key, scene, first=variant.root))


def _home_of(source: bpy.types.Object, scene: bpy.types.Scene) -> bpy.types.Collection:
    """Give the collection that the result's own goes into: the source's, or that around it when it is a result's."""
    shown = [branch.collection for branch in _branches(bpy.context.view_layer.layer_collection)]
    home = next((one for one in source.users_collection if one in shown), None)
    seen = 0
    while home is not None and (home.get("scenario_job_id") or home.get("scenario_kept")) and seen < len(shown):
        home, seen = next((one for one in shown if home in set(one.children)), None), seen + 1
    return home if home is not None and home.is_editable else scene.collection


def _branches(branch: bpy.types.LayerCollection) -> list[bpy.types.LayerCollection]:
    """What a view layer shows, from the outermost inward."""
    if branch.exclude or branch.hide_viewport or branch.collection.hide_viewport:
        return []
    return [branch, *(inner for child in branch.children for inner in _branches(child))]


def _move_to(home: bpy.types.Collection, arrival: Arrival, scene: bpy.types.Scene) -> None:
    own = arrival.collection
    if home == scene.collection:
        return
    scene.collection.children.unlink(own)
    home.children.link(own)
