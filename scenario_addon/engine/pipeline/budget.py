# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be spent: on one job, on all jobs of a run together, and in a day on all jobs of the ledger.

A day's spending is counted in the ledger, so it holds for all processes that share one. It begins at local midnight.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal

from ..account.days import day_began
from ..errors import BudgetError, NoCredits
from ..ledger.job import Job
from ..ledger.ledger import Ledger
from ..text import amount
from ..values import JobId

__all__ = ["Budget"]


class Budget:
    """All amounts are in Compute Units; ``None`` for no limit. Any thread.

    :param limit_cu: for all jobs together that this budget is asked about.
    :param day_limit_cu: for all jobs of a project in this ledger, of any process, since midnight.
    """

    def __init__(
        self,
        limit_cu: Decimal | None = None,
        *,
        day_limit_cu: Decimal | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._limit_cu = limit_cu
        self._day_limit_cu = day_limit_cu
        self._now = now
        self._reserved: dict[JobId, Decimal] = {}
        """For jobs under way."""
        self._settled_cu = Decimal(0)
        """What all others have cost."""
        self._lock = threading.Lock()
        self.empty: NoCredits | None = None
        """What the service said when the account had nothing left: nobody else has to ask."""

    def reserve(self, job: Job, ledger: Ledger) -> None:
        """Set a job's price aside, once, and look whether the day has room for it.

        :raises BudgetError: it costs more than is left, or a limit is set and its price is unknown.
        :raises NoCredits: the account is known to be empty.
        """
        if self.empty is not None:
            raise self.empty
        try:
            self._reserve(job, ledger)
        except BudgetError:
            with self._lock:  # what was set aside for it at an older price is free for others
                self._reserved.pop(job.id, None)
            raise

    def _reserve(self, job: Job, ledger: Ledger) -> None:
        limits = [limit for limit in (self._limit_cu, self._day_limit_cu, job.max_cost_cu) if limit is not None]
        if not limits:
            return
        if job.quote_cu is None:
            raise BudgetError(
                f"The service does not say what this costs, and at most {amount(min(limits))} may be spent."
            )
        if job.max_cost_cu is not None and job.quote_cu > job.max_cost_cu:
            raise BudgetError(
                f"It costs {amount(job.quote_cu)}, and at most {amount(job.max_cost_cu)} may be spent on a job."
            )
        if self._day_limit_cu is not None:
            self._check_day(job, ledger.spent_cu(job, since=day_began(self._now())))
        self._set_aside(job, job.quote_cu)

    def book(self, job: Job, ledger: Ledger) -> None:
        """Count a job as spent, in the same instant as its limits are looked at: right before it is submitted.

        :raises BudgetError, NoCredits: as :meth:`reserve` does.
        :raises DiskError: it could not be written down, and must not be submitted.
        """
        self.reserve(job, ledger)
        now = self._now()
        ledger.book(job, at=now, since=day_began(now), check=lambda spent_cu: self._check_day(job, spent_cu))

    def settle(self, job: Job) -> None:
        """Count what a settled job really cost instead of its price, once."""
        with self._lock:
            if self._reserved.pop(job.id, None) is not None:
                self._settled_cu += job.counted_cu

    def _set_aside(self, job: Job, cost_cu: Decimal) -> None:
        if self._limit_cu is None:
            return
        with self._lock:
            others = sum((cost for job_id, cost in self._reserved.items() if job_id != job.id), self._settled_cu)
            if others + cost_cu > self._limit_cu:
                left = max(Decimal(0), self._limit_cu - others)
                left_words = f"{left.normalize():f} of {amount(self._limit_cu)} are left to spend."
                raise BudgetError(f"It costs {amount(cost_cu)}, and {left_words}")
            self._reserved[job.id] = cost_cu

    def _check_day(self, job: Job, spent_cu: Decimal) -> None:
        if self._day_limit_cu is None or job.left_cu is None or spent_cu + job.left_cu <= self._day_limit_cu:
            return
        left = max(Decimal(0), self._day_limit_cu - spent_cu)
        left_words = f"{left.normalize():f} of today's {amount(self._day_limit_cu)} are left to spend"
        raise BudgetError(
            f"It costs {amount(job.left_cu)}, and {left_words}: go on with it tomorrow, or raise the limit for a day."
        )
