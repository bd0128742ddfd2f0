# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a line may end: at spaces, and between the characters of Japanese and Chinese, which are written without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["units"]

_SPACES: Final = re.compile(r"[ \t\r\n]+")
_CHARACTERS: Final = r"\u3041-\u30fa\u3400-\u9fff\uf900-\ufaff"
"""Kana and Chinese characters."""
_MARKS: Final = r"\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff01\uff1f\u30fc\u300d\u300f\u3011\uff09"
"""What belongs to the character before it."""
_SMALL: Final = (
    r"\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7"
)
_NO_BEGIN: Final = rf"[{_MARKS}{_SMALL}\)\]\",.:;!?%]"
_NO_END: Final = r"[\u300c\u300e\u3010\uff08\(\[\"]"
_BREAKS: Final = re.compile(
    rf"(?<=[{_CHARACTERS}{_MARKS}])(?!{_NO_BEGIN})|(?<!{_NO_END})(?!{_NO_BEGIN})(?=[{_CHARACTERS}])"
)


def units(text: str) -> Iterator[tuple[str, str]]:
    """What stays on one line, each with what stands before it where that is the same line: a space, or nothing."""
    for word in filter(None, _SPACES.split(text)):
        for number, unit in enumerate(filter(None, _BREAKS.split(word))):
            yield unit, "" if number else " "
