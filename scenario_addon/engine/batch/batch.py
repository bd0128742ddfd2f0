# SPDX-License-Identifier: GPL-3.0-or-later
"""Many items through one runner: a few at a time, one result each, and no order that was given before."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from ..errors import LedgerInDoubt, ScenarioError
from ..host import Host
from ..ledger.job import Job, State, new_job
from ..locks import exclusive
from ..pipeline import actions
from ..pipeline.connection import Connection
from ..pipeline.runner import Runner
from ..values import JobId, Order
from .earlier import Standing, find_earlier, standing
from .handover import Handover, date_of
from .patience import tries
from .report import Outcome

__all__ = ["Item", "Watcher", "carry_on", "run_items"]

_LOOK_S: Final = 1.0
"""How often jobs of other processes are looked at."""
_GONE: Final = "Another process was making this and has taken it off its list: run this again."


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to make."""

    label: str
    """What the user called it: the picture's path as given."""
    order: Order
    error: ScenarioError | None = None
    """Why it cannot be made, where that is known before anything is ordered."""


class Watcher(Protocol):
    """Whoever wants to know how it goes. Called from the thread that runs the batch."""

    def changed(self, job: Job) -> None: ...

    def look(self, runner: Runner) -> None:
        """Look at what is under way; called several times a second."""
        ...

    def concluded(self, outcome: Outcome) -> None: ...


def run_items(
    connection: Connection,
    items: Sequence[Item],
    *,
    at_once: int,
    again: bool,
    host: Host | None,
    watcher: Watcher,
) -> list[Outcome]:
    """Make every item, a few at a time. Blocks; main thread where a .blend is wanted.

    :param at_once: how many may be at the service at the same time.
    :param again: order everything anew, whatever there is already.
    :param host: writes a .blend beside each mesh; ``None`` for none.
    :return: in the order of the items.
    :raises LedgerInDoubt: nobody knows what was ordered before.
    """
    if not again:
        connection.ledger.check_orderable()
    crew = _Crew(connection, host, watcher, again=again)
    waiting = list(reversed(list(enumerate(items))))

    def feed() -> None:
        while waiting and crew.count < at_once:
            number, item = waiting.pop()
            crew.begin(_Wish(number, item.label, item.order, time.monotonic(), item.error))

    feed()
    while crew.count:
        crew.run(then=feed)
        feed()
    return crew.ordered_outcomes()


def carry_on(
    connection: Connection, *, watcher: Watcher, submit_again: JobId | None = None, folder: Path | None = None
) -> list[Outcome]:
    """Carry every unfinished job of the ledger on to its end, including those that wait for the user. Blocks.

    :param submit_again: a job whose submission was never answered, and that may cost a second time.
    :param folder: where files go that are not here yet; ``None`` for where they were wanted.
    """
    crew = _Crew(connection, None, watcher)
    # Once more each time: meanwhile, another process may have died.
    while adopted := connection.runner.adopt(
        scope=connection.scope,
        retry=True,
        wanted=lambda job: job.state is not State.READY,  # what is only left to do is for a scene
        change=lambda job: job if folder is None else replace(job, order=replace(job.order, folder=folder)),
    ):
        for job in adopted:
            if job.id == submit_again:
                connection.runner.ask(job, actions.submit_again)
            crew.take(job, _Wish(len(crew.outcomes), job.order.name, job.order, time.monotonic()))
        while crew.count:
            crew.run(then=lambda: None)
    return crew.ordered_outcomes()


@dataclass(frozen=True, slots=True)
class _Wish:
    """An item that waits for its job."""

    number: int
    label: str
    order: Order
    began_s: float
    error: ScenarioError | None = None


