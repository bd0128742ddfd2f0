# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model asks of the mesh that it is given, as far as its record says: in numbers, or only in words.

Words are read with care. What is said of the mesh that comes out is no limit for the one that goes in, and where it is
not clear, there is none: the service has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = ["MeshLimits", "face_limit", "formats_in", "limits_in"]

GLB: Final = "glb"
_FORMATS: Final = re.compile(r"\b(glb|gltf|obj|fbx|stl|ply|usdz)s?\b", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"(?<!\d)[.](?=\s|$)|(?<=\d)[.](?=\s+[A-Z]|\s*$)|[;!?\n()\[\]]")
"""What ends one; not the points in numbers."""
_CLAUSE: Final = re.compile(rf"{_SENTENCE.pattern}|,\s+(?!\d{{3}}\b)")
"""What ends a part of one."""
_BLANKS: Final = re.compile(r"[^\S\n]+")
_MOST_CHARACTERS: Final = 4_000
"""That are read: as many as a record's sentences have."""
_ABBREVIATED: Final = re.compile(r"\bmax\.", re.IGNORECASE)
_OUTPUT: Final = re.compile(
    r"\b(target\w*|output\w*|outcome|result\w*|return\w*|deliver\w*|export\w*|generat\w*|produc\w*|creat\w*|"
    r"giv(?:e|es|ing)|gets?|writes?|new|wanted|reduc\w*|decimat\w*|simplif\w*|down\s+to|becomes?|"
    r"convert\w*|comes?\s+(?:as|out|in)|per\s+part|each\s+part|as\s+many)\b",
    re.IGNORECASE,
)
"""Said of the mesh that comes out."""
_INPUT: Final = re.compile(
    r"\b(input\w*|upload\w*|source\w*|original\w*|accept\w*|takes?|support\w*|requires?|needs?|works?\s+(?:with|on)|"
    r"limit\w*|only|must|(?:your|given|existing)\s+(?:mesh|model)\w*)\b",
    re.IGNORECASE,
)
"""Said of the one that goes in."""
_NOT: Final = re.compile(
    r"\b(not|no|never|without|except\w*|exclud\w*|unlike|other\s+than|but|instead\s+of|cannot|can't|isn't|aren't|"
    r"unsupported|unaccepted)\b",
    re.IGNORECASE,
)
_ADVICE: Final = re.compile(
    r"\b(recommend\w*|advis\w*|suggest\w*|ideal\w*|prefer\w*|best|better|optimal\w*|usual\w*|typical\w*|"
    r"about|around|roughly|approximately|slow\w*|longer)\b",
    re.IGNORECASE,
)
"""Said of what would be good, which nobody has to follow."""
_NUMBER: Final = r"(\d{1,3}(?:[ ,.'\u00a0\u202f\u2009]\d{3})+|\d+(?:\.\d+)?)\s*(k|m|thousand|mio|million)?"
_FACES: Final = r"(?:(?:triangular|quad|mesh)\s+)?(?:faces?|polygons?|polys?|triangles?|tris)\b"
_AT_MOST: Final = (
    r"(?:up\s+to|at\s+most|no\s+more\s+than|not\s+more\s+than|(?:a\s+)?max(?:imum|imal|\.)?(?:\s+of)?|maximally|"
    r"fewer\s+than|less\s+than|under|below|within|limited\s+to|limit(?:\s+of|\s+is)?|"
    r"(?:not|never|cannot|can't)\s+(?:exceed|have\s+more\s+than)|<=|=<|<|\u2264|\u2a7d)"
)
_BEFORE: Final = re.compile(rf"{_AT_MOST}[\s:=]*{_NUMBER}\s*{_FACES}", re.IGNORECASE)
"""Up to 44 000 faces."""
_BEHIND: Final = re.compile(rf"\b{_NUMBER}\s*{_FACES}[\s(,-]*(?:max(?:imum)?\b|at\s+most|or\s+(?:less|fewer))", re.I)
"""44 000 faces at most."""
_FACES_FIRST: Final = re.compile(
    rf"\b{_FACES}(?:\s+count)?[\s:=]*(?:is|are|has\s+to\s+be|must\s+be)?[\s:=]*{_AT_MOST}[\s:=]*{_NUMBER}\b",
    re.IGNORECASE,
)
"""Face count must be at most 30k; faces \u2264 30k."""
_NAMED: Final = re.compile(
    rf"\b(?:(?:max(?:imum)?|limit)\s+(?:number\s+of\s+|of\s+)?(?:input\s+)?{_FACES}(?:\s+count)?|"
    rf"{_FACES}(?:\s+count)?\s+(?:limit|max(?:imum)?|cap))(?:\s+(?:of|is))?[\s:=]*{_NUMBER}\b",
    re.IGNORECASE,
)
"""Maximum number of faces: 30k; face limit 30k."""
_CAPPED: Final = re.compile(rf"\b{_NUMBER}[\s-]*{_FACES}[\s-]*(?:limit|cap)\b", re.IGNORECASE)
"""A 30k-face limit."""
_BETWEEN: Final = re.compile(rf"\bbetween\s+[\d,.'km ]{{1,20}}and\s+{_NUMBER}\s*{_FACES}", re.IGNORECASE)
_TOO_MANY: Final = re.compile(
    rf"\b(?:more|larger|over|above|beyond)\s*(?:than\s+)?{_NUMBER}\s*{_FACES}[^.]{{0,60}}?"
    r"\b(?:refused|rejected|fail\w*|unsupported|not\s+(?:supported|accepted|taken|allowed|possible)|cannot\s+be|too\s+many)",
    re.IGNORECASE,
)
"""More than 30k faces are refused."""
_LIMITS: Final = (_BEFORE, _FACES_FIRST, _BEHIND, _NAMED, _CAPPED, _BETWEEN)
_MEANING: Final = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "mio": 1_000_000, "million": 1_000_000}
_FEWEST: Final = 100
"""A lower limit than that is none that anybody has: something else is meant."""


