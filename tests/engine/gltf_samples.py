# SPDX-License-Identifier: GPL-3.0-or-later
"""The smallest glTF that is a mesh, to be spoiled in every way."""

from __future__ import annotations

import copy
import io
import json
import struct
from typing import Any, Final

from PIL import Image

__all__ = ["BINARY", "PNG", "TRIANGLE", "pack_glb", "triangle_glb", "triangle_with"]

_POINTS: Final = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)
_CORNERS: Final = struct.pack("<3H", 0, 1, 2) + b"\0\0"


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), "teal").save(file, "PNG")
    data = file.getvalue()
    return data + b"\0" * (-len(data) % 4)


PNG: Final = _png()
BINARY: Final = _POINTS + _CORNERS + PNG

TRIANGLE: Final[dict[str, Any]] = {
    "asset": {"version": "2.0"},
    "scenes": [{"nodes": [0]}],
    "nodes": [{"mesh": 0}],
    "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}],
    "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
    "textures": [{"source": 0}],
    "images": [{"bufferView": 2, "mimeType": "image/png"}],
    "accessors": [
        {"bufferView": 0, "componentType": 5126, "type": "VEC3", "count": 3},
        {"bufferView": 1, "componentType": 5123, "type": "SCALAR", "count": 3},
    ],
    "bufferViews": [
        {"buffer": 0, "byteLength": 36},
        {"buffer": 0, "byteOffset": 36, "byteLength": 6},
        {"buffer": 0, "byteOffset": 44, "byteLength": len(PNG)},
    ],
    "buffers": [{"byteLength": len(BINARY)}],
}
"""One triangle with a texture, around :data:`BINARY`."""


def triangle_with(path: str, value: Any) -> dict[str, Any]:
    """The triangle with one place changed, or taken out (``...``): ``accessors.0.count``."""
    gltf: Any = copy.deepcopy(TRIANGLE)
    *way, last = path.split(".")
    place = gltf
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    key: Any = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[key]
    elif isinstance(place, list) and key == len(place):
        place.append(value)
    else:
        place[key] = value
    return gltf


def pack_glb(
    gltf: Any,
    binary: bytes = BINARY,
    *,
    magic: bytes = b"glTF",
    version: int = 2,
    kind: bytes = b"JSON",
    extra: int = 0,
    json_extra: int = 0,
    tail: bytes = b"",
) -> bytes:
    """A GLB; ``extra`` and ``json_extra`` are what its two lengths are off by, ``tail`` follows the binary chunk."""
    text = gltf if isinstance(gltf, bytes) else json.dumps(gltf).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text) + json_extra, kind) + text
    chunks += struct.pack("<I4s", len(binary), b"BIN\0") + binary if binary else b""
    chunks += tail
    return struct.pack("<4sII", magic, version, 12 + len(chunks) + extra) + chunks


def triangle_glb(*, padding_bytes: int = 0) -> bytes:
    """A GLB of any size that is a mesh."""
    return pack_glb(triangle_with("extras", "~" * padding_bytes))
