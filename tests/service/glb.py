# SPDX-License-Identifier: GPL-3.0-or-later
"""A triangle mesh with its material, and the GLB file it makes (glTF 2.0, "Binary glTF Layout")."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Material", "Mesh", "write_glb"]

Floats = NDArray[np.float32]

_ARRAY_BUFFER: Final = 34962
_ELEMENT_ARRAY_BUFFER: Final = 34963
_FLOAT: Final = 5126
_UNSIGNED_INT: Final = 5125


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

    def accessor(self, array: NDArray[Any], *, kind: str, component: int, target: int, **limits: Any) -> int:
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
    writer = _Writer()
    corners = {"min": mesh.positions.min(axis=0).tolist(), "max": mesh.positions.max(axis=0).tolist()}
    indices = mesh.faces.reshape(-1).astype("<u4")
    vertex = {"component": _FLOAT, "target": _ARRAY_BUFFER}
    attributes = {
        "POSITION": writer.accessor(mesh.positions.astype("<f4"), kind="VEC3", **vertex, **corners),
        "NORMAL": writer.accessor(mesh.normals.astype("<f4"), kind="VEC3", **vertex),
        "TEXCOORD_0": writer.accessor(mesh.uvs.astype("<f4"), kind="VEC2", **vertex),
    }
    faces = writer.accessor(indices, kind="SCALAR", component=_UNSIGNED_INT, target=_ELEMENT_ARRAY_BUFFER)
    primitive = {"attributes": attributes, "indices": faces, "material": 0, "mode": 4}
    writer.json |= {
        "asset": {"version": "2.0", "generator": "Scenario stand-in"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": name}],
        "meshes": [{"name": name, "primitives": [primitive]}],
        "materials": [_material(writer, material)],
    }
    return writer.file()


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
