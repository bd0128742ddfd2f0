# SPDX-License-Identifier: GPL-3.0-or-later
"""The faces of a mesh as arrays, with vertices at one place taken for one. Main thread only, where it reads a mesh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from ..graphs.components import connected, dense

if TYPE_CHECKING:
    import bpy

__all__ = ["Edges", "Surface", "read"]

_SAME_PLACE: Final = 1e-5
"""Vertices at an open edge that are closer than this share of the mesh's size are at one place."""


def read(items: Any, attribute: str, width: int, dtype: type[np.generic] = np.float32) -> np.ndarray:
    """Read an attribute of all items, (items, width), or flat for a width of 1."""
    values = np.empty(len(items) * width, dtype=dtype)
    items.foreach_get(attribute, values)
    return values if width == 1 else values.reshape(-1, width)


@dataclass(frozen=True)
class Edges:
    """Between two places each, whatever vertices a file repeats there."""

    of_corner: np.ndarray
    """Which edge leaves a corner for the next one of its face, (corners,); -1 where the face has no extent."""
    keys: np.ndarray
    """What each runs between, as one number, in order, (edges,), see :meth:`Surface.key`."""
    uses: np.ndarray
    """How many faces have it, (edges,)."""
    pairs: np.ndarray
    """The corners that the edges with two uses leave from, (pairs, 2)."""


@dataclass(frozen=True)
class Surface:
    """Everything that is asked of a mesh. A *place* is where one or several vertices are, from 0 on."""

    points: np.ndarray
    """(vertices, 3), finite."""
    place: np.ndarray
    """Of each vertex, (vertices,)."""
    vertex: np.ndarray
    """Of each corner, (corners,)."""
    starts: np.ndarray
    """First corner of each face, (faces,)."""
    counts: np.ndarray
    """Corners of each face, (faces,)."""

    @classmethod
    def of(cls, mesh: bpy.types.Mesh) -> Self:
        """Read a mesh."""
        points = np.nan_to_num(read(mesh.vertices, "co", 3), nan=0.0, posinf=0.0, neginf=0.0)
        exact = cls(
            points=points,
            place=_equal(points),
            vertex=read(mesh.loops, "vertex_index", 1, np.int32),
            starts=read(mesh.polygons, "loop_start", 1, np.int32),
            counts=read(mesh.polygons, "loop_total", 1, np.int32),
        )
        at_open = np.unique(exact.place[exact.ends[np.isin(exact.edges.of_corner, exact.open_edges)]])
        joined = _joined(points, exact.place, at_open)
        return exact if joined is None else replace(exact, place=joined)

    @cached_property
    def face(self) -> np.ndarray:
        """Of each corner, (corners,)."""
        return np.repeat(np.arange(len(self.starts), dtype=np.int32), self.counts)

    @cached_property
    def following(self) -> np.ndarray:
        """The next corner of the same face, (corners,)."""
        corner = np.arange(1, len(self.vertex) + 1, dtype=np.int32)
        corner[self.starts + self.counts - 1] = self.starts
        return corner

    @cached_property
    def ends(self) -> np.ndarray:
        """The vertices where the edge begins and ends that leaves each corner, (corners, 2)."""
        return np.stack([self.vertex, self.vertex[self.following]], axis=1)

    @cached_property
    def places(self) -> np.ndarray:
        """The places of :attr:`ends`, (corners, 2)."""
        return self.place[self.ends]

    @cached_property
    def place_count(self) -> int:
        return int(self.place.max(initial=-1)) + 1

    @cached_property
    def is_sound(self) -> np.ndarray:
        """Whether a face has an extent: no two corners of it that follow each other at one place, (faces,)."""
        sound = np.ones(len(self.starts), dtype=bool)
        sound[self.face[self.places[:, 0] == self.places[:, 1]]] = False
        return sound & (self.counts > 2)

    def key(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """What stands for an edge between two places, whichever way it runs."""
        return np.minimum(first, second).astype(np.int64) * self.place_count + np.maximum(first, second)

    @cached_property
    def edges(self) -> Edges:
        corners = np.flatnonzero(self.is_sound[self.face])
        keys = self.key(self.places[corners, 0], self.places[corners, 1])
        order = np.argsort(keys, kind="stable")
        keys, corners = keys[order], corners[order]
        is_first = np.diff(keys, prepend=-1) != 0
        first = np.flatnonzero(is_first)
        uses = np.diff(first, append=len(keys))
        of_corner = np.full(len(self.vertex), -1, dtype=np.int64)
        of_corner[corners] = np.cumsum(is_first) - 1
        two = first[uses == 2]
        return Edges(of_corner, keys[first], uses, np.stack([corners[two], corners[two + 1]], axis=1))

    @cached_property
    def open_edges(self) -> np.ndarray:
        """The edges of one face only."""
        return np.flatnonzero(self.edges.uses == 1)

    @cached_property
    def non_manifold_edges(self) -> np.ndarray:
        """The edges of more than two faces."""
        return np.flatnonzero(self.edges.uses > 2)

    @cached_property
    def triangles(self) -> tuple[np.ndarray, np.ndarray]:
        """The faces cut into triangles from their first corners: vertices, (triangles, 3), and the face of each."""
        last = self.starts + self.counts - 1
        inner = np.ones(len(self.vertex), dtype=bool)
        inner[self.starts] = inner[last] = False
        second = np.flatnonzero(inner)
        corners = np.stack([self.starts[self.face[second]], second, second + 1], axis=1)
        return self.vertex[corners], self.face[second]


def _equal(points: np.ndarray) -> np.ndarray:
    """Number the places of points that are equal to the bit, but for the sign of zero, (points,)."""
    bits = (points + np.float32(0.0)).view(np.uint32).astype(np.uint64)
    _, flat = np.unique(bits[:, 0] << np.uint64(32) | bits[:, 1], return_inverse=True)
    key = flat.ravel().astype(np.uint64) << np.uint64(32) | bits[:, 2]
    return np.unique(key, return_inverse=True)[1].ravel()


def _joined(points: np.ndarray, place: np.ndarray, some: np.ndarray) -> np.ndarray | None:
    """Take those of ``some`` places that are close to each other for one; ``None`` where none are."""
    size = float(np.ptp(points.astype(np.float64), axis=0).max()) if len(points) else 0.0
    if not size or not len(some):
        return None
    one_of = np.empty(int(place.max()) + 1, dtype=np.int64)
    one_of[place] = np.arange(len(points))
    cells = (points[one_of[some]].astype(np.float64) - points.min(axis=0)) / (_SAME_PLACE * size)
    links: list[tuple[np.ndarray, np.ndarray]] = []
    for shift in product((0.0, 0.5), repeat=3):  # what is near a wall of a cell is in the middle of one in another grid
        x, y, z = np.floor(cells + shift).astype(np.int64).T
        _, first, cell = np.unique((x << 40) + (y << 20) + z, return_index=True, return_inverse=True)
        met = first[cell.ravel()]
        others = np.flatnonzero(met != np.arange(len(some)))
        links.append((others, met[others]))
    if not any(len(others) for others, _ in links):
        return None
    label = connected(len(some), *(np.concatenate(part) for part in zip(*links, strict=True)))
    renamed = np.arange(int(place.max()) + 1)
    renamed[some] = some[label]
    return dense(renamed[place])[0]
