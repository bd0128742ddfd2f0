# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials and their textures: one that cannot be used is left out, and said, and the material does without it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, Final

from ..gltf.beside import Elsewhere, name_of
from ..gltf.document import Flaw, Json, listed, members, objects, reference, texture_slots
from ..gltf.draft import Draft
from ..pictures.header import measure

__all__ = ["drop_bad_textures"]

_MOST_TEXTURE_PX: Final = 1 << 28
"""16384 x 16384; beyond it the pixels alone take a gigabyte."""
_ALSO_READ: Final = re.compile(
    rb"BM|II\*\0|MM\0\*|DDS |8BPS|#\?R|v/1\x01|\x01\xda|....jP  \r\n|\xff\x4f\xff\x51"
    rb"|.[\0\1][\1\2\3\x09\x0a\x0b].{13}[\x08\x0f\x10\x18\x20]",
    re.DOTALL,
)
"""Beginnings of formats that glTF does not know and every Blender reads: BMP, TIFF, DDS, PSD, HDR, OpenEXR, Iris, JPEG
2000 and Targa, which has no signature but a header that makes sense."""
_IN_WORDS: Final = (
    (b"\xabKTX", "in the KTX2 format that Blender cannot read"),
    (b"GIF8", "a GIF and cannot be read"),
)
_SOURCES: Final = {
    "EXT_texture_webp": None,
    "KHR_texture_basisu": "in the KTX2 format that Blender cannot read",
    "EXT_texture_avif": "in the AVIF format that not every Blender can read",
    "MSFT_texture_dds": None,
}
"""Extensions that name another image for a texture, and why that image is of no use."""
_WITHOUT: Final[dict[str, Json]] = {
    # Where the texture would say how much there is of it in each place, there is none without it: a factor of 1 would
    # make all of it metal, light or glass.
    "metallicRoughnessTexture": {"metallicFactor": 0.0},
    "emissiveTexture": {"emissiveFactor": [0.0, 0.0, 0.0]},
    "transmissionTexture": {"transmissionFactor": 0.0},
    "diffuseTransmissionTexture": {"diffuseTransmissionFactor": 0.0},
    "thicknessTexture": {"thicknessFactor": 0.0},
    "clearcoatTexture": {"clearcoatFactor": 0.0},
    "sheenColorTexture": {"sheenColorFactor": [0.0, 0.0, 0.0]},
    "iridescenceTexture": {"iridescenceFactor": 0.0},
    "anisotropyTexture": {"anisotropyStrength": 0.0},
    "specularGlossinessTexture": {"specularFactor": [0.04, 0.04, 0.04], "glossinessFactor": 0.0},
}
_WORDS: Final = {
    "baseColorTexture": "base colour",
    "diffuseTexture": "base colour",
    "metallicRoughnessTexture": "metal and roughness",
    "normalTexture": "normal",
    "occlusionTexture": "occlusion",
    "emissiveTexture": "emission",
}


def drop_bad_textures(draft: Draft) -> bool:
    """Leave out textures that are missing, damaged or cannot be read; what refers to no material or sampler as well."""
    is_changed = _drop_lost_references(draft)
    used = _used_materials(draft.root)
    for number, material in enumerate(objects(draft.root.get("materials"))):
        for place, key in texture_slots(material):
            is_bad, was_mended = _judge(place[key], key, draft, is_used=number in used)
            is_changed |= is_bad or was_mended
            if is_bad:
                del place[key]
                place |= _WITHOUT.get(key, {})
    return is_changed


def _judge(slot: Any, key: str, draft: Draft, *, is_used: bool) -> tuple[bool, bool]:
    """Whether a slot's texture is of no use, which is told, and whether it was mended."""
    textures = objects(draft.root.get("textures"))
    try:
        number = reference(members(slot), "index", textures)
    except Flaw:
        _tell(draft, None, key, "missing", is_used=is_used)
        return True, False
    texture, why, image = textures[number], "missing", None
    for origin, reason in _origins(texture):
        images = objects(draft.root.get("images"))
        try:
            image = images[reference(origin, "source", images)]
        except Flaw:
            continue
        why = reason or _trouble(image, draft)
        if why is None:
            is_moved = texture.get("source") != origin["source"] and "source" in texture
            if origin is not texture:
                texture["source"] = origin["source"]
            return False, is_moved
    _tell(draft, image, key, why or "missing", is_used=is_used)
    return True, False


def _origins(texture: Json) -> Iterator[tuple[Json, str | None]]:
    """Where a texture's image may be named, as Blender looks for it, and why one is of no use."""
    if "source" in texture:
        yield texture, None
    extensions = members(texture.get("extensions"))
    for name, reason in _SOURCES.items():
        if name in extensions:
            yield members(extensions[name]), reason


def _trouble(image: Json, draft: Draft) -> str | None:
    """Why an image cannot be used; ``None`` for one that can.

    :raises TooMuch: there are too many images in one place.
    """
    place = ("picture", str(image.get("uri", image.get("bufferView"))))

    def look() -> str | None:
        try:
            return _trouble_with(draft.layout.picture(image))
        except Elsewhere:
            return "missing"
        except Flaw:
            return "damaged"

    cost_bytes = 0
    if "uri" not in image:
        try:
            cost_bytes = draft.layout.view(image, "bufferView").length
        except Flaw:
            return "damaged"
    return draft.budget.once(look, place, cost_bytes=cost_bytes)


def _trouble_with(data: memoryview) -> str | None:
    try:
        found = measure(io.BytesIO(data), size_bytes=len(data))
    except ValueError:
        return "cut short or damaged"
    if found is not None:
        if 0 < found.width_px * found.height_px <= _MOST_TEXTURE_PX:
            return None
        return f"of {found.width_px} x {found.height_px} pixels, which is more than can be used"
    for magic, reason in _IN_WORDS:
        if bytes(data[: len(magic)]) == magic:
            return reason
    if _ALSO_READ.match(data):
        return None
    return "damaged, or in a format that Blender cannot read" if data else "empty"


def _tell(draft: Draft, image: Json | None, key: str, why: str, *, is_used: bool) -> None:
    image = image or {}
    name = image.get("name") if isinstance(image.get("name"), str) else None
    name = name or name_of(image.get("uri"))
    words = _WORDS.get(key) or key.removesuffix("Texture")
    said = (
        f"without its texture {name[:80]}, which is {why}" if name else f"without its {words} texture, which is {why}"
    )
    if is_used and said not in draft.told:
        draft.told.append(said)


def _used_materials(root: Json) -> frozenset[int]:
    """The materials that any part of a mesh has, or may have as a variant."""
    used: set[int] = set()
    for part in (part for mesh in objects(root.get("meshes")) for part in objects(mesh.get("primitives"))):
        variants = members(members(part.get("extensions")).get("KHR_materials_variants"))
        for place in (part, *objects(variants.get("mappings"))):
            if type(place.get("material")) is int:
                used.add(place["material"])
    return frozenset(used)


def _drop_lost_references(draft: Draft) -> bool:
    """Drop what refers to a material or sampler that is not there: the default one is."""
    root, is_changed = draft.root, False
    parts = [part for mesh in objects(root.get("meshes")) for part in objects(mesh.get("primitives"))]
    for kind, name, places in (
        ("materials", "material", parts),
        ("samplers", "sampler", objects(root.get("textures"))),
    ):
        targets = listed(root, kind)
        for place in places:
            if name not in place:
                continue
            try:
                reference(place, name, targets)
            except Flaw:
                del place[name]
                is_changed = True
                said = "without a material, which is missing"
                if name == "material" and said not in draft.told:
                    draft.told.append(said)
    return is_changed
