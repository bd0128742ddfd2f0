# SPDX-License-Identifier: GPL-3.0-or-later
"""How often something is tried again before it waits for the user, where nobody sits beside it."""

from __future__ import annotations

import math
from typing import Final

from ..errors import RateLimited
from ..ledger.job import Job, State
from ..pipeline.steps import LOOKS

__all__ = ["tries"]

_UNPAID_TRIES: Final = 4
"""About half a minute."""
_PAID_TRIES: Final = 14
"""About ten minutes."""


def tries(job: Job) -> float:
    """After how many failures in a row a job is given up for now; without end where the service says when to come."""
    if job.error_kind == RateLimited.__name__:
        return math.inf
    if job.state is State.UNCERTAIN:
        return LOOKS + 1  # after the last one, the user is asked
    return _PAID_TRIES if job.is_paid else _UNPAID_TRIES
