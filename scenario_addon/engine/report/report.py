# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a batch: written again and again while it runs, whole each time, as JSON or CSV."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ..errors import DiskError
from ..files import discard, whole
from ..ledger.job import Job
from ..names import token
from ..pace.clock import Clock
from .former import Former, FormerItem
from .outcome import Outcome
from .rows import Rows
from .table import HEADER, table_line

__all__ = ["Report"]

_SHARE: Final = 0.05
"""Of the time, at most, goes into writing, however many items there are."""


class Report:
    """One file, in which is what every item came to, in the order of the input, and how those under way stand.

    :param path: a CSV where it ends in ``.csv``, else JSON.
    :param clock: by which the run's time is taken.
    :param goes_on: whether what an earlier run has written there counts, for items that are this run's, too.
    """

    def __init__(self, path: Path, clock: Clock, *, goes_on: bool) -> None:
        self.path = path
        self._clock, self._began_s = clock, clock.monotonic()
        self._is_csv = path.suffix.lower() == ".csv"
        self._former = Former(path) if goes_on else None
        self._caught_up: set[str] = set()
        """Jobs that an earlier run paid for right before it was killed, by which item they are."""
        self._rows = Rows()
        self._cost_cu = Decimal(0)
        self._not_before_s = 0.0
        self._is_behind = True
        self._part = path.with_name(f".{token(path.name)}-{uuid.uuid4().hex}.part")
        self._tidy()

    def note(self, outcome: Outcome) -> None:
        """Keep what became of an item."""
        former = self._former.item(outcome) if self._former is not None else None
        if self._former is not None and former is not None:
            self._former.take(outcome, former)
        outcome = self._with_former(outcome, former)
        self._cost_cu += outcome.cost_cu or 0
        self._rows.add(outcome.number, self._text(outcome.data()))
        self._is_behind = True

    def write_if_due(self, under_way: Callable[[], Sequence[Outcome]]) -> None:
        """Write it, if there is anything new and the last time was long enough ago.

        :raises DiskError: it cannot be written.
        """
        if self._is_behind and time.monotonic() >= self._not_before_s:
            self.write(under_way(), is_complete=False)

    def write(self, under_way: Sequence[Outcome] = (), *, is_complete: bool) -> None:
        """Write it now.

        :param is_complete: whether every item of this run is in it; those that only earlier runs know are kept until
            then.
        :raises DiskError: it cannot be written.
        """
        began_s = time.monotonic()
        try:
            try:
                self._write_whole(under_way, is_complete=is_complete)
            except FileNotFoundError:  # a run that has just begun has taken it for what a dead one left
                self._write_whole(under_way, is_complete=is_complete)
        except OSError as error:
            reason = error.strerror or error
            raise DiskError(f"The report {self.path} cannot be written ({reason}): make room for it.") from error
        finally:
            now_s = time.monotonic()
            self._not_before_s = now_s + (now_s - began_s) / _SHARE
        self._is_behind = False

    def _write_whole(self, under_way: Sequence[Outcome], *, is_complete: bool) -> None:
        texts = self._csv_parts if self._is_csv else self._json_parts
        with whole(self.path, part=self._part) as file:
            for text in texts(under_way, is_complete=is_complete):
                file.write(text.encode("utf-8", "backslashreplace"))

    def _tidy(self) -> None:
        """Remove what a run that was killed while it wrote has left."""
        with suppress(OSError):
            for left in self.path.parent.glob(f".{token(self.path.name)}-*.part"):
                discard(left)

    def _with_former(self, outcome: Outcome, former: FormerItem | None) -> Outcome:
        """An item with what earlier runs took and paid for it.

        :param former: what it was in them.
        """
        if self._former is None:
            return outcome
        job, cost_cu = outcome.job, outcome.cost_cu
        if self._former.counts and outcome.note is not None:
            cost_cu = self._unreported_cu(job, former, cost_cu)
        if former is None:
            return replace(outcome, cost_cu=cost_cu)
        spent_cu = cost_cu or Decimal(0)
        # A job that goes on costs what it costs; another one for the same item costs besides.
        all_cu = max(spent_cu, former.cost_cu) if former.job_id == job.id else spent_cu + former.cost_cu
        seconds = former.seconds if outcome.note is not None else outcome.seconds + former.seconds
        return replace(outcome, seconds=seconds, cost_cu=all_cu)

    def _unreported_cu(self, job: Job, item: FormerItem | None, cost_cu: Decimal | None) -> Decimal | None:
        """What a job has cost that an earlier run ordered, and that was not known then or could not be reported."""
        former = self._former
        if former is None or job.id in self._caught_up:
            return cost_cu
        if item is not None and item.job_id == job.id:
            is_news = not item.is_made
        else:  # what was made without this report, before any of these runs, is not theirs
            is_news = job.created_at >= former.written_at - former.seconds
        if not is_news:
            return cost_cu
        self._caught_up.add(job.id)
        return job.billed_cu

    def _rows_now(self, under_way: Sequence[Outcome], *, is_complete: bool) -> Iterator[tuple[str, Decimal]]:
        """Every row, and what those cost that are not counted yet."""
        now, former = list[Outcome](), set[int]()
        for outcome in under_way:
            item = self._former.item(outcome, but=former) if self._former is not None else None
            former |= {item.index} if item is not None else set()
            now.append(self._with_former(outcome, item))
        open_cu = sum((outcome.cost_cu or Decimal(0) for outcome in now), Decimal(0))
        for row in self._rows.in_order({outcome.number: self._text(outcome.data()) for outcome in now}):
            yield row, open_cu
            open_cu = Decimal(0)
        if self._former is not None and not is_complete:
            yield from self._former.left(former)

    def _json_parts(self, under_way: Sequence[Outcome], *, is_complete: bool) -> Iterator[str]:
        yield '{\n "items": ['
        separator, cost_cu = "\n  ", self._cost_cu
        for row, open_cu in self._rows_now(under_way, is_complete=is_complete):
            yield separator + row
            separator, cost_cu = ",\n  ", cost_cu + open_cu
        seconds = self._clock.monotonic() - self._began_s + (self._former.seconds if self._former is not None else 0.0)
        yield f'\n ],\n "cost_cu": {json.dumps(float(cost_cu))},\n "seconds": {json.dumps(round(seconds, 3))}\n}}\n'

    def _csv_parts(self, under_way: Sequence[Outcome], *, is_complete: bool) -> Iterator[str]:
        yield HEADER
        for row, _ in self._rows_now(under_way, is_complete=is_complete):
            yield row

    def _text(self, data: dict[str, Any]) -> str:
        """A row, as it is written."""
        if not self._is_csv:
            return json.dumps(data, ensure_ascii=False)
        return table_line(data)
