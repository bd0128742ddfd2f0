# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the meshes: what is damaged goes where there is something else, and points that are no numbers."""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from ..gltf.accessors import Accessor, are_finite, largest, numbers, packed
from ..gltf.document import Flaw, Json, TooMuch, entries, integer, listed, members, objects, reference, triangles
from ..gltf.draft import Draft

__all__ = ["keep_sound_parts"]

_WIDTHS: Final = {"POSITION": 3, "NORMAL": 3, "TANGENT": 4, "TEXCOORD": 2, "JOINTS": 4, "WEIGHTS": 4}
"""How many numbers a point has of each attribute."""
_UNREAD: Final = ("TANGENT",)
"""Attributes that Blender does not look at."""
_TRIANGLES: Final = (4, 5, 6)
_LIST, _STRIP, _FAN = _TRIANGLES
_UNSIGNED_INT: Final = 5125
_FEW: Final = 4
"""A mesh may lose one of so many triangles; one that loses more is damaged."""
_NOT_NUMBERS: Final = "is damaged: some of its points are not numbers"


def keep_sound_parts(draft: Draft) -> bool:
    """Take what is damaged out of the meshes that are shown, and out of sight what nobody shows.

    :raises Flaw: no triangle is left, and why.
    """
    meshes = objects(draft.root.get("meshes"))
    shown = {reference(node, "mesh", meshes) for node in entries(draft.root, "nodes") if "mesh" in node}
    flaws: list[Flaw] = []
    is_changed, found = False, 0
    for number, mesh in enumerate(meshes):
        if number not in shown:
            is_changed |= _empty(mesh)
            continue
        faces, has_lost = _keep(mesh, draft, flaws)
        is_changed |= has_lost
        found += faces
    if not found:
        raise flaws[0] if flaws else Flaw("is not a mesh: there are no triangles in it")
    if flaws:
        parts = "one of its parts" if len(flaws) == 1 else f"{len(flaws)} of its parts"
        draft.told.append(f"without {parts}, which {'is' if len(flaws) == 1 else 'are'} damaged")
    return _hide_empty(draft, meshes) or is_changed


def _empty(mesh: Json) -> bool:
    """Take away what a mesh that nobody shows is made of, where that is nothing to read."""
    parts = mesh.get("primitives")
    is_sound = isinstance(parts, list) and all(
        isinstance(members(p).get("attributes"), dict) for p in listed(mesh, "primitives")
    )
    if not is_sound:
        mesh["primitives"] = []
    return not is_sound


def _keep(mesh: Json, draft: Draft, flaws: list[Flaw]) -> tuple[int, bool]:
    """Keep the sound parts of a mesh; gives how many triangles they have, and whether anything went."""
    kept: list[Json] = []
    faces, is_changed = 0, False
    for part in entries(mesh, "primitives"):
        try:
            corners, was_mended = _check(part, draft)
        except TooMuch:
            raise
        except Flaw as flaw:
            flaws.append(flaw)
            continue
        is_changed |= was_mended
        if corners:
            kept.append(part)
            faces += triangles(corners, integer(part, "mode", _LIST))
    if len(kept) != len(listed(mesh, "primitives")):
        mesh["primitives"] = kept
        is_changed = True
    return faces, is_changed


def _hide_empty(draft: Draft, meshes: list[Json]) -> bool:
    """Have no node show a mesh of nothing: importers stumble over it."""
    empty = {number for number, mesh in enumerate(meshes) if not listed(mesh, "primitives")}
    nodes = [node for node in entries(draft.root, "nodes") if node.get("mesh") in empty]
    for node in nodes:
        del node["mesh"]
        node.pop("skin", None)
    return bool(nodes)


def _check(part: Json, draft: Draft) -> tuple[int, bool]:
    """Check a primitive; gives how many corners it has, and whether something was mended.

    :raises Flaw: it cannot be used.
    """
    attributes = members(part.get("attributes"))
    if integer(part, "mode", _LIST) > _FAN:
        raise Flaw("is damaged: a part of a mesh is made of nothing that is known")
    names = [name for name in attributes if name not in _UNREAD]
    columns = {name: draft.layout.accessor(attributes, name) for name in names}
    points = columns.get("POSITION")
    if points is None or not points.count:  # nothing is drawn
        return 0, False
    _check_columns(columns, points, draft)
    for target in objects(part.get("targets")):
        _check_columns(
            {name: draft.layout.accessor(target, name) for name in target if name not in _UNREAD}, points, draft
        )
    packed = members(members(part.get("extensions")).get("KHR_draco_mesh_compression"))
    if packed:
        draft.layout.view(packed, "bufferView")
    indices = draft.layout.accessor(part, "indices") if "indices" in part else None
    if indices is not None:
        draft.budget.unpack(indices)
        _check_indices(indices, points, draft)
    is_changed = _straighten(attributes, columns, draft) | _cut_indices(part, indices, draft)
    if draft.budget.once(lambda: are_finite(points), ("finite", points.place), cost_bytes=points.stored_bytes):
        return (indices or points).count, is_changed
    corners, has_lost = _leave_out(part, points, indices, draft)
    return corners, has_lost or is_changed


