# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the service may take for a job before that is left to it."""

from __future__ import annotations

import time

from ..ledger.job import Job, State
from ..pace.clock import Clock
from ..text import duration
from ..values import JobId

__all__ = ["Deadline"]


class Deadline:
    """Counts from when the service took the order, also in an earlier run; each job is asked about once in any case.

    :param limit_s: ``None`` for no end.
    :param is_anew: whether the time in earlier runs does not count.
    """

    def __init__(self, clock: Clock, limit_s: float | None = None, *, is_anew: bool = False) -> None:
        self._clock, self._limit_s, self._is_anew = clock, limit_s, is_anew
        self._since_s: dict[JobId, float] = {}

    @property
    def told(self) -> str:
        """What is said of a job that has taken too long."""
        return (
            f"Still being made after {duration(self._limit_s or 0)}: it is left to the service, and the same command "
            "again or `resume` fetches it."
        )

    def note(self, job: Job) -> None:
        """Heed how a job stands now."""
        if job.state is not State.RUNNING:
            self.forget(job.id)
        elif job.id not in self._since_s:
            is_old = job.submitted_at is not None and not self._is_anew
            age_s = max(0.0, time.time() - (job.submitted_at or 0.0)) if is_old else 0.0
            self._since_s[job.id] = self._clock.monotonic() - age_s

    def is_over(self, job_id: JobId) -> bool:
        since_s = self._since_s.get(job_id)
        return self._limit_s is not None and since_s is not None and self._clock.monotonic() - since_s >= self._limit_s

    def forget(self, job_id: JobId) -> None:
        self._since_s.pop(job_id, None)
