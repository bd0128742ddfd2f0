# SPDX-License-Identifier: GPL-3.0-or-later
"""A triangle mesh with its material, and the GLB file it makes (glTF 2.0, "Binary glTF Layout")."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Material", "Mesh", "Skeleton", "write_glb", "write_scene"]

Floats = NDArray[np.float32]

_ARRAY_BUFFER: Final = 34962
_ELEMENT_ARRAY_BUFFER: Final = 34963
_FLOAT: Final = 5126
_UNSIGNED_INT: Final = 5125
_UNSIGNED_SHORT: Final = 5123


@dataclass(frozen=True, slots=True)
class Material:
    """The maps of a mesh, each a whole JPEG or PNG file or absent."""

    base_color: bytes | None = None
    metallic_roughness: bytes | None = None
    normal: bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles in metres, +Y up, facing +Z; counter-clockwise seen from outside."""

    positions: Floats
    normals: Floats
    uvs: Floats
    """The origin is the upper left corner, as glTF has it."""
    faces: NDArray[np.uint32]

    @property
    def dimensions(self) -> list[float]:
        """Width, height and depth."""
        return [round(float(side), 4) for side in np.ptp(self.positions, axis=0)]


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """A chain of bones, each the child of the one before, and which of them moves each vertex how much."""

    names: tuple[str, ...]
    heads: Floats
    """Where each begins, in the mesh's space."""
    joints: NDArray[np.uint16]
    """Four bones for each vertex."""
    weights: Floats
    """Theirs, which add up to 1."""


