# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of values under a name, as the service's record of a model has them.

The record's type says ``{fields: [names], presets: anything}``. Read is whatever can be meant by that: a list or a
table of presets, each a table of values, one within another, or a list of values in the order of the fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, cast

from ...api.wire import PresetsRecord
from ...text import clean
from .labels import label_of

__all__ = ["Preset", "presets_from"]

_MOST: Final = 100
"""Of a model; nobody looks through more."""
_LONGEST: Final = 80
_NAMES: Final = ("label", "name", "title")
"""Where a preset says what it is called; the first one that is a text."""
_KEYS: Final = ("id", "key")
_HOLDERS: Final = ("values", "inputs", "parameters", "fields", "settings", "value")
"""Where its values may be, if not beside the name."""


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    values: Mapping[str, Any]
    """By the parameters' names, as they came: no one has checked whether the model takes them."""
    fields: tuple[str, ...] = ()
    """What it is about: what it has no value for is at the default with it."""


def presets_from(families: Iterable[PresetsRecord]) -> tuple[Preset, ...]:
    """Read the presets of a record, no two with the same name; what cannot be understood is left out."""
    found: list[Preset] = []
    taken: set[str] = set()
    for family in families:
        for name, body in _entries(family.presets):
            values = _values(body, family.fields)
            if not values or len(found) == _MOST:
                continue
            free = _free(_name(name, body, family.fields) or f"Preset {len(found) + 1}", taken)
            taken.add(free.casefold())
            found.append(Preset(free, values, tuple(family.fields)))
    return tuple(found)


def _entries(presets: Any) -> Iterator[tuple[str, Any]]:
    """Each with its key, "" for those of a list."""
    if isinstance(presets, dict):
        for key, body in cast(dict[str, Any], presets).items():
            yield str(key), body
    elif isinstance(presets, list):
        for body in cast(list[Any], presets):
            yield "", body


def _values(body: Any, fields: Sequence[str], *, is_inner: bool = False) -> dict[str, Any]:
    if isinstance(body, list):
        given = cast(list[Any], body)
        return dict(zip(fields, given, strict=True)) if len(given) == len(fields) else {}
    if not isinstance(body, dict):
        return {fields[0]: body} if len(fields) == 1 and body is not None else {}
    table = cast(dict[str, Any], body)
    for holder in () if is_inner else _HOLDERS:
        inner = table.get(holder)
        if holder not in fields and isinstance(inner, dict | list):
            return _values(cast(Any, inner), fields, is_inner=True)
    told = [name for name in (*_NAMES, *_KEYS, *_HOLDERS, "description") if name not in fields]
    return {str(name): value for name, value in table.items() if name not in told}


def _name(key: str, body: Any, fields: Sequence[str]) -> str:
    table = cast(dict[str, Any], body) if isinstance(body, dict) else {}
    label = _first_text(table, _NAMES, fields)
    key = key or _first_text(table, _KEYS, fields) or (str(body) if isinstance(body, str | int | float) else "")
    return clean(label_of(key, label, otherwise="") if key else label or "", longest=_LONGEST)


def _first_text(table: Mapping[str, Any], names: Sequence[str], fields: Sequence[str]) -> str | None:
    told = [table.get(name) for name in names if name not in fields]
    return next((text for text in told if isinstance(text, str) and text.strip()), None)


def _free(name: str, taken: set[str]) -> str:
    if name.casefold() not in taken:
        return name
    return next(free for number in count(2) if (free := f"{name} {number}").casefold() not in taken)
