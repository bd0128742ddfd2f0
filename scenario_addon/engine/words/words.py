# SPDX-License-Identifier: GPL-3.0-or-later
"""One language: gives a sentence in it, whether it stands in the catalogue as it is or was made from several texts.

Sentences arrive as they were told to somebody, with their values in them. What is not known stays as it is: other
people's words, names, paths. A value is translated only where its place is one for a phrase (:data:`PHRASES`,
:data:`LISTS`), so that a file called "Mesh" keeps its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from .templates import Match, Templates, has_places

__all__ = ["LISTS", "LOCALES", "PHRASES", "Words", "of_locale"]

LOCALES: Final = ("de_DE", "es", "fr_FR", "ja_JP", "zh_HANS")
"""As Blender calls them. Whatever else it speaks, this is English there."""
PHRASES: Final = frozenset(
    {
        *("again", "answer", "around", "bill_label", "bill_words", "child", "cost", "disk", "doubt", "end", "error"),
        *("facts", "follows", "found", "head", "hindrance", "hint", "how", "image2", "job", "kept", "kind", "known"),
        *("label", "lacks", "later", "left", "left_words", "limit_question", "made", "main", "media", "message"),
        *("needed", "p_label", "problem", "problems", "reason", "remedy", "selected", "shortened", "side", "size"),
        *("source_words", "submission", "takes", "title", "told", "trouble", "twins", "unit", "user_message", "usual"),
        *(
            "duration",
            "due_in_s",
            "expected_s",
            "remaining_s",
            "age",
            "fix",
            "host",
            "source",
            "subject",
            "trust",
            "whose",
            "like",
            "free_bytes",
            "error_strerror",
            "where",
        ),
        *("view", "waiting", "wanted", "what", "when", "why", "without_reason", "words"),
    }
)
"""Places for what is a text by itself."""
LISTS: Final = frozenset({"around", "brought", "choices", "cleaned", "facts", "list", "listed", "sides", "words"})
"""Places for several things, of which some may be texts, and others names."""

_DEEPEST: Final = 4
"""So often a value has a value in it."""
_LONGEST: Final = 2_000
"""Characters; what is longer is nobody's sentence."""
_SENTENCE_END: Final = re.compile(r"(?<=[.!?]) (?=\S)")
_GOES_ON: Final = 5
"""So many letters it costs a template that one of its values is more than one thing."""
_PRONOUNS: Final = frozenset({"it", "It", "they", "They"})
"""Stand for a name, but are none."""
_BREAK: Final = re.compile(r"[.!?;:] ")
"""What a name seldom has in it."""
_NO: Final = "No {label}"
"""What a switch is called that is off; everybody's sentences may begin like this."""
_SEVERAL: Final = ("names", "named", "path", "folder", "value", "card")
"""Places of names and values that may be a list, or have a comma of their own."""
_ASIDE: Final = re.compile(r"(.+) (\([^()]+\)\.?)")
_OPENING: Final = re.compile(r"\{(\w+)\}")
_WRITTEN_SMALL: Final = re.compile(r".[A-Z]|[a-z]+\.[a-z]")
_FLAWS: Final = re.compile(r"(, and |, |(?<=s) |^)(?=without )")
_LIST_ENDS: Final = re.compile(r"(, and |, | and | or )")
_STOPS: Final = {"ja_JP": "\u3002", "zh_HANS": "\u3002"}
_COLONS: Final = {"fr_FR": "\u00a0: ", "ja_JP": "\uff1a", "zh_HANS": "\uff1a"}
_SEMICOLONS: Final = {"fr_FR": "\u00a0; ", "ja_JP": "\uff1b", "zh_HANS": "\uff1b"}
_COMMAS: Final = {"ja_JP": "\u3001", "zh_HANS": "\uff0c"}
_SPACELESS: Final = frozenset({"ja_JP", "zh_HANS"})


@lru_cache(maxsize=1)
def of_locale(locale: str) -> Words | None:
    """Read a language's catalogue; ``None`` for one that there is none of. The last one is kept. Reads the disk."""
    if locale not in LOCALES:
        return None
    path = Path(__file__).with_name(f"{locale}.json")
    return Words(json.loads(path.read_text(encoding="utf-8")), locale)


