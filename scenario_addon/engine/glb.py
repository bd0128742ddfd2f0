# SPDX-License-Identifier: GPL-3.0-or-later
"""What a GLB holds, read from its bytes: container, lengths, JSON, and how much geometry and texture it promises.

Source: glTF 2.0 specification, "GLB File Format Specification".
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from .errors import DownloadError

__all__ = ["HEADER_BYTES", "GlbInfo", "inspect", "json_length", "read_info"]

MAGIC: Final = b"glTF"
HEADER_BYTES: Final = 20
"""The file's header and the JSON chunk's."""
_JSON_CHUNK: Final = 0x4E4F534A
_MAX_JSON_BYTES: Final = 64 * 1024 * 1024
_TRIANGLES: Final = 4
_TRIANGLE_RUNS: Final = (5, 6)
_PBR_SLOTS: Final = ("normalTexture", "occlusionTexture", "emissiveTexture")


@dataclass(frozen=True, slots=True)
class GlbInfo:
    triangles: int
    """In the meshes, instances counted once."""
    textures: int
    pbr_textures: int
    """Texture slots that materials fill: base colour, metallic-roughness, normal, occlusion, emission."""
    extensions_required: tuple[str, ...]


def inspect(path: Path) -> GlbInfo:
    """Check that a file is a whole GLB, and say what it holds. Any thread; reads the header and the JSON only.

    :raises DownloadError: not a GLB 2.0, or shorter or longer than its own header says.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        header = file.read(HEADER_BYTES)
        length = json_length(header, name=path.name)
        declared = struct.unpack_from("<I", header, 8)[0]
        if declared != size:
            raise DownloadError(f"{path.name} has {size} bytes and its header says {declared}: it is not whole.")
        return read_info(_exactly(file, length, path.name), name=path.name)


def json_length(header: bytes, *, name: str) -> int:
    """How many bytes of JSON follow the first :data:`HEADER_BYTES`.

    :raises DownloadError: the header is not that of a GLB 2.0.
    """
    if len(header) < HEADER_BYTES or header[:4] != MAGIC:
        raise DownloadError(f"{name} is not a GLB file.")
    version, declared, length, kind = struct.unpack_from("<IIII", header, 4)
    if version != 2:
        raise DownloadError(f"{name} is a GLB of version {version}; only version 2 can be read.")
    if kind != _JSON_CHUNK or length > declared - HEADER_BYTES or length > _MAX_JSON_BYTES:
        raise DownloadError(f"{name} is damaged: its first part is not glTF JSON.")
    return length


def read_info(text: bytes, *, name: str) -> GlbInfo:
    """:raises DownloadError: the JSON makes no sense."""
    try:
        root = json.loads(text)
    except (ValueError, RecursionError):
        raise DownloadError(f"{name} is damaged: its glTF JSON cannot be read.") from None
    if not isinstance(root, dict):
        raise DownloadError(f"{name} is damaged: its glTF JSON is not an object.")
    gltf = cast(dict[str, Any], root)
    accessors = _objects(gltf.get("accessors"))
    primitives = [p for mesh in _objects(gltf.get("meshes")) for p in _objects(mesh.get("primitives"))]
    return GlbInfo(
        triangles=sum(_triangles(primitive, accessors) for primitive in primitives),
        textures=len(_objects(gltf.get("textures"))),
        pbr_textures=sum(_filled_slots(material) for material in _objects(gltf.get("materials"))),
        extensions_required=tuple(str(e) for e in _list(gltf.get("extensionsRequired"))),
    )


def _triangles(primitive: dict[str, Any], accessors: list[dict[str, Any]]) -> int:
    attributes = primitive.get("attributes")
    position = cast(dict[str, Any], attributes).get("POSITION") if isinstance(attributes, dict) else None
    index = primitive.get("indices", position)
    count = accessors[index].get("count") if isinstance(index, int) and 0 <= index < len(accessors) else 0
    count = count if isinstance(count, int) and count > 0 else 0
    mode = primitive.get("mode", _TRIANGLES)
    return count // 3 if mode == _TRIANGLES else max(0, count - 2) if mode in _TRIANGLE_RUNS else 0


def _filled_slots(material: dict[str, Any]) -> int:
    pbr = material.get("pbrMetallicRoughness")
    slots = cast(dict[str, Any], pbr) if isinstance(pbr, dict) else {}
    inner = sum(name in slots for name in ("baseColorTexture", "metallicRoughnessTexture"))
    return inner + sum(name in material for name in _PBR_SLOTS)


def _list(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def _objects(value: Any) -> list[dict[str, Any]]:
    """A list's entries, with an empty object for whatever is not one, so that indices stay right."""
    return [cast(dict[str, Any], item) if isinstance(item, dict) else {} for item in _list(value)]


def _exactly(file: BinaryIO, count: int, name: str) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise DownloadError(f"{name} is cut short.")
    return data
