# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of a manifest in JSON: a list of objects, or an object on each line. Read a piece at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ..errors import InputError
from .row import Row
from .text import TextFile

__all__ = ["json_rows", "jsonl_rows"]

_BLANK: Final = " \t\r\n"
_PIECE: Final = 1 << 16
_MOST_CHARACTERS: Final = 1 << 20
"""Of one row."""
_LOOKS: Final = '{"image": "chair.png"}'


class _Members(dict[str, Any]):
    """An object of which ``twice`` names a member that was given twice."""

    twice: str | None = None


def jsonl_rows(path: Path, text: TextFile) -> Iterator[Row]:
    """Each line that is not blank; its place is the line's number."""
    for number, line in enumerate(text.lines(), 1):
        if not line.strip():
            continue
        try:
            value = _DECODER.decode(line)
        except (ValueError, RecursionError) as error:
            yield Row(number, {}, f"it is no JSON ({_reason(error)}): write a row as {_LOOKS}.")
        else:
            yield _row(number, value)


def json_rows(path: Path, text: TextFile) -> Iterator[Row]:
    """Each item of the list; its place is its number, from 1. What comes behind a damaged one is not found.

    :raises InputError: there is no list.
    """
    pieces = _Pieces(text)
    if not pieces.passes("["):
        raise InputError(f"{path} is no list: write its rows as [{_LOOKS}].")
    number, is_open = 0, not pieces.passes("]")
    while is_open:
        number += 1
        try:
            yield _row(number, pieces.value())
        except (ValueError, RecursionError) as error:
            yield Row(number, {}, f"it is no JSON ({_reason(error)}), so that what follows cannot be read: mend it.")
            return
        is_open = pieces.passes(",")
        if not is_open and not pieces.passes("]"):
            yield Row(number, {}, "no comma and no closing bracket follows, so that the rest cannot be read: add it.")
            return
    if pieces.peek():
        yield Row(number, {}, "something stands behind the end of the list: take it out.")


class _Pieces:
    """A text that is read as far as it is needed."""

    def __init__(self, text: TextFile) -> None:
        self._text, self._held, self._is_whole = text, "", False
        self._position = 0

    def peek(self) -> str:
        """The next character that is not blank, which is not passed; nothing at the end."""
        while True:
            held = self._held
            while self._position < len(held) and held[self._position] in _BLANK:
                self._position += 1
            if self._position < len(held):
                return held[self._position]
            if not self._more():
                return ""

    def passes(self, mark: str) -> bool:
        """Pass a character, if it is the next one."""
        if self.peek() != mark:
            return False
        self._position += 1
        return True

    def value(self) -> Any:
        """Pass a value.

        :raises ValueError: there is none.
        :raises RecursionError: it is nested too deeply.
        """
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._position)
                if end < len(self._held) or self._is_whole:  # a number may go on
                    self._position = end
                    return value
            except ValueError:
                if self._is_whole or len(self._held) - self._position > _MOST_CHARACTERS:
                    raise
            self._more()

    def _more(self) -> bool:
        """Read on, as much again as is held, so that a long value is not looked at too often."""
        rest = self._held[self._position :]
        piece = self._text.read(max(_PIECE, len(rest)))
        self._held, self._position, self._is_whole = rest + piece, 0, not piece
        return bool(piece)


def _row(place: int, value: Any) -> Row:
    if not isinstance(value, _Members):
        return Row(place, {}, f"it is no object: write a row as {_LOOKS}.")
    if value.twice is not None:
        return Row(place, {}, f"{value.twice} is given twice: leave one out.")
    return Row(place, {name: cell for name, cell in value.items() if cell is not None and cell != ""})


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = _Members(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        members.twice = next(name for name in names if names.count(name) > 1)
    return members


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_members)


def _reason(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else "too large or too deep"
