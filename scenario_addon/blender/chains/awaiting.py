# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocking until a job and all that follows it are through, for scripts. Main thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..delivery.waiting import wait_for_job
from .order import follower

if TYPE_CHECKING:
    from ...engine.ledger.job import Job
    from ...engine.values import JobId

__all__ = ["wait_for_all"]


def wait_for_all(job_id: JobId) -> Job:
    """Block until nothing follows by itself any more; gives the last job that there is."""
    job = wait_for_job(job_id)
    while (after := follower(job)) is not None:
        job = wait_for_job(after.id)
    return job
