# SPDX-License-Identifier: GPL-3.0-or-later
"""Which faces look inward, and have to be turned for all of a surface to look outward.

Neighbours are to agree first. What they agree on is then right for a body when the volume that it encloses is positive,
with its open places thought closed by lids. A sheet encloses nothing: there the smaller part of it is turned. The wall
of a cavity looks into that, and a surface with one side only, as a Möbius strip's, cannot be right and stays.

All that is about the mesh itself: an object that is mirrored shows the same side of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from ..graphs.components import connected, dense
from .surface import Surface

__all__ = ["SHEET", "faces_to_turn"]

SHEET: Final = 0.4
"""Where lids would make a larger share of a surface and them, it is a sheet and no body. Half a ball has 1/3."""
_FLAT: Final = 1e-6
"""A volume below this share of its area to the power of 3/2 is none; that of a ball is 0.09."""
_MOST_CAVITIES: Final = 64
"""Further ones, the smaller ones, are taken for bodies: each is looked for in all of a surface."""


def faces_to_turn(surface: Surface) -> np.ndarray:
    """Say of each face whether it is to be turned, (faces,)."""
    if not len(surface.starts):
        return np.zeros(0, dtype=bool)
    regions = _Regions.of(surface)
    bodies = _Bodies.of(surface, regions)
    is_flat = np.abs(bodies.volume) <= _FLAT * bodies.area**1.5
    is_body = ~is_flat & (bodies.lid <= SHEET * (bodies.lid + bodies.area))
    turns = np.where(is_body, bodies.volume < 0, bodies.turned_area > bodies.area / 2)
    is_whole = is_body & (bodies.lid == 0) & (bodies.turned_area == 0)
    for cavity, around in _cavities(surface, regions, bodies.volume, is_body, is_whole):
        turns[cavity] = not (bodies.volume[around] < 0) ^ turns[around] ^ (bodies.volume[cavity] < 0)
    return (regions.is_turned ^ turns[regions.of_face]) & ~regions.is_one_sided


@dataclass(frozen=True)
class _Regions:
    """What is connected by edges of two faces each."""

    count: int
    of_face: np.ndarray
    """(faces,)"""
    is_turned: np.ndarray
    """Whether a face disagrees with the first of its region, (faces,)."""
    is_one_sided: np.ndarray
    """Whether the region has no two sides, (faces,)."""

    @classmethod
    def of(cls, surface: Surface) -> Self:
        first, second = surface.edges.pairs.T
        rises = surface.places[:, 0] < surface.places[:, 1]
        agree = rises[first] != rises[second]  # neighbours run along their edge in opposite directions
        faces = surface.face[first], surface.face[second]
        label = connected(len(surface.starts), faces[0][agree], faces[1][agree])
        patch, count = dense(label)
        one, other = (patch[side[~agree]] for side in faces)
        # Each patch is there twice, as it is and turned: what hangs together then is one way for all to agree.
        ways = connected(2 * count, np.concatenate([2 * one, 2 * one + 1]), np.concatenate([2 * other + 1, 2 * other]))
        as_is, turned = ways[0::2], ways[1::2]
        region, regions = dense(np.minimum(as_is, turned))
        return cls(regions, region[patch], (as_is > turned)[patch], (as_is == turned)[patch])


@dataclass(frozen=True)
class _Bodies:
    """What each region encloses when its faces agree, (regions,) each."""

    volume: np.ndarray
    """Negative for what is inside out."""
    area: np.ndarray
    turned_area: np.ndarray
    """Of the faces that had to be turned to agree."""
    lid: np.ndarray
    """Area of the lids that would close it, each around the middle of its open place."""

    @classmethod
    def of(cls, surface: Surface, regions: _Regions) -> Self:
        def summed(values: np.ndarray, region: np.ndarray) -> np.ndarray:
            return np.bincount(region, weights=values, minlength=regions.count)

        points = surface.points - surface.points.mean(axis=0, dtype=np.float64)
        vertices, face = surface.triangles
        region, is_turned = regions.of_face[face], regions.is_turned[face]
        volumes, areas = _measured(*(points[vertices[:, n]] for n in range(3)))
        volume = summed(np.where(is_turned, -volumes, volumes), region)
        area, turned_area = summed(areas, region), summed(areas * is_turned, region)
        corner, middle = _open_places(surface, regions, points)
        region, is_turned = (of_face[surface.face[corner]] for of_face in (regions.of_face, regions.is_turned))
        begin, end = (points[surface.ends[corner, n]] for n in range(2))
        volumes, lids = _measured(end, begin, middle)
        return cls(
            volume + summed(np.where(is_turned, -volumes, volumes), region), area, turned_area, summed(lids, region)
        )


def _measured(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The volume between each triangle and the origin, and the triangle's area."""
    across = np.cross(b, c)
    flat = across + np.cross(a, b - c)  # (b - a) x (c - a)
    return (a * across).sum(axis=1) / 6, np.linalg.norm(flat, axis=1) / 2


