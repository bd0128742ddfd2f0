# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job costs."""

from __future__ import annotations

from decimal import Decimal

from ..ledger.job import Job

__all__ = ["told_cu"]


def told_cu(job: Job) -> Decimal | None:
    """What people are told that a job costs: what the service has billed, before that its price, if anybody knows."""
    return job.billed_cu if job.billed_cu is not None else job.quote_cu
