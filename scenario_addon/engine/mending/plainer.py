# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left out for an importer that has refused a file all the same: everything that it might trip over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..gltf.document import Json, members, objects
from ..gltf.draft import Draft
from ..text import clean

__all__ = ["leave_out_extras", "leave_out_looks"]

_PLAIN: Final = ("POSITION", "NORMAL", "TEXCOORD_", "COLOR_0")
_LONGEST_NAME: Final = 60


def leave_out_extras(draft: Draft) -> bool:
    """Leave only the shape, its places and its plain materials: an importer may trip over anything else."""
    root = draft.root
    for name in ("animations", "cameras", "extensions", "extras", "skins"):
        root.pop(name, None)
    root["asset"] = {"version": "2.0"}
    for node in objects(root.get("nodes")):
        _keep_only(node, ("children", "matrix", "mesh", "name", "rotation", "scale", "translation"), ("EXT_mesh_gpu",))
    for mesh in objects(root.get("meshes")):
        _keep_only(mesh, ("name", "primitives"), ())
        for part in objects(mesh.get("primitives")):
            _keep_only(part, ("attributes", "indices", "material", "mode"), ("KHR_draco",))
            attributes = members(part.get("attributes"))
            part["attributes"] = {name: value for name, value in attributes.items() if name.startswith(_PLAIN)}
    for material in objects(root.get("materials")):
        _keep_only(material, ("doubleSided", "name", "normalTexture", "pbrMetallicRoughness"), ())
        pbr = members(material.get("pbrMetallicRoughness"))
        _keep_only(pbr, ("baseColorTexture", "metallicFactor", "metallicRoughnessTexture", "roughnessFactor"), ())
        for place in (material, pbr):
            for slot in [key for key in place if key.endswith("Texture")]:
                place[slot] = {"index": place[slot]["index"]}
    for entry in (entry for kind in ("nodes", "meshes", "materials", "images") for entry in objects(root.get(kind))):
        if isinstance(name := entry.get("name"), str):
            entry["name"] = clean(name, longest=_LONGEST_NAME)
    draft.told.append("without its movements and special looks, which Blender's importer cannot read")
    return True


def leave_out_looks(draft: Draft) -> bool:
    """Leave only the shape and its places."""
    for name in ("materials", "textures", "images", "samplers"):
        draft.root.pop(name, None)
    for node in objects(draft.root.get("nodes")):
        node.pop("extensions", None)
    for part in (part for mesh in objects(draft.root.get("meshes")) for part in objects(mesh.get("primitives"))):
        part.pop("material", None)
        if "extensions" not in part:
            part["attributes"] = {"POSITION": part["attributes"]["POSITION"]}
    draft.told[:] = ["without its materials, which Blender's importer cannot read"]
    return True


def _keep_only(entry: Json, names: Sequence[str], extensions: tuple[str, ...]) -> None:
    kept = {key: value for key, value in entry.items() if key in names}
    found = members(entry.get("extensions")).items()
    if used := {key: value for key, value in found if extensions and key.startswith(extensions)}:
        kept["extensions"] = used
    entry.clear()
    entry.update(kept)
