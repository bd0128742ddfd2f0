# SPDX-License-Identifier: GPL-3.0-or-later
"""Ordering what was filled in: at once, or when the pictures of the selected objects are there. Main thread only."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import bpy

from ...engine.errors import AlreadyOrdered, ScenarioError
from ...engine.ledger.job import State, new_job
from ..app.config import max_cost_cu
from ..app.session import session
from ..sources import subjects
from .duplicates import job_under_way, waiting_for_user
from .filling import complete, prepare

if TYPE_CHECKING:
    from ...engine.ledger.job import Job
    from ...engine.values import Order
    from ..studio.capture import Capture
    from .reading import Form

__all__ = ["Filled", "filled", "order_with_pictures", "submit", "told_of"]

log = logging.getLogger(__name__)

_ABOUT: Final = "pictures"
"""What the notices are about."""


@dataclass(frozen=True)
class Filled:
    """What would be ordered."""

    form: Form
    order: Order
    notes: tuple[str, ...]
    """What the artist should know of it."""
    twin: Job | None
    """A job that makes the same already."""


def filled(form: Form, order: Order, notes: Sequence[str]) -> Filled:
    """See whether the same is being made."""
    return Filled(form, order, tuple(notes), job_under_way(order))


def submit(wanted: Filled, *, again: bool, is_agreed: bool) -> Job:
    """Have a job written down and carried on.

    :param again: even if the same is being made.
    :param is_agreed: whether the artist was asked, and said yes, at this price.
    :raises ScenarioError: it cannot be asked for.
    """
    if wanted.twin is not None and not again:
        raise AlreadyOrdered(f"{told_of(wanted.twin)} Wait for it, or order it again with again=True.")
    for job in waiting_for_user(wanted.order):
        session.jobs.remove(job.id)  # this press is the answer that it waited for
    price_cu = wanted.form.cost_cu
    is_allowed = is_agreed and (price_cu is not None or wanted.form.is_over_limit)
    limit_cu: Decimal | None = price_cu if is_allowed else max_cost_cu()
    job = new_job(wanted.order, scope=session.online().scope, max_cost_cu=limit_cu, quote_cu=price_cu)
    session.submit(job, again=again)
    return job


def order_with_pictures(context: bpy.types.Context, form: Form, *, is_agreed: bool) -> None:
    """Have the pictures of the selected objects taken, and what the form says now ordered once they are there.

    :raises ScenarioError: it cannot be asked for.
    """
    assert form.wanted is not None
    if subjects.shots().is_followed(form.wanted.key):
        raise AlreadyOrdered("Its pictures are being taken, and it is ordered once they are there.")
    prepared = prepare(context, form)

    def follow(outcome: Capture | ScenarioError) -> None:
        try:
            if isinstance(outcome, ScenarioError):
                raise outcome
            one = filled(form, *complete(prepared, outcome))
            if one.twin is not None:
                raise AlreadyOrdered(f"{told_of(one.twin)} Generate orders it again.")
            submit(one, again=False, is_agreed=is_agreed)
        except ScenarioError as error:
            session.tell(_ABOUT, f"Nothing was ordered: {error.user_message}")
        except Exception:  # else whoever waits for it would never hear of it
            log.exception("ordering with pictures broke")
            session.tell(_ABOUT, "Nothing was ordered: something unexpected happened; see the system console.")
        else:
            session.tell(_ABOUT, " ".join(one.notes) or None)

    subjects.take_in_background(form.wanted, follow)


def told_of(twin: Job) -> str:
    """Say in a sentence what is being done already."""
    if twin.error_kind == AlreadyOrdered.__name__:
        return f"The same ({twin.order.name}) is being made by another Blender or a script."
    if twin.state is State.UNCERTAIN:
        return f"The same ({twin.order.name}) was ordered, and no answer has come yet."
    if twin.is_held:
        return f"The same ({twin.order.name}) was ordered already, and Try Again goes on with it."
    return f"The same ({twin.order.name}) is being made."
