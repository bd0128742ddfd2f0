# SPDX-License-Identifier: GPL-3.0-or-later
"""Which job of the ledger somebody means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..errors import MeshError
from ..ledger.job import Job
from .origin import origin_of

__all__ = ["meant"]

_NAMED: Final = 3
"""So many of several jobs are named."""


def meant(jobs: Iterable[Job], text: str, *, scope: str) -> Job | None:
    """Find the job of a project that is meant; ``None`` when it is none of the ledger's.

    :param text: its id or how that begins, or the service's.
    :raises MeshError: it may be several, or it is another project's.
    """
    found = [job for job in jobs if job.remote_id == text or job.id.startswith(text)]
    ours = [job for job in found if job.scope == scope]
    if len(ours) > 1:
        named = ", ".join(f"{job.id[:8]} ({job.order.name})" for job in ours[:_NAMED])
        raise MeshError(f"{text} may be {len(ours)} jobs, such as {named}: give more of the id.")
    if ours:
        return ours[0]
    if found:
        origin = origin_of(found[0])
        owner = f"project {origin.project_id}" if origin and origin.project_id else "another key or project"
        raise MeshError(f"The job {text} belongs to {owner}: use that one, or give the file.")
    return None
