# SPDX-License-Identifier: GPL-3.0-or-later
"""Presses that are one too many: a double click, and one for what is being made already. Main thread only."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ... import engine
from ...engine.errors import AlreadyOrdered
from ..app.session import session
from ..chains.order import follower

if TYPE_CHECKING:
    from ...engine.ledger.job import Job
    from ...engine.values import Order

__all__ = ["is_double_click", "job_under_way", "jobs_by_identity", "note_press", "waiting_for_user"]

_DOUBLE_CLICK_S: Final = 1.0


def note_press() -> None:
    """Note that something was ordered by a press."""
    session.pressed_at_s = time.monotonic()


def is_double_click() -> bool:
    """Whether a press comes so soon after another one that both are meant as one."""
    return time.monotonic() - session.pressed_at_s < _DOUBLE_CLICK_S


def jobs_by_identity() -> Mapping[str, Sequence[Job]]:
    """Give the jobs of this project by what they make: once for all orders of a press, since there may be many."""
    found: dict[str, list[Job]] = {}
    connection = session.connection
    for job in session.jobs.values() if connection is not None else ():
        if job.scope == connection.scope:
            found.setdefault(job.order.identity, []).append(job)
    return found


def job_under_way(order: Order, known: Mapping[str, Sequence[Job]]) -> Job | None:
    """Find the job that makes the same already, or was told that another process does.

    :param known: as :func:`jobs_by_identity` gives it.
    """
    alike = _alike(order, known)
    in_question = [one for job in alike for one in (job, follower(job)) if one is not None]
    under_way = (job for job in in_question if engine.is_under_way(job))
    return next(under_way, next((job for job in alike if job.error_kind == AlreadyOrdered.__name__), None))


def waiting_for_user(order: Order, known: Mapping[str, Sequence[Job]]) -> list[Job]:
    """Find the jobs that would make the same, were never ordered, and wait for the user."""
    never_ordered = (job for job in _alike(order, known) if not job.was_ordered)
    return [job for job in never_ordered if job.is_held and not session.jobs.is_active(job)]


def _alike(order: Order, known: Mapping[str, Sequence[Job]]) -> list[Job]:
    return [job for identity in dict.fromkeys(order.identities) for job in known.get(identity, ())]