class Words:
    """A language.

    :param catalogue: translations by the English text, with the same places for values.
    """

    def __init__(self, catalogue: Mapping[str, str], locale: str = "") -> None:
        self.locale = locale
        self._catalogue = catalogue
        self._templates = Templates(catalogue)
        self._stop, self._colon = _STOPS.get(locale, "."), _COLONS.get(locale, ": ")
        self._semicolon, self._comma = _SEMICOLONS.get(locale, "; "), _COMMAS.get(locale, ", ")
        self._gap = "" if locale in _SPACELESS else " "
        self.translate = lru_cache(maxsize=4096)(self._translate)
        """Give a text in this language, as far as it is known. Quick where it was asked for before."""

    def static(self) -> Iterator[tuple[str, str]]:
        """Each text without values and its translation, in each form that it is written in."""
        for text in self._catalogue:
            if not has_places(text):
                for form in {form for form, *_ in _forms(text)}:
                    if (told := self._plain(form)) is not None:
                        yield form, told

    def with_head(self, head: str, text: str) -> str:
        """Give what is said of something that is surely a text, be it one word."""
        return f"{self.translate(head)}{self._colon}{self.translate(text)}"

    def _translate(self, text: str) -> str:
        core = text.strip()
        if not core or len(core) > _LONGEST:
            return text
        told = self._known(core, _DEEPEST)
        return text.replace(core, told, 1) if told else text

    def _known(self, text: str, depth: int) -> str | None:
        """The translation of as much as is known; ``None`` where nothing is."""
        return self._whole(text, depth) or self._in_parts(text, depth) or self._filled(text, depth, fits=_is_sure)

    def _whole(self, text: str, depth: int, *, fits: Callable[[Match], bool] | None = None) -> str | None:
        """The translation of what is known from its beginning to its end.

        :param fits: what templates have to be beyond what is likely.
        """
        if not depth:
            return None
        fits = fits or _is_likely
        return (
            self._plain(text)
            or self._flawed(text, depth)
            or self._filled(text, depth, fits=fits, is_first=_is_tight)
            or self._all(_SENTENCE_END.split(text), self._gap, depth, fits)
            or self._all(text.split(", and "), self._comma, depth, fits)
            or self._all(re.split(r", (?:and )?", text), self._comma, depth, fits)
            or self._filled(text, depth, fits=fits)
        )

    def _flawed(self, text: str, depth: int) -> str | None:
        """``The mesh comes without a rig, which is damaged, and without 3 triangles``: every flaw by itself."""
        head, *rest = _FLAWS.split(text)
        if not rest:
            return None
        flaws = [self._plain(flaw) or self._filled(flaw, depth, fits=_is_likely) for flaw in rest[1::2]]
        subject = f"{head}{rest[0].rstrip().removesuffix(' and')}"
        told = (self._plain(subject) or self._filled(subject, depth, fits=_is_likely)) if head else ""
        if told is None or not all(flaws):
            return None
        return self._gap.join(filter(None, (told, self._comma.join(filter(None, flaws)))))

    def _all(self, parts: list[str], joint: str, depth: int, fits: Callable[[Match], bool]) -> str | None:
        """Several texts, each of which is known."""
        if len(parts) < 2:
            return None
        told: list[str] = []
        for part in parts:
            one = self._plain(part) or self._filled(part, depth, fits=fits)
            if one is None:
                return None
            told.append(one)
        return joint.join(told)

    def _plain(self, text: str) -> str | None:
        for form, stop, is_raised in _forms(text):
            if form in self._catalogue:
                return self._as_asked(self._catalogue[form], stop, is_raised=is_raised or text[:1].isupper())
        return None

    def _filled(
        self,
        text: str,
        depth: int,
        *,
        fits: Callable[[Match], bool],
        is_first: Callable[[Match], bool] = lambda match: True,
    ) -> str | None:
        """The translation of a text with values in it.

        :param fits: whether a template fits by more than coincidence.
        :param is_first: whether the best of those is the one; else there is none.
        """
        found = [
            (match, stop, is_raised)
            for form, stop, is_raised in _forms(text)
            for match in filter(fits, self._templates.matches(form))
        ]
        if not found:
            return None
        match, stop, is_raised = max(found, key=lambda one: _worth(one[0]))
        if not is_first(match):
            return None
        told = self._catalogue[match.template]
        for name, value in self._values(match, depth).items():
            told = told.replace(f"{{{name}}}", value.replace("{", "{\0"))
        begins_large = is_raised or (text[:1].isupper() and not match.template.startswith("{"))
        first = _OPENING.match(self._catalogue[match.template])
        is_name = first is not None and first[1] not in PHRASES
        return self._as_asked(told.replace("{\0", "{"), stop, is_raised=begins_large and not is_name)

    def _values(self, match: Match, depth: int) -> dict[str, str]:
        told = dict(match.values)
        for name, value in match.values.items():
            core = value.strip()
            if core and name in PHRASES and (phrase := self._known(core, depth - 1)):
                told[name] = value.replace(core, phrase, 1)
            elif name in LISTS:
                told[name] = self._listed(value, depth - 1)
        return told

    def _listed(self, text: str, depth: int) -> str:
        """A list of names and texts. What is one word with a capital may be a name, and stays."""
        parts = _LIST_ENDS.split(text)
        for number in range(0, len(parts), 2):
            if " " in parts[number] or parts[number].islower():
                parts[number] = self._whole(parts[number], depth) or parts[number]
        for number in range(1, len(parts), 2):
            word = parts[number].strip(" ,")
            parts[number] = self._comma if not word else parts[number]
        return "".join(parts)

    def _in_parts(self, text: str, depth: int) -> str | None:
        """A text of which something is known, as far as it is; ``None`` where nothing is."""
        if depth <= 0:
            return None
        sentences = _SENTENCE_END.split(text)
        if len(sentences) > 1:
            parts = [self._whole(one, depth) or self._in_parts(one, depth - 1) for one in sentences]
            if not any(parts):
                return None
            return self._gap.join(told or one for told, one in zip(parts, sentences, strict=True))
        return self._with_head(text, depth) or self._with_predicate(text, depth) or self._with_aside(text, depth)

    def _with_head(self, text: str, depth: int) -> str | None:
        """``NAME: what is said of it``, and ``what is wrong; what to do``."""
        for mark, joint in ((": ", self._colon), ("; ", self._semicolon)):
            head, found, rest = text.partition(mark)
            if not found:
                continue
            is_name = " " not in rest and rest[:1].isupper()
            said = None if is_name else self._whole(rest, depth) or self._in_parts(rest, depth - 1)
            # One word may be a name, be it one that is a text, too.
            known = self._whole(head, depth) if " " in head else None
            if said or known:
                return f"{known or head}{joint}{said or rest}"
        return None

    def _with_predicate(self, text: str, depth: int) -> str | None:
        """``NAME is cut short``: the rest of a sentence after a name, or after another text."""
        words = text.split(" ")
        for number in range(1, len(words)):
            rest = " ".join(words[number:])
            is_one = len(words) - number < 2  # a word of somebody's that is one of ours, too
            if rest[:1].islower() and not is_one and (said := self._whole(rest, depth, fits=_is_sure)):
                head = " ".join(words[:number])
                if head in _PRONOUNS:
                    return None
                told = (self._whole(head, depth) if number > 1 else None) or head
                return f"{told} {said}" if told == head else f"{told}{self._gap}{said}"
        return None

    def _with_aside(self, text: str, depth: int) -> str | None:
        """``What is wrong (HTTP 401).``"""
        found = _ASIDE.fullmatch(text)
        told = self._whole(found[1], depth) if found else None
        return f"{told.removesuffix(self._stop)} {found[2]}" if found and told else None

    def _as_asked(self, told: str, stop: str, *, is_raised: bool) -> str:
        """A translation in the form in which the text was asked for."""
        if stop == "-":
            told = told.removesuffix(self._stop)
        elif stop == "+":
            told = told if told.endswith(("…", self._stop)) else f"{told}{self._stop}"
        return _raised(told) if is_raised else told


