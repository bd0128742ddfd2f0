# SPDX-License-Identifier: GPL-3.0-or-later
"""The smallest files that tell whether an importer reads something: one triangle each, as glTF that holds all it needs.

Written once with the libraries themselves: Draco by Blender's own exporter, meshopt by meshoptimizer, WebP by libwebp.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["PLAIN", "SAMPLES", "SIDE_PX"]

SIDE_PX: Final = 2
"""Of the picture in the sample with one."""
_POINTS: Final = base64.b64encode(struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)).decode()
_DRACO: Final = "RFJBQ08CAgEBAAAAAwEAAQAAAQf/AREB/wAAAQAJAwAAAgEBAQADA60qVRUDUWWBFQkAAAAA/wAAAAAAAAAAAAAAAACAvwAAgD8I"
_MESHOPT: Final = "oAAAATwAAAD//wE8AAAAfn0AAAEMAAAA/wEMAAAAfgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
_WEBP: Final = "UklGRh4AAABXRUJQVlA4TBEAAAAvAUAAAAdQrSIXpf+BiOh/AAA="


def _buffer(data: str) -> dict[str, Any]:
    return {"byteLength": len(base64.b64decode(data)), "uri": f"data:application/octet-stream;base64,{data}"}


def _file(
    primitive: Mapping[str, Any], views: Sequence[Mapping[str, Any]], buffers: Sequence[Mapping[str, Any]], **more: Any
) -> dict[str, Any]:
    positions = {"componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]}
    return {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, **primitive}]}],
        "accessors": [positions | ({} if "indices" in primitive else {"bufferView": 0})],
        "bufferViews": list(views),
        "buffers": list(buffers),
        **more,
    }


def _needs(name: str) -> dict[str, Any]:
    return {"extensionsUsed": [name], "extensionsRequired": [name]}


def _draco() -> dict[str, Any]:
    name = "KHR_draco_mesh_compression"
    primitive = {"indices": 1, "extensions": {name: {"bufferView": 0, "attributes": {"POSITION": 0}}}}
    buffer = _buffer(_DRACO)
    file = _file(primitive, [{"buffer": 0, "byteLength": buffer["byteLength"]}], [buffer], **_needs(name))
    file["accessors"].append({"componentType": 5123, "count": 3, "type": "SCALAR"})
    return file


def _meshopt() -> dict[str, Any]:
    name, buffer = "EXT_meshopt_compression", _buffer(_MESHOPT)
    packed = {"buffer": 0, "byteLength": buffer["byteLength"], "byteStride": 12, "count": 3, "mode": "ATTRIBUTES"}
    view = {"buffer": 1, "byteLength": 36, "byteStride": 12, "extensions": {name: packed}}
    return _file({}, [view], [buffer, {"byteLength": 36, "extensions": {name: {"fallback": True}}}], **_needs(name))


def _webp() -> dict[str, Any]:
    name = "EXT_texture_webp"
    return _file(
        {"material": 0},
        [{"buffer": 0, "byteLength": 36}],
        [_buffer(_POINTS)],
        materials=[{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        textures=[{"extensions": {name: {"source": 0}}}],
        images=[{"uri": f"data:image/webp;base64,{_WEBP}", "mimeType": "image/webp"}],
        **_needs(name),
    )


PLAIN: Final = "glTF importer"
SAMPLES: Final[Mapping[str, dict[str, Any]]] = {
    PLAIN: _file({}, [{"buffer": 0, "byteLength": 36}], [_buffer(_POINTS)]),
    "Draco": _draco(),
    "meshopt": _meshopt(),
    "WebP": _webp(),
}
"""Files by the name of the check that each is for, the one that needs nothing first."""
