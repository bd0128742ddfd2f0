# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh that came in parts: each an object of its own, all hanging on one that has no surface. Main thread only."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

import bpy
from mathutils import Matrix

from ..mesh.delivered import is_kept
from ..mesh.mesh import has_faces
from ..scene.arrival import Arrival
from .hanging import holder_for
from .source import Source

__all__ = ["gather_parts"]

_NAME_BYTES = 48
"""Of the source's name: what stands behind it has to fit into the 63 bytes that Blender 4 allows."""


def gather_parts(arrival: Arrival, source: Source, family: Collection[bpy.types.Object]) -> Arrival:
    """Hang all parts on one object in the place of their source, and name them after it, the largest first.

    :param arrival: its root is neither turned nor scaled, in the axes that it came in.
    """
    root, home = arrival.root, arrival.collection
    parts = [root, *(obj for obj in arrival.objects if obj.parent == root and not is_kept(obj) and has_faces(obj))]
    holder = holder_for(arrival, source, family)
    for part in parts:
        part.parent = holder
    root.matrix_parent_inverse = root.matrix_basis = Matrix.Identity(4)
    others = [obj for obj in arrival.objects if obj not in parts]
    name = source.name.encode()[:_NAME_BYTES].decode(errors="ignore")
    holder.name = home.name = name
    for number, part in enumerate((root, *sorted(parts[1:], key=_order)), start=1):
        part.name = f"{name} Part {number}"
        if part.data is not None:
            part.data.name = part.name
    return replace(arrival, is_rigged=True).named_after(home, (holder, *parts, *others))


def _order(part: bpy.types.Object) -> list[tuple[int, str]]:
    """By name, numbers by their value."""
    pieces = re.split(r"(\d+)", part.name)
    return [(int(piece), "") if piece.isdigit() else (0, piece) for piece in pieces]
