# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of a job work with, and how long they wait."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..api.client import ScenarioClient
from ..gltf.document import READABLE
from ..ledger.job import Job
from ..ledger.ledger import Ledger
from ..pace.asking import Asking
from ..pace.throttle import Throttle
from ..values import Activity, JobId
from .budget import Budget
from .pricing import Prices

__all__ = ["Env", "back_off_s"]


def _silent(job_id: JobId, activity: Activity | None) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """What steps work with. Shared by all worker threads."""

    client: ScenarioClient
    ledger: Ledger
    budget: Budget
    prices: Prices | None = None
    """Of the like, where many jobs ask for it; ``None``: each job asks for itself."""
    throttle: Throttle = field(default_factory=Throttle)
    """How many jobs may be at the service."""
    asking: Asking = field(default_factory=Asking)
    """When to ask it about each."""
    wait: Callable[[float], None] = time.sleep
    """How to pause inside a step, in seconds."""
    now: Callable[[], float] = time.time
    own_folder: Path | None = None
    """Where files go when they cannot go where they should; ``None`` for nowhere."""
    readable: frozenset[str] = READABLE
    """The glTF extensions that whoever imports the meshes can read."""
    report: Callable[[JobId, Activity | None], None] = _silent
    """Told what a step is doing; ``None`` when it is over. Called from worker threads."""

    def expire_prices(self) -> None:
        """Have prices asked for anew before anything else is ordered."""
        if self.prices is not None:
            self.prices.expire()


def back_off_s(job: Job, asked_s: float | None) -> float:
    """How long to wait after a failure, in seconds.

    :param asked_s: what the service asks for; ``None`` when it does not say.
    """
    if asked_s is not None:
        return max(1.0, asked_s)
    return min(60.0, 2.0 * 2 ** min(job.failures, 6)) * random.uniform(0.75, 1.0)
