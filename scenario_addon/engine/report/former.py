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
from typing import IO, Any, Final

from ..ledger.job import State
from .outcome import Outcome
from .rows import Rows
from .table import table_line

__all__ = ["Former", "FormerItem"]

_OVER: Final = frozenset({str(State.FAILED), str(State.CANCELLED)})
Key = tuple[str, str]
"""An item's label and model, which several items may share."""


@dataclass(frozen=True, slots=True)
class FormerItem:
    index: int
    job_id: str
    seconds: float
    cost_cu: Decimal
    file: str | None
    """The mesh."""
    is_over: bool
    """Whether its job came to nothing, so that the item gets another one."""

    @property
    def is_made(self) -> bool:
        return self.file is not None


class Former:
    """The items of a report that is there already; of one that cannot be read, none.

    It counts as soon as one of its items is also this run's: until then it may be of something else.
    """

    def __init__(self, path: Path) -> None:
        self.counts = False
        self.written_at = 0.0
        """In seconds since the epoch."""
        self._seconds = 0.0
        self._items: dict[Key, list[FormerItem]] = {}
        self._rows = Rows()
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

    def item(self, outcome: Outcome, *, but: Collection[int] = ()) -> FormerItem | None:
        """What an item was in the earlier runs; one that this run has come to an end with is to be taken.

        Of several that are called the same, such as a picture with several seeds, it is the one of the same job, else
        of the same file, else one that has come to nothing: whatever was made or is being made comes again itself.

        :param but: the indices of those that other items were.
        """
        job_id, file = outcome.job.id, str(outcome.file.path) if outcome.file is not None else None
        items = self._items.get(_key_of(outcome), ())
        self.counts = self.counts or bool(items)

        def rank(item: FormerItem) -> tuple[bool, ...]:
            is_same_file = item.is_made and item.file == file
            return item.job_id != job_id, not is_same_file, not item.is_over

        def may_be_it(item: FormerItem) -> bool:
            is_without_claim = not item.is_made and (item.is_over or not item.cost_cu or len(items) == 1)
            return item.job_id == job_id or (item.is_made and item.file == file) or is_without_claim

        return min((item for item in items if item.index not in but and may_be_it(item)), key=rank, default=None)

    def take(self, outcome: Outcome, item: FormerItem) -> None:
        """Give an item to this run's, which has come to an end."""
        self._items[_key_of(outcome)].remove(item)

    def left(self, but: Collection[int]) -> Iterator[tuple[str, Decimal]]:
        """The rows that this run has not come to yet, and what each has cost.

        :param but: the indices of those that it has.
        """
        if not self.counts:
            return
        items = {item.index: item.cost_cu for same in self._items.values() for item in same if item.index not in but}
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
        item = FormerItem(
            index,
            job_id=str(data.get("job_id")),
            seconds=_number(data.get("seconds")),
            cost_cu=_amount(data.get("cost_cu")),
            file=str(data["glb"]) if data.get("glb") else None,
            is_over=data.get("state") in _OVER,
        )
        self._items.setdefault(key, []).append(item)


def _key_of(outcome: Outcome) -> Key:
    return outcome.label, outcome.job.order.model_id


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
