# SPDX-License-Identifier: GPL-3.0-or-later
"""The texture coordinates of one mesh for the faces of another that has the same shape. Any thread, no Blender.

Models return triangles, in an order of their own, with vertices split at seams: so faces are found again by where
their edges are. An edge belongs, in one direction, to one face.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Faces", "Match", "match"]

Floats: TypeAlias = "NDArray[np.float32]"
Ints: TypeAlias = "NDArray[np.int64]"

_STEPS: Final = (1 << 20, 1 << 14, 1 << 11)
"""Into so many parts a mesh's size is cut: points in the same part are one. The last is as coarse as files get."""
_BITS: Final = 21
_GOOD: Final = 0.999
"""Of all faces: then nothing coarser is tried."""
_EQUAL: Final = 1e-4
"""Of a texture's side: coordinates that differ by less are the same."""
_ALIKE: Final = 8
"""So many faces with the same edge are looked at."""


@dataclass(frozen=True, eq=False)
class Faces:
    """Polygons of any number of corners, one after the other."""

    points: Floats
    """Of vertices, a row each."""
    vertices: Ints
    """Of each corner."""
    starts: Ints
    """The first corner of each face."""
    uvs: Floats | None = None
    """Of each corner, a row each."""

    @property
    def counts(self) -> Ints:
        """How many corners each face has."""
        return np.diff(self.starts, append=len(self.vertices))

    def following(self) -> Ints:
        """The next corner of the same face, for each corner."""
        following = np.arange(1, len(self.vertices) + 1)
        following[self.starts + self.counts - 1] = self.starts
        return following

    def homes(self) -> Ints:
        """The face of each corner."""
        return np.repeat(np.arange(len(self.starts)), self.counts)


@dataclass(frozen=True, eq=False)
class Match:
    """What was found."""

    uvs: Floats
    """For each corner, a row each; 0 where nothing was found."""
    share: float
    """Of faces that were found, up to 1."""
    torn: float
    """Of faces that a seam runs across: they have the coordinates of one side, carried on to the other."""


def match(source: Faces, made: Faces) -> Match:
    """Find texture coordinates for the faces of ``source``.

    Takes about half a second for 300,000 triangles.

    :param made: with UVs, at the same place and of the same size.
    """
    best: Match | None = None
    for step in _STEPS:
        found = _match(source, made, step)
        if best is None or found.share > best.share:
            best = found
        if best.share >= _GOOD:
            break
    assert best is not None
    return best


def _match(source: Faces, made: Faces, step: int) -> Match:
    places, made_places = _places(source.points, made.points, step)
    edges = _Edges(source, places), _Edges(made, made_places)
    corners = edges[0].find(edges[1])
    lost = np.flatnonzero(corners < 0)
    is_turned = np.zeros(len(corners), dtype=bool)
    if len(lost):  # the model may have turned faces over
        turned = edges[0].find(edges[1], among=lost, is_turned=True)
        corners[lost], is_turned[lost] = turned, turned >= 0
    found = _filled(source, made, corners, is_turned)
    if found.share < 1.0:
        _patch(found.uvs, places[source.vertices], made, made_places)
    return found


def _filled(source: Faces, made: Faces, corners: Ints, is_turned: NDArray[np.bool_]) -> Match:
    """Collect the coordinates: each corner's own edge says them, and that which leads to it.

    :param corners: of ``made``, where the edge begins that each corner's own edge is; below 0 for none.
    """
    assert made.uvs is not None
    following, made_following = source.following(), made.following()
    has = corners >= 0
    first, last = (
        np.where(is_turned, made_following[corners], corners),
        np.where(is_turned, corners, made_following[corners]),
    )
    own, before = made.uvs[first], np.zeros((len(corners), 2), dtype=np.float32)
    had_before = np.zeros(len(corners), dtype=bool)
    before[following], had_before[following] = made.uvs[last], has
    uvs = np.where(has[:, None], own, before)
    is_known = has | had_before
    uvs[~is_known] = np.nan
    is_found = np.logical_and.reduceat(is_known, source.starts)
    differs = has & had_before & (np.abs(own - before).max(axis=1) > _EQUAL)
    is_torn = np.logical_or.reduceat(differs, source.starts) & is_found
    if is_torn.any():
        _carry_on(uvs, source, made, corners, is_torn)
    return Match(uvs, float(is_found.mean()), float(is_torn.mean()))


def _patch(uvs: Floats, places: Ints, made: Faces, made_places: Ints) -> None:
    """Give corners that were not found the coordinates of any that is at the same place, else 0."""
    assert made.uvs is not None
    lost = np.flatnonzero(np.isnan(uvs[:, 0]))
    there = made_places[made.vertices]
    some = np.full(int(max(places.max(), there.max())) + 1, -1)
    some[there[there >= 0]] = np.flatnonzero(there >= 0)
    corners = some[places[lost]]
    uvs[lost] = np.where(corners[:, None] >= 0, made.uvs[corners], 0.0)


def _carry_on(uvs: Floats, source: Faces, made: Faces, corners: Ints, is_torn: NDArray[np.bool_]) -> None:
    """Give faces that a seam runs across the coordinates of one side of it, carried on to the other."""
    assert made.uvs is not None
    homes, counts = source.homes(), source.counts
    at = np.flatnonzero(is_torn[homes] & (corners >= 0))
    chosen = np.full(len(counts), -1)
    chosen[homes[at[::-1]]] = corners[at[::-1]]  # the first of each face
    every = np.flatnonzero(is_torn[homes])
    following = made.following()
    one = chosen[homes[every]]
    trio = np.stack([one, following[one], following[following[one]]])
    origin, right, up = made.points[made.vertices[trio]].astype(np.float64)
    right, up, to = right - origin, up - origin, source.points[source.vertices[every]] - origin
    a, b, c = (right * right).sum(1), (right * up).sum(1), (up * up).sum(1)
    d, e = (to * right).sum(1), (to * up).sum(1)
    whole = np.maximum(a * c - b * b, np.finfo(np.float64).tiny)
    x, y = (d * c - e * b) / whole, (e * a - d * b) / whole
    flat = made.uvs[trio]
    uvs[every] = flat[0] + x[:, None] * (flat[1] - flat[0]) + y[:, None] * (flat[2] - flat[0])


