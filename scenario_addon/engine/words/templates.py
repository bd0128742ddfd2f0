# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts with places for values: which of them a sentence was made from, and what its values are. Any thread."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

__all__ = ["Match", "Templates", "has_places"]

_PLACE: Final = re.compile(r"\{([a-z_]+\d*)\}")


_AMOUNT: Final = r"-?\d[\d.,]*(?: CU)?"
"""Of Compute Units, which what stands before it could go on into otherwise."""
_NUMBER: Final = r"\d[\d.,]*"
_COUNTED: Final = frozenset({"count", "minutes", "hours", "seconds"})
"""Places for numbers of things."""
_HINT: Final = r"(?: \(.*\)|, use .*)?"
"""What follows a name or a value where there is something to say."""
_FEW: Final = 8
"""Letters: a template with fewer of its own says little, so that any text could have been made from it."""


def has_places(text: str) -> bool:
    """Whether values are put into a text."""
    return _PLACE.search(text) is not None


@dataclass(frozen=True, slots=True)
class Match:
    """A sentence that is understood."""

    template: str
    values: Mapping[str, str]
    """By the name of the place."""
    letters: int
    """How many of the sentence are the template's own."""

    @property
    def is_weak(self) -> bool:
        """Whether it may well be a coincidence."""
        return self.letters < _FEW


class _Pattern:
    def __init__(self, template: str) -> None:
        self.template = template
        self.names = tuple(_PLACE.findall(template))
        self._said = _PLACE.split(template)[::2]
        self.letters = sum(map(str.isalpha, "".join(self._said)))
        """How many are the same whatever the values are."""

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """Made when it is needed first: that of all of them takes as long as a dozen pictures of a film."""
        first, *others = self._said
        # Of two places side by side the second may be empty: a hint that is not always there.
        places = (
            _AMOUNT if name.endswith("_cu") else _NUMBER if name in _COUNTED else _HINT if name == "hint" else ".+?"
            for name in self.names
        )
        places = (
            ".*?" if number and not self._said[number] and place != _HINT else place
            for number, place in enumerate(places)
        )
        parts = (f"({place}){re.escape(text)}" for place, text in zip(places, others, strict=True))
        return re.compile(re.escape(first) + "".join(parts), re.DOTALL)


class Templates:
    """Finds the template of a sentence without trying each: by the rarest of the words that it must have."""

    def __init__(self, texts: Iterable[str]) -> None:
        """:param texts: those without a place for a value are passed over."""
        templates = {text: _whole_words(text) for text in texts if has_places(text)}
        often = Counter(word for words in templates.values() for word in words)
        self._by_word: dict[str, list[_Pattern]] = {}
        self._others: list[_Pattern] = []
        for text, words in templates.items():
            row = self._by_word.setdefault(min(words, key=lambda w: (often[w], w)), []) if words else self._others
            row.append(_Pattern(text))

    def matches(self, text: str) -> Iterator[Match]:
        """Every template that gives this text with some values, in no order."""
        rows = [self._by_word[word] for word in {*text.split()} if word in self._by_word]
        for pattern in (pattern for row in (*rows, self._others) for pattern in row):
            if found := pattern.expression.fullmatch(text):
                values = dict(zip(pattern.names, found.groups(), strict=True))
                yield Match(pattern.template, values, pattern.letters)


def _whole_words(template: str) -> set[str]:
    """The words that no value can touch: what stands between two spaces."""
    return {word for word in template.split() if not _PLACE.search(word)}
