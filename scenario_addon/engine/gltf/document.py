# SPDX-License-Identifier: GPL-3.0-or-later
"""glTF JSON: read at bounded cost, counted leniently, and checked for what an importer trips over or passes over.

Nothing here looks at geometry. Source: glTF 2.0 specification, and what Blender's own importer demands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

__all__ = [
    "READABLE",
    "Flaw",
    "GltfInfo",
    "Json",
    "TooMuch",
    "count",
    "entries",
    "integer",
    "listed",
    "members",
    "objects",
    "parse",
    "reference",
    "references",
    "settle_extensions",
    "settle_version",
    "texture_slots",
    "triangles",
]

Json = dict[str, Any]

READABLE: Final = frozenset(
    {
        "EXT_mesh_gpu_instancing",
        "EXT_texture_webp",
        "KHR_animation_pointer",
        "KHR_draco_mesh_compression",
        "KHR_lights_punctual",
        "KHR_materials_anisotropy",
        "KHR_materials_clearcoat",
        "KHR_materials_emissive_strength",
        "KHR_materials_ior",
        "KHR_materials_pbrSpecularGlossiness",
        "KHR_materials_sheen",
        "KHR_materials_specular",
        "KHR_materials_transmission",
        "KHR_materials_unlit",
        "KHR_materials_variants",
        "KHR_materials_volume",
        "KHR_mesh_quantization",
        "KHR_texture_transform",
    }
)
"""Extensions a file may require: what the importers of all supported Blenders take, official builds being assumed."""

_WORDS: Final = {
    "EXT_meshopt_compression": "is compressed with meshopt, which takes Blender 5.2 or newer with meshopt's library",
    "KHR_meshopt_compression": "is compressed with meshopt, which takes Blender 5.2 or newer with meshopt's library",
    "KHR_draco_mesh_compression": "is compressed with Draco, and this Blender comes without Draco's library",
}
_LOOKS: Final = (
    "KHR_materials_",
    "KHR_texture_",
    "EXT_texture_",
    "MSFT_texture_",
    "KHR_lights_",
    "EXT_lights_",
    "KHR_xmp",
)
"""Beginnings of extensions that a mesh is a mesh without: only looks, light and words depend on them."""
_VERSION_2: Final = re.compile(r"2(\.\d{1,3})?")
_MOST_VALUES: Final = 500_000
"""In the JSON. Python needs up to 100 bytes for each, however short the text: this bounds memory and time."""
_LARGEST: Final = 2**53
"""What every reader of JSON can count to."""
_TRIANGLES: Final = 4
_TRIANGLE_RUNS: Final = (5, 6)
_PBR_SLOTS: Final = ("normalTexture", "occlusionTexture", "emissiveTexture")


class Flaw(Exception):
    """Why a mesh cannot be used, as the rest of a sentence that begins with the file's name; without a full stop."""


class TooMuch(Flaw):
    """It would take more than its size allows: there is no going on without the part."""


@dataclass(frozen=True, slots=True)
class GltfInfo:
    triangles: int
    """In the meshes, instances counted once."""
    pbr_textures: int
    """Texture slots that materials fill: base colour, metallic-roughness, normal, occlusion, emission."""
    flaws: tuple[str, ...] = ()
    """What it should have and has not, as phrases: "without its texture base.png, which is missing"."""


