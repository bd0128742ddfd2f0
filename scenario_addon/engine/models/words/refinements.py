# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model does to the mesh that it is given: told by its name, since no field of a record says it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

__all__ = ["Refinement", "refinement_of"]


class Refinement(StrEnum):
    """What comes back, as artists call it; the order is that of a menu."""

    RETOPOLOGY = "Retopology"
    UVS = "UVs"
    TEXTURE = "Texture"
    PARTS = "Parts"
    RIG = "Rig"
    ANIMATION = "Animation"
    OTHER = "Other"


_SIGNS: Final[Sequence[tuple[Refinement, re.Pattern[str]]]] = tuple(
    (refinement, re.compile(pattern, re.IGNORECASE))
    for refinement, pattern in (
        (Refinement.UVS, r"\buvs?\b|unwrap"),
        (Refinement.RIG, r"\b(auto)?-?rig(ging|ged|s|ger)?\b|skelet(on|al)|\bskinning\b"),
        (Refinement.ANIMATION, r"\banimat(ion|e|ing)|\bmotion\b"),
        (Refinement.PARTS, r"segment(ation|s|ed)?\b|\bparts?\b|\bsplit(ting|s)?\b|\bbang\b|partition"),
        (Refinement.RETOPOLOGY, r"retopo|remesh|topology|\bquads?\b|decimat|simplif|low[ -]?poly"),
        (Refinement.TEXTURE, r"textur|styli[sz]|multi-?colou?r|\bpaint|material"),
    )
)


@lru_cache(maxsize=1024)
def refinement_of(model_id: str, name: str, description: str = "") -> Refinement:
    """Read what a model does from its name, else its id, else what is said of it. Quick enough for every redraw."""
    for text in (name, model_id, description):
        words = re.sub(r"[_\W]+", " ", text)
        found = [(sign.start(), kind) for kind, pattern in _SIGNS if (sign := pattern.search(words))]
        if found and text is not description:
            return next(kind for kind, _ in _SIGNS if kind in {kind for _, kind in found})
        if found:  # a sentence begins with what matters: "Retopologizes a mesh and keeps its texture"
            return min(found, key=lambda place: place[0])[1]
    return Refinement.OTHER
