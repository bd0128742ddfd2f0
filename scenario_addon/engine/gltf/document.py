# SPDX-License-Identifier: GPL-3.0-or-later
"""glTF JSON: read at bounded cost, counted leniently, and checked for what an importer trips over or passes over.

Nothing here looks at geometry. Source: glTF 2.0 specification, and what Blender's own importer demands.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

__all__ = [
    "READABLE",
    "Flaw",
    "GltfInfo",
    "Json",
    "check_nodes",
    "check_readable",
    "check_references",
    "count",
    "entries",
    "integer",
    "members",
    "objects",
    "parse",
    "reference",
    "triangles",
    "used_images",
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
    "KHR_texture_basisu": "has textures in the KTX2 format, which Blender cannot read",
}
_MOST_VALUES: Final = 500_000
"""In the JSON. Python needs up to 100 bytes for each, however short the text: this bounds memory and time."""
_LARGEST: Final = 2**53
"""What every reader of JSON can count to."""
_TRIANGLES: Final = 4
_TRIANGLE_RUNS: Final = (5, 6)
_PBR_SLOTS: Final = ("normalTexture", "occlusionTexture", "emissiveTexture")
_TRANSFORMS: Final = (("matrix", 16), ("translation", 3), ("rotation", 4), ("scale", 3))


class Flaw(Exception):
    """Why a mesh cannot be used, as the rest of a sentence that begins with the file's name; without a full stop."""


@dataclass(frozen=True, slots=True)
class GltfInfo:
    triangles: int
    """In the meshes, instances counted once."""
    pbr_textures: int
    """Texture slots that materials fill: base colour, metallic-roughness, normal, occlusion, emission."""


def parse(text: bytes) -> Json:
    """Read the JSON.

    :raises Flaw: not a JSON object in UTF-8, or one of more parts than any mesh has.
    """
    if sum(map(text.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise Flaw("is damaged: its description has millions of parts")
    try:
        root = json.loads(str(text, "utf-8"), parse_constant=_refuse)
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


# -- checks


def check_readable(root: Json, readable: frozenset[str]) -> None:
    """Check that the reader knows what the file is written in.

    :raises Flaw: another version of glTF, or an extension that the reader lacks.
    """
    version = members(root.get("asset")).get("version")
    if version != "2.0":
        stated = version[:20] if isinstance(version, str) else "unknown"
        raise Flaw(f"is of glTF version {stated}; only 2.0 can be read")
    used, required = (root.get(name, []) for name in ("extensionsUsed", "extensionsRequired"))
    if not isinstance(used, list) or not isinstance(required, list):
        raise Flaw("is damaged: its list of extensions is none")
    for extension in cast(list[Any], required):
        if extension not in used:
            raise Flaw("is damaged: it requires an extension that it says it does not use")
        if not isinstance(extension, str) or extension not in readable:
            needs = f"needs the glTF extension {str(extension)[:60]}, which Blender cannot read"
            raise Flaw(_WORDS.get(str(extension), needs))


def check_nodes(root: Json, *, solid_meshes: frozenset[int]) -> None:
    """Check that the nodes are trees of sound transforms and show a mesh.

    :param solid_meshes: which meshes have triangles.
    :raises Flaw: they are not, or nothing would be seen.
    """
    nodes = entries(root, "nodes")
    children = [_references(node, "children", nodes) for node in nodes]
    is_child = [False] * len(nodes)
    for child in (child for own in children for child in own):
        if is_child[child]:
            raise Flaw("is damaged: one of its nodes hangs from two others")
        is_child[child] = True
    reached = [index for index in range(len(nodes)) if not is_child[index]]
    for index in reached:  # grows on the way
        reached.extend(children[index])
    if len(reached) < len(nodes):
        raise Flaw("is damaged: its nodes hang from each other in a circle")
    for scene in entries(root, "scenes"):
        _references(scene, "nodes", nodes)
    for node in nodes:
        _check_transform(node)
    meshes = entries(root, "meshes")
    shown = {reference(node, "mesh", meshes) for node in nodes if "mesh" in node}
    if not shown & solid_meshes:
        raise Flaw("is not a mesh: there are no triangles in it")


def check_references(root: Json) -> None:
    """Check that the materials and samplers are there that are referred to.

    :raises Flaw: one is not.
    """
    materials, samplers = entries(root, "materials"), entries(root, "samplers")
    for primitive in (part for mesh in entries(root, "meshes") for part in entries(mesh, "primitives")):
        if "material" in primitive:
            reference(primitive, "material", materials)
    for texture in entries(root, "textures"):
        if "sampler" in texture:
            reference(texture, "sampler", samplers)


def used_images(root: Json) -> frozenset[int]:
    """The images that Blender will look for.

    :raises Flaw: a reference into nothing, or a texture that comes only in a format Blender cannot read.
    """
    images, textures = entries(root, "images"), entries(root, "textures")
    used: set[int] = set()
    for slot in (slot for material in entries(root, "materials") for slot in _slots(material)):
        texture = textures[reference(members(slot), "index", textures)]
        extensions = members(texture.get("extensions"))
        webp = members(extensions.get("EXT_texture_webp"))
        found = [reference(origin, "source", images) for origin in (texture, webp) if "source" in origin]
        if not found and extensions:
            raise Flaw(_WORDS.get(min(extensions), "has textures in a format that Blender cannot read"))
        used.update(found)
    return frozenset(used)


def _references(parent: Json, name: str, targets: Sequence[Any]) -> list[int]:
    found = parent.get(name, [])
    if not isinstance(found, list):
        raise Flaw(f"is damaged: {name} is not a list")
    return [reference({name: index}, name, targets) for index in cast(list[Any], found)]


def _check_transform(node: Json) -> None:
    for name, length in _TRANSFORMS:
        numbers = node.get(name)
        if numbers is not None and not (isinstance(numbers, list) and _are_finite(cast(list[Any], numbers), length)):
            raise Flaw(f"is damaged: the {name} of a node is not {length} numbers")


def _are_finite(numbers: list[Any], length: int) -> bool:
    try:
        return len(numbers) == length and all(type(n) in (int, float) and math.isfinite(n) for n in numbers)
    except OverflowError:  # an int beyond all floats
        return False


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


def _list(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def objects(value: Any) -> list[Json]:
    """A list's entries, with an empty object for whatever is not one, so that indices stay right."""
    return [members(item) for item in _list(value)]


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
