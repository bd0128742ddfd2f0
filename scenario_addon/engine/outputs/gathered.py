# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each item, kept until the end of a run: packed, for there may be many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from ..batch.item import Item
from ..ledger.job import Job
from ..report.outcome import Outcome
from ..report.rows import Rows
from ..values import JobId, Order, RemoteJobId

__all__ = ["Entry", "Gathered", "entry_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    number: int
    """Which item of the input it is, from 0."""
    label: str
    """What the user called it."""
    order: Order
    job_id: JobId
    remote_id: RemoteJobId | None
    mesh: Path | None
    """``None`` when there is none."""
    triangles: int | None
    preview: Path | None
    """A picture of the mesh."""
    cost_cu: Decimal | None
    """What the mesh has cost, whoever has paid for it, and when."""
    seconds: float | None
    """How long it took to make, from the order to the file, whenever that was."""
    error: str | None

    @property
    def name(self) -> str:
        """What the result is called; of several of one name the later ones have a number."""
        return self.order.name if self.order.number == 1 else f"{self.order.name}-{self.order.number}"


_ENTRY: Final = TypeAdapter(Entry)


class Gathered:
    """About a kilobyte of memory for six items."""

    def __init__(self) -> None:
        self._rows = Rows()

    def note(self, outcome: Outcome) -> None:
        """Keep what became of an item."""
        self._rows.add(outcome.number, _ENTRY.dump_json(entry_of(outcome)).decode())

    def entries(self, items: Iterable[Item] | None) -> Iterator[Entry]:
        """Give what became of each item, in order.

        :param items: what was wanted, in order: what was ordered earlier may have stood elsewhere, or been called
            otherwise. ``None``: whatever was carried on, as it was ordered.
        """
        wanted = enumerate(items) if items is not None else None
        for text in self._rows.in_order({}):
            entry = _ENTRY.validate_json(text)
            if wanted is None:
                yield entry
                continue
            item = next((item for number, item in wanted if number == entry.number), None)
            if item is None:
                return
            yield replace(entry, order=item.order)


def entry_of(outcome: Outcome) -> Entry:
    """Give what is to be kept of an outcome."""
    job, file = outcome.job, outcome.file
    error = outcome.error
    return Entry(
        number=outcome.number,
        label=outcome.label,
        order=job.order,
        job_id=job.id,
        remote_id=job.remote_id,
        mesh=file.path if file is not None else None,
        triangles=file.triangles if file is not None else None,
        preview=outcome.preview,
        cost_cu=job.billed_cu if job.billed_cu is not None else outcome.cost_cu,
        seconds=_seconds(job),
        error=error.encode("utf-8", "backslashreplace").decode() if error is not None else None,
    )


def _seconds(job: Job) -> float | None:
    if job.submitted_at is None or job.finished_at is None:
        return None
    seconds = job.finished_at - job.submitted_at
    return seconds if seconds >= 0 else None  # else somebody has set the clock
