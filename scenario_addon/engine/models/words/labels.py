# SPDX-License-Identifier: GPL-3.0-or-later
"""Names as a person reads them, of names as a program spells them: ``generateUvs`` -> ``Generate UVs``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...text import clean

__all__ = ["apart", "fuller", "is_raw", "label_of", "labels_of_values", "title"]

_LONGEST: Final = 200
_SPELT: Final = (
    *("3D", "2D", "4D", "AI", "AO", "API", "AR", "BVH", "CFG", "CPU", "CU", "DPI", "EXR", "FBX", "FK", "FPS", "GLB"),
    *("glTF", "GPU", "HD", "HDR", "HDRI", "ID", "IDs", "IK", "IOR", "IP", "JPEG", "JPG", "JSON", "LLM", "LOD", "LODs"),
    *("LoRA", "LoRAs", "MTL", "NSFW", "OBJ", "ORM", "PBR", "PLY", "PNG", "RGB", "RGBA", "SD", "SDF", "SLAT", "STL"),
    *("SVG", "UHD", "UI", "URL", "USD", "USDZ", "UV", "UVs", "VFX", "VR", "VRAM", "WebP", "XML", "XYZ", "ZIP"),
)
"""Words that are not written as others are."""
_WORDS: Final = {
    **{word.lower(): word for word in _SPELT},
    "bg": "Background", "desc": "Description", "img": "Image", "lowpoly": "Low Poly", "highpoly": "High Poly",
    "neg": "Negative", "ref": "Reference", "tex": "Texture", "txt": "Text", "vid": "Video",
}  # fmt: skip
_SMALL: Final = frozenset({"and", "by", "for", "from", "in", "of", "or", "per", "the", "to", "with"})
_POSE: Final = re.compile(r"\b(TA|AT|[TA]) Pose\b", re.IGNORECASE)
_SIZE: Final = re.compile(r"\d+(\.\d+)?[kdx]", re.IGNORECASE)
"""``4k``, ``3d``, ``2x``."""
_BOUNDARY: Final = re.compile(
    r"""
    [\s_-]+                                    # snake_case, kebab-case
    | (?<=[a-z])(?=[A-Z])                      # faceCount; not within UVs
    | (?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s(?![a-z]))  # PBRMaps
    | (?<=\d)(?=[A-Z][a-z])                    # 4Views
    | (?<=[A-Za-z]{2})(?=\d)                   # texture4k; not v2
    | (?<=\d)(?=[a-z]{3})                      # 1536pro
    """,
    re.VERBOSE,
)
_TO_3D: Final = re.compile(r"(?<=[a-z])2(?=(3d|img|txt)\b)", re.IGNORECASE)
"""``img23d``: the figure stands for a word."""
_CODED: Final = re.compile(r"\w*_\w*|[a-z]+[A-Z]\w*", re.ASCII)
"""A name that nobody writes who writes words."""


def title(name: str) -> str:
    """``targetFaceNum`` -> ``Target Face Count``; a name of words is left as it is but for its capitals."""
    text = _TO_3D.sub("_to_", name)
    is_loud = not any(char.islower() for char in text)
    words = [_word(word, is_loud=is_loud) for word in _BOUNDARY.split(text) if word]
    words = _counted(words)
    inner = [word.lower() if word.lower() in _SMALL else word for word in words[1:-1]]
    joined = " ".join([*words[:1], *inner, *words[1:][-1:]])
    return _POSE.sub(lambda match: f"{'/'.join(match[1].upper())}-Pose", joined)


def _word(word: str, *, is_loud: bool) -> str:
    """One word; one in capitals is no acronym where all of the name is."""
    known = _WORDS.get(word.lower())
    if known or _SIZE.fullmatch(word):
        return known or word.upper().replace("X", "x")
    if is_loud and len(word) > 1 and any(char in "AEIOUY" for char in word):
        return word.capitalize()
    return word[:1].upper() + word[1:]


def _counted(words: list[str]) -> list[str]:
    """``Face Num`` -> ``Face Count``, ``Num Images`` -> ``Number of Images``, ``Max Num Tokens`` -> ``Max Tokens``."""
    if len(words) < 2:
        return words
    last = ["Count"] if words[-1] == "Num" else words[-1:]
    first = ["Number", "of"] if words[0] == "Num" else words[:1]
    return [*first, *(word for word in words[1:-1] if word != "Num"), *last]


def is_raw(label: str, name: str) -> bool:
    """Whether a label says nothing but the name in another spelling, or is itself a name as a program spells it."""
    return not label.strip() or _squashed(label) == _squashed(name) != "" or _CODED.fullmatch(label.strip()) is not None


def _squashed(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def label_of(name: str, label: str | None, known: str | None = None, *, otherwise: str = "Unnamed") -> str:
    """What an input or a value is called.

    :param label: the service's; better than anything else where it says more than the name.
    :param known: what it is called in the record that ships with this.
    :param otherwise: for a name in which nothing can be read.
    """
    if label and not is_raw(label, name):
        return label
    coded = clean(label if label and _squashed(label) != _squashed(name) else name, longest=_LONGEST)
    return known or title(coded) or coded or otherwise


def labels_of_values(values: Sequence[Any], labels: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    """What the values of a choice are called, no two the same; an empty one stands for none of the others.

    :param labels: the service's, by the value as text.
    :param known: those of the record that ships with this.
    """
    names = [str(value) for value in values]
    found: list[str] = []
    for name in names:
        told = [clean(str(text), longest=_LONGEST) if text else None for text in (labels.get(name), known.get(name))]
        found.append(label_of(name, *told, otherwise="None"))
    return apart(found, names)


def fuller(text: str, known: str) -> str:
    """The one of two explanations that says more; the first where that is not clear."""
    return known if len(known.split()) > len(text.split()) else text


def apart(labels: Sequence[str], names: Sequence[str]) -> list[str]:
    """Labels of which no two read the same: those that did are told apart by their names.

    :param names: of which no two are the same.
    """
    seen = Counter(map(str.casefold, labels))
    titles = [title(name) for name in names]
    said = Counter(map(str.casefold, [*titles, *labels]))
    found: list[str] = []
    for label, name, own in zip(labels, names, titles, strict=True):
        is_free = own and said[own.casefold()] == 1
        alone = seen[label.casefold()] == 1
        found.append(label if alone else own if is_free else f"{label} ({clean(name, longest=_LONGEST)})")
    return found
