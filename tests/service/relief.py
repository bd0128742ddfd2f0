# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures to a mesh: a closed relief, round towards its outline; its front follows brightness, its outline alpha."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .atlas import Atlas
from .glb import Floats, Mesh
from .pictures import has_cutout, luminance

__all__ = ["Grid", "sculpt"]

Cells = NDArray[np.bool_]

_RIM: Final = 0.02
_RIM_BETWEEN_SIDES: Final = 0.12
"""Where pictures of the sides are seen on it."""
_DOME: Final = 0.7
_DETAIL: Final = 0.2
_DEPTH: Final = 0.45
"""Half the thickness of a relief as a part of its shorter side, at a bright place in the middle."""
_ROUND: Final = 0.16
"""Half the way from the outline to where a relief is as thick as it gets, as a part of its shorter side."""
_SOFT: Final = 0.008
"""How far details are smoothed, likewise."""
_HALVINGS: Final = 4
"""Of that way, for parts that are as narrow: an arm is as thick as it is wide."""
_FITTING_ROUNDS: Final = 8
_CLOSE_ENOUGH: Final = 0.02
_SMOOTHING_ROUNDS: Final = 2
_INERTIA: Final = 4
"""Weight of a point against each neighbour: above 2, or the steps of a stair fold over."""
_SIDES: Final = ("top", "bottom", "left", "right")


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Which cells of the picture hold something; its vertices lie at the corners of the cells."""

    cells: Cells

    @property
    def faces(self) -> int:
        """Triangles of the closed relief over these cells."""
        return 4 * int(self.cells.sum()) + 2 * len(self.rim)

    @property
    def vertices(self) -> int:
        """Vertices of the closed relief; walls have their own."""
        return 2 * int(self.corners.sum()) + 4 * len(self.rim)

    @property
    def corners(self) -> Cells:
        """The vertices that a cell uses."""
        padded = np.pad(self.cells, 1)
        return padded[:-1, :-1] | padded[:-1, 1:] | padded[1:, :-1] | padded[1:, 1:]

    @property
    def rim(self) -> NDArray[np.int64]:
        """The outline: a row ``(side, row0, column0, row1, column1)`` per edge, the body to its right."""
        padded = np.pad(self.cells, 1)
        neighbours = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
        ends = ((0, 0, 0, 1), (1, 1, 1, 0), (1, 0, 0, 0), (0, 1, 1, 1))
        edges = []
        for side, (neighbour, end) in enumerate(zip(neighbours, ends, strict=True)):
            at = np.argwhere(self.cells & ~neighbour)
            edges.append(np.column_stack([np.full(len(at), side), np.tile(at, 2) + np.array(end)]))
        return np.concatenate(edges)


def sculpt(views: dict[str, Image.Image], *, target: int, unit: str) -> Mesh:
    """The relief of the front view, one unit high, in the proportions of its picture, centred on the origin.

    :param views: pictures by view; ``front`` must be there. ``back`` shapes and colours the back; the sides,
        top and bottom set the thickness and colour the walls.
    :param target: how many of ``unit`` (``faces`` or ``vertices``) are wanted; met within a few per cent.
    """
    front = views["front"]
    grid = _fit(front, target=target, unit=unit)
    front_z, back_z = _heights(views, grid)
    rows, columns = grid.cells.shape
    aspect = front.width / front.height
    u, v = np.meshgrid(np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1))
    plane = _smoothed(np.stack([(u - 0.5) * aspect, 0.5 - v], axis=-1), grid)
    sheets = [_sheet(np.dstack([plane, z]), grid, outward=outward) for z, outward in ((front_z, 1), (back_z, -1))]
    atlas = Atlas.of(tuple(views))
    front_uv = np.stack([u, v], axis=-1)[grid.corners]
    back_uv = front_uv * (-1, 1) + (1, 0) if "back" in views else front_uv
    positions = [sheet[0] for sheet in sheets]
    normals = [sheet[1] for sheet in sheets]
    uvs = [atlas.place("front", front_uv), atlas.place("back" if "back" in views else "front", back_uv)]
    faces: list[NDArray[Any]] = [sheets[0][2], sheets[1][2] + len(positions[0])]
    wall = _walls(grid, plane, heights=(front_z, back_z), atlas=atlas)
    faces.append(wall.faces + sum(map(len, positions)))
    return Mesh(
        positions=np.concatenate([*positions, wall.positions]).astype(np.float32),
        normals=np.concatenate([*normals, wall.normals]).astype(np.float32),
        uvs=np.concatenate([*uvs, wall.uvs]).astype(np.float32),
        faces=np.concatenate(faces).astype(np.uint32),
    )


def _fit(front: Image.Image, *, target: int, unit: str) -> Grid:
    aspect, per_cell = front.width / front.height, 4 if unit == "faces" else 2
    rows, best, cutout = (target / per_cell / aspect) ** 0.5, None, has_cutout(front)
    for _ in range(_FITTING_ROUNDS):
        grid = _grid(front, rows=max(1, round(rows)), columns=max(1, round(rows * aspect)), cutout=cutout)
        count = max(1, grid.faces if unit == "faces" else grid.vertices)
        miss = abs(count - target) / target
        if best is None or miss < best[0]:
            best = (miss, grid)
        if miss < _CLOSE_ENOUGH:
            break
        rows *= min(2.0, (target / count) ** 0.5)
    assert best is not None
    return best[1]


def _grid(front: Image.Image, *, rows: int, columns: int, cutout: bool) -> Grid:
    if not cutout:
        return Grid(np.ones((rows, columns), dtype=np.bool_))
    alpha = np.asarray(front.getchannel("A").resize((columns, rows), Image.Resampling.BOX))
    cells = alpha > 127
    if not cells.any():
        cells.flat[int(alpha.argmax())] = True
    return Grid(cells)


def _smoothed(plane: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """The grid with its outline drawn smooth, so that a curve does not become a flight of stairs."""
    if grid.cells.all():
        return plane
    width = plane.shape[1]
    starts, ends = grid.rim[:, 1] * width + grid.rim[:, 2], grid.rim[:, 3] * width + grid.rim[:, 4]
    points = plane.reshape(-1, 2).copy()
    weights = _INERTIA + np.bincount(np.concatenate([starts, ends]), minlength=len(points))
    for _ in range(_SMOOTHING_ROUNDS):
        sums = _INERTIA * points
        np.add.at(sums, starts, points[ends])
        np.add.at(sums, ends, points[starts])
        points = sums / weights[:, None]
    return points.reshape(plane.shape)


def _heights(views: dict[str, Image.Image], grid: Grid) -> tuple[Floats, Floats]:
    rows, columns = grid.cells.shape
    depth = _DEPTH * min(1.0, columns / rows)
    for side in _SIDES:
        if side in views:
            width, height = views[side].size
            shape = width / height if side in ("left", "right") else height / width * columns / rows
            depth = float(np.clip(shape / 2, 0.02, 2.0))
            break
    rim, swell = _RIM if views.keys().isdisjoint(_SIDES) else _RIM_BETWEEN_SIDES, _swell(grid)
    fronts = backs = rim + _DOME * swell
    fronts = fronts + _DETAIL * swell * _details(views["front"], grid)
    if "back" in views:
        backs = backs + _DETAIL * swell * _details(views["back"], grid)[:, ::-1]
    return depth * fronts, -depth * backs


def _details(picture: Image.Image, grid: Grid) -> Floats:
    rows, columns = grid.cells.shape
    radius = round(_SOFT * min(rows, columns))
    return _blurred(luminance(picture, (columns + 1, rows + 1)), radius=radius)


def _swell(grid: Grid) -> Floats:
    """How thick it is, from 0 at the outline to 1: steep at first, as what is round is seen."""
    inside, outline = grid.corners.astype(np.float32), (grid.rim[:, 1], grid.rim[:, 2])
    inside[outline] = 0.5
    widest = _ROUND * min(inside.shape)
    swell = np.zeros_like(inside)
    for halving in range(_HALVINGS + 1):
        part = 0.5**halving
        near = _blurred(inside, radius=max(1, round(widest * part)))
        swell += (part / 2 if halving < _HALVINGS else part) * np.sqrt(np.clip(2 * near - 1, 0, 1))
    return swell


def _blurred(values: Floats, *, radius: int) -> Floats:
    for _ in range(2 if radius else 0):
        for axis in (0, 1):
            values = _blur(values, radius=radius, axis=axis)
    return values


def _blur(values: Floats, *, radius: int, axis: int) -> Floats:
    """The mean over ``2 * radius + 1`` neighbours along one axis, nothing beyond the border."""
    padding = [(0, 0), (0, 0)]
    padding[axis] = (radius + 1, radius)
    sums = np.cumsum(np.pad(values, padding), axis=axis, dtype=np.float64)
    high, low = [slice(None)] * 2, [slice(None)] * 2
    high[axis], low[axis] = slice(2 * radius + 1, None), slice(None, -2 * radius - 1)
    return ((sums[tuple(high)] - sums[tuple(low)]) / (2 * radius + 1)).astype(np.float32)


def _sheet(points: NDArray[np.float64], grid: Grid, *, outward: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Positions, normals and triangles of the front (``outward`` 1) or the back (-1)."""
    corners = grid.corners
    numbers = np.cumsum(corners.reshape(-1)).reshape(corners.shape) - 1
    upper_left, upper_right = numbers[:-1, :-1][grid.cells], numbers[:-1, 1:][grid.cells]
    lower_left, lower_right = numbers[1:, :-1][grid.cells], numbers[1:, 1:][grid.cells]
    faces = np.concatenate(
        [
            np.column_stack([lower_left, lower_right, upper_right]),
            np.column_stack([lower_left, upper_right, upper_left]),
        ]
    )
    down, across = np.gradient(_blurred(points[..., 2], radius=1))
    # Steps of the grid as it was before its outline was smoothed.
    rows, columns = grid.cells.shape
    step = np.ptp(points[..., 0]) / columns, -np.ptp(points[..., 1]) / rows
    slopes = np.stack([-across / step[0], -down / step[1], np.ones_like(across)], axis=-1)[corners]
    normals = outward * slopes / np.linalg.norm(slopes, axis=1, keepdims=True)
    return points[corners], normals, faces if outward > 0 else faces[:, ::-1]


