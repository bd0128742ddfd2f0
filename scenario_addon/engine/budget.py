# SPDX-License-Identifier: GPL-3.0-or-later
"""A limit on what a group of jobs may cost together, reserved before anything is submitted."""

from __future__ import annotations

import threading
from decimal import Decimal

from .errors import BudgetError
from .job import Job
from .values import JobId

__all__ = ["Budget"]


class Budget:
    """:param limit_cu: in creative units; ``None`` for no limit. Any thread."""

    def __init__(self, limit_cu: Decimal | None = None) -> None:
        self._limit_cu = limit_cu
        self._reserved: dict[JobId, Decimal] = {}
        self._lock = threading.Lock()

    def reserve(self, job: Job) -> None:
        """Set a job's price aside, once.

        :raises BudgetError: it costs more than is left, or a limit is set and its price is unknown.
        """
        limits = [limit for limit in (self._limit_cu, job.max_cost_cu) if limit is not None]
        if not limits:
            return
        if job.quote_cu is None:
            raise BudgetError(f"The service does not say what this costs, and at most {min(limits)} CU may be spent.")
        if job.max_cost_cu is not None and job.quote_cu > job.max_cost_cu:
            raise BudgetError(f"It costs {job.quote_cu} CU, and at most {job.max_cost_cu} CU may be spent on a job.")
        if self._limit_cu is None:
            return
        with self._lock:
            others = sum((cost for job_id, cost in self._reserved.items() if job_id != job.id), Decimal(0))
            if others + job.quote_cu > self._limit_cu:
                left = self._limit_cu - others
                raise BudgetError(f"It costs {job.quote_cu} CU, and {left} of {self._limit_cu} CU are left to spend.")
            self._reserved[job.id] = job.quote_cu

    def settle(self, job: Job) -> None:
        """Count what a settled job really cost instead of its price."""
        with self._lock:
            if job.id in self._reserved:
                self._reserved[job.id] = job.billed_cu or Decimal(0)
