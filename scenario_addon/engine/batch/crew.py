# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs under way, who waits for each, and how they come to an end. Nothing is kept of those that are through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

from ..errors import DiskError, InputError, LedgerInDoubt, ScenarioError
from ..handover.backlog import Backlog
from ..handover.extras import NOTHING, Extras
from ..handover.handover import STOPPED, Handover, date_of
from ..host import Writer, Writing
from ..ledger.job import Job, State, new_job
from ..locks import exclusive
from ..pipeline import actions
from ..pipeline.connection import Connection
from ..pipeline.ordering import hold_back
from ..report.outcome import Outcome
from ..values import JobId, Order
from .deadline import Deadline
from .earlier import Standing, find_earlier, left_unpaid, standing
from .patience import Patience
from .redirect import placed, redirected
from .watcher import Watcher
from .wish import Wish

__all__ = ["Crew"]

_LOOK_S: Final = 1.0
"""How often jobs of other processes are looked at; files that are being written, where nothing else is under way."""
_WRITING_S: Final = 0.05
_GONE: Final = "Another process was making this and has taken it off its list: run this again."
_FINISHING: Final = frozenset({State.SUCCEEDED, State.DOWNLOADED})


class Crew:
    """:param again: order everything anew, whatever there is already.

    :param writer: writes what is wanted besides the meshes; ``None`` where that is nothing.
    """

    def __init__(
        self,
        connection: Connection,
        watcher: Watcher,
        *,
        writer: Writer | None = None,
        extras: Extras = NOTHING,
        deadline: Deadline | None = None,
        patience: Patience | None = None,
        again: bool = False,
    ) -> None:
        self._connection, self._runner, self._ledger = connection, connection.runner, connection.ledger
        self._watcher, self._again = watcher, again
        self._deadline = deadline or Deadline(connection.clock)
        self._patience = patience or Patience(connection.clock)
        self._handover = Handover(self._ledger, writer, extras)
        self._backlog = Backlog()
        self._active: list[JobId] = []
        self._elsewhere: list[JobId] = []
        """Carried by other processes."""
        self._wishes: dict[JobId, list[Wish]] = {}
        self._given_up: dict[JobId, str | None] = {}
        """Jobs that this run has ended with without a file, and why, where their own record does not say."""
        self._charged: set[JobId] = set()
        """What has cost another item, or an earlier run, though it is carried here."""
        self._looked_at_s, self._is_stopping = 0.0, False

    @property
    def count(self) -> int:
        """How many jobs are under way."""
        return len(self._active) + len(self._elsewhere)

    @property
    def is_through(self) -> bool:
        """Whether nothing is waited for any more."""
        return not (self.count or self._backlog.count)

    def has_room(self, at_once: int) -> bool:
        """Whether another item may be begun."""
        return self.count < at_once and not self._backlog.is_full

    def has_given_up(self, job_id: JobId) -> bool:
        """Whether this run has ended with a job, though it is not through."""
        return job_id in self._given_up

    def under_way(self) -> list[Outcome]:
        """How the items stand that wait for a job."""
        jobs = self._runner.jobs
        return [
            Outcome(wish.number, wish.label, jobs[job_id], self._seconds(wish), cost_cu=jobs[job_id].billed_cu)
            for job_id in self._active
            for wish in self._wishes[job_id][:1]
        ]

    def wish(self, number: int, label: str, order: Order) -> Wish:
        return Wish(number, label, order, self._connection.clock.monotonic())

    def _seconds(self, wish: Wish) -> float:
        return self._connection.clock.monotonic() - wish.began_s

    # -- an item finds its job

    def begin(self, wish: Wish, problem: ScenarioError | None = None) -> None:
        """Order what an item asks for, or join or take what there is of it; tell of one that cannot be made."""
        try:
            if problem is not None:
                raise problem
            # Nobody else looks meanwhile: the same command twice at once makes everything once.
            with exclusive(self._ledger.path.with_name("batch.lock")):
                earlier = None if self._again else self._earlier(wish.order)
                if earlier is None:
                    if not self._again:
                        self._ledger.check_orderable(wish.order, scope=self._connection.scope)
                    self.take(self._ordered(wish.order), wish)
                else:
                    self.join(earlier, wish)
        except ScenarioError as error:
            job = new_job(wish.order, scope=self._connection.scope)
            job = job.failed(error) if isinstance(error, InputError) else job.delayed(error, wait_s=None)
            self._conclude(job, [wish], is_first=True)

    def _earlier(self, order: Order) -> Job | None:
        for job in find_earlier(self._ledger, order, scope=self._connection.scope):
            if job.id in self._given_up:
                return self._as_given_up(job)
            if standing(job) is Standing.WAITING and job.id not in self._wishes and job.is_held:
                continue  # it waits for somebody, and has cost nothing
            return job
        same = self._ledger.same(order, scope=self._connection.scope)
        return next((self._as_given_up(job) for job in same if job.id in self._given_up), None)

    def _as_given_up(self, job: Job) -> Job:
        why = self._given_up[job.id]
        return replace(job, error=why) if why is not None else job if job.is_settled else replace(job, wait_s=None)

    def _ordered(self, order: Order) -> Job:
        """A new job, or one that has cost nothing yet.

        :raises NoCredits: the account is known to be empty.
        """
        if self._connection.budget.empty is not None:
            raise self._connection.budget.empty
        others = self._wishes.keys() | self._given_up.keys()
        if (left := left_unpaid(self._ledger, order, scope=self._connection.scope, but=others)) is not None:
            return self._runner.carry(self._wanted_here(left, order), retry=True)
        job = new_job(order, scope=self._connection.scope)
        self._runner.add(job)
        return job

    def join(self, job: Job, wish: Wish) -> None:
        """Have an item wait for a job that is under way, or take what has been made.

        :raises LedgerInDoubt: nobody knows whether the job is paid for.
        """
        if standing(job) is Standing.IN_DOUBT:
            raise LedgerInDoubt(f"The same was ordered on {date_of(job)}, no answer came, and it may be charged.")
        if job.id in self._given_up or standing(job) is Standing.DONE:
            self._conclude(job, [wish], is_first=False)
        elif job.id in self._wishes:
            self._wishes[job.id].append(wish)
        elif (ours := self._ledger.claim(job.id)) is not None:
            self.take(self._runner.carry(self._wanted_here(ours, wish.order), retry=True), wish)
        else:
            self._wishes[job.id] = [wish]
            self._elsewhere.append(job.id)

    def _wanted_here(self, job: Job, order: Order) -> Job:
        """A job of a process that is gone, on its way to where it is wanted now."""
        sent_on = redirected(job, order)
        if sent_on is not job:
            self._ledger.save(sent_on)
        return sent_on

    def take(self, job: Job, *wishes: Wish) -> None:
        """Have items wait for a job that is carried here, if it is not through already."""
        self._active.append(job.id)
        self._wishes[job.id] = list(wishes)
        self._handover.expect()
        if job.is_settled or job.is_held:
            self._end(job)

    # -- jobs come to an end

    def run(self, *, then: Callable[[], None], check: Callable[[], None]) -> None:
        """Drive the jobs until none is left here.

        :param then: called after each conclusion, to take another one.
        :param check: called several times a second; what it raises ends this between two steps.
        """

        def changed(job: Job) -> None:
            self._watcher.changed(job)
            self._patience.note(job)
            if job.id in self._active:
                self._look_at(job)
                then()

        def look() -> None:
            check()
            self._watcher.look(self._runner, self.under_way)
            before = self.count
            self._look_elsewhere()
            self._leave_overdue()
            if self._backlog.settle() or self.count < before:
                then()

        if not self._active:
            look()
            if not self.is_through:
                self._connection.clock.sleep(_WRITING_S if self._backlog.count else _LOOK_S)
            return
        self._runner.run(self._active, on_change=changed, on_look=look, patience=self._patience.has)

    def _look_at(self, job: Job) -> None:
        """End with a job that is through, or that is not gone on with."""
        if job.is_settled or job.is_held:
            self._end(job)
        elif self._is_stopping:
            self._wind_down(job)
        else:
            self._deadline.note(job)

    def _leave_overdue(self) -> None:
        """Leave to the service what takes too long there."""
        for job_id in [j for j in self._active if self._deadline.is_over(j) and not self._runner.is_busy(j)]:
            self._leave(self._runner.jobs[job_id], self._deadline.told)

    def _leave(self, job: Job, why: str) -> None:
        """Go on no more with a job, so that whoever comes next can; what it has cost, it has cost."""
        self._given_up[job.id] = why
        self._end(replace(job, error=why, error_kind=None))
        with suppress(DiskError):  # whoever comes after this process can go on with it in any case
            self._ledger.let_go(job.id)

    def stop(self, *, check: Callable[[], None]) -> None:
        """Order nothing more, and see to it that files that are arriving are written. Blocks until they are.

        :param check: as for :meth:`run`.
        """
        self._is_stopping = True
        for job_id in list(self._active):
            self._look_at(self._runner.jobs[job_id])
        for job_id in list(self._elsewhere):
            if (job := self._ledger.get(job_id)) is not None:
                self._end(replace(job, error=STOPPED))
        while not self.is_through:
            self._backlog.leave()
            self.run(then=lambda: None, check=check)

    def _wind_down(self, job: Job) -> None:
        """Let a job come to where it can be left: not between an intent and its answer, not in a download."""
        if self._runner.is_busy(job.id):
            return
        if job.state is State.SUBMITTING:
            self._runner.ask(job, hold_back)
        elif job.state not in _FINISHING or job.failures:
            self._leave(job, STOPPED)

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
            else:
                self._deadline.note(job)
                if self._deadline.is_over(job_id):
                    self._end(replace(job, error=self._deadline.told))

    def _end(self, job: Job, *, waited_for: JobId | None = None) -> None:
        """Tell everybody who waits for a job what has become of it."""
        job_id = waited_for or job.id
        was_here = job_id in self._active
        (self._active if was_here else self._elsewhere).remove(job_id)
        if standing(job) is not Standing.DONE:
            self._given_up.setdefault(job.id, None)
        self._conclude(job, self._wishes.pop(job_id), is_first=was_here and job.id not in self._charged)
        for forget in (self._deadline.forget, self._patience.forget):
            forget(job_id)
        if job_id not in self._active:
            self._runner.drop(job_id)

    def _conclude(self, job: Job, wishes: Sequence[Wish], *, is_first: bool) -> None:
        """Give items what there is of their job, or have them wait for another format of it.

        :param is_first: whether what the job has cost is the first one's.
        """
        while wishes:
            wish = wishes[0]
            outcome = Outcome(wish.number, wish.label, job, self._seconds(wish))
            outcome, writing = self._handover.begin(outcome, wish.order, is_first=is_first)
            if writing is not None:  # the others come after it: what it tells is true for them, too
                self._backlog.add(writing, partial(self._written, outcome, writing, wishes, is_charged=is_first))
                return
            if self._is_another_tried(outcome, wishes, is_charged=is_first):
                return
            wishes, is_first = wishes[1:], False

    def _written(self, outcome: Outcome, writing: Writing, wishes: Sequence[Wish], *, is_charged: bool) -> None:
        """Give the first item what was written for it, and see to the others."""
        outcome = self._handover.finish(outcome, wishes[0].order, writing)
        if not self._is_another_tried(outcome, wishes, is_charged=is_charged):
            self._conclude(outcome.job, wishes[1:], is_first=False)

    def _is_another_tried(self, outcome: Outcome, wishes: Sequence[Wish], *, is_charged: bool) -> bool:
        """Conclude the first item, unless its mesh is fetched in another format; says whether it is."""
        if outcome.is_unreadable and self._tries_another(outcome, wishes, is_charged=is_charged):
            return True
        self._watcher.concluded(outcome)
        return False

    def _tries_another(self, outcome: Outcome, wishes: Sequence[Wish], *, is_charged: bool) -> bool:
        """Fetch a job's mesh in another format, for items that wait for it; says whether there is one to fetch."""
        job = outcome.job
        if job.id in self._wishes:  # another item was quicker to find that out
            self._wishes[job.id] += wishes
            return True
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
        ours = replace(ours, order=placed(ours.order, wishes[0].order), notice=notice)
        self._runner.ask(self._runner.carry(ours, retry=False), actions.try_other_file)
        self._active.append(job.id)
        self._wishes[job.id] = list(wishes)
        return True
