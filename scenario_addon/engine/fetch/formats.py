# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job's files are: known by what the service calls them, else by their first bytes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ..values import ResultAsset

__all__ = ["FORMATS", "OTHER_FORMATS", "mime_of", "suffix_of_bytes", "suffix_of_mime"]

FORMATS: Final = (".glb", ".gltf", ".fbx", ".obj", ".ply", ".stl")
"""What Blender can import, best first."""
OTHER_FORMATS: Final = {
    ".spz": "a Gaussian splat",
    ".splat": "a Gaussian splat",
    ".ksplat": "a Gaussian splat",
    ".sog": "a Gaussian splat",
    ".usdz": "a USDZ file",
    ".dae": "a COLLADA file",
    ".vox": "a voxel model",
    ".blend": "a .blend file",
    ".zip": "an archive",
}
"""What else a job may bring that is worth keeping, in words."""
_SUFFIX_BY_MIME: Final = {
    "model/gltf-binary": ".glb",
    "model/glb": ".glb",
    "model/gltf+json": ".gltf",
    "model/x-fbx": ".fbx",
    "application/vnd.autodesk.fbx": ".fbx",
    "application/x.autodesk.fbx": ".fbx",
    "model/obj": ".obj",
    "model/mtl": ".mtl",
    "model/ply": ".ply",
    "application/x-ply": ".ply",
    "model/stl": ".stl",
    "model/spz": ".spz",
    "model/splat": ".splat",
    "model/ksplat": ".ksplat",
    "model/sog": ".sog",
    "model/vnd.usdz+zip": ".usdz",
    "model/vnd.collada+xml": ".dae",
    "model/x-3d-vox": ".vox",
    "model/x-blender": ".blend",
    "application/zip": ".zip",
}
_MAGIC: Final = (
    (re.compile(rb"glTF"), ".glb"),
    (re.compile(rb"Kaydara FBX Binary"), ".fbx"),
    (re.compile(rb"ply\r?\n"), ".ply"),
    (re.compile(rb"PK\x03\x04"), ".zip"),
    (re.compile(rb"BLENDER"), ".blend"),
    (re.compile(rb"GIF8"), ".gif"),
    (re.compile(rb"II\*\0|MM\0\*"), ".tif"),
    (re.compile(rb"\x76\x2f\x31\x01"), ".exr"),
    (re.compile(rb"#\?(RADIANCE|RGBE)"), ".hdr"),
    (re.compile(rb"(?s:....)ftypavif"), ".avif"),
    (re.compile(rb"(?s:....)ftyp(hei|hev|mif1|msf1)"), ".heic"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|!doctype|html|[a-z]+)", re.IGNORECASE), ".html"),
    (re.compile(rb"(#.*\n|\s)*(mtllib|v|o|g) "), ".obj"),
)


def mime_of(asset: ResultAsset) -> str:
    """A file's MIME type without its parameters, in small letters."""
    return asset.mime.partition(";")[0].strip().lower()


def suffix_of_mime(mime: str) -> str | None:
    """A mesh format's suffix; ``None`` for what is none, or says nothing."""
    return _SUFFIX_BY_MIME.get(mime)


def suffix_of_bytes(head: bytes, file_name: str | None = None) -> str:
    """A file's suffix by its first bytes, else by its name; "" when nobody knows.

    :param head: 64 bytes or more.
    """
    found = next((suffix for pattern, suffix in _MAGIC if pattern.match(head)), "")
    return found or (Path(file_name).suffix.lower() if file_name else "")
