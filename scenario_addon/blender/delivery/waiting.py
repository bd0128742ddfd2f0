# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocking until a job is through, for scripts and wherever else there is no timer to carry it on. Main thread only."""

from __future__ import annotations

import time
from typing import Final

from ...engine.ledger.job import Job, State
from ...engine.text import sentences, shortened
from ...engine.values import JobId
from ..app.session import session
from .delivery import awaits_delivery, deliver_ready
from .homes import is_homeless

__all__ = ["wait_for_job", "why"]

_PULSE_S: Final = 0.05
"""How often it looks."""
_TRIES: Final = 8
"""After so many failures in a row, which is some minutes, it gives up."""


def wait_for_job(job_id: JobId) -> Job:
    """Block until nothing follows by itself any more.

    A job that meets trouble again and again is let be: the ledger remembers it.
    """
    while True:
        session.tick()
        deliver_ready()
        job = session.jobs[job_id]
        is_through = job.is_settled or job.is_held or job.failures >= _TRIES
        if is_through and not session.jobs.is_asked(job_id) and not awaits_delivery(job):
            return job
        time.sleep(_PULSE_S)


def why(job: Job) -> str:
    """What became of a job whose mesh is not in the scene, with the service's own words where it has any."""
    if job.state is State.CANCELLED:
        return "The job was cancelled."
    if job.state is State.READY and not job.error:
        what, how = ("picture", "use_picture") if job.order.gives_picture else ("mesh", "import_result")
        where = "Its scene is gone" if is_homeless(job) else f"The {what} was made for another file"
        return f"{where}: import it from the list, or with scenario.{how}."
    return shortened(sentences(job.error, job.hint)) or job.words.capitalize()
