# SPDX-License-Identifier: GPL-3.0-or-later
"""How often something is tried again before it waits for the user, where nobody sits beside it."""

from __future__ import annotations

import math
from typing import Final

from ..errors import NetworkError, ProtocolError, RateLimited, ServerError, TlsError, Unanswered
from ..ledger.job import Job, State
from ..pace.clock import Clock
from ..pipeline.steps import LOOKS
from ..values import JobId

__all__ = ["Patience", "tries"]

_UNPAID_TRIES: Final = 4
"""About half a minute."""
_PAID_TRIES: Final = 14
"""About ten minutes."""
_OUTAGE_S: Final = 3600.0
"""So long a batch waits for a service that nobody reaches."""
_PASSING: Final = frozenset(kind.__name__ for kind in (NetworkError, TlsError, Unanswered, ServerError, ProtocolError))


def tries(job: Job) -> float:
    """After how many failures in a row a job is given up for now; without end where the service says when to come."""
    if job.error_kind == RateLimited.__name__:
        return math.inf
    if job.state is State.UNCERTAIN:
        return LOOKS + 1  # after the last one, the user is asked
    return _PAID_TRIES if job.is_paid else _UNPAID_TRIES


class Patience:
    """A job is given up after so many tries, unless the trouble is everybody's: then a batch waits until it is over.

    :param is_batch: whether there is more than one item, for which somebody may be waiting until morning.
    """

    def __init__(self, clock: Clock, *, is_batch: bool = False) -> None:
        self._clock, self._is_batch = clock, is_batch
        self._went_well_s = -math.inf
        """When a step of any job last reached the service."""
        self._failing: dict[JobId, float] = {}
        """Since when."""
        self._was_in_vain = False
        """Whether the end of an outage was waited for that did not come."""

    def note(self, job: Job) -> None:
        """Heed what came of a step."""
        if job.error_kind not in _PASSING:
            self._went_well_s, self._was_in_vain = self._clock.monotonic(), False
            self.forget(job.id)

    def has(self, job: Job) -> bool:
        """Whether to go on after a failure."""
        now_s = self._clock.monotonic()
        since_s = self._failing.setdefault(job.id, now_s)
        if job.failures < tries(job):
            return True
        is_outage = job.error_kind in _PASSING and self._went_well_s <= since_s
        if not (self._is_batch and is_outage):
            return False
        self._was_in_vain = self._was_in_vain or now_s - since_s >= _OUTAGE_S
        return not self._was_in_vain

    def forget(self, job_id: JobId) -> None:
        self._failing.pop(job_id, None)
