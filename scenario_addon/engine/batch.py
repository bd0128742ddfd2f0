# SPDX-License-Identifier: GPL-3.0-or-later
"""Many items through one runner: a few at a time, one result each, a report at the end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

from . import actions
from .connection import Connection
from .errors import DiskError, DownloadError, ScenarioError
from .files import write_whole
from .host import Host
from .job import SETTLED, Job, State, new_job
from .names import free_path
from .owner import exclusive
from .runner import Runner
from .store import Store
from .values import JobId, Order

__all__ = ["Item", "Outcome", "Watcher", "carry_on", "run_items", "write_report"]

_UNPAID_TRIES: Final = 4
"""Failures in a row after which a job that has cost nothing waits for the user: about half a minute."""
_PAID_TRIES: Final = 14
"""The same for one that is paid for: about ten minutes."""
_ELSEWHERE: Final = "Another process is carrying this on: run this again when it is through."


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to make."""

    label: str
    """What the user called it: the picture's path as given."""
    order: Order


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item."""

    label: str
    job: Job
    seconds: float
    error: str | None = None

    @property
    def is_done(self) -> bool:
        return self.error is None and self.job.file is not None

    def report(self) -> dict[str, Any]:
        file = self.job.file
        return {
            "image": self.label,
            "model": self.job.order.model_id,
            "state": str(self.job.state),
            "job_id": self.job.id,
            "glb": str(file.path) if file else None,
            "blend": str(self.job.blend) if self.job.blend else None,
            "cost_cu": float(self.job.billed_cu) if self.job.billed_cu is not None else None,
            "seconds": round(self.seconds, 3),
            "error": self.error,
        }


class Watcher(Protocol):
    """Whoever wants to know how it goes. Called from the thread that runs the batch."""

    def changed(self, job: Job) -> None: ...

    def look(self, runner: Runner) -> None:
        """Called several times a second while something is under way."""
        ...

    def concluded(self, outcome: Outcome) -> None: ...


def run_items(
    connection: Connection,
    items: Sequence[Item],
    *,
    at_once: int,
    resume: bool,
    host: Host | None,
    watcher: Watcher,
) -> list[Outcome]:
    """Make every item, a few at a time. Blocks; main thread where a .blend is wanted.

    :param at_once: how many may be at the service at the same time.
    :param resume: go on with what an earlier run of the same items left, and leave alone what it finished.
    :param host: writes a .blend beside each model; ``None`` for none.
    """
    crew = _Crew(connection, host, watcher)
    waiting, given = list(reversed(items)), set[JobId]()

    def feed() -> None:
        while waiting and len(crew.active) < at_once:
            item = waiting.pop()
            job = _job_for(connection, item.order, given, resume=resume)
            given.add(job.id)
            crew.take(item.label, job)

    feed()
    while crew.active:
        crew.run(then=feed)
    return crew.outcomes


def carry_on(connection: Connection, *, watcher: Watcher, submit_again: JobId | None = None) -> list[Outcome]:
    """Carry every unfinished job of the ledger on to its end, including those that wait for the user. Blocks.

    :param submit_again: a job whose submission was never answered, and that may cost a second time.
    """
    crew = _Crew(connection, None, watcher)
    # Once more each time: meanwhile, another process may have died.
    while adopted := connection.runner.adopt(
        scope=connection.scope,
        retry=True,
        wanted=lambda job: job.state is not State.READY,  # what is only left to do is for a scene
    ):
        for job in adopted:
            if job.id == submit_again:
                connection.runner.ask(job, actions.submit_again)
            crew.take(job.order.name, job)
        while crew.active:
            crew.run(then=lambda: None)
    return crew.outcomes


class _Crew:
    """The jobs under way, and what has become of the others."""

    def __init__(self, connection: Connection, host: Host | None, watcher: Watcher) -> None:
        self.active: list[JobId] = []
        self.outcomes: list[Outcome] = []
        self._runner = connection.runner
        self._host = host
        self._store = connection.store
        self._watcher = watcher
        self._labels: dict[JobId, str] = {}
        self._began: dict[JobId, float] = {}

    def take(self, label: str, job: Job) -> None:
        self.active.append(job.id)
        self._labels[job.id], self._began[job.id] = label, time.monotonic()
        if job.is_settled or job.is_held:
            self._conclude(job)

    def run(self, *, then: Callable[[], None]) -> None:
        """Drive the jobs until none is left.

        :param then: called after each conclusion, to take another one.
        """

        def changed(job: Job) -> None:
            self._watcher.changed(job)
            if job.id in self.active and (job.is_settled or job.is_held):
                self._conclude(job)
                then()

        self._runner.run(
            self.active,
            on_change=changed,
            on_look=lambda: self._watcher.look(self._runner),
            patience=lambda job: job.failures < (_PAID_TRIES if job.is_paid else _UNPAID_TRIES),
        )

    def _conclude(self, job: Job) -> None:
        self.active.remove(job.id)
        seconds = time.monotonic() - self._began[job.id]
        outcome = _outcome(self._labels[job.id], job, seconds, host=self._host, store=self._store)
        self.outcomes.append(outcome)
        self._watcher.concluded(outcome)


def write_report(path: Path, outcomes: Sequence[Outcome], *, seconds: float) -> None:
    """:raises DiskError: it cannot be written."""
    costs = [o.job.billed_cu for o in outcomes if o.job.billed_cu is not None]
    report = {
        "items": [outcome.report() for outcome in outcomes],
        "cost_cu": float(sum(costs, Decimal(0))),
        "seconds": round(seconds, 3),
    }
    try:
        write_whole(path, (json.dumps(report, indent=1, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        raise DiskError(f"The report {path} cannot be written ({error.strerror}): choose another file.") from error


def _identity(order: Order) -> str:
    """The same for two orders that would make the same thing in the same place."""
    pictures = {e.name: [image.sha256 for image in e.images] for e in order.pictures}
    what = [order.model_id, pictures, dict(order.values), order.name, str(order.folder), dict(order.target)]
    return json.dumps(what, sort_keys=True, default=str)


def _left(connection: Connection, order: Order, given: Collection[JobId], *, resume: bool) -> Job | None:
    """What an earlier run, or one that goes on beside this one, left of an item: best one that is done.

    Without ``resume`` only what has cost nothing yet is taken up again, so that a budget that was too small does
    not leave a queue of orders behind.

    :param given: the jobs that make other items of this run.
    """
    wanted = _identity(order)
    left = [
        job
        for job in connection.store.same(order, scope=connection.scope)
        if job.id not in given
        and (job.state not in (*SETTLED, State.READY) or _can_fetch_again(job) or _is_done(job))
        and (resume or not job.is_paid)
        and _identity(job.order) == wanted
    ]
    return max(left, key=_is_done, default=None)  # the oldest of several


def _job_for(connection: Connection, order: Order, given: Collection[JobId], *, resume: bool) -> Job:
    """What makes an item: a job that an earlier run left, or a new one.

    :return: with ``resume``, a job that waits for the user where another process carries it.
    """
    # Nobody else looks meanwhile: the same command twice at once makes everything once.
    with exclusive(connection.store.path.with_name("batch.lock")):
        left = _left(connection, order, given, resume=resume)
        if left is None:
            return _made(connection, order)
    if job := _taken_up(connection, left, order):
        return job
    return left.delayed(ScenarioError(_ELSEWHERE), wait_s=None) if resume else _made(connection, order)


def _made(connection: Connection, order: Order) -> Job:
    job = new_job(order, scope=connection.scope)
    connection.runner.add(job)
    return job


def _taken_up(connection: Connection, stale: Job, order: Order) -> Job | None:
    """An earlier job, made this process's own unless it is done.

    :param order: what is asked for now: the same, but its pictures may lie elsewhere.
    :return: ``None`` where another process carries it.
    """
    job = stale if _is_done(stale) else connection.store.claim(stale.id)
    if job is None:
        return None
    if _is_done(job):
        return replace(job, billed_cu=Decimal(0))  # paid for by the earlier run
    job = job.moved(State.SUCCEEDED, file=None) if _can_fetch_again(job) else job
    job = replace(job, order=order)
    connection.store.save(job)
    return connection.runner.carry(job, retry=True)


def _is_done(job: Job) -> bool:
    return job.state in (State.READY, State.IMPORTED) and job.file is not None and job.file.path.exists()


def _can_fetch_again(job: Job) -> bool:
    """Whether it is paid for and ended well, but its file is not here: gone, or damaged on the way."""
    is_damaged = job.state is State.FAILED and job.error_kind == DownloadError.__name__
    is_gone = job.state in (State.READY, State.IMPORTED) and not _is_done(job)
    return bool(job.result_ids) and (is_damaged or is_gone)


def _outcome(label: str, job: Job, seconds: float, *, host: Host | None, store: Store) -> Outcome:
    if job.file is None or job.state in (State.FAILED, State.CANCELLED):
        return Outcome(label, job, seconds, error=_why(job))
    if host is None or (job.blend is not None and job.blend.exists()):
        return Outcome(label, job, seconds)
    blend = free_path(job.file.path.with_suffix(".blend"))
    try:
        host.write_blend(job.file.path, blend, name=job.order.name, job_id=job.id, model_id=job.order.model_id)
        written = replace(job, blend=blend)
        if (kept := store.claim(job.id)) is not None:
            store.save(replace(kept, blend=blend))
    except ScenarioError as error:
        return Outcome(label, job, seconds, error=error.user_message)
    return Outcome(label, written, seconds)


def _why(job: Job) -> str:
    if job.state is State.CANCELLED:
        return "cancelled"
    return " ".join(text for text in (job.error, job.hint) if text) or "unfinished"