def _raised(text: str) -> str:
    """A text with a capital to begin with, but for what is written like glTF or blender.org."""
    return text if _WRITTEN_SMALL.match(text) else text[:1].upper() + text[1:]


def _is_tight(match: Match) -> bool:
    """Whether no value could be more than one."""
    return _is_said(match) and not any(_BREAK.search(f"{text} ") or ", " in text for text in match.values.values())


def _is_likely(match: Match) -> bool:
    """Whether no name is a sentence, nor one of several that are not named together."""
    named = {name: value for name, value in match.values.items() if name not in PHRASES | LISTS}
    return _is_said(match) and not any(
        _BREAK.search(value) or (", " in value and not name.rstrip("0123456789").endswith(_SEVERAL))
        for name, value in named.items()
    )


def _worth(match: Match) -> int:
    """How much is to be said for a template: what it says itself, less where a value seems to go on too far."""
    ends_late = any(value.endswith(".") for value in match.values.values())
    goes_on = any(", " in value for name, value in match.values.items() if name not in LISTS)
    return match.letters - ends_late - _GOES_ON * goes_on


def _is_sure(match: Match) -> bool:
    """Whether a template says much, so that it is no coincidence in other people's words either."""
    return not match.is_weak and _is_likely(match)


def _is_said(match: Match) -> bool:
    """Whether a template says enough: of one that begins with a name and goes on with "of", anything could be made."""
    if not match.is_weak:
        return True
    if match.template == _NO and not match.values["label"][:1].isupper():
        return False
    names = [value for name, value in match.values.items() if name not in PHRASES | LISTS]
    is_long = match.template.startswith("{") and sum(name.count(" ") for name in names) > 1
    return not is_long and not any(map(_LIST_ENDS.search, names))


def _forms(text: str) -> Iterator[tuple[str, str, bool]]:
    """How a text may stand in a catalogue, which has one of its forms.

    With each, what is to be done with the stop of the translation, and whether it begins with a capital then.
    """
    small = text[:1].lower() + text[1:]
    for form in dict.fromkeys((text, small)):
        is_raised = form != text
        yield form, "", is_raised
        if form.endswith("."):
            yield form[:-1], "+", is_raised
        else:
            yield f"{form}.", "-", is_raised
    large = text[:1].upper() + text[1:]
    if large != text:
        yield large, "", False
        yield (large[:-1], "+", False) if large.endswith(".") else (f"{large}.", "-", False)
