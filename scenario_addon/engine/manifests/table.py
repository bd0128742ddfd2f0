# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of a manifest in CSV, as a spreadsheet or a program writes it.

Commas, semicolons or tabs, quoted texts with line ends in them, a line ``sep=;`` before the header: as Excel has it.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from ..errors import InputError
from .row import Row
from .text import TextFile

__all__ = ["csv_rows"]

_SEPARATORS: Final = ",;\t"
_STATED: Final = re.compile(r'"?sep=(.)"?\s*')
"""What Excel takes for a hint, and writes for itself."""
_LOST: Final = ("field larger than field limit", "unexpected end of data")
"""What the reader says where nobody knows where the next row begins."""


def csv_rows(path: Path, text: TextFile) -> Iterator[Row]:
    """Read row by row; each has the line where it begins, the header's being 1. Rows without any text are no rows.

    :raises InputError: there is no header that can be used.
    """
    lines = text.lines()
    first, before = next(lines, ""), 0
    if stated := _STATED.fullmatch(first):
        first, before = next(lines, ""), 1
    reader = csv.reader(
        chain((first,), lines), delimiter=stated[1] if stated else _separator(first), strict=True, skipinitialspace=True
    )
    columns = _columns(path, reader, before)
    while True:
        line = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            is_lost = str(error).startswith(_LOST)
            why = (
                "a cell has no end, as if a quotation mark were not closed"
                if is_lost
                else "a quotation mark is out of place"
            )
            yield Row(line, {}, f"{why}: where one is meant, write it twice.")
            if is_lost:
                return
            continue
        if any(cell.strip() for cell in cells):
            yield _row(line, columns, [cell.strip() for cell in cells])


def _separator(header: str) -> str:
    """What the header is divided by: what gives most columns without breaking quotes, a comma where nothing does."""

    def fitness(char: str) -> tuple[bool, int]:
        try:
            next(csv.reader([header], delimiter=char, strict=True), None)
            is_whole = True
        except csv.Error:
            is_whole = False
        return is_whole, len(next(csv.reader([header], delimiter=char), list[str]()))

    return max(_SEPARATORS, key=fitness)


def _columns(path: Path, reader: Iterator[list[str]], before: int) -> list[str]:
    try:
        columns = [name.strip() for name in next(reader, list[str]())]
    except csv.Error:
        raise InputError(f"{path}:{before + 1}: a quotation mark in the header is out of place: mend it.") from None
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise InputError(f"{path} holds no rows: its first line has to name the columns.")
    if twice := next((name for name, count in Counter(columns).items() if name and count > 1), None):
        raise InputError(f"{path}:{before + 1}: the column {twice} is there twice: leave one out.")
    return columns


def _row(line: int, columns: list[str], cells: list[str]) -> Row:
    if any(cells[len(columns) :]):
        return Row(line, {}, f"there are {len(cells)} cells for {len(columns)} columns: quote what holds a separator.")
    given = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
    if "" in given:
        return Row(line, {}, f"{given['']} stands in a column without a name: give it one in the header.")
    return Row(line, given)
