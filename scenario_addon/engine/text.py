# SPDX-License-Identifier: GPL-3.0-or-later
"""Amounts, times and other people's words, for people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from itertools import accumulate
from typing import Final

__all__ = [
    "COMES",
    "ago",
    "amount",
    "cells",
    "clean",
    "duration",
    "fitted",
    "grouped",
    "lacking",
    "legible",
    "sentences",
    "shortened",
    "thousands",
]

COMES: Final = "The mesh comes"
"""How it is said of a file what it lacks, see :func:`lacking`."""
_LISTED: Final = 500
"""Characters of a text in a list."""
_NAMED: Final = 3
"""So many flaws are told one by one."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode's categories of what controls, turns or hides the text around it, or means nothing."""
_WIDE: Final = frozenset("WF")
"""East Asian letters and emoji take the place of two others."""
_WITHOUT_WIDTH: Final = frozenset({"Mn", "Me", "Cf"})
"""What is drawn over the letter before it, or not at all."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Cannot be seen, but some scripts and emoji are written with them."""
_ENDED: Final = re.compile(r"[.!?\u2026\u3002\uff01\uff1f][\"'\u201d\u2019\u00bb)\]]*$")
"""A full stop or another end, also those of Chinese and Japanese, and what may close behind it."""
_CUT: Final = "…"
_CENT: Final = Decimal("0.01")


def amount(cost_cu: Decimal) -> str:
    """``20 CU``, ``7.25 CU``: Compute Units, without idle zeros."""
    return f"{cost_cu.normalize():f} CU"


def grouped(cost_cu: Decimal) -> str:
    """``1,240``, ``7.25``: the same without the unit, in groups of thousands, not more than there is."""
    whole_cents = cost_cu.quantize(_CENT, ROUND_DOWN)
    return f"{whole_cents.normalize():,f}"


def duration(seconds: float) -> str:
    """``50 s``, ``2 min``, ``1 h 5 min``: as exact as an estimate deserves."""
    if seconds < 90:
        seconds = max(1, round(seconds))
        return f"{seconds} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    return f"{minutes} min" if minutes < 90 else f"{hours} h {rest} min"


def ago(seconds: float) -> str:
    """``just now``, ``2 min ago``, ``3 h ago``, ``5 days ago``."""
    if seconds < 60:
        return "just now"
    days, hours, minutes = (int(seconds // size_s) for size_s in (86400, 3600, 60))
    if days:
        return f"{days} days ago" if days != 1 else "1 day ago"
    return f"{hours} h ago" if hours else f"{minutes} min ago"


def thousands(count: int) -> str:
    """``812``, ``40k``, ``1.2M``: as large as it is, roughly."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.0f}k" if count < 999_500 else f"{count / 1e6:.1f}M"


def clean(text: str, *, longest: int) -> str:
    """Somebody else's text on one line: nothing in it controls a terminal, turns its direction or cannot be seen.

    :param longest: characters; what is longer ends with an ellipsis.
    """
    # What is thrown away is not looked at either: a text may have megabytes.
    words = " ".join(text[: 4 * longest].split())
    seen = "".join(char for char in words if char == " " or unicodedata.category(char) not in _UNSEEN)
    return _cut(" ".join(seen.split()), longest)


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def fitted(text: str, most: int) -> str:
    """As much of the beginning of a text as so many columns of a terminal have room for."""
    if len(text) <= most and text.isascii():
        return text
    taken = accumulate(map(_cells, text))
    return "".join(char for char, end in zip(text, taken, strict=True) if end <= most)


def legible(name: str) -> str:
    """Somebody else's name, to be kept and referred to: as it is, but for what may deceive."""
    return "".join(
        char for char in name if char in _JOINERS or unicodedata.category(char) not in (*_UNSEEN, "Zl", "Zp")
    )


def shortened(text: str) -> str:
    """A text as a list shows it."""
    return _cut(text, _LISTED)


def sentences(*parts: str | None) -> str:
    """Join texts, such as an error and a hint, so that each ends before the next one begins. Empty ones are skipped."""
    texts = [text for part in parts if part and (text := part.strip())]
    ended = [text if _ENDED.search(text) else f"{text.rstrip(',;:')}." for text in texts[:-1]]
    return " ".join([*ended, *texts[-1:]])


def lacking(subject: str, flaws: Sequence[str]) -> str:
    """Say what a mesh is without: "chair.glb comes without its texture base.png, which is missing."; "" for nothing.

    :param flaws: phrases that begin with "without".
    """
    named = [clean(flaw, longest=_LISTED) for flaw in flaws[:_NAMED]]
    more = len(flaws) - len(named)
    phrases = [*named, *([f"without {more} more of its parts"] if more else [])]
    return f"{subject} {', and '.join(phrases)}." if phrases else ""


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - len(_CUT)].rstrip() + _CUT


def _cells(char: str) -> int:
    if unicodedata.category(char) in _WITHOUT_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1
