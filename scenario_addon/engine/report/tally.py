# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a batch is, in numbers."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from ..pace.clock import Clock
from ..text import duration
from .outcome import Outcome

__all__ = ["Tally"]


class Tally:
    """:param total: how many items there are; ``None`` where nobody knows before the end."""

    def __init__(self, clock: Clock, total: int | None = None) -> None:
        self.total = total
        self.done = self.failed = self.being_made = 0
        self.cost_cu = Decimal(0)
        self.missing: Counter[str | None] = Counter()
        """Of the items that have no file, the kinds of error."""
        self._made = 0
        self._clock = clock
        self._began_s = clock.monotonic()

    @property
    def count(self) -> int:
        """How many items are through."""
        return self.done + self.failed + self.being_made

    def note(self, outcome: Outcome) -> None:
        self.cost_cu += outcome.cost_cu or 0
        self._made += outcome.note is None
        if outcome.is_done:
            self.done += 1
            return
        self.missing[outcome.job.error_kind] += 1
        if outcome.is_being_made:
            self.being_made += 1
        else:
            self.failed += 1

    @property
    def left_s(self) -> float | None:
        """How long the rest will take at the pace so far, in seconds; ``None`` when nobody can tell."""
        if self.total is None or not self._made:
            return None
        return (self._clock.monotonic() - self._began_s) / self._made * max(0, self.total - self.count)

    @property
    def text(self) -> str:
        """``137 of 1000, 2 failed, 1,370 CU, 3 h 10 min left``."""
        of = f" of {self.total}" if self.total is not None else ""
        words = [f"{self.count}{of}", *([f"{self.failed} failed"] if self.failed else [])]
        words += [f"{self.being_made} still being made"] if self.being_made else []
        words += [f"{self.cost_cu.normalize():,f} CU"]
        left_s = self.left_s
        words += [f"{duration(left_s)} left"] if left_s else []
        return ", ".join(words)