@dataclass(frozen=True, slots=True)
class MeshLimits:
    """What a model asks of the mesh that it is given; ``None`` where it says nothing."""

    formats: frozenset[str] = frozenset({GLB})
    """The suffixes, without their points."""
    max_bytes: int | None = None
    max_faces: int | None = None


@lru_cache(maxsize=256)
def limits_in(own: tuple[str, ...], model: str, *, max_bytes: int | None) -> MeshLimits:
    """Read what is asked of a mesh. Quick enough for every redraw: the same words are read once.

    :param own: what is said of the input itself.
    :param model: what is said of the model, where only what is plainly about its input counts.
    """
    limits = [limit for text in own if (limit := face_limit(text)) is not None]
    about_input = [clause for clause in _clauses(model) if _INPUT.search(clause)]
    limits += [limit for clause in about_input if (limit := face_limit(clause)) is not None]
    formats = next((found for text in own if (found := formats_in(text))), None)
    formats = formats or formats_in("; ".join(about_input)) or frozenset({GLB})
    return MeshLimits(formats=formats, max_bytes=max_bytes, max_faces=min(limits) if limits else None)


def face_limit(text: str) -> int | None:
    """Read how many faces a mesh may have at most; ``None`` where the text does not say, or not of what goes in."""
    found: list[int] = []
    firm = (sentence for sentence in _clauses(text, lists=False) if not _ADVICE.search(sentence))
    for clause in (clause for sentence in firm for clause in _clauses(sentence)):
        if refused := _TOO_MANY.search(clause):
            found += _counted(refused)
        elif not _OUTPUT.search(clause):
            matches = (pattern.search(clause) for pattern in _LIMITS)
            found += [count for match in matches if match for count in _counted(match)]
    return min(found) if found else None


def formats_in(text: str) -> frozenset[str]:
    """Read which formats of meshes go in, as suffixes without points; none where the text does not say."""
    clauses = [c for c in _clauses(text, lists=False) if not _OUTPUT.search(c) and not _NOT.search(c)]
    return frozenset(match[1].lower() for clause in clauses for match in _FORMATS.finditer(clause))


def _clauses(text: str, *, lists: bool = True) -> Iterator[str]:
    """:param lists: whether a comma ends a clause, too."""
    ends = _CLAUSE if lists else _SENTENCE
    text, start = _ABBREVIATED.sub("max", _BLANKS.sub(" ", text[:_MOST_CHARACTERS])), 0
    for match in ends.finditer(text):
        yield text[start : match.start()]
        start = match.end()
    yield text[start:]


def _counted(match: re.Match[str]) -> list[int]:
    digits, unit = match[1], (match[2] or "").lower()
    is_fraction = re.fullmatch(r"\d+\.\d{1,2}|\d+\.\d{4,}", digits) is not None or (
        unit != "" and digits.count(".") == 1
    )
    number = float(digits) if is_fraction else float(re.sub(r"\D", "", digits))
    count = round(number * _MEANING.get(unit, 1))
    return [count] if count >= _FEWEST else []
