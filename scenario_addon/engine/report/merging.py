# SPDX-License-Identifier: GPL-3.0-or-later
"""Several reports as one: of the parts of a batch, and of runs of one part that ended before their time.

An item that several reports speak of is one item: the last that has a file counts, and what it has cost, once for each
job. A part of a batch is recognized by its jobs, for a batch may make several items of one picture and model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from ..text import amount

__all__ = ["Entry", "Merger"]

_NOTHING: Final = Decimal(0)
Item = Mapping[str, Any]
"""An item of a report."""
Place = tuple[int, ...]


@dataclass(slots=True)
class Entry:
    """An item, from all reports that speak of it."""

    place: Place
    """By which it is sorted: the report that has it first, and where in there."""
    item: Item
    """What counts of it."""
    seconds: float
    reports: set[int]
    jobs: list[str] = field(default_factory=list[str])

    @property
    def is_done(self) -> bool:
        return bool(self.item.get("glb")) and not self.item.get("error")

    @property
    def kind(self) -> tuple[object, object]:
        return _kind(self.item)


class Merger:
    """Takes reports in the order given, then gives their items."""

    def __init__(self) -> None:
        self.reports = 0
        self.seconds = 0.0
        """Of all runs together."""
        self._entries: list[Entry] = []
        self._by_kind: dict[tuple[object, object], list[Entry]] = {}
        self._by_job: dict[str, list[Entry]] = {}
        self._costs: dict[str, Decimal | None] = {}
        """What each job has cost, as far as a report says it."""

    def add(self, items: Iterable[Item], *, seconds: float) -> None:
        """Take a report."""
        number, self.reports = self.reports, self.reports + 1
        self.seconds += seconds
        items = list(items)
        found = self._matches(items)
        added: list[Entry] = []
        anchor: Place = ()
        for index, item in enumerate(items):
            job = _job(item) or f"{number}/{index}"  # what has no job has a cost of its own
            cost_cu = _amount(item.get("cost_cu"))
            self._costs[job] = _larger(self._costs.get(job), cost_cu)
            if (entry := found.get(index)) is not None:
                anchor = entry.place
                self._update(entry, item, job, number)
                continue
            entry = Entry((*anchor, number, index), item, _seconds(item), {number}, [job])
            added.append(entry)
        for entry in added:  # not before: no item is one of its own report's others
            self._entries.append(entry)
            self._by_kind.setdefault(entry.kind, []).append(entry)
            self._by_job.setdefault(entry.jobs[0], []).append(entry)

    def items(self) -> Iterator[dict[str, Any]]:
        """Every item once, in the order of the reports; what only a later run knows stands where that run has it."""
        spent: set[str] = set()
        for entry in sorted(self._entries, key=lambda entry: entry.place):
            jobs = [job for job in entry.jobs if job not in spent]
            spent.update(jobs)
            known = [cost_cu for job in jobs if (cost_cu := self._costs[job]) is not None]
            cost_cu = sum(known, _NOTHING) if known or not jobs else None
            yield {**entry.item, "cost_cu": cost_cu, "seconds": round(entry.seconds, 3)}

    @property
    def summary(self) -> str:
        """How many items there are, and what became of them, in a sentence."""
        done = sum(entry.is_done for entry in self._entries)
        cost_cu = sum((item["cost_cu"] or _NOTHING for item in self.items()), _NOTHING)
        count = len(self._entries)
        return f"{count:,} items of {self.reports:,} reports: {done:,} done, {count - done:,} not, {amount(cost_cu)}."

    def _update(self, entry: Entry, item: Item, job: str, number: int) -> None:
        later = Entry(entry.place, item, 0.0, set())
        if later.is_done or not entry.is_done:
            entry.item = item
        entry.seconds += _seconds(item)
        entry.reports.add(number)
        if job not in entry.jobs:
            entry.jobs.append(job)
            self._by_job.setdefault(job, []).append(entry)

    def _matches(self, items: list[Item]) -> dict[int, Entry]:
        """Which items are there already, by their numbers."""
        found: dict[int, Entry] = {}
        taken: set[int] = set()
        for index, item in enumerate(items):
            same = self._same(item, index)
            for entry in sorted(same, key=lambda entry: entry.item.get("glb") != item.get("glb")):
                if id(entry) not in taken and _may_be_one(entry.item, item):
                    found[index] = entry
                    taken.add(id(entry))
                    break
        repeated = {report for entry in found.values() for report in entry.reports}
        # Of what has another job, or none: the like in a report of the same part, one after the other.
        left = {
            kind: iter([entry for entry in entries if id(entry) not in taken and entry.reports & repeated])
            for kind, entries in self._by_kind.items()
            if repeated
        }
        for index, item in enumerate(items):
            if index not in found and (entry := next(left.get(_kind(item), iter(())), None)) is not None:
                found[index] = entry
        return found

    def _same(self, item: Item, index: int) -> list[Entry]:
        """What may be the same item: of its job, or where there is none at its place."""
        if (job := _job(item)) is not None:
            return [entry for entry in self._by_job.get(job, ()) if entry.kind == _kind(item)]
        like = self._by_kind.get(_kind(item), ())
        return [entry for entry in like if _job(entry.item) is None and entry.place[-1] == index]


def _may_be_one(one: Item, other: Item) -> bool:
    """Whether two items of one job may be the same: files at two places are two items."""
    return not (one.get("glb") and other.get("glb")) or one["glb"] == other["glb"]


def _kind(item: Item) -> tuple[object, object]:
    return item.get("image"), item.get("model")


def _job(item: Item) -> str | None:
    job = item.get("job_id")
    return job if isinstance(job, str) and job else None


def _amount(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _larger(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return other if one is None else one if other is None else max(one, other)


def _seconds(item: Item) -> float:
    return float(_amount(item.get("seconds")) or 0)
