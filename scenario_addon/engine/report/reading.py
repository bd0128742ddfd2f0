# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as it was written, or as a spreadsheet has saved it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from ..errors import InputError
from ..manifests.table import csv_rows
from ..manifests.text import TextFile, open_text
from .outcome import COLUMNS

__all__ = ["read_report"]

_NEEDED: Final = frozenset({"image", "model", "state"})
_NUMBERS: Final = ("cost_cu", "seconds")
_BLOCK: Final = 1 << 20


def read_report(path: Path) -> tuple[list[Mapping[str, Any]], float]:
    """Read a report, CSV where it ends so, else JSON; gives its items, and how long it took in seconds.

    A table says nothing of all of it: what its items took is added up.

    :raises InputError: it is not there, damaged, or no report.
    """
    with open_text(path) as text:
        return _of_table(path, text) if path.suffix.lower() == ".csv" else _of_json(path, text)


def _of_json(path: Path, text: TextFile) -> tuple[list[Mapping[str, Any]], float]:
    pieces: list[str] = []
    while piece := text.read(_BLOCK):
        pieces.append(piece)
    try:
        data: Any = json.loads("".join(pieces), parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InputError(f"{path} is damaged: it is no JSON. Write this report again.") from None
    if not isinstance(data, dict):
        raise _no_report(path)
    members = cast(dict[str, Any], data)
    items: Any = members.get("items")
    if not isinstance(items, list):
        raise _no_report(path)
    for item in cast(list[Any], items):
        if not isinstance(item, dict) or not item.keys() >= _NEEDED:
            raise _no_report(path)
        _check_numbers(path, cast(dict[str, Any], item))
    _check_numbers(path, members)
    return cast(list[Mapping[str, Any]], items), float(members.get("seconds") or 0)


def _of_table(path: Path, text: TextFile) -> tuple[list[Mapping[str, Any]], float]:
    items: list[Mapping[str, Any]] = []
    for row in csv_rows(path, text):
        if row.problem is not None:
            raise InputError(f"{path}:{row.place} is damaged: {row.problem}")
        item: dict[str, Any] = {**dict.fromkeys(COLUMNS), **row.cells}
        if not row.cells.keys() >= _NEEDED:
            raise _no_report(path)
        for name in _NUMBERS:
            item[name] = _number(item[name])
        _check_numbers(path, item)
        items.append(item)
    return items, sum(float(item["seconds"] or 0) for item in items)


def _number(text: str | None) -> Decimal | str | None:
    try:
        return Decimal(text) if text is not None else None
    except InvalidOperation:
        return text


def _check_numbers(path: Path, data: Mapping[str, Any]) -> None:
    for name in _NUMBERS:
        value = data.get(name)
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if value is not None and not (is_number and Decimal(value).is_finite() and value >= 0):
            raise InputError(f"{path} is damaged: {name} is {value}, which is no number. Write this report again.")


def _no_report(path: Path) -> InputError:
    return InputError(f"{path} is no report: give what --report has written.")


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