class _Crew:
    """The jobs under way, who waits for each, and what has become of the others."""

    def __init__(self, connection: Connection, host: Host | None, watcher: Watcher, *, again: bool = False) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self._connection, self._runner, self._ledger = connection, connection.runner, connection.ledger
        self._watcher, self._again = watcher, again
        self._handover = Handover(self._ledger, host)
        self._active: list[JobId] = []
        self._elsewhere: list[JobId] = []
        """Carried by other processes."""
        self._wishes: dict[JobId, list[_Wish]] = {}
        self._through: dict[JobId, Job] = {}
        """What this run has concluded, as it then was."""
        self._charged: set[JobId] = set()
        """What has cost another item, or an earlier run, though it is carried here."""
        self._looked_at_s = 0.0

    @property
    def count(self) -> int:
        """How many jobs are under way."""
        return len(self._active) + len(self._elsewhere)

    def ordered_outcomes(self) -> list[Outcome]:
        return [self.outcomes[number] for number in sorted(self.outcomes)]

    # -- an item finds its job

    def begin(self, wish: _Wish) -> None:
        """Order what an item asks for, or join or take what there is of it."""
        if wish.error is not None:
            refused = new_job(wish.order, scope=self._connection.scope).failed(wish.error)
            self._conclude(refused, [wish], is_first=True)
            return
        try:
            # Nobody else looks meanwhile: the same command twice at once makes everything once.
            with exclusive(self._ledger.path.with_name("batch.lock")):
                earlier = None if self._again else self._earlier(wish.order)
                if earlier is None:
                    if not self._again:
                        self._ledger.check_orderable(wish.order, scope=self._connection.scope)
                    self.take(self._ordered(wish.order), wish)
                else:
                    self._join(earlier, wish)
        except ScenarioError as error:
            job = new_job(wish.order, scope=self._connection.scope).delayed(error, wait_s=None)
            self._conclude(job, [wish], is_first=True)

    def _earlier(self, order: Order) -> Job | None:
        for job in find_earlier(self._ledger, order, scope=self._connection.scope):
            is_ours = job.id in self._wishes or job.id in self._through
            if standing(job) is Standing.WAITING and not is_ours and job.is_held:
                continue  # it waits for somebody, and has cost nothing
            return self._through.get(job.id, job)
        return next((job for job in self._through.values() if job.order.identity == order.identity), None)

    def _left_unpaid(self, order: Order) -> Job | None:
        """What an earlier run was not allowed to pay for, so that no queue of orders is left behind."""
        jobs = find_earlier(self._ledger, order, scope=self._connection.scope)
        unpaid = [job for job in jobs if standing(job) is Standing.WAITING and job.id not in self._wishes]
        claimed = (self._ledger.claim(job.id) for job in unpaid if job.id not in self._through)
        return next((job for job in claimed if job is not None), None)

    def _ordered(self, order: Order) -> Job:
        """A new job, or one that has cost nothing yet.

        :raises NoCredits: the account is known to be empty.
        """
        if self._connection.budget.empty is not None:
            raise self._connection.budget.empty
        if (left := self._left_unpaid(order)) is not None:
            return self._runner.carry(self._wanted_here(left, order), retry=True)
        job = new_job(order, scope=self._connection.scope)
        self._runner.add(job)
        return job

    def _join(self, job: Job, wish: _Wish) -> None:
        """Have an item wait for a job that is under way, or take what has been made.

        :raises LedgerInDoubt: nobody knows whether the job is paid for.
        """
        if standing(job) is Standing.IN_DOUBT:
            raise LedgerInDoubt(f"The same was ordered on {date_of(job)}, no answer came, and it may be charged.")
        if job.id in self._through or standing(job) is Standing.DONE:
            self._conclude(job, [wish], is_first=False)
        elif job.id in self._wishes:
            self._wishes[job.id].append(wish)
        elif (ours := self._ledger.claim(job.id)) is not None:
            self.take(self._runner.carry(self._wanted_here(ours, wish.order), retry=True), wish)
        else:
            self._wishes[job.id] = [wish]
            self._elsewhere.append(job.id)

    def _wanted_here(self, job: Job, order: Order) -> Job:
        """A job of a process that is gone, on its way to where it is wanted now; to its scene all the same."""
        found, kept = standing(job), job.order
        if found is Standing.DONE:
            return job
        if found is Standing.WAITING:
            job = replace(job, order=replace(order, target=kept.target))
        elif not kept.is_for_scene or found is Standing.MADE or job.state is State.CANCELLED:
            # What the service was asked for stays as it was, for a lost submission is recognized by it.
            job = replace(job, order=replace(_placed(kept, order), target={}))
        if found is Standing.MADE:
            job = job.moved(State.SUCCEEDED, file=None)
        elif job.state is State.CANCELLED:
            job = job.moved(State.RUNNING)
        self._ledger.save(job)
        return job

    def take(self, job: Job, *wishes: _Wish) -> None:
        """Have items wait for a job that is carried here, if it is not through already."""
        self._active.append(job.id)
        self._wishes[job.id] = list(wishes)
        if job.is_settled or job.is_held:
            self._end(job)

    # -- jobs come to an end

    def run(self, *, then: Callable[[], None]) -> None:
        """Drive the jobs until none is left here.

        :param then: called after each conclusion, to take another one.
        """

        def changed(job: Job) -> None:
            self._watcher.changed(job)
            if job.id in self._active and (job.is_settled or job.is_held):
                self._end(job)
                then()

        def look() -> None:
            self._watcher.look(self._runner)
            before = self.count
            self._look_elsewhere()
            if self.count < before:
                then()

        if not self._active:
            self._connection.clock.sleep(_LOOK_S)
            self._look_elsewhere()
            return
        self._runner.run(
            self._active,
            on_change=changed,
            on_look=look,
            patience=lambda job: job.failures < tries(job),
        )

    def _look_elsewhere(self) -> None:
        """See what has become of the jobs that other processes carry; take over what a dead one has left."""
        now_s = self._connection.clock.monotonic()
        if not self._elsewhere or now_s - self._looked_at_s < _LOOK_S:
            return
        self._looked_at_s = now_s
        for job_id in list(self._elsewhere):
            job = self._ledger.get(job_id)
            if job is None:
                wish = self._wishes[job_id][0]
                lost = new_job(wish.order, scope=self._connection.scope).delayed(ScenarioError(_GONE), wait_s=None)
                self._end(lost, waited_for=job_id)
            elif job.is_settled or standing(job) is Standing.DONE or job.is_held:
                self._end(job)
            elif (ours := self._ledger.claim(job_id)) is not None:
                self._elsewhere.remove(job_id)
                first, *others = self._wishes[job_id]
                self.take(self._runner.carry(self._wanted_here(ours, first.order), retry=True), first, *others)

    def _end(self, job: Job, *, waited_for: JobId | None = None) -> None:
        """Tell everybody who waits for a job what has become of it."""
        job_id = waited_for or job.id
        was_here = job_id in self._active
        (self._active if was_here else self._elsewhere).remove(job_id)
        self._through[job.id] = job
        self._conclude(job, self._wishes.pop(job_id), is_first=was_here and job.id not in self._charged)

    def _conclude(self, job: Job, wishes: Sequence[_Wish], *, is_first: bool) -> None:
        """Give items what there is of their job, or have them wait for another format of it.

        :param is_first: whether what the job has cost is the first one's.
        """
        for number, wish in enumerate(wishes):
            is_charged, seconds = is_first and number == 0, time.monotonic() - wish.began_s
            outcome = self._handover.outcome(job, wish.label, wish.order, seconds=seconds, is_first=is_charged)
            if outcome.is_unreadable and self._tries_another(outcome, wishes[number:], is_charged=is_charged):
                return
            self.outcomes[wish.number] = outcome
            self._watcher.concluded(outcome)

    def _tries_another(self, outcome: Outcome, wishes: Sequence[_Wish], *, is_charged: bool) -> bool:
        """Fetch a job's mesh in another format, for items that wait for it; says whether there is one to fetch."""
        job = outcome.job
        if job.state is not State.READY or job.order.is_for_scene or not job.other_files:
            return False
        try:
            ours = self._ledger.claim(job.id)
        except ScenarioError:
            return False
        if ours is None or (ours.state, ours.file) != (job.state, job.file):
            return False
        if not is_charged:
            self._charged.add(job.id)
        notice = f"{outcome.error} Another format of it is tried."
        ours = replace(ours, order=_placed(ours.order, wishes[0].order), notice=notice)
        self._runner.ask(self._runner.carry(ours, retry=False), actions.try_other_file)
        self._through.pop(job.id, None)
        self._active.append(job.id)
        self._wishes[job.id] = list(wishes)
        return True


def _placed(order: Order, wanted: Order) -> Order:
    """An order whose file goes where another one's does."""
    return replace(order, name=wanted.name, folder=wanted.folder, number=wanted.number)
