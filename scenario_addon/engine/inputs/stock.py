# SPDX-License-Identifier: GPL-3.0-or-later
"""Items that have been checked and wait to be made, kept on disk: their memory does not grow with their number."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, overload

from pydantic import TypeAdapter

from ..batch.item import Item
from ..errors import InputError
from ..values import Order

__all__ = ["BadRow", "Stock"]

_ORDER: Final = TypeAdapter(Order)
_TABLES: Final = """
CREATE TABLE items (
    position INTEGER PRIMARY KEY, label TEXT, folder TEXT, name TEXT, is_named INTEGER, is_ours INTEGER, record TEXT,
    error TEXT
);
CREATE TABLE names (name TEXT PRIMARY KEY, place INTEGER) WITHOUT ROWID;
CREATE TABLE stock (number INTEGER PRIMARY KEY, position INTEGER, nth INTEGER);
"""
_COUNT: Final = """
INSERT INTO stock (position, nth)
SELECT position, nth FROM (
    SELECT position, is_ours, ROW_NUMBER() OVER (PARTITION BY folder, name ORDER BY is_named DESC, position) AS nth
    FROM items
) WHERE is_ours ORDER BY position
"""
_READ: Final = """
SELECT label, record, error, nth FROM stock JOIN items USING (position) WHERE number > ? ORDER BY number LIMIT ?
"""
_LONGEST: Final = """
SELECT folder, name, MAX(LENGTH(CAST(name AS BLOB))) FROM items WHERE is_ours AND error IS NULL GROUP BY folder
"""
_PAGE: Final = 100


class BadRow(InputError):
    """A row that cannot be made, and is left out."""


class Stock(Sequence[Item]):
    """Filled first, then sealed, then read, by one thread at a time; gone with the process.

    Of several of one name in one folder, those that were named so come first; the others are counted on.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)  # a file of nobody else's
        self._db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _TABLES)
        self._db.execute("BEGIN")
        self._length = 0

    def close(self) -> None:
        self._db.close()

    def reserve(self, name: str, place: int) -> int | None:
        """Give a name to a row; the place of the row that has it already, or ``None``."""
        if self._db.execute("INSERT OR IGNORE INTO names VALUES (?, ?)", (name, place)).rowcount:
            return None
        ((taken,),) = self._db.execute("SELECT place FROM names WHERE name = ?", (name,))
        return taken

    def add(self, label: str, order: Order, *, is_named: bool = False, is_ours: bool = True) -> None:
        """Take an order.

        :param is_named: whether somebody chose its name.
        :param is_ours: whether it is made here; what is not is only counted.
        :raises InputError: a name of a file in it is no Unicode.
        """
        self._insert(label, order, error=None, is_named=is_named, is_ours=is_ours)

    def refuse(self, label: str, order: Order, error: str) -> None:
        """Take what cannot be made, to be told in its place."""
        self._insert(label, order, error=error, is_named=False, is_ours=True)

    def leave_out_refused(self) -> None:
        """Keep only what can be made."""
        self._db.execute("DELETE FROM items WHERE error IS NOT NULL")

    def _insert(self, label: str, order: Order, *, error: str | None, is_named: bool, is_ours: bool) -> None:
        try:
            record = _ORDER.dump_json(order).decode() if is_ours else None
            self._db.execute(
                "INSERT INTO items VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
                (label, str(order.folder), order.name if error is None else None, is_named, is_ours, record, error),
            )
        except ValueError:  # also what SQLite says of it
            raise InputError(f"{label!a} is not a name in UTF-8: rename the file.") from None

    def seal(self) -> None:
        """Count what there is; nothing comes in any more."""
        self._length = self._db.execute(_COUNT).rowcount
        self._db.execute("COMMIT")

    def longest_names(self) -> list[tuple[Path, str]]:
        """The longest name for each folder, of what will be written there."""
        return [(Path(folder), name) for folder, name, _ in self._db.execute(_LONGEST)]

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        numbers = range(self._length)[index]
        if isinstance(numbers, int):
            return self._page(numbers, 1)[0]
        return [self._page(number, 1)[0] for number in numbers]

    def __iter__(self) -> Iterator[Item]:
        for start in range(0, self._length, _PAGE):
            yield from self._page(start, _PAGE)

    def _page(self, start: int, count: int) -> list[Item]:
        return [_item(*row) for row in self._db.execute(_READ, (start, count)).fetchall()]


def _item(label: str, record: str, error: str | None, nth: int) -> Item:
    order = _ORDER.validate_json(record)
    if error is not None:
        return Item(label, order, BadRow(error))
    return Item(label, replace(order, number=nth))
