# SPDX-License-Identifier: GPL-3.0-or-later
"""Which jobs the service has, which wait until it takes more, and which of them may go on. For the driver's thread."""

from __future__ import annotations

from typing import Final

from ..errors import RateLimited
from ..ledger.job import Job, State
from ..values import JobId
from .clock import Clock
from .throttle import Throttle

__all__ = ["Admission"]

_UNORDERED: Final = frozenset({State.NEW, State.UPLOADED, State.SUBMITTING})
_AT_SERVICE: Final = frozenset({State.SUBMITTING, State.UNCERTAIN, State.RUNNING})


class Admission:
    def __init__(self, throttle: Throttle, clock: Clock) -> None:
        self._throttle, self._clock = throttle, clock
        self._inside: set[JobId] = set()
        """Those that the service has, or is about to have."""
        self._waiting: set[JobId] = set()
        self._woken: set[JobId] = set()

    def wait_s(self, job: Job) -> float:
        """Let a job's next step begin, which is 0, or have it wait for so long unless :meth:`woken` gives it before."""
        now_s, wait_s = self._clock.monotonic(), 0.0
        self._throttle.listen(now_s)
        if job.state is State.UPLOADED:
            wait_s = self._throttle.wait_s(now_s, at_service=len(self._inside - {job.id}))
        elif job.state in _UNORDERED:
            wait_s = self._throttle.closed_s(now_s)
        if wait_s:
            self._waiting.add(job.id)
        elif job.state in (State.UPLOADED, State.SUBMITTING):
            self._inside.add(job.id)
        return wait_s

    def note(self, job: Job, *, before: Job | None = None) -> None:
        """Heed what has become of a job."""
        if job.state in _AT_SERVICE and not job.is_held:
            self._inside.add(job.id)
            return
        self.leave(job.id)
        if job.state is State.UPLOADED and job.error_kind == RateLimited.__name__:
            if before is not None and before.state is State.SUBMITTING:
                now_s = self._clock.monotonic()
                self._throttle.listen(now_s)
                self._throttle.refused(now_s, others=len(self._inside))
            self._waiting.add(job.id)

    def leave(self, job_id: JobId) -> None:
        """Make room, for what has left the service."""
        self._waiting.discard(job_id)
        if job_id in self._inside:
            self._inside.discard(job_id)
            self._woken |= self._waiting
            self._waiting.clear()

    def woken(self) -> set[JobId]:
        """Those that waited and may try again, since the last call."""
        woken, self._woken = self._woken, set()
        return woken
