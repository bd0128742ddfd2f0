# SPDX-License-Identifier: GPL-3.0-or-later
"""The holes of a surface, and lids for them.

The rim of a sheet is no hole: a lid as large as the sheet itself would be its back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import bmesh
import numpy as np

from ..graphs.components import connected, dense
from .facing import SHEET
from .surface import Surface

__all__ = ["MIDDLE", "Lid", "lids", "rims"]

MIDDLE: Final = -1
"""Of a lid's triangles: the point in its middle, which is new."""

Rim = list[int]
"""The corners that the edges around a hole leave from, each at the end of the one before, as their own faces run."""


@dataclass(frozen=True)
class Lid:
    """What closes a hole."""

    faces: np.ndarray
    """At each edge of the rim, (edges,)."""
    vertices: np.ndarray
    """Where each edge begins, (edges,)."""
    triangles: tuple[tuple[int, int, int], ...]
    """Of numbers of edges, for where these begin, or :data:`MIDDLE`; looking as the faces around the hole do."""


def rims(surface: Surface, turned: np.ndarray) -> list[Rim]:
    """Find the rims of all holes.

    :param turned: which faces are going to be turned, (faces,).
    """
    edges = surface.edges
    is_open = np.zeros(len(edges.keys) + 1, dtype=bool)
    is_open[:-1] = edges.uses == 1
    corner = np.flatnonzero(is_open[edges.of_corner])  # -1 is the last, which is none
    ways = surface.places[corner]
    ways = np.where(turned[surface.face[corner], None], ways[:, ::-1], ways)
    if not len(corner):
        return []
    node = dense(ways.ravel())[0].reshape(-1, 2)
    ring, count = dense(connected(int(node.max()) + 1, node[:, 0], node[:, 1])[node[:, 0]])
    order = np.argsort(ring, kind="stable")
    corner, ways = corner[order], ways[order]
    first = np.searchsorted(ring[order], np.arange(count + 1))
    is_hole = _are_holes(surface, corner, ways, np.repeat(np.arange(count), np.diff(first)), count)
    found = (rim for n in np.flatnonzero(is_hole) for rim in _simple(corner, ways, first[n], first[n + 1]))
    return [rim for rim in found if len(rim) > 2]


def _are_holes(surface: Surface, corner: np.ndarray, ways: np.ndarray, ring: np.ndarray, count: int) -> np.ndarray:
    """Whether the edges that are connected are the rim of a hole and not of a sheet, (rings,)."""
    points = _points(surface)
    begin, end = points[ways[:, 0]], points[ways[:, 1]]
    sums = [np.bincount(ring, weights=begin[:, axis], minlength=count) for axis in range(3)]
    middle = np.stack(sums, axis=1) / np.bincount(ring, minlength=count)[:, None]
    # A flat rim's own area, however it winds: that of its triangles around the middle, summed as vectors.
    across = np.cross(begin - middle[ring], end - middle[ring]) / 2
    lid = np.linalg.norm([np.bincount(ring, weights=across[:, axis], minlength=count) for axis in range(3)], axis=0)
    first_of_ring = np.searchsorted(ring, np.arange(count))
    area = _piece_areas(surface)[surface.places[corner[first_of_ring], 0]]
    return lid <= SHEET * (lid + area)


def _piece_areas(surface: Surface) -> np.ndarray:
    """The area of the piece that each place belongs to, (places,)."""
    label = connected(surface.place_count, *np.divmod(surface.edges.keys, surface.place_count))
    vertices, _ = surface.triangles
    a, b, c = (surface.points[vertices[:, n]].astype(np.float64) for n in range(3))
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    return np.bincount(label[surface.place[vertices[:, 0]]], weights=areas, minlength=surface.place_count)[label]


def _points(surface: Surface) -> np.ndarray:
    """Where the places are, (places, 3)."""
    points = np.empty((surface.place_count, 3))
    points[surface.place] = surface.points
    return points


def _simple(corner: np.ndarray, ways: np.ndarray, start: int, stop: int) -> Iterator[Rim]:
    """Take the edges from ``start`` to before ``stop`` apart into rims that pass no place twice."""
    leaving: dict[int, list[int]] = {}
    for number in range(start, stop):
        leaving.setdefault(int(ways[number, 0]), []).append(number)
    for number in range(start, stop):
        path: list[int] = []
        passed: dict[int, int] = {}
        place = int(ways[number, 0])
        while True:
            if place in passed:
                at = passed[place]
                yield [int(corner[n]) for n in path[at:]]
                for gone in path[at:]:
                    passed.pop(int(ways[gone, 0]), None)
                del path[at:]
            if not leaving.get(place):
                break
            passed[place] = len(path)
            path.append(leaving[place].pop())
            place = int(ways[path[-1], 1])


def lids(surface: Surface, turned: np.ndarray, holes: Iterable[Rim]) -> list[Lid]:
    """Make a lid for each hole.

    :param turned: as for :func:`rims`.
    """
    made: list[Lid] = []
    taken: set[int] = set()
    for rim in holes:
        corner = np.array(rim)
        begins = surface.ends[corner, turned[surface.face[corner]].astype(int)]
        triangles = _flat(surface, begins, taken) or _fan(len(rim))
        made.append(Lid(surface.face[corner], begins, triangles))
    return made


def _flat(surface: Surface, begins: np.ndarray, taken: set[int]) -> tuple[tuple[int, int, int], ...]:
    """Cut the inside of a rim into triangles; none where one would share an edge with something else.

    :param taken: the edges of the lids so far.
    """
    triangles = _cut(surface.points[begins])
    place = surface.place[begins]
    count = len(begins)
    chords = {
        int(surface.key(place[a], place[b]))
        for triangle in triangles
        for a, b in zip(triangle, (*triangle[1:], triangle[0]), strict=True)
        if (a - b) % count not in (1, count - 1)
    }
    keys = surface.edges.keys
    found = np.searchsorted(keys, sorted(chords))
    is_known = any(int(keys[n]) == chord for n, chord in zip(found, sorted(chords), strict=True) if n < len(keys))
    if is_known or chords & taken:
        return ()
    taken |= chords
    return triangles


def _cut(points: np.ndarray) -> tuple[tuple[int, int, int], ...]:
    """Cut a polygon into triangles that look to the other side."""
    work = bmesh.new()
    try:
        vertices = [work.verts.new(point) for point in points.tolist()]
        work.verts.index_update()
        face = work.faces.new(vertices[::-1])
        face.normal_update()
        bmesh.ops.triangulate(work, faces=[face])
        return tuple(_indices(face.verts) for face in work.faces)
    finally:
        work.free()


def _indices(vertices: Sequence[bmesh.types.BMVert]) -> tuple[int, int, int]:
    a, b, c = (vertex.index for vertex in vertices)
    return a, b, c


def _fan(count: int) -> tuple[tuple[int, int, int], ...]:
    """Triangles around a point in the middle."""
    return tuple(((n + 1) % count, n, MIDDLE) for n in range(count))
