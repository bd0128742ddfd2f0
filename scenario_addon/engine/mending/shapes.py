# SPDX-License-Identifier: GPL-3.0-or-later
"""What kind of value each place of a glTF holds: readers check that everywhere, also in parts that nobody uses.

Source: glTF 2.0 specification, JSON schema.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from ..gltf.document import Json, listed, members
from ..gltf.draft import Draft

__all__ = ["conform"]

_Fits = Callable[[Any], bool]


def _of(*kinds: type) -> _Fits:
    return lambda value: type(value) in kinds


def _all(fits: _Fits) -> _Fits:
    return lambda value: isinstance(value, list) and all(map(fits, cast(list[Any], value)))


def _values(fits: _Fits) -> _Fits:
    return lambda value: isinstance(value, dict) and all(map(fits, cast(Json, value).values()))


_WHOLE, _NUMBER, _TEXT, _FLAG, _OBJECT = _of(int), _of(int, float), _of(str), _of(bool), _of(dict)
_TEXTURE: Final[_Fits] = lambda value: isinstance(value, dict) and _WHOLE(cast(Json, value).get("index"))  # noqa: E731
_PART: Final[_Fits] = lambda value: (  # noqa: E731
    isinstance(value, dict) and _values(_WHOLE)(cast(Json, value).get("attributes"))
)

_EVERYWHERE: Final[dict[str, _Fits]] = {"name": _TEXT, "extensions": _values(_OBJECT)}
_KINDS: Final[dict[str, dict[str, _Fits]]] = {
    "accessors": {
        **dict.fromkeys(("bufferView", "byteOffset", "componentType", "count"), _WHOLE),
        **dict.fromkeys(("min", "max"), _all(_NUMBER)),
        "normalized": _FLAG,
        "sparse": _OBJECT,
        "type": _TEXT,
    },
    "animations": {"channels": _all(_OBJECT), "samplers": _all(_OBJECT)},
    "buffers": {"byteLength": _WHOLE, "uri": _TEXT},
    "bufferViews": dict.fromkeys(("buffer", "byteLength", "byteOffset", "byteStride", "target"), _WHOLE),
    "cameras": {"type": _TEXT, "perspective": _OBJECT, "orthographic": _OBJECT},
    "images": {"uri": _TEXT, "mimeType": _TEXT, "bufferView": _WHOLE},
    "materials": {
        **dict.fromkeys(("normalTexture", "occlusionTexture", "emissiveTexture"), _TEXTURE),
        "alphaCutoff": _NUMBER,
        "alphaMode": _TEXT,
        "doubleSided": _FLAG,
        "emissiveFactor": _all(_NUMBER),
        "pbrMetallicRoughness": _OBJECT,
    },
    "meshes": {"primitives": _all(_PART), "weights": _all(_NUMBER)},
    "nodes": {
        **dict.fromkeys(("camera", "mesh", "skin"), _WHOLE),
        **dict.fromkeys(("matrix", "translation", "rotation", "scale", "weights"), _all(_NUMBER)),
        "children": _all(_WHOLE),
    },
    "samplers": dict.fromkeys(("magFilter", "minFilter", "wrapS", "wrapT"), _WHOLE),
    "scenes": {"nodes": _all(_WHOLE)},
    "skins": {"joints": _all(_WHOLE), "skeleton": _WHOLE, "inverseBindMatrices": _WHOLE},
    "textures": {"sampler": _WHOLE, "source": _WHOLE},
}
_NEEDED: Final[dict[str, Json]] = {
    "accessors": {"componentType": 5126, "count": 0, "type": "SCALAR"},
    "animations": {"channels": [], "samplers": []},
    "buffers": {"byteLength": 0},
    "bufferViews": {"buffer": 0, "byteLength": 0},
    "cameras": {"type": "perspective"},
    "meshes": {"primitives": []},
    "skins": {"joints": []},
}
"""What has to be there in each entry, as in one that is nothing."""
_PBR: Final[dict[str, _Fits]] = {
    **dict.fromkeys(("baseColorTexture", "metallicRoughnessTexture"), _TEXTURE),
    "baseColorFactor": _all(_NUMBER),
    "metallicFactor": _NUMBER,
    "roughnessFactor": _NUMBER,
}


def conform(draft: Draft) -> bool:
    """Take away what is of another kind than it should be; says whether there was anything.

    What is used has been checked before: this is about names, remarks and parts that nobody uses.
    """
    root = draft.root
    is_changed = _conform(root, dict.fromkeys(_KINDS, _of(list)) | {"scene": _WHOLE, "extensions": _values(_OBJECT)})
    is_changed |= _conform(root, dict.fromkeys(("extensionsUsed", "extensionsRequired"), _all(_TEXT)))
    for kind, fields in _KINDS.items():
        found = listed(root, kind)
        for number, entry in enumerate(found):
            if not isinstance(entry, dict):
                found[number] = dict(_NEEDED.get(kind, {}))
                is_changed = True
                continue
            is_changed |= _conform(cast(Json, entry), fields | _EVERYWHERE)
            if kind == "materials":
                is_changed |= _conform(members(cast(Json, entry).get("pbrMetallicRoughness")), _PBR | _EVERYWHERE)
            is_changed |= _complete(cast(Json, entry), _NEEDED.get(kind, {}))
    return is_changed


def _conform(entry: Json, fields: dict[str, _Fits]) -> bool:
    bad = [name for name, fits in fields.items() if name in entry and entry[name] is not None and not fits(entry[name])]
    for name in bad:
        del entry[name]
    return bool(bad)


def _complete(entry: Json, needed: Json) -> bool:
    """Fill in what an importer will not do without; an entry that lacks it is nobody's."""
    missing = {name: value for name, value in needed.items() if entry.get(name) is None}
    entry |= missing
    return bool(missing)
