# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes as they are uploaded: GLB, OBJ and binary FBX, read as one triangle mesh with its base colour."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .glb import Floats, Material, Mesh

__all__ = ["FoundMesh", "UnreadableMeshError", "mesh_properties", "read_mesh", "still_properties", "with_normals"]

_COMPONENTS: Final = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_FBX: Final = b"Kaydara FBX Binary  \x00"
_FBX_NUMBERS: Final = {b"i": "<i4", b"d": "<f8", b"f": "<f4", b"l": "<i8"}


class UnreadableMeshError(ValueError):
    """The bytes are no mesh that can be read."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundMesh:
    """What a file holds."""

    mesh: Mesh
    format: str
    """``glb``, ``obj`` or ``fbx``."""
    faces: int
    """As the file counts them: polygons."""
    material: Material = field(default_factory=Material)


def read_mesh(data: bytes) -> FoundMesh:
    """Read a mesh file by its content.

    :raises UnreadableMeshError: it is none.
    """
    try:
        if data[:4] == b"glTF":
            return _read_glb(data)
        if data.startswith(_FBX):
            return _read_fbx(data)
        return _read_obj(data.decode())
    except UnreadableMeshError:
        raise
    except (ValueError, KeyError, IndexError, TypeError, struct.error, zlib.error) as error:
        raise UnreadableMeshError("Unhandled 3D format") from error


def mesh_properties(found: FoundMesh) -> dict[str, Any]:
    """What an asset's record says of a mesh."""
    return {
        "format": found.format,
        "faceCount": found.faces,
        "vertexCount": len(found.mesh.positions),
        "dimensions": found.mesh.dimensions,
    }


def still_properties(found: FoundMesh) -> dict[str, Any]:
    """The same for a mesh with UVs and normals that nothing moves."""
    return {
        **mesh_properties(found),
        "hasUVs": True,
        "hasNormals": True,
        "hasSkeleton": False,
        "boneCount": 0,
        "hasAnimations": False,
        "animationFrameCount": 0,
    }


def with_normals(positions: Floats, uvs: Floats, faces: NDArray[np.uint32]) -> Mesh:
    """A mesh whose normals are those of the faces around each vertex."""
    corners = positions[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(positions)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], across)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(lengths > 0, normals / np.maximum(lengths, 1e-20), np.array([0, 0, 1], dtype=np.float32))
    return Mesh(positions, normals.astype(np.float32), uvs, faces)


# -- GLB


def _read_glb(data: bytes) -> FoundMesh:
    length = struct.unpack_from("<I", data, 12)[0]
    root = json.loads(data[20 : 20 + length])
    binary = data[20 + length + 8 :]
    positions: list[Floats] = []
    uvs: list[Floats] = []
    faces: list[NDArray[Any]] = []
    for matrix, primitive in _placed(root):
        attributes = primitive["attributes"]
        points = _numbers(root, binary, attributes["POSITION"]).astype(np.float64)
        points = points @ matrix[:3, :3].T + matrix[:3, 3]
        corners = (
            _numbers(root, binary, primitive["indices"])[:, 0] if "indices" in primitive else np.arange(len(points))
        )
        faces.append(corners.reshape(-1, 3).astype(np.int64) + sum(map(len, positions)))
        positions.append(points.astype(np.float32))
        has_uvs = "TEXCOORD_0" in attributes
        uvs.append(_numbers(root, binary, attributes["TEXCOORD_0"]) if has_uvs else np.zeros((len(points), 2)))
    if not faces:
        raise UnreadableMeshError("The file holds no mesh.")
    triangles = np.concatenate(faces)
    mesh = with_normals(np.concatenate(positions), np.concatenate(uvs).astype(np.float32), triangles.astype(np.uint32))
    return FoundMesh(mesh, "glb", len(triangles), Material(_base_colour(root, binary)))


def _placed(root: dict[str, Any]) -> Iterator[tuple[NDArray[np.float64], dict[str, Any]]]:
    """Every primitive of triangles with the matrix of its node."""
    nodes = root.get("nodes", [])
    scene = root.get("scenes", [{}])[root.get("scene", 0)]
    waiting = [(number, np.eye(4)) for number in scene.get("nodes", range(len(nodes)))]
    while waiting:
        number, parent = waiting.pop(0)
        node = nodes[number]
        matrix = parent @ _matrix(node)
        waiting += [(child, matrix) for child in node.get("children", [])]
        if "mesh" in node:
            primitives = root["meshes"][node["mesh"]]["primitives"]
            yield from ((matrix, p) for p in primitives if p.get("mode", 4) == 4)


def _matrix(node: dict[str, Any]) -> NDArray[np.float64]:
    if "matrix" in node:
        return np.array(node["matrix"], dtype=np.float64).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    turned = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = turned * np.array(node.get("scale", (1, 1, 1)))
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


