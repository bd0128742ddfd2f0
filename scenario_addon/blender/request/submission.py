# SPDX-License-Identifier: GPL-3.0-or-later
"""Ordering what was filled in: at once, or when the pictures of the selected objects are there. Main thread only."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

import bpy

from ...engine.account.days import day_began
from ...engine.errors import AlreadyOrdered, BudgetError, ScenarioError
from ...engine.ledger.job import Job, State, new_job
from ...engine.models.seeds import maker_of
from ...engine.text import amount
from ..app.config import day_limit_cu, max_cost_cu
from ..app.session import session
from ..chains.order import chained, expected_cu
from ..sources import subjects
from .duplicates import job_under_way, jobs_by_identity, waiting_for_user
from .filling import complete_all, prepare_all
from .form import Bill, enumerated

if TYPE_CHECKING:
    from ...engine.values import Order
    from ..sources.subjects import Wanted
    from ..studio.capture import Capture
    from .form import Form

__all__ = ["Filled", "filled", "follow", "order_with_pictures", "submit", "told_of"]

log = logging.getLogger(__name__)

_ABOUT: Final = "pictures"
"""What the notices are about."""


@dataclass(frozen=True)
class _One:
    """One mesh of a press."""

    form: Form
    """Of its model."""
    order: Order
    twin: Job | None
    """A job that makes the same already."""


@dataclass(frozen=True)
class Filled:
    """What would be ordered by a press."""

    form: Form
    ones: tuple[_One, ...]
    notes: tuple[str, ...]
    """What the artist should know of it."""

    @property
    def twins(self) -> list[Job]:
        """The jobs that make the same already as some of it."""
        return [one.twin for one in self.ones if one.twin is not None]

    @property
    def is_under_way(self) -> bool:
        """Whether all of it is being made already: who presses then wants it once more. Else the rest is ordered."""
        return len(self.twins) == len(self.ones)

    def wanted(self, *, again: bool) -> list[_One]:
        """Give what is to be ordered.

        :param again: also what is being made already.
        """
        return [one for one in self.ones if again or one.twin is None]

    def bill(self, *, again: bool) -> Bill:
        """What that costs."""
        wanted = self.wanted(again=again)
        return Bill.of((form, sum(one.form is form for one in wanted)) for form in self.form.forms)

    def told(self, *, again: bool) -> tuple[str, ...]:
        """What the artist should know once it is ordered."""
        if again or not self.twins:
            return self.notes
        made = f"{_makers(self.twins)} {'is' if len(self.twins) == 1 else 'are'} being made already"
        return (f"{made}, and not ordered again.", *self.notes)


def filled(form: Form, orders: Sequence[tuple[Form, Order]], notes: Sequence[str]) -> Filled:
    """See what of it is being made."""
    known = jobs_by_identity()
    return Filled(form, tuple(_One(one, order, job_under_way(order, known)) for one, order in orders), tuple(notes))


def submit(wanted: Filled, *, again: bool, is_agreed: bool) -> list[Job]:
    """Have jobs written down, all before the first is ordered, and carried on.

    Of several, what is being made already is left out.

    :param again: order it all the same.
    :param is_agreed: whether the artist was asked, and said yes, at this price.
    :raises ScenarioError: they cannot be asked for: none of them is.
    """
    if wanted.is_under_way and not again:
        raise AlreadyOrdered(f"{told_of(wanted.twins)} Wait for it, or order it again with again=True.")
    ones, bill = wanted.wanted(again=again), wanted.bill(again=again)
    if not is_agreed:
        _check_limit(bill)
    _check_day(bill)
    scope = session.online().scope
    known = jobs_by_identity()
    for job in [job for one in ones for job in waiting_for_user(one.order, known)]:
        session.jobs.remove(job.id)  # this press is the answer that it waited for
    jobs: list[Job] = []
    for one in ones:
        price_cu = one.form.cost_cu
        is_allowed = is_agreed and (price_cu is not None or bill.is_over_limit)
        limit_cu: Decimal | None = price_cu if is_allowed else max_cost_cu()
        job = new_job(one.order, scope=scope, max_cost_cu=limit_cu, quote_cu=price_cu)
        jobs.append(chained(job, one.form.step, budget_cu=_budget_cu(one.form, bill, is_agreed=is_agreed)))
    session.submit(*jobs, again=again)
    return jobs


def _budget_cu(form: Form, bill: Bill, *, is_agreed: bool) -> Decimal | None:
    """What a mesh and what follows it may cost: what was agreed to, else what may be spent without asking."""
    if form.step is None or not is_agreed:
        return max_cost_cu()
    if form.cost_cu is not None and form.step.cost_cu is not None:
        return form.cost_cu + form.step.cost_cu
    return None if bill.is_over_limit else max_cost_cu()


def _check_limit(bill: Bill) -> None:
    """Refuse what costs more together than may be spent without asking: nobody was asked.

    A job alone looks at its limit by itself, at the price of the moment.

    :raises BudgetError: it does, or a price is unknown.
    """
    if bill.count > 1 and bill.is_over_limit:
        raise BudgetError(f"Nothing was ordered: {_uncapitalized(bill.limit_question)}")


def _check_day(bill: Bill) -> None:
    """Order nothing of several that would not all fit into the day, as far as is known here.

    What others spend meanwhile stops each job by itself.

    :raises BudgetError: they would not.
    """
    limit_cu = day_limit_cu()
    if limit_cu is None or bill.count == 1:
        return
    left_cu = max(Decimal(0), limit_cu - _spent_today_cu())
    if bill.known_cu > left_cu:
        raise BudgetError(
            f"Nothing was ordered: {_uncapitalized(bill.words)}, and {left_cu.normalize():f} of today's "
            f"{amount(limit_cu)} are left to spend: choose fewer, or raise the limit for a day."
        )


def _spent_today_cu() -> Decimal:
    """What the jobs of this project cost that were ordered today, or are about to be."""
    scope = session.online().scope
    midnight = day_began(time.time())
    spent_cu = Decimal(0)
    for job in session.jobs.values():
        if job.scope != scope:
            continue
        if job.submitted_at is not None and job.submitted_at >= midnight:
            spent_cu += job.counted_cu
        elif not job.was_ordered and session.jobs.is_active(job):
            spent_cu += job.quote_cu or Decimal(0)
    return spent_cu + expected_cu(job for job in session.jobs.values() if job.scope == scope)


def order_with_pictures(context: bpy.types.Context, form: Form, *, is_agreed: bool) -> None:
    """Have the pictures of the selected objects taken, and what the form says now ordered once they are there.

    :raises ScenarioError: it cannot be asked for.
    """
    wanted = {one.wanted.key: one.wanted for one in form.forms if one.wanted is not None}
    if any(subjects.shots().is_followed(key) for key in wanted):
        raise AlreadyOrdered("Its pictures are being taken, and it is ordered once they are there.")
    prepared = prepare_all(context, form)
    sittings = _Sittings(wanted)

    def fill() -> Filled:
        captures = [sittings.capture(one.wanted) for one in form.forms]
        return filled(form, *complete_all(form, prepared, captures))

    sittings.begin(lambda: follow(fill, about=_ABOUT, is_agreed=is_agreed, remedy=" Generate orders it again."))


def follow(fill: Callable[[], Filled], *, about: str, is_agreed: bool, remedy: str = "") -> None:
    """Order what had to wait, or tell why not: nobody looks on.

    :param fill: gives what is wanted, or raises a :class:`ScenarioError`.
    :param about: what the notices are about.
    :param remedy: what to do where the same is being made already.
    """
    try:
        one = fill()
        if one.is_under_way:
            raise AlreadyOrdered(f"{told_of(one.twins)}{remedy}")
        submit(one, again=False, is_agreed=is_agreed)
    except ScenarioError as error:
        session.tell(about, f"Nothing was ordered: {error.user_message}")
    except Exception:  # else whoever waits for it would never hear of it
        log.exception("ordering what had to wait (%s) broke", about)
        session.tell(about, "Nothing was ordered: something unexpected happened; see the system console.")
    else:
        session.tell(about, " ".join(one.told(again=False)) or None)


class _Sittings:
    """Pictures of the selected objects that are taken for several models, each as it wants them.

    :param wanted: by what they show.
    """

    def __init__(self, wanted: Mapping[Hashable, Wanted]) -> None:
        self._wanted = wanted
        self._outcomes: dict[Hashable, Capture | ScenarioError] = {}
        self._is_off = False

    def begin(self, follow: Callable[[], None]) -> None:
        """Have those taken that are not there.

        :param follow: is called once all are there, or cannot be.
        :raises DiskError: a copy of the objects cannot be written; nothing follows.
        """
        for key, one in self._wanted.items():
            if (capture := subjects.fresh(one)) is not None:
                self._outcomes[key] = capture
        missing = [key for key in self._wanted if key not in self._outcomes]
        try:
            for key in missing:
                subjects.take_in_background(self._wanted[key], partial(self._note, key, follow))
        except ScenarioError:
            self._is_off = True
            raise

    def _note(self, key: Hashable, follow: Callable[[], None], outcome: Capture | ScenarioError) -> None:
        self._outcomes[key] = outcome
        if len(self._outcomes) == len(self._wanted) and not self._is_off:
            follow()

    def capture(self, wanted: Wanted | None) -> Capture | None:
        """:raises ScenarioError: there are no pictures."""
        outcome = self._outcomes[wanted.key] if wanted is not None else None
        if isinstance(outcome, ScenarioError):
            raise outcome
        return outcome


def told_of(twins: Sequence[Job]) -> str:
    """Say in a sentence what is being done already."""
    twin = twins[0]
    if len(twins) > 1:
        return f"All {len(twins)} ({_makers(twins)}) were ordered already, and are being made."
    if twin.error_kind == AlreadyOrdered.__name__:
        return f"The same ({twin.order.name}) is being made by another Blender or a script."
    if twin.state is State.UNCERTAIN:
        return f"The same ({twin.order.name}) was ordered, and no answer has come yet."
    if twin.is_held:
        return f"The same ({twin.order.name}) was ordered already, and Try Again goes on with it."
    return f"The same ({twin.order.name}) is being made."


def _makers(jobs: Sequence[Job]) -> str:
    return enumerated([maker_of(job.order) for job in jobs])


def _uncapitalized(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