class _Writer:
    """Collects the JSON and the binary chunk side by side."""

    def __init__(self) -> None:
        self.json: dict[str, Any] = {"bufferViews": [], "accessors": []}
        self._chunks: list[bytes] = []
        self._length_bytes = 0

    def view(self, data: bytes, *, target: int | None = None) -> int:
        """Append bytes, aligned to four; gives the index of their bufferView."""
        view: dict[str, Any] = {"buffer": 0, "byteOffset": self._length_bytes, "byteLength": len(data)}
        if target:
            view["target"] = target
        padded = data + b"\0" * (-len(data) % 4)
        self._chunks.append(padded)
        self._length_bytes += len(padded)
        self.json["bufferViews"].append(view)
        return len(self.json["bufferViews"]) - 1

    def accessor(self, array: NDArray[Any], *, kind: str, component: int, target: int | None, **limits: Any) -> int:
        """Append an array; gives the index of its accessor."""
        view = self.view(np.ascontiguousarray(array).tobytes(), target=target)
        entry = {"bufferView": view, "componentType": component, "type": kind, "count": len(array), **limits}
        self.json["accessors"].append(entry)
        return len(self.json["accessors"]) - 1

    def texture(self, image: bytes) -> dict[str, int]:
        """Append a JPEG or PNG; gives the reference a material holds."""
        images = self.json.setdefault("images", [])
        kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
        images.append({"bufferView": self.view(image), "mimeType": f"image/{kind}"})
        self.json.setdefault("textures", []).append({"source": len(images) - 1, "sampler": 0})
        self.json["samplers"] = [{"magFilter": 9729, "minFilter": 9987}]
        return {"index": len(images) - 1}

    def file(self) -> bytes:
        """The GLB."""
        self.json["buffers"] = [{"byteLength": self._length_bytes}]
        text = json.dumps(self.json, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        total_bytes = 12 + 8 + len(text) + 8 + self._length_bytes
        head = struct.pack("<4sII", b"glTF", 2, total_bytes) + struct.pack("<I4s", len(text), b"JSON")
        return b"".join([head, text, struct.pack("<I4s", self._length_bytes, b"BIN\0"), *self._chunks])


def write_glb(mesh: Mesh, material: Material, *, name: str) -> bytes:
    """The file for a mesh; textures lie inside.

    :param name: of the node and the mesh.
    """
    return write_scene([(name, mesh)], material)


def write_scene(parts: Sequence[tuple[str, Mesh]], material: Material, *, skeleton: Skeleton | None = None) -> bytes:
    """The file for named meshes, a node each, of one material.

    :param skeleton: moves the first of them.
    """
    writer = _Writer()
    meshes = [{"name": name, "primitives": [_primitive(writer, mesh, skeleton)]} for name, mesh in parts]
    nodes: list[dict[str, Any]] = [{"mesh": number, "name": name} for number, (name, _) in enumerate(parts)]
    roots = list(range(len(nodes)))
    if skeleton:
        roots.append(len(nodes))
        nodes[0]["skin"] = 0
        joints = list(range(len(nodes), len(nodes) + len(skeleton.names)))
        inverse = np.tile(np.eye(4, dtype=np.float32), (len(joints), 1, 1))
        inverse[:, 3, :3] = -skeleton.heads  # column by column, as glTF has it
        bind = writer.accessor(inverse.reshape(-1, 16).astype("<f4"), kind="MAT4", component=_FLOAT, target=None)
        writer.json["skins"] = [{"joints": joints, "skeleton": joints[0], "inverseBindMatrices": bind}]
        nodes += _chain(skeleton, first=joints[0])
    writer.json |= {
        "asset": {"version": "2.0", "generator": "Scenario stand-in"},
        "scene": 0,
        "scenes": [{"nodes": roots}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": [_material(writer, material)],
    }
    return writer.file()


def _chain(skeleton: Skeleton, *, first: int) -> list[dict[str, Any]]:
    offsets = np.diff(skeleton.heads, axis=0, prepend=np.zeros((1, 3), dtype=np.float32))
    nodes: list[dict[str, Any]] = [
        {"name": name, "translation": offset.tolist()} for name, offset in zip(skeleton.names, offsets, strict=True)
    ]
    for number, node in enumerate(nodes[:-1]):
        node["children"] = [first + number + 1]
    return nodes


def _primitive(writer: _Writer, mesh: Mesh, skeleton: Skeleton | None) -> dict[str, Any]:
    corners = {"min": mesh.positions.min(axis=0).tolist(), "max": mesh.positions.max(axis=0).tolist()}
    indices = mesh.faces.reshape(-1).astype("<u4")
    vertex = {"component": _FLOAT, "target": _ARRAY_BUFFER}
    attributes = {
        "POSITION": writer.accessor(mesh.positions.astype("<f4"), kind="VEC3", **vertex, **corners),
        "NORMAL": writer.accessor(mesh.normals.astype("<f4"), kind="VEC3", **vertex),
        "TEXCOORD_0": writer.accessor(mesh.uvs.astype("<f4"), kind="VEC2", **vertex),
    }
    if skeleton:
        joints = skeleton.joints.astype("<u2")
        attributes["JOINTS_0"] = writer.accessor(joints, kind="VEC4", component=_UNSIGNED_SHORT, target=_ARRAY_BUFFER)
        attributes["WEIGHTS_0"] = writer.accessor(skeleton.weights.astype("<f4"), kind="VEC4", **vertex)
    faces = writer.accessor(indices, kind="SCALAR", component=_UNSIGNED_INT, target=_ELEMENT_ARRAY_BUFFER)
    return {"attributes": attributes, "indices": faces, "material": 0, "mode": 4}


def _material(writer: _Writer, material: Material) -> dict[str, Any]:
    surface: dict[str, Any] = {"metallicFactor": 0.0, "roughnessFactor": 0.8}
    entry: dict[str, Any] = {"name": "surface", "pbrMetallicRoughness": surface}
    if material.base_color:
        surface["baseColorTexture"] = writer.texture(material.base_color)
    if material.metallic_roughness:
        surface |= {"metallicFactor": 1.0, "roughnessFactor": 1.0}
        surface["metallicRoughnessTexture"] = writer.texture(material.metallic_roughness)
    if material.normal:
        entry["normalTexture"] = writer.texture(material.normal)
    return entry
