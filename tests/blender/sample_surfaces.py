# SPDX-License-Identifier: GPL-3.0-or-later
"""A bumpy ball whose texture map can be calculated: what is lost on the way shows as a distance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import trimesh
from PIL import Image

if TYPE_CHECKING:
    import bpy

__all__ = ["ball", "boundary_edges", "corner_values", "import_ball", "normal_errors", "texture_slip", "true_normals"]

_ISLANDS: Final = np.array([(0.3, 0.45), (1 / 60, 0.025)])
"""Size of an island in the atlas of 3 by 2, and the margin around it."""


def ball(steps: int = 32, *, picture: Image.Image | None = None) -> bytes:
    """A GLB of 12 * steps**2 triangles in six UV islands; as every GLB it repeats the vertices along the seams."""
    line = np.linspace(-1.0, 1.0, steps + 1)
    across = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    grid = np.arange((steps + 1) ** 2).reshape(steps + 1, steps + 1)
    a, b, c, d = (x.ravel() for x in (grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]))
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    island = np.repeat(np.arange(6), len(across))
    places = np.tile(across, (6, 1))
    points = _point(island, places)
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=picture or Image.new("RGB", (8, 8)), name="paint")
    mesh = trimesh.Trimesh(
        points,
        np.concatenate([faces + k * len(across) for k in range(6)]),
        vertex_normals=true_normals(points),
        visual=trimesh.visual.TextureVisuals(uv=_uv(island, places), material=material),
        process=False,
    )
    return trimesh.Scene({"ball": mesh}).export(file_type="glb", include_normals=True)


def import_ball(folder: Path, steps: int = 32, *, picture: Image.Image | None = None) -> bpy.types.Object:
    """The ball through Blender's own importer."""
    import bpy

    path = folder / "ball.glb"
    path.write_bytes(ball(steps, picture=picture))
    bpy.ops.import_scene.gltf(filepath=str(path))
    (obj,) = (obj for obj in bpy.data.objects if obj.type == "MESH")
    return obj


def texture_slip(mesh: bpy.types.Mesh) -> np.ndarray:
    """How far the texture is from where it belongs at one point of each triangle, in radii of the ball."""
    weights = np.random.default_rng(0).dirichlet((1, 1, 1), len(mesh.polygons))[..., None]
    points = (corner_values(mesh).reshape(-1, 3, 3) * weights).sum(axis=1)
    uv = np.empty(len(mesh.loops) * 2, dtype=np.float32)
    mesh.uv_layers[0].uv.foreach_get("vector", uv)
    at = (uv.reshape(-1, 3, 2) * weights).sum(axis=1)
    column, row = np.clip((at * (3, 2)).astype(int), 0, (2, 1)).T
    places = (at - np.stack([column / 3, row / 2], 1) - _ISLANDS[1]) / _ISLANDS[0] * 2 - 1
    return np.linalg.norm(_point(row * 3 + column, places.clip(-1, 1)) - _upright(points), axis=1)


def true_normals(points: np.ndarray) -> np.ndarray:
    """Of the ball at these points, (n, 3), with y up."""
    out = points / np.linalg.norm(points, axis=1, keepdims=True)
    aside = np.cross(out, np.where(np.abs(out[:, :1]) < 0.9, [[1.0, 0, 0]], [[0, 1.0, 0]]))
    ahead = np.cross(out, aside)
    step = 1e-4
    slopes = [_bumpy(out + step * way) - _bumpy(out - step * way) for way in (aside, ahead)]
    normals = np.cross(*slopes)
    return normals / np.linalg.norm(normals, axis=1, keepdims=True)


def corner_values(mesh: bpy.types.Mesh, *, normals: bool = False) -> np.ndarray:
    """The point of every corner, or its normal, (corners, 3)."""
    values = np.empty((len(mesh.loops), 3), dtype=np.float32)
    if normals:
        mesh.corner_normals.foreach_get("vector", values.ravel())
        return values
    vertices = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", vertices)
    return vertices.reshape(-1, 3)[_ints(mesh.loops, "vertex_index")]


def boundary_edges(mesh: bpy.types.Mesh) -> int:
    """Edges with one face only: where the surface is open."""
    return int((np.bincount(_ints(mesh.loops, "edge_index"), minlength=len(mesh.edges)) == 1).sum())


def normal_errors(mesh: bpy.types.Mesh) -> np.ndarray:
    """How far the shading normals are from the ball's own, in degrees, one for each corner."""
    expected = true_normals(_upright(corner_values(mesh)))
    cosine = (_upright(corner_values(mesh, normals=True)) * expected).sum(axis=1)
    return np.degrees(np.arccos(cosine.clip(-1, 1)))


def _ints(items: Any, attribute: str) -> np.ndarray:
    values = np.empty(len(items), dtype=np.int32)
    items.foreach_get(attribute, values)
    return values


def _upright(points: np.ndarray) -> np.ndarray:
    """From Blender's axes to glTF's."""
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1)


def _uv(island: np.ndarray, places: np.ndarray) -> np.ndarray:
    corner = np.stack([island % 3 / 3, island // 3 / 2], axis=1)
    return corner + _ISLANDS[1] + (places + 1) / 2 * _ISLANDS[0]


def _point(island: np.ndarray, places: np.ndarray) -> np.ndarray:
    """On the side of a cube, -1 to 1 each way, blown up to a ball."""
    axis, side, rows = island // 2, 1 - 2 * (island % 2), np.arange(len(island))
    cube = np.empty((len(island), 3))
    cube[rows, axis], cube[rows, (axis + 1) % 3], cube[rows, (axis + 2) % 3] = side, places[:, 0] * side, places[:, 1]
    return _bumpy(np.tan(cube * np.pi / 4))


def _bumpy(directions: np.ndarray) -> np.ndarray:
    out = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    bumps = np.sin(7 * out[:, 0]) * np.sin(5 * out[:, 1] + 1) * np.cos(6 * out[:, 2])
    return out * (1 + 0.05 * bumps)[:, None]