def parse(text: bytes) -> Json:
    """Read the JSON.

    :raises Flaw: not a JSON object in UTF-8, or one of more parts than any mesh has.
    """
    if sum(map(text.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise Flaw("is damaged: its description has millions of parts")
    try:
        root = json.loads(str(text, "utf-8-sig").rstrip(" \t\r\n\0"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Flaw("is damaged: its glTF JSON cannot be read") from None
    if not isinstance(root, dict):
        raise Flaw("is damaged: its glTF JSON is not an object")
    return cast(Json, root)


def count(root: Json) -> GltfInfo:
    """Count what it promises to hold. Never fails: whatever makes no sense counts as nothing."""
    accessors = objects(root.get("accessors"))
    primitives = [p for mesh in objects(root.get("meshes")) for p in objects(mesh.get("primitives"))]
    return GltfInfo(
        triangles=sum(_promised_triangles(primitive, accessors) for primitive in primitives),
        pbr_textures=sum(len(_slots(material)) for material in objects(root.get("materials"))),
    )


def triangles(corners: int, mode: Any) -> int:
    """How many triangles so many corners make in a primitive of a mode."""
    return corners // 3 if mode == _TRIANGLES else max(0, corners - 2) if mode in _TRIANGLE_RUNS else 0


def members(value: Any) -> Json:
    """An object; an empty one for whatever is none."""
    return cast(Json, value) if isinstance(value, dict) else {}


# -- strict access: what is there has to be right


def entries(parent: Json, name: str) -> list[Json]:
    """A list of objects; empty where there is none."""
    found = parent.get(name, [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in cast(list[Any], found)):
        raise Flaw(f"is damaged: {name} is not a list of objects")
    return cast(list[Json], found)


def integer(parent: Json, name: str, default: int | None = None, *, least: int = 0) -> int:
    """A whole number, required where no default is given."""
    value = parent.get(name, default)
    if type(value) is not int or not least <= value <= _LARGEST:
        raise Flaw(f"is damaged: {name} is not a number from {least} on")
    return value


def reference(parent: Json, name: str, targets: Sequence[Any]) -> int:
    """The index of one of the targets."""
    index = integer(parent, name)
    if index >= len(targets):
        raise Flaw(f"is damaged: {name} refers to number {index} of {len(targets)}")
    return index


def references(parent: Json, name: str, targets: Sequence[Any]) -> list[int]:
    """The indices of some of the targets; none where there is no list."""
    found = parent.get(name, [])
    if not isinstance(found, list):
        raise Flaw(f"is damaged: {name} is not a list")
    return [reference({name: index}, name, targets) for index in cast(list[Any], found)]


# -- what it is written in


def settle_version(root: Json) -> bool:
    """Have a file of any glTF 2 that 2.0 can be read from say so; says whether it did not.

    :raises Flaw: another version of glTF.
    """
    asset = members(root.get("asset"))
    if asset.get("version") == "2.0":
        return False
    least, version = (str(asset.get(name, "2.0")) for name in ("minVersion", "version"))
    if not _VERSION_2.fullmatch(version) or least not in ("2", "2.0") or "version" not in asset:
        stated = version[:20] if isinstance(asset.get("version"), str) else "unknown"
        raise Flaw(f"is of glTF version {stated}; only 2.0 can be read")
    asset["version"] = "2.0"
    return True


def settle_extensions(root: Json, readable: frozenset[str], told: list[str]) -> bool:
    """Have a file require only what the reader knows, and use what it requires; says whether it did not.

    :param told: gets what the mesh is without.
    :raises Flaw: without an extension that the reader lacks there is no mesh.
    """
    used, required = (root.get(name, []) for name in ("extensionsUsed", "extensionsRequired"))
    if not isinstance(used, list) or not isinstance(required, list):
        raise Flaw("is damaged: its list of extensions is none")
    known, needed, kept = cast(list[Any], used), cast(list[Any], required), list[str]()
    for extension in needed:
        if not isinstance(extension, str) or not (extension in readable or extension.startswith(_LOOKS)):
            needs = f"needs the glTF extension {str(extension)[:60]}, which Blender cannot read"
            raise Flaw(_WORDS.get(str(extension), needs))
        if extension in readable:
            kept.append(extension)
        elif extension.startswith("KHR_materials_"):
            told.append(f"without the look that the glTF extension {extension[:60]} describes")
    missing = [extension for extension in kept if extension not in known]
    if missing:
        root["extensionsUsed"] = [*known, *missing]
    if len(kept) != len(needed):
        root["extensionsRequired"] = kept
    return bool(missing) or len(kept) != len(needed)


# -- lenient access


def _promised_triangles(primitive: Json, accessors: list[Json]) -> int:
    index = primitive.get("indices", members(primitive.get("attributes")).get("POSITION"))
    corners = accessors[index].get("count") if isinstance(index, int) and 0 <= index < len(accessors) else 0
    return triangles(corners if isinstance(corners, int) and corners > 0 else 0, primitive.get("mode", _TRIANGLES))


def _slots(material: Json) -> list[Any]:
    """What the texture slots hold."""
    pbr = members(material.get("pbrMetallicRoughness"))
    inner = [pbr[name] for name in ("baseColorTexture", "metallicRoughnessTexture") if name in pbr]
    return inner + [material[name] for name in _PBR_SLOTS if name in material]


def texture_slots(material: Json) -> Iterator[tuple[Json, str]]:
    """Where a material refers to textures, standard or by an extension: the object that does, and its key for it."""
    places = [material, members(material.get("pbrMetallicRoughness"))]
    places += map(members, members(material.get("extensions")).values())
    yield from ((place, key) for place in places for key in list(place) if key.endswith("Texture"))


def listed(parent: Json, name: str) -> list[Any]:
    """A list as it is; an empty one for whatever is none."""
    return _list(parent.get(name))


def _list(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def objects(value: Any) -> list[Json]:
    """A list's entries, with an empty object for whatever is not one, so that indices stay right."""
    return [members(item) for item in _list(value)]


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
