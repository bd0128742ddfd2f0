# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh made anew of quads: the faces of cells that its surface fills, drawn onto it, with its texture coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .glb import Floats, Mesh

__all__ = ["QuadMesh", "remesh"]

_ROUNDS: Final = 12
_CLOSE_ENOUGH: Final = 0.01
_POINTS_PER_QUAD: Final = 40
_POINTS_MOST: Final = 1_500_000
_QUAD_CORNERS: Final = {
    0: ((1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 0, 1)),
    1: ((0, 1, 0), (0, 1, 1), (1, 1, 1), (1, 1, 0)),
    2: ((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)),
}
"""The corners of a cell's far side along each axis, counter-clockwise seen from beyond it."""


@dataclass(frozen=True, slots=True, eq=False)
class QuadMesh:
    """Quads, with a texture coordinate for each vertex."""

    positions: Floats
    uvs: Floats
    quads: NDArray[np.int64]

    @property
    def triangles(self) -> NDArray[np.uint32]:
        """Each quad as two of them."""
        halves = [self.quads[:, [0, 1, 2]], self.quads[:, [0, 2, 3]]]
        return np.stack(halves, axis=1).reshape(-1, 3).astype(np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class _Cloud:
    """Points all over the surface."""

    points: NDArray[np.float64]
    uvs: NDArray[np.float64]


def remesh(mesh: Mesh, *, target: int) -> QuadMesh:
    """A mesh of about ``target`` quads, as large as the one that is given and where it is."""
    cloud = _sampled(mesh, min(_POINTS_MOST, max(20_000, target * _POINTS_PER_QUAD)))
    size = float(np.ptp(cloud.points, axis=0).max()) / max(2.0, (target / 5) ** 0.5)
    best: tuple[float, _Cells] | None = None
    for _ in range(_ROUNDS):
        cells = _filled(cloud, size)
        count = len(cells.sides)
        miss = abs(count - target) / target
        if best is None or miss < best[0]:
            best = (miss, cells)
        if miss < _CLOSE_ENOUGH:
            break
        size *= float(np.clip((count / target) ** 0.5, 0.5, 2.0))
    assert best is not None
    return _drawn_onto(best[1], cloud)


def _sampled(mesh: Mesh, count: int) -> _Cloud:
    """Points by area, the same for the same mesh."""
    chance = np.random.default_rng(1)
    corners, uvs = mesh.positions[mesh.faces].astype(np.float64), mesh.uvs[mesh.faces].astype(np.float64)
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    chosen = chance.choice(len(areas), size=count, p=areas / areas.sum())
    first, second = chance.random((2, count, 1))
    beyond = first + second > 1
    first, second = np.where(beyond, 1 - first, first), np.where(beyond, 1 - second, second)

    def mixed(values: NDArray[np.float64]) -> NDArray[np.float64]:
        at = values[chosen]
        found: NDArray[np.float64] = at[:, 0] + first * (at[:, 1] - at[:, 0]) + second * (at[:, 2] - at[:, 0])
        return found

    return _Cloud(mixed(corners), mixed(uvs))


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """The sides of filled cells that look outward: cell, axis, and whether it is the far side."""

    size: float
    low: NDArray[np.float64]
    sides: NDArray[np.int64]


def _filled(cloud: _Cloud, size: float) -> _Cells:
    low = cloud.points.min(axis=0) - 1.5 * size
    at = ((cloud.points - low) / size).astype(int)
    shape = at.max(axis=0) + 2
    surface = np.zeros(shape, dtype=np.bool_)
    surface[at[:, 0], at[:, 1], at[:, 2]] = True
    inside = ~_outside(surface)
    sides: list[NDArray[Any]] = []
    for axis in range(3):
        for is_far in (0, 1):
            neighbour = np.roll(inside, -1 if is_far else 1, axis=axis)
            cells = np.argwhere(inside & ~neighbour)
            sides.append(np.column_stack([cells, np.full(len(cells), axis), np.full(len(cells), is_far)]))
    return _Cells(size, low, np.concatenate(sides))


def _outside(surface: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What can be reached from the border without crossing the surface."""
    reached = np.zeros_like(surface)
    for axis in range(3):
        for end in (0, -1):
            reached[tuple(end if a == axis else slice(None) for a in range(3))] = True
    reached &= ~surface
    count = -1
    while count != (count := int(reached.sum())):
        for axis in range(3):
            for step in (1, -1):
                reached |= np.roll(reached, step, axis=axis) & ~surface
    return reached


def _drawn_onto(cells: _Cells, cloud: _Cloud) -> QuadMesh:
    """The sides as quads whose corners lie on the surface, within the same bounds."""
    corners = np.concatenate([_corners(cells.sides, axis, is_far) for axis in range(3) for is_far in (0, 1)])
    lattice, numbers = np.unique(corners.reshape(-1, 3), axis=0, return_inverse=True)
    points, uvs = _nearest(lattice, cells, cloud)
    low, high = cloud.points.min(axis=0), cloud.points.max(axis=0)
    own_low, own_high = points.min(axis=0), points.max(axis=0)
    points = low + (points - own_low) * ((high - low) / np.maximum(own_high - own_low, 1e-12))
    return QuadMesh(points.astype(np.float32), uvs.astype(np.float32), numbers.reshape(-1, 4).astype(np.int64))


def _corners(sides: NDArray[np.int64], axis: int, is_far: int) -> NDArray[np.int64]:
    cells = sides[(sides[:, 3] == axis) & (sides[:, 4] == is_far)][:, :3]
    corners = np.array(_QUAD_CORNERS[axis])
    if not is_far:
        corners = corners[::-1].copy()
        corners[:, axis] = 0
    return cells[:, None, :] + corners[None]


def _nearest(
    lattice: NDArray[np.int64], cells: _Cells, cloud: _Cloud
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each corner of cells the middle of the points in the eight cells around it, and what the nearest has."""
    shape = lattice.max(axis=0) + 2
    at = ((cloud.points - cells.low) / cells.size).astype(int)
    keys = np.ravel_multi_index(tuple(lattice.T), tuple(shape))
    order = np.argsort(keys)
    sums, counts = np.zeros((len(lattice), 3)), np.zeros(len(lattice))
    uvs, nearest = np.zeros((len(lattice), 2)), np.full(len(lattice), np.inf)
    middle = cells.low + lattice * cells.size
    for offset in np.ndindex(2, 2, 2):
        corner = at + np.array(offset)
        fits = (corner < shape).all(axis=1)
        key = np.ravel_multi_index(tuple(np.minimum(corner, shape - 1).T), tuple(shape))
        place = np.minimum(np.searchsorted(keys[order], key), len(keys) - 1)
        number = order[place]
        fits &= keys[number] == key
        number, points = number[fits], cloud.points[fits]
        np.add.at(sums, number, points)
        np.add.at(counts, number, 1)
        distance = np.linalg.norm(points - middle[number], axis=1)
        np.minimum.at(nearest, number, distance)
        is_nearest = distance == nearest[number]
        uvs[number[is_nearest]] = cloud.uvs[fits][is_nearest]
    found = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], middle)
    return found, uvs