def _numbers(root: dict[str, Any], binary: bytes, index: int) -> NDArray[Any]:
    """The rows of an accessor."""
    accessor = root["accessors"][index]
    view = root["bufferViews"][accessor["bufferView"]]
    kind, width = np.dtype(_COMPONENTS[accessor["componentType"]]), _WIDTHS[accessor["type"]]
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    row_bytes = kind.itemsize * width
    stride = view.get("byteStride", row_bytes)
    wanted = stride * (accessor["count"] - 1) + row_bytes
    raw = np.frombuffer(binary, np.uint8)[start : start + wanted]
    if len(raw) < wanted:  # else what lies behind it in memory would be read
        raise UnreadableMeshError("The file is cut short.")
    rows = np.lib.stride_tricks.as_strided(raw, (accessor["count"], row_bytes), (stride, 1))
    found: NDArray[Any] = np.ascontiguousarray(rows).view(kind).reshape(-1, width)
    if accessor.get("normalized") and kind.kind == "u":
        found = found / np.iinfo(kind).max
    return found


def _base_colour(root: dict[str, Any], binary: bytes) -> bytes | None:
    for material in root.get("materials", []):
        slot = material.get("pbrMetallicRoughness", {}).get("baseColorTexture")
        if slot is not None:
            image = root["images"][root["textures"][slot["index"]]["source"]]
            view = root["bufferViews"][image["bufferView"]]
            start = view.get("byteOffset", 0)
            return binary[start : start + view["byteLength"]]
    return None


# -- OBJ


def _read_obj(text: str) -> FoundMesh:
    points: list[list[float]] = []
    coordinates: list[list[float]] = []
    polygons: list[list[tuple[int, int]]] = []
    for line in text.splitlines():
        word, *rest = line.split() or [""]
        if word == "v":
            points.append([float(number) for number in rest[:3]])
        elif word == "vt":
            coordinates.append([float(rest[0]), 1 - float(rest[1])])
        elif word == "f":
            polygons.append([_corner(corner, len(points), len(coordinates)) for corner in rest])
    if not polygons or not points:
        raise UnreadableMeshError("The file holds no mesh.")
    numbers: dict[tuple[int, int], int] = {}
    for polygon in polygons:
        for corner in polygon:
            numbers.setdefault(corner, len(numbers))
    used = np.array(list(numbers))
    uvs = np.array(coordinates, dtype=np.float32)[used[:, 1]] if coordinates else np.zeros((len(used), 2))
    fans = [(p[0], p[i], p[i + 1]) for p in polygons for i in range(1, len(p) - 1)]
    faces = np.array([[numbers[corner] for corner in fan] for fan in fans], dtype=np.uint32)
    mesh = with_normals(np.array(points, dtype=np.float32)[used[:, 0]], uvs.astype(np.float32), faces)
    return FoundMesh(mesh, "obj", len(polygons))


def _corner(text: str, points: int, coordinates: int) -> tuple[int, int]:
    """A face's corner as the numbers of its point and its coordinates, from 0."""
    first, second, *_ = [*text.split("/"), "", ""]
    point, uv = int(first), int(second or 0)
    return (point - 1 if point > 0 else points + point), (uv - 1 if uv > 0 else max(0, coordinates + uv))


# -- FBX


def _read_fbx(data: bytes) -> FoundMesh:
    """Vertices and polygons of every geometry; where objects stand, and their texture coordinates, are left aside."""
    arrays = dict[str, list[NDArray[Any]]]()
    is_wide = struct.unpack_from("<I", data, 23)[0] >= 7500
    _walk_fbx(data, 27, len(data), is_wide, arrays)
    positions: list[Floats] = []
    faces: list[tuple[int, int, int]] = []
    count = 0
    for points, corners in zip(arrays.get("Vertices", []), arrays.get("PolygonVertexIndex", []), strict=True):
        start, polygon = sum(map(len, positions)), list[int]()
        for corner in corners.tolist():
            polygon.append(start + (corner if corner >= 0 else ~corner))
            if corner < 0:
                faces += [(polygon[0], polygon[i], polygon[i + 1]) for i in range(1, len(polygon) - 1)]
                polygon, count = [], count + 1
        positions.append(points.reshape(-1, 3).astype(np.float32))
    if not faces:
        raise UnreadableMeshError("The file holds no mesh.")
    joined = np.concatenate(positions)
    mesh = with_normals(joined, np.zeros((len(joined), 2), np.float32), np.array(faces, dtype=np.uint32))
    return FoundMesh(mesh, "fbx", count)


def _walk_fbx(data: bytes, start: int, end: int, is_wide: bool, arrays: dict[str, list[NDArray[Any]]]) -> None:
    head = struct.Struct("<QQQB" if is_wide else "<IIIB")
    while start + head.size <= end:
        node_end, count, properties_bytes, name_bytes = head.unpack_from(data, start)
        if not node_end:
            return
        at = start + head.size
        name = data[at : at + name_bytes].decode("utf-8", "replace")
        at += name_bytes
        kind = data[at : at + 1]
        if count and name in ("Vertices", "PolygonVertexIndex") and kind in _FBX_NUMBERS:
            _, packed, size = struct.unpack_from("<III", data, at + 1)
            raw = data[at + 13 : at + 13 + size]
            numbers = np.frombuffer(zlib.decompress(raw) if packed else raw, _FBX_NUMBERS[kind])
            arrays.setdefault(name, []).append(numbers)
        _walk_fbx(data, at + properties_bytes, node_end, is_wide, arrays)
        start = node_end
