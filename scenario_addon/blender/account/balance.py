# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left of the account and what was spent: known at once or not at all, asked for now and then.

Main thread only. Drawing says that it wants to know; the timer has a worker ask, at most every few minutes and after
something was charged. What is known goes with the session, so that it is never another account's.
"""

from __future__ import annotations

import math
import time
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ... import engine
from ...engine.errors import DiskError, ScenarioError
from ..app.config import accounts, is_from_environment
from ..app.session import session

if TYPE_CHECKING:
    from ...engine.account.account import Account
    from ...engine.account.spending import Spending
    from ...engine.ledger.job import Job
    from ...engine.pipeline.connection import Connection

__all__ = ["Known", "ask_now", "balance", "line", "lines", "price_words", "project_problem", "refresh", "shortfall"]

_AGE_S: Final = 300.0
"""How old what is known may become while somebody looks."""
_SETTLE_S: Final = 5.0
"""Between two questions, however much is charged."""
_TASK: Final = "account"


@dataclass(frozen=True)
class Known:
    """What was told last."""

    account: Account
    spending: Spending


class Balance:
    """What is known for one connection."""

    def __init__(self) -> None:
        self.known: Known | None = None
        self._asked_at_s = -math.inf
        """Monotonic."""
        self._is_wanted = self._is_outdated = False
        self._seen: Hashable = None
        self._charged = frozenset[Hashable]()

    def look(self) -> Known | None:
        """Give what is known; where it is old, it is wanted anew. For drawing: does nothing else."""
        self._is_wanted = self._is_wanted or time.monotonic() - self._asked_at_s > _AGE_S
        return self.known

    def want(self) -> None:
        """Have it asked for as soon as there is a way to the service."""
        self._asked_at_s, self._is_wanted = -math.inf, True

    def refresh(self) -> None:
        """Ask where it is time to. Does not block."""
        connection = session.connection
        if connection is None:
            return
        self._look_for_charges()
        is_due = self._is_wanted or (self._is_outdated and self.known is not None)  # where nobody looks, nobody asks
        if is_due and not self.is_asking and time.monotonic() - self._asked_at_s > _SETTLE_S:
            self._asked_at_s, self._is_wanted, self._is_outdated = time.monotonic(), False, False
            session.tasks.run(_TASK, partial(_ask, connection), self._take)

    def _look_for_charges(self) -> None:
        """Note whether anything was charged, paid back or billed otherwise since. Quick while nothing happens."""
        under_way = frozenset(_charge(job) for job in session.jobs.active if job.is_paid)
        if (seen := (len(session.jobs), under_way)) != self._seen:
            charged = frozenset(_charge(job) for job in session.jobs.values() if job.is_paid)
            self._is_outdated = self._is_outdated or not charged <= self._charged
            self._seen, self._charged = seen, charged

    @property
    def is_asking(self) -> bool:
        return session.tasks.is_running(_TASK)

    def _take(self, result: Known | ScenarioError) -> None:
        if not isinstance(result, ScenarioError):  # else what was known has to do
            self.known = result
            if result.account.projects and not is_from_environment():
                with suppress(DiskError):  # then they are asked for again
                    accounts().learn({project.id: project.name for project in result.account.projects})


def _charge(job: Job) -> Hashable:
    return job.id, job.submission, job.billed_cu


def _ask(connection: Connection) -> Known:
    """Ask the service, and the ledger. Worker thread.

    :raises ScenarioError: it cannot be asked now.
    """
    now, name_of = time.time(), connection.catalogue.name_of
    account = engine.read_account(connection.client, connection.project_id, now=now)
    return Known(account, engine.read_spending(connection.ledger, connection.scope, name_of=name_of, now=now))


def balance() -> Balance:
    """Give that of the connection in use."""
    if session.balance is None:
        session.balance = Balance()
    return session.balance


def refresh() -> bool:
    """Ask for what was to be drawn, where it is time to. For the timer; the answer comes with the tasks'."""
    if session.balance is not None:
        session.balance.refresh()
    return False


def ask_now() -> None:
    """Ask anew, whenever that was done last. Does not block.

    :raises ScenarioError: there is no way to the service.
    """
    session.online()
    balance().want()
    balance().refresh()


def line() -> str:
    """``1,240 CU left until 15 Dec, 41 spent today``; "" where nothing is known. For drawing."""
    known = balance().look()
    return _words().line(known.account, known.spending, now=time.time()) if known is not None else ""


def lines() -> list[str]:
    """Whose the key is, what is left, what was spent today and this month; empty before that is known. For drawing."""
    known = balance().look()
    if known is None:
        return []
    words = _words()
    told = words.left_words(known.account, now=time.time(), with_year=True)
    return [
        words.owner_words(known.account) or "Whose the key is: not told to it",
        told or "What is left: not told to this key",
        words.spent_words("today", known.spending.today),
        words.spent_words("this month", known.spending.this_month),
    ]


def price_words(cost_cu: Decimal) -> str:
    """``105 CU of 1,240 left``; "" where nobody knows what is left. For drawing."""
    known = balance().look()
    return _words().price_words(cost_cu, known.account) if known is not None else ""


def shortfall(cost_cu: Decimal) -> str:
    """``More than the 60 CU that are left until 15 Dec``; "" where it is not. For drawing."""
    known = balance().look()
    return _words().shortfall(cost_cu, known.account, now=time.time()) if known is not None else ""


def project_problem() -> str | None:
    """Say that a project has to be chosen; ``None`` where it has not, or nobody knows. For drawing."""
    known = session.balance.known if session.balance is not None else None
    if known is None or session.connection is None or session.connection.project_id or len(known.account.projects) < 2:
        return None
    if not is_from_environment():
        return "This API key is a team's: choose the project in the preferences."
    from ...engine.account.projects import without_project  # lazy: a worker has loaded it with what is known

    return without_project(known.account.projects)


def _words() -> Any:
    from ...engine.account import words  # lazy: a worker has loaded it with what is known

    return words
