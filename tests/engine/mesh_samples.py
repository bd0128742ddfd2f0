# SPDX-License-Identifier: GPL-3.0-or-later
"""Small meshes in the formats that models take, and orders that begin with one."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scenario_addon.engine.values import HeldMesh, MeshInput, ModelId, Order, SourceMesh
from tests.service.glb import Material, Mesh, write_glb

__all__ = ["REMESH", "REMESH_VALUES", "fbx_cube", "glb_grid", "mesh_file", "mesh_order", "obj_grid"]

REMESH: Final = "model_meshy-remesh"
REMESH_VALUES: Final = {"targetPolycount": 200}


def _grid(side: int, bend: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Points and quads of a bent sheet."""
    x, y = np.meshgrid(np.linspace(0, 1, side + 1), np.linspace(0, 1, side + 1))
    points = np.stack([x, y, bend * np.sin(3 * x)], axis=-1).reshape(-1, 3).astype(np.float32)
    first = (np.arange(side)[:, None] * (side + 1) + np.arange(side)).reshape(-1)
    return points, np.column_stack([first, first + 1, first + side + 2, first + side + 1])


def glb_grid(side: int = 8, *, bend: float = 0.3) -> bytes:
    """A sheet of ``2 * side * side`` triangles."""
    points, quads = _grid(side, bend)
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.uint32)
    normals = np.tile(np.array([0, 0, 1], np.float32), (len(points), 1))
    return write_glb(Mesh(points, normals, points[:, :2].copy(), faces), Material(), name="sheet")


def obj_grid(side: int = 8) -> bytes:
    """The same of ``side * side`` quads."""
    points, quads = _grid(side, 0.3)
    lines = ["mtllib sheet.mtl", *(f"v {x} {y} {z}" for x, y, z in points), "usemtl plain"]
    return "\n".join([*lines, *("f " + " ".join(map(str, quad + 1)) for quad in quads)]).encode()


def fbx_cube(*, version: int = 7400, is_packed: bool = True, promised: int | None = None) -> bytes:
    """A cube of six quads.

    :param promised: how many numbers each of its lists says to have, where that is not the truth.
    """
    points = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype="<f8").reshape(-1)
    quads = np.array([[0, 1, 3, ~2], [4, 6, 7, ~5], [0, 4, 5, ~1], [2, 3, 7, ~6], [0, 2, 6, ~4], [1, 5, 7, ~3]], "<i4")
    head = struct.Struct("<QQQB" if version >= 7500 else "<IIIB")

    def array(kind: bytes, numbers: NDArray[Any]) -> bytes:
        raw = numbers.tobytes()
        data = zlib.compress(raw) if is_packed else raw
        return kind + struct.pack("<III", numbers.size if promised is None else promised, is_packed, len(data)) + data

    def node(at: int, name: bytes, properties: bytes, children: bytes = b"") -> bytes:
        stop = at + head.size + len(name) + len(properties) + len(children)
        return head.pack(stop, bool(properties), len(properties), len(name)) + name + properties + children

    start = 27 + head.size + len(b"Geometry")
    inner = node(start, b"Vertices", array(b"d", points))
    inner += node(start + len(inner), b"PolygonVertexIndex", array(b"i", quads.reshape(-1)))
    inner += bytes(head.size)
    outer = node(27, b"Geometry", b"", inner)
    return b"Kaydara FBX Binary  \x00\x1a\x00" + struct.pack("<I", version) + outer + bytes(head.size)


def mesh_file(path: Path, data: bytes | None = None) -> SourceMesh:
    """A mesh written to disk and looked at."""
    from scenario_addon.engine.meshes.file import inspect

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(glb_grid() if data is None else data)
    return inspect(path)


def mesh_order(mesh: SourceMesh | HeldMesh, *, folder: Path, model_id: str = REMESH, **more: Any) -> Order:
    """An order for a mesh made anew, of few faces."""
    return Order(
        model_id=ModelId(model_id),
        model_name=model_id.removeprefix("model_"),
        pictures=more.pop("pictures", ()),
        meshes=(MeshInput(more.pop("input_name", "model"), is_list=False, mesh=mesh),),
        **{"name": "sheet", "folder": folder, "values": REMESH_VALUES, **more},
    )
