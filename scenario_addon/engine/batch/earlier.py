# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger has of an order already: the same order is not paid for twice by itself.

The same are two orders of one project that ask for the same: pictures by content, model, parameters. What the result is
to be called and where it goes makes no difference: a file can be copied, or fetched again for nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum
from typing import Final

from ..errors import DownloadError
from ..ledger.job import Job, State
from ..ledger.ledger import Ledger
from ..values import JobId, Order

__all__ = ["Standing", "find_earlier", "left_unpaid", "standing"]


class Standing(IntEnum):
    """What can be done with an earlier job, best first."""

    DONE = 0
    """Its file is here."""
    MADE = 1
    """It is paid for and was made, but its file is not here: it can be fetched again."""
    ORDERED = 2
    """It is paid for, or may be."""
    IN_DOUBT = 3
    """It may be paid for, and the user has given it up."""
    WAITING = 4
    """It has cost nothing yet."""


_MAY_BE_PAID: Final = frozenset({State.SUBMITTING, State.UNCERTAIN, State.RUNNING, State.SUCCEEDED, State.DOWNLOADED})


def standing(job: Job) -> Standing | None:
    """What can be done with a job; ``None`` for one that came to nothing."""
    if job.state in (State.READY, State.IMPORTED):
        if job.file_here is not None:
            return Standing.DONE
        return Standing.MADE if job.result_ids else None
    if job.state is State.FAILED:  # made, but what arrived was damaged
        return Standing.MADE if job.result_ids and job.error_kind == DownloadError.__name__ else None
    if job.state is State.CANCELLED:  # the service went on with it
        return Standing.ORDERED if job.remote_id is not None else Standing.IN_DOUBT if job.is_in_doubt else None
    return Standing.ORDERED if job.state in _MAY_BE_PAID else Standing.WAITING


def find_earlier(ledger: Ledger, order: Order, *, scope: str) -> list[Job]:
    """Find the jobs that make an order unnecessary, the best first; of equals its name and folder, then the oldest."""

    def key(job: Job) -> tuple[int, bool]:
        is_here = (job.order.name, job.order.folder) == (order.name, order.folder)
        return standing(job) or Standing.DONE, not is_here

    return sorted((job for job in ledger.same(order, scope=scope) if standing(job) is not None), key=key)


def left_unpaid(ledger: Ledger, order: Order, *, scope: str, but: Collection[JobId]) -> Job | None:
    """Claim what an earlier run was not allowed to pay for, so that no queue of orders is left behind.

    :param but: jobs that are left alone.
    """
    jobs = (job for job in find_earlier(ledger, order, scope=scope) if job.id not in but)
    claimed = (ledger.claim(job.id) for job in jobs if standing(job) is Standing.WAITING)
    return next((job for job in claimed if job is not None), None)