def _check_columns(columns: dict[str, Accessor], points: Accessor, draft: Draft) -> None:
    for name, column in columns.items():
        if column.count != points.count or column.width != _WIDTHS.get(name.partition("_")[0], column.width):
            raise Flaw("is damaged: the points of a mesh do not belong together")
        draft.budget.unpack(column)


def _check_indices(indices: Accessor, points: Accessor, draft: Draft) -> None:
    if indices.width != 1 or not indices.is_unsigned:
        raise Flaw("is damaged: the corners of a mesh are not whole numbers")
    last = draft.budget.once(lambda: largest(indices), ("largest", indices.place), cost_bytes=indices.stored_bytes)
    if last is not None and last >= points.count:
        raise Flaw(f"is damaged: a mesh of {points.count} points names point {last}")


def _straighten(attributes: Json, columns: dict[str, Accessor], draft: Draft) -> bool:
    """Write anew what lies at distances that are no multiples of a number's size: importers cannot step so."""
    crooked = [name for name, column in columns.items() if column.is_crooked]
    for name in crooked:
        column = columns[name]
        view = draft.budget.once(
            lambda c=column: draft.add_view(packed(c)), ("tight", column.place), cost_bytes=column.stored_bytes
        )
        entry: Json = draft.root["accessors"][attributes[name]]
        entry |= {"bufferView": view, "byteOffset": 0}
    return bool(crooked)


def _cut_indices(part: Json, indices: Accessor | None, draft: Draft) -> bool:
    """Leave the corners away that are no whole triangle: importers lose others because of them."""
    rest = indices.count % 3 if indices is not None and integer(part, "mode", _LIST) == _LIST else 0
    if indices is None or not rest:
        return False
    accessors: list[Any] = draft.root["accessors"]
    accessors.append({**accessors[part["indices"]], "count": indices.count - rest})
    part["indices"] = len(accessors) - 1
    return True


# -- points that are no numbers


def _leave_out(part: Json, points: Accessor, indices: Accessor | None, draft: Draft) -> tuple[int, bool]:
    """Leave out the triangles of points that are no numbers; gives how many corners are left, and whether any went.

    A point that no triangle has is not imported at all.

    :raises Flaw: that is too many.
    """
    mode = integer(part, "mode", _LIST)
    known = indices is None or (indices.data is not None and indices.patch is None)
    if mode not in _TRIANGLES or points.patch is not None or not known:
        raise Flaw(_NOT_NUMBERS)

    def look() -> tuple[int, int] | None:
        kept, lost = _sound_triangles(points, indices, mode)
        if lost:
            draft.told.append("without a triangle" if lost == 1 else f"without {lost} triangles")
            draft.told[-1] += " whose points are not numbers"
        return (_add_indices(kept, draft), len(kept)) if lost or indices is None else None

    place = indices.place if indices else ()
    cost_bytes = points.stored_bytes + (indices.stored_bytes if indices else 0)
    found = draft.budget.once(look, ("sound", points.place, place, mode), cost_bytes=cost_bytes)
    if found is None:
        return (indices or points).count, False
    number, corners = found
    part |= {"indices": number, "mode": _LIST}
    return corners, True


def _sound_triangles(points: Accessor, indices: Accessor | None, mode: int) -> tuple[array[int], int]:
    """The corners of those triangles whose points are numbers, and how many others there are.

    :raises Flaw: a good part of them.
    """
    bad = _bad_points(points)
    corners = [*range(points.count)] if indices is None else [int(n) for piece in numbers(indices) for n in piece]
    kept, lost = array("I"), 0
    for triangle in _triples(corners, mode):
        if bad.isdisjoint(triangle):
            kept.extend(triangle)
        else:
            lost += 1
    if lost * _FEW > len(kept) // 3:
        raise Flaw(_NOT_NUMBERS)
    return kept, lost


def _bad_points(points: Accessor) -> set[int]:
    bad: set[int] = set()
    at = 0
    for piece in numbers(points):
        if not math.isfinite(sum(piece)):
            bad.update((at + n) // points.width for n, number in enumerate(piece) if not math.isfinite(number))
        at += len(piece)
    return bad


def _triples(corners: list[int], mode: int) -> Iterator[tuple[int, int, int]]:
    """The triangles of a list, a strip or a fan."""
    if mode == _LIST:
        yield from zip(corners[::3], corners[1::3], corners[2::3], strict=False)
    elif mode == _FAN:
        yield from ((corners[0], *pair) for pair in pairwise(corners[1:]))
    else:
        for n, (a, b, c) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
            yield (a, b, c) if n % 2 == 0 else (b, a, c)


def _add_indices(corners: array[int], draft: Draft) -> int:
    """Add the corners of a list of triangles; gives the number of their accessor."""
    wide = array("I", corners)
    if sys.byteorder == "big":
        wide.byteswap()
    accessors: list[Any] = draft.root["accessors"]
    view = draft.add_view(wide.tobytes())
    accessors.append({"bufferView": view, "componentType": _UNSIGNED_INT, "count": len(corners), "type": "SCALAR"})
    return len(accessors) - 1
