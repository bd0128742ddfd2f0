# SPDX-License-Identifier: GPL-3.0-or-later
"""Many items through one runner: a few at a time, one result each, and no order that was given before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from ..errors import ScenarioError
from ..handover.extras import NOTHING, Extras
from ..host import Host, Writer
from ..ledger.job import Job, State
from ..pipeline import actions
from ..pipeline.connection import Connection
from ..report.outcome import Outcome
from ..values import JobId
from .crew import Crew
from .deadline import Deadline
from .item import Item
from .patience import Patience
from .watcher import Watcher

__all__ = ["Item", "Watcher", "carry_on", "collect", "run_items"]


def _never() -> None: ...


def run_items(
    connection: Connection,
    items: Iterable[Item],
    *,
    at_once: int,
    again: bool,
    host: Host | None,
    watcher: Watcher,
    extras: Extras = NOTHING,
    timeout_s: float | None = None,
    is_batch: bool = True,
    check: Callable[[], None] = _never,
    hurry: Callable[[], None] = _never,
) -> None:
    """Make every item, a few at a time. Blocks; main thread where a .blend is wanted.

    Items are taken when there is room for them, and nothing is kept of those that are through: what became of each is
    for the watcher.

    :param at_once: how many may be at the service at the same time.
    :param again: order everything anew, whatever there is already.
    :param host: writes what is wanted besides.
    :param extras: what that is.
    :param timeout_s: what the service takes longer for is left to it; ``None``: nothing is.
    :param is_batch: whether to wait for a service that nobody reaches for longer than somebody would sit beside it.
    :param check: called several times a second, between two steps.
    :param hurry: the same, once it is to stop and what was begun is waited for.
    :raises KeyboardInterrupt: it was interrupted, or ``check`` raised it; what was begun has come to where it can be
        left, and the watcher knows of it.
    :raises LedgerInDoubt: nobody knows what was ordered before.
    """
    if not again:
        connection.ledger.check_orderable()
    deadline = Deadline(connection.clock, timeout_s)
    patience = Patience(connection.clock, is_batch=is_batch)
    waiting = enumerate(items)
    with _writer(connection, host, extras) as writer:
        crew = Crew(
            connection, watcher, writer=writer, extras=extras, deadline=deadline, patience=patience, again=again
        )

        def feed() -> None:
            while crew.has_room(at_once):
                check()
                if (entry := next(waiting, None)) is None:
                    return
                number, item = entry
                crew.begin(crew.wish(number, item.label, item.order), item.error)

        try:
            feed()
            while not crew.is_through:
                crew.run(then=feed, check=check)
                feed()
        except KeyboardInterrupt:
            crew.stop(check=hurry)
            raise


def _writer(connection: Connection, host: Host | None, extras: Extras) -> AbstractContextManager[Writer | None]:
    """Give what writes what is wanted besides the meshes, if anything is."""
    if host is None or not extras.are_wanted:
        return nullcontext()
    return host.writer(folder=connection.ledger.path.parent / "writing")


def carry_on(
    connection: Connection,
    *,
    watcher: Watcher,
    host: Host | None = None,
    extras: Extras = NOTHING,
    submit_again: JobId | None = None,
    folder: Path | None = None,
    timeout_s: float | None = None,
    check: Callable[[], None] = _never,
    hurry: Callable[[], None] = _never,
) -> int:
    """Carry every unfinished job of the ledger on to its end, including those that wait for the user. Blocks.

    :param host: see :func:`run_items`, likewise ``extras``.
    :param submit_again: a job whose submission was never answered, and that may cost a second time.
    :param folder: where files go that are not here yet; ``None`` for where they were wanted.
    :param timeout_s: what takes longer from now on is left to the service; ``None``: nothing is.
    :return: how many there were.
    :raises KeyboardInterrupt: as for :func:`run_items`.
    """
    deadline, number = Deadline(connection.clock, timeout_s, is_anew=True), 0
    with _writer(connection, host, extras) as writer:
        crew = Crew(connection, watcher, writer=writer, extras=extras, deadline=deadline)
        # Once more each time: meanwhile, another process may have died.
        try:
            while adopted := connection.runner.adopt(
                scope=connection.scope,
                retry=True,
                # What is only left to do is for a scene.
                wanted=lambda job: job.state is not State.READY and not crew.has_given_up(job.id),
                change=lambda job: job if folder is None else replace(job, order=replace(job.order, folder=folder)),
            ):
                for job in adopted:
                    if job.id == submit_again:
                        connection.runner.ask(job, actions.submit_again)
                    crew.take(job, crew.wish(number, job.order.name, job.order))
                    number += 1
                while not crew.is_through:
                    crew.run(then=_never, check=check)
        except KeyboardInterrupt:
            crew.stop(check=hurry)
            raise
    return number


def collect(
    connection: Connection,
    jobs: Sequence[tuple[str, Job]],
    *,
    folder: Path,
    watcher: Watcher,
    host: Host | None = None,
    extras: Extras = NOTHING,
    timeout_s: float | None = None,
    check: Callable[[], None] = _never,
    hurry: Callable[[], None] = _never,
) -> None:
    """Have the meshes of jobs that the service has taken in a folder, each under its own name. Orders nothing. Blocks.

    :param jobs: of the ledger, each with what it was called by.
    :param host: see :func:`run_items`, likewise the others.
    :raises KeyboardInterrupt: as for :func:`run_items`.
    """
    deadline = Deadline(connection.clock, timeout_s, is_anew=True)
    with _writer(connection, host, extras) as writer:
        crew = Crew(connection, watcher, writer=writer, extras=extras, deadline=deadline)
        try:
            for number, (label, job) in enumerate(jobs):
                wish = crew.wish(number, label, replace(job.order, folder=folder, number=1))
                try:
                    crew.join(job, wish)
                except ScenarioError as error:
                    watcher.concluded(Outcome(number, label, job, 0.0, error=error.user_message))
            while not crew.is_through:
                crew.run(then=_never, check=check)
        except KeyboardInterrupt:
            crew.stop(check=hurry)
            raise