class _Edges:
    """The edges of faces, each by the places of its ends, as seen from the face.

    :param places: of each vertex; below 0 for one that the other mesh has not.
    """

    def __init__(self, faces: Faces, places: Ints) -> None:
        self._faces = faces
        following = faces.following()
        self._places = places[faces.vertices]
        self._ends = self._places[following]
        self._thirds = self._ends[following]

    def keys(self, *, is_turned: bool = False) -> Ints:
        """One number for each edge, below 0 for one without places."""
        first, last = (self._ends, self._places) if is_turned else (self._places, self._ends)
        return np.where((first < 0) | (last < 0) | (first == last), -1, first << 31 | last)

    def find(self, made: _Edges, *, among: Ints | None = None, is_turned: bool = False) -> Ints:
        """Find for each edge the one of another mesh that is the same edge of the same face; below 0 for none."""
        which = np.arange(len(self._places)) if among is None else among
        wanted, keys = self.keys()[which], made.keys(is_turned=is_turned)
        order = np.argsort(keys)
        ordered = keys[order]
        at = np.searchsorted(ordered, wanted)
        found = np.full(len(which), -1)
        left = np.flatnonzero(wanted >= 0)
        for step in range(_ALIKE):
            position = at[left] + step
            is_in = position < len(ordered)
            left, position = left[is_in], position[is_in]
            is_same = ordered[position] == wanted[left]
            left, position = left[is_same], position[is_same]
            if not len(left):
                break
            candidates = order[position]
            fits = self._is_of_same_face(which[left], candidates, made)
            found[left[fits]] = candidates[fits]
            left = left[~fits]
        return found

    def _is_of_same_face(self, own: Ints, others: Ints, made: _Edges) -> NDArray[np.bool_]:
        """Whether the third corner of one face is one of the other: then one is the other, or a part of it."""
        fits = self._thirds[own] == made._thirds[others]
        for one, other, edges, thirds in (
            (own, others, self, made._thirds),
            (others, own, made, self._thirds),
        ):
            unsure = np.flatnonzero(~fits)
            if len(unsure):
                fits[unsure] = edges._has(one[unsure], thirds[other[unsure]])
        return fits

    def _has(self, corners: Ints, places: Ints) -> NDArray[np.bool_]:
        """Whether the face of each corner has a corner at a place."""
        starts, counts = self._faces.starts, self._faces.counts
        home = np.searchsorted(starts, corners, side="right") - 1
        found = np.zeros(len(corners), dtype=bool)
        for step in range(int(counts[home].max())):
            found |= (step < counts[home]) & (
                self._places[np.minimum(starts[home] + step, len(self._places) - 1)] == places
            )
        return found & (places >= 0)


def _places(points: Floats, others: Floats, step: int) -> tuple[Ints, Ints]:
    """Number the places where the vertices of two meshes are, alike for both.

    :return: the place of each point; of each of ``others``, below 0 where it is at none.
    """
    low = points.min(axis=0).astype(np.float64)
    part = max(float(np.ptp(points, axis=0).max()), 1e-30) / step
    keys = _keys(_cells(points, low, part))
    known, first, places = np.unique(keys, return_index=True, return_inverse=True)
    other_keys = _keys(_cells(others, low, part))
    once, first_other, again = np.unique(other_keys, return_index=True, return_inverse=True)
    at = np.minimum(np.searchsorted(known, once), len(known) - 1)
    found = np.where(known[at] == once, at, -1)
    lost = np.flatnonzero(found < 0)
    if len(lost):
        found[lost] = _nearest(others[first_other[lost]], points[first], low, part)
    return places.reshape(-1), found[again.reshape(-1)]


def _nearest(points: Floats, known: Floats, low: NDArray[np.float64], part: float) -> Ints:
    """Find for each point the nearest of the ``known`` no further away than a part; below 0 for none."""
    side = 2 * part
    keys = _keys(_cells(known, low, side))
    order = np.argsort(keys)
    ordered = keys[order]
    corner = np.floor((points - low) / side).astype(np.int64)
    found, distances = np.full(len(points), -1), np.full(len(points), part)
    for offset in np.ndindex(2, 2, 2):
        wanted = _keys(corner + np.array(offset))
        at = np.searchsorted(ordered, wanted)
        for step in range(_ALIKE):
            position = np.minimum(at + step, len(ordered) - 1)
            is_same = ordered[position] == wanted
            if not is_same.any():
                break
            candidates = order[position]
            apart = np.linalg.norm(points - known[candidates], axis=1)
            is_nearer = is_same & (apart <= distances)
            found[is_nearer], distances[is_nearer] = candidates[is_nearer], apart[is_nearer]
    return found


def _cells(points: Floats, low: NDArray[np.float64], part: float) -> Ints:
    """The part that each point is in, along each axis."""
    return np.floor((points - low) / part + 0.5).astype(np.int64)


def _keys(cells: Ints) -> Ints:
    """One number for each cell; what is far outside gets that of a cell at the border."""
    x, y, z = (np.clip(cells[:, axis] + 2, 0, (1 << _BITS) - 1) for axis in range(3))
    return x << 2 * _BITS | y << _BITS | z
