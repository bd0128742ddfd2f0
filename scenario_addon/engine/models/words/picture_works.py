# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model that gives a picture does: told by its name, since no field of a record says it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

__all__ = ["PictureWork", "gives_pictures", "picture_work_of"]


class PictureWork(StrEnum):
    """What comes back, as artists call it; the order is that of a menu."""

    WORDS = "Picture from Words"
    BACKGROUND = "Remove Background"
    UPSCALE = "Upscale"
    CHANGE = "Change"


_GIVES_PICTURES: Final = re.compile(r"(^|_)(img|txt)2img(_|$)|^(in|out)paint(_|$)|^controlnet(_|$)|^reference(_|$)")
_FROM_WORDS: Final = re.compile(r"^txt2img(_|$)")
_SIGNS: Final[Sequence[tuple[PictureWork, re.Pattern[str]]]] = tuple(
    (work, re.compile(pattern, re.IGNORECASE))
    for work, pattern in (
        (PictureWork.BACKGROUND, r"background ?remov|remov\w* (the |a )?back ?ground|\brembg\b|cut ?out|matting"),
        (PictureWork.UPSCALE, r"up ?scal|super ?resolution|enhanc(e|er|ement)\b|enlarg|more pixels"),
    )
)


@lru_cache(maxsize=1024)
def picture_work_of(
    model_id: str, name: str, description: str = "", capabilities: frozenset[str] = frozenset()
) -> PictureWork:
    """Read what a model does from its name, its id and what is said of it. Quick enough for every redraw."""
    for text in (name, model_id, description):
        words = re.sub(r"[_\W]+", " ", text)
        if found := next((work for work, pattern in _SIGNS if pattern.search(words)), None):
            return found
    return PictureWork.WORDS if any(map(_FROM_WORDS.search, capabilities)) else PictureWork.CHANGE


def gives_pictures(capabilities: Collection[str]) -> bool:
    """Whether what comes of a model with these capabilities is a picture, made of another one or of words."""
    return any(map(_GIVES_PICTURES.search, capabilities))