def _open_places(surface: Surface, regions: _Regions, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corners where edges begin at which a region ends, and the middle of the open place that each is at."""
    edges = surface.edges
    has_end = np.zeros(len(edges.keys) + 1, dtype=bool)
    has_end[:-1] = edges.uses != 2
    corner = np.flatnonzero(has_end[edges.of_corner])  # -1 is the last, which has none
    region = regions.of_face[surface.face[corner]].astype(np.int64)
    nodes = region[:, None] * surface.place_count + surface.places[corner]
    _, node = np.unique(nodes, return_inverse=True)
    node = node.reshape(-1, 2)
    label = connected(int(node.max(initial=-1)) + 1, node[:, 0], node[:, 1])
    place, count = dense(label[node[:, 0]])
    begins = points[surface.ends[corner, 0]]
    sums = [np.bincount(place, weights=begins[:, axis], minlength=count) for axis in range(3)]
    middle = np.stack(sums, axis=1) / np.maximum(np.bincount(place, minlength=count), 1)[:, None]
    return corner, middle[place]


def _cavities(
    surface: Surface, regions: _Regions, volume: np.ndarray, is_body: np.ndarray, is_whole: np.ndarray
) -> Iterator[tuple[int, int]]:
    """Find the walls of cavities, and the body that each is in: that looks the other way, as both were delivered."""
    inner, outer = (np.flatnonzero(mask) for mask in (is_whole, is_body))
    if len(outer) < 2:
        return
    vertices, face = surface.triangles
    region = regions.of_face[face]
    order = np.argsort(region, kind="stable")
    begins = np.searchsorted(region[order], np.arange(regions.count + 1))

    def corners(number: int) -> np.ndarray:
        return surface.points[vertices[order[begins[number] : begins[number + 1]]]].astype(np.float64)

    boxes = _boxes(surface, regions)
    largest = inner[np.argsort(-np.abs(volume[inner]), kind="stable")]
    tried = 0
    for one in largest:
        within = (boxes[0, outer] <= boxes[0, one]).all(axis=1) & (boxes[1, outer] >= boxes[1, one]).all(axis=1)
        around = outer[within & (np.abs(volume[outer]) > abs(volume[one]))]
        if not len(around):
            continue
        if (tried := tried + 1) > _MOST_CAVITIES:
            return
        point = corners(one)[0].mean(axis=0)
        nearest_first = around[np.argsort(np.abs(volume[around]), kind="stable")]
        home = next((other for other in nearest_first if abs(_winding(corners(other), point)) > 0.5), None)
        if home is not None and (volume[home] < 0) != (volume[one] < 0):
            yield int(one), int(home)


def _boxes(surface: Surface, regions: _Regions) -> np.ndarray:
    """The lowest and the highest corner of each region, (2, regions, 3)."""
    region = regions.of_face[surface.face]
    order = np.argsort(region, kind="stable")
    first = np.searchsorted(region[order], np.arange(regions.count))
    points = surface.points[surface.vertex[order]]
    return np.stack([np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)])


def _winding(triangles: np.ndarray, point: np.ndarray) -> float:
    """How often triangles, (n, 3, 3), go around a point: 1 or -1 within a body, else 0. Less exact if open."""
    a, b, c = (triangles[:, n] - point for n in range(3))
    lengths = [np.linalg.norm(side, axis=1) for side in (a, b, c)]
    top = (a * np.cross(b, c)).sum(axis=1)
    bottom = lengths[0] * lengths[1] * lengths[2]
    bottom += sum(
        (one * two).sum(axis=1) * length
        for one, two, length in ((a, b, lengths[2]), (b, c, lengths[0]), (c, a, lengths[1]))
    )
    return float(np.arctan2(top, bottom).sum() / (2 * np.pi))
