# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs in the list as they would be in some state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scenario_addon.blender.app.session import session
from scenario_addon.engine.ledger.job import Job
from scenario_addon.engine.values import JobId

__all__ = ["delayed", "enter"]


def enter(job: Job, **changes: object) -> Job:
    """Put a job of this Blender into the list as it would be in some state."""
    job = replace(job, **changes)
    if job.id in session.jobs:
        session.jobs.write(job)
    else:
        session.connection.runner.add(job)
    return job


def delayed(job: Job, **changes: Any) -> None:
    """Have a job in the list that goes on after a while."""
    session.jobs.remove(job.id)
    enter(job, id=JobId("delayed"), **changes)