def _walls(grid: Grid, plane: NDArray[np.float64], *, heights: tuple[Floats, Floats], atlas: Atlas) -> Mesh:
    """The quads that join front and back along the outline, with vertices of their own."""
    rim = grid.rim
    count = len(rim)
    starts, ends = (rim[:, 1], rim[:, 2]), (rim[:, 3], rim[:, 4])
    along = plane[ends] - plane[starts]
    outward = np.column_stack([-along[:, 1], along[:, 0], np.zeros(count)])
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-12)
    quads = [np.column_stack([plane[at], z[at]]) for z in heights for at in (starts, ends)]
    positions = np.stack(quads, axis=1).reshape(-1, 3)
    front_start, front_end, back_start, back_end = (4 * np.arange(count) + corner for corner in range(4))
    triangles = [(front_start, front_end, back_end), (front_start, back_end, back_start)]
    rows, columns = grid.cells.shape
    size = np.array([columns, rows])
    border = np.stack([np.column_stack([at[1], at[0]]) / size for at in (starts, ends, starts, ends)], axis=1)
    side_of_vertex = np.repeat(rim[:, 0], 4)
    uvs = atlas.place("front", border.reshape(-1, 2))
    for side, name in enumerate(_SIDES):
        chosen = side_of_vertex == side
        if name in atlas.views and chosen.any():
            uvs[chosen] = atlas.place(name, _side_uv(positions[chosen], side=name))
    return Mesh(
        positions=positions.astype(np.float32),
        normals=np.repeat(outward, 4, axis=0).astype(np.float32),
        uvs=uvs.astype(np.float32),
        faces=np.concatenate([np.column_stack(triangle) for triangle in triangles]).astype(np.uint32),
    )


def _side_uv(positions: NDArray[np.float64], *, side: str) -> NDArray[np.float64]:
    """Where on a side's picture the points of that side are seen."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    x, y, z = ((positions - low) / np.maximum(high - low, 1e-6)).T
    return {
        "left": np.column_stack([z, 1 - y]),
        "right": np.column_stack([1 - z, 1 - y]),
        "top": np.column_stack([x, z]),
        "bottom": np.column_stack([x, 1 - z]),
    }[side]
