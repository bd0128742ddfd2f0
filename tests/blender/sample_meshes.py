# SPDX-License-Identifier: GPL-3.0-or-later
"""Mesh files for the tests of the Blender side: whole ones, and the same with one thing broken."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import trimesh
from PIL import Image

__all__ = ["BROKEN", "join_glb", "split_glb", "textured_box"]

TRIANGLES: Final = 12


def textured_box(*, size: tuple[float, float, float] = (1.0, 2.0, 3.0), texture_px: int = 16) -> bytes:
    """A box of 12 triangles with one texture as GLB; ``size`` in glTF's axes: y is up."""
    box = trimesh.creation.box(extents=size)
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 255, (texture_px, texture_px, 3), dtype=np.uint8))
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=picture, name="paint")
    uv = rng.random((len(box.vertices), 2))
    box.visual = trimesh.visual.TextureVisuals(uv=uv, material=material)
    return trimesh.Scene({"box": box}).export(file_type="glb")


def split_glb(glb: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON and the binary chunk."""
    (length,) = struct.unpack_from("<I", glb, 12)
    return json.loads(glb[20 : 20 + length]), glb[28 + length :]


def join_glb(document: dict[str, Any], binary: bytes) -> bytes:
    """A GLB of these two chunks."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + len(binary))
    return head + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary


def _edited(edit: Callable[[dict[str, Any], bytearray], None]) -> bytes:
    document, binary = split_glb(textured_box())
    data = bytearray(binary)
    edit(document, data)
    return join_glb(document, bytes(data))


def _accessor(document: dict[str, Any], name: str) -> dict[str, Any]:
    primitive = document["meshes"][0]["primitives"][0]
    return document["accessors"][primitive["indices"] if name == "indices" else primitive["attributes"][name]]


def _offset(document: dict[str, Any], accessor: dict[str, Any]) -> int:
    return document["bufferViews"][accessor["bufferView"]].get("byteOffset", 0) + accessor.get("byteOffset", 0)


def _infinitely_large(document: dict[str, Any], _: bytearray) -> None:
    document["nodes"][0]["scale"] = [1e300, 1e300, 1e300]


def _no_nodes(document: dict[str, Any], _: bytearray) -> None:
    document["nodes"], document["scenes"] = [], [{"nodes": []}]
    del document["meshes"]


def _accessor_out_of_range(document: dict[str, Any], _: bytearray) -> None:
    document["meshes"][0]["primitives"][0]["attributes"]["POSITION"] = 99


def _index_out_of_range(document: dict[str, Any], data: bytearray) -> None:
    accessor = _accessor(document, "indices")
    struct.pack_into("<I", data, _offset(document, accessor), 2**31)


def _points_only(document: dict[str, Any], _: bytearray) -> None:
    document["meshes"][0]["primitives"][0]["mode"] = 0


def _requires(extension: str) -> Callable[[dict[str, Any], bytearray], None]:
    def edit(document: dict[str, Any], _: bytearray) -> None:
        document["extensionsUsed"] = document["extensionsRequired"] = [extension]

    return edit


def _version_1(document: dict[str, Any], _: bytearray) -> None:
    document["asset"]["version"] = "1.0"


BROKEN: Final[dict[str, Callable[[], bytes]]] = {
    "empty": lambda: b"",
    "web page": lambda: b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
    "ten bytes": lambda: textured_box()[:10],
    "cut short": lambda: textured_box()[:-100],
    "json is not json": lambda: textured_box().replace(b'"asset"', b'"asset,', 1),
    "version 1": lambda: _edited(_version_1),
    "infinitely large": lambda: _edited(_infinitely_large),
    "no nodes": lambda: _edited(_no_nodes),
    "points only": lambda: _edited(_points_only),
    "accessor out of range": lambda: _edited(_accessor_out_of_range),
    "index out of range": lambda: _edited(_index_out_of_range),
    "unknown extension required": lambda: _edited(_requires("VENDOR_unheard_of")),
}
"""Each of them must leave no trace in the scene."""
