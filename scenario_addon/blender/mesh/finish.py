# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to a mesh and its textures after the import, if wanted. Main thread only.

Never destructive: the mesh as delivered stays in its collection, hidden, when it was cleaned or fewer triangles are
shown; the file that came from the service is on disk in any case.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Self, cast

import bpy

from ..form.finishing import MAX_LODS
from ..form.properties import scene_settings
from ..form.stored import choice, number
from .findings import note
from .textures import shrink, textures_of

__all__ = ["Finish", "finish_objects", "finish_textures"]

_MOST_PIXELS: Final = 1 << 29
"""Of a mesh's textures in a window: 32 of 4096 px, or 8 of 8192 px. Decoded they take 2 GB, and as much on the graphics
card."""


@dataclass(frozen=True)
class Finish:
    """What is wanted. The defaults leave a mesh as it was delivered."""

    triangles: int = 0
    """Of all meshes together that are shown; 0: as delivered."""
    lods: int = 0
    """Further levels of detail, each with half of the triangles of the one before."""
    merge: bool = False
    """Vertices at the same place become one; UVs and custom normals stay as they are."""
    smooth: bool = False
    """The surface is shaded smooth in place of the file's normals. Merges as well: a split seam would show."""
    max_texture_px: int = 0
    """Longest side of a texture; 0: as delivered."""
    most_texture_px: int = 0
    """Of the longest side, whatever is wanted: larger ones keep a window waiting; 0: no limit."""
    most_pixels: int = 0
    """Of all textures together, likewise."""
    keep_animations: bool = False
    """Of a rigged mesh, muted. It comes in at rest in any case."""
    frame_rate: float = 0.0
    """Frames a second that the animations are for; 0: those of the scene they come into."""
    loose: float = 0.0
    """Loose pieces go whose diagonal is a smaller share of their mesh's; 0: none."""
    hole_edges: int = 0
    """Holes with no more edges are closed; 0: none."""
    outward: bool = False
    """Faces that look inward are turned."""

    @classmethod
    def wanted_in(cls, scene: bpy.types.Scene) -> Self:
        """Read what the artist has chosen."""
        chosen, render = scene_settings(scene).finish, scene.render
        return cls(
            triangles=number(chosen, "target_triangles"),
            lods=number(chosen, "lods"),
            merge=chosen.merge_vertices,
            smooth=chosen.shade_smooth,
            max_texture_px=int(choice(chosen, "texture_limit")),
            keep_animations=chosen.keep_animations,
            frame_rate=render.fps / render.fps_base if chosen.keep_animations else 0.0,
            loose=number(chosen, "loose_size") / 100 if chosen.remove_loose else 0.0,
            hole_edges=number(chosen, "hole_edges") if chosen.close_holes else 0,
            outward=chosen.turn_outward,
        )

    def within(self, *, most_texture_px: int, most_pixels: int = _MOST_PIXELS) -> Self:
        """The same for a window, which must not be kept waiting."""
        return replace(self, most_texture_px=most_texture_px, most_pixels=most_pixels)

    def without_cleaning(self) -> Self:
        """The same, with the surface as it is."""
        return replace(self, loose=0.0, hole_edges=0, outward=False)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what an older or newer version wrote: what is missing or makes no sense is as delivered."""
        given = cast("Mapping[str, Any]", data) if isinstance(data, Mapping) else {}
        known = {f.name: (type(f.default),) for f in fields(cls)} | dict.fromkeys(("frame_rate", "loose"), (float, int))
        usable = {k: v for k, v in given.items() if type(v) in known.get(k, ()) and 0 <= v < math.inf}
        if "lods" in usable:
            usable["lods"] = min(usable["lods"], MAX_LODS)
        return cls(**usable)


def finish_objects(
    objects: Sequence[bpy.types.Object], collection: bpy.types.Collection, finish: Finish
) -> tuple[bpy.types.Object, ...]:
    """Do what is wanted; the shown objects stay the same, their meshes may be new ones.

    Meshes with shape keys or an armature are cleaned at most. New objects are children of those they belong to, at the
    same place, in collections under ``collection`` that are hidden: ``<collection> Full`` with the meshes as
    delivered, ``<collection> LODs``. The same input gives the same result. What cleaning found stays with the first
    object.

    :return: all objects of the mesh, the hidden ones last.
    """
    hidden: list[bpy.types.Object] = []
    is_cleaned = bool(finish.loose or finish.hole_edges or finish.outward)
    if is_cleaned or finish.merge or finish.smooth or finish.triangles or finish.lods:
        from ..cleaning.clean import Cleaning  # lazy: numpy takes longer than enabling an add-on may
        from .lod import Detail, add_lods

        detail = Detail(finish.triangles, finish.lods, finish.merge, finish.smooth)
        cleaning = Cleaning(finish.loose, finish.hole_edges, finish.outward) if is_cleaned else None
        hidden, report = add_lods(objects, collection, detail, cleaning)
        if report is not None:
            note(objects[0], report)
    return (*objects, *hidden)


def finish_textures(objects: Iterable[bpy.types.Object], finish: Finish) -> tuple[str, ...]:
    """Scale down what is larger than is wanted, or than a window can bear.

    :return: what nobody has asked for, as a phrase.
    """
    sides = [side for side in (finish.max_texture_px, finish.most_texture_px) if side]
    if not (sides or finish.most_pixels):
        return ()
    side_px = shrink(textures_of(objects), max_side_px=min(sides, default=0), max_pixels=finish.most_pixels)
    if side_px is None or side_px == finish.max_texture_px:
        return ()
    return (f"without the full size of its textures, which were scaled down to {side_px} px",)
