# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier runs of the same command have written into the report: what they took and paid is not forgotten."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any

from .rows import Rows
from .table import table_line

__all__ = ["Former", "FormerItem"]

Key = tuple[str, str]
"""An item's label and model."""


@dataclass(frozen=True, slots=True)
class FormerItem:
    index: int
    job_id: str
    seconds: float
    cost_cu: Decimal
    is_made: bool


class Former:
    """The items of a report that is there already; of one that cannot be read, none.

    It counts as soon as one of its items is also this run's: until then it may be of something else.
    """

    def __init__(self, path: Path) -> None:
        self.counts = False
        self.written_at = 0.0
        """In seconds since the epoch."""
        self._seconds = 0.0
        self._items: dict[Key, FormerItem] = {}
        self._rows, self._taken = Rows(), set[int]()
        try:
            with path.open(encoding="utf-8", newline="") as file:
                self.written_at = os.fstat(file.fileno()).st_mtime
                for text, data in _of_csv(file) if path.suffix.lower() == ".csv" else self._of_json(file):
                    self._note(text, data)
        except (OSError, ValueError, csv.Error):
            self._items.clear()

    @property
    def seconds(self) -> float:
        """How long all these runs took."""
        return self._seconds if self.counts else 0.0

    def item(self, label: str, model_id: str, *, take: bool) -> FormerItem | None:
        """What an item was in the earlier runs; of two that are called the same, the first one gets it all.

        :param take: whether this run has come to an end with it.
        """
        key = label, model_id
        item = self._items.get(key)
        if item is not None:
            self.counts = True
            if take:
                del self._items[key]
                self._taken.add(item.index)
        return item

    def left(self, but: Collection[Key]) -> Iterator[tuple[str, Decimal]]:
        """The rows that this run has not come to yet, and what each has cost.

        :param but: those that it has.
        """
        if not self.counts or not self._items:
            return
        items = {item.index: item.cost_cu for key, item in self._items.items() if key not in but}
        for index, row in enumerate(self._rows.in_order({})):
            if index in items:
                yield row, items[index]

    def _of_json(self, file: IO[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The items of a report, which is written with a line for each."""
        for line in file:
            text = line.strip().rstrip(",")
            if text.startswith('{"image"'):
                yield text, json.loads(text)
            elif text.startswith('"seconds":'):
                self._seconds = _number(text.partition(":")[2])

    def _note(self, text: str, data: dict[str, Any]) -> None:
        index, key = self._rows.count, (str(data.get("image")), str(data.get("model")))
        self._rows.add(index, text)
        seconds, cost_cu = _number(data.get("seconds")), _amount(data.get("cost_cu"))
        is_made = bool(data.get("glb"))
        same = self._items.get(key)
        if same is None:
            self._items[key] = FormerItem(index, str(data.get("job_id")), seconds, cost_cu, is_made)
        else:
            self._items[key] = FormerItem(same.index, same.job_id, same.seconds, same.cost_cu + cost_cu, same.is_made)


def _of_csv(file: IO[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The items of a table, whatever columns it has."""
    for data in csv.DictReader(file):
        yield table_line(data), data


def _number(value: Any) -> float:
    try:
        return max(0.0, float(value))
    except (TypeError, ValueError):
        return 0.0


def _amount(value: Any) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() and found >= 0 else Decimal(0)
