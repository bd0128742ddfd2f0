# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries jobs on: daemon workers take one step each, and whoever drives collects the results.

Two drivers, one engine: :meth:`Runner.run` blocks until jobs are through (scripts, the command line),
:meth:`Runner.tick` never blocks and is called by a timer (Blender's window). Workers never see anything but values.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Final, Protocol

from ..chains.then import with_follower
from ..errors import DiskError, NotCarried, ProtocolError, ScenarioError
from ..ledger.job import Job, State
from ..pace.admission import Admission
from ..pace.clock import Clock, SystemClock
from ..pace.workers import Workers
from ..values import Activity, JobId
from .actions import Together, taking_over, write_down
from .env import Env
from .ordering import hold_back
from .steps import Step, advance, broken

__all__ = ["Clock", "Patience", "Runner", "Step", "SystemClock"]

log = logging.getLogger(__name__)

_LOOK_S: Final = 0.25
"""How often :meth:`Runner.run` reports while a step is under way."""
_RESCUE_S: Final = 5.0
"""How often jobs of dead processes are looked for."""
_HELD_UP_S: Final = 5.0
"""A step that takes longer, such as a download, does not keep others from starting."""


class Patience(Protocol):
    """Whether to go on after so many failures in a row."""

    def __call__(self, job: Job) -> bool: ...


def endless(job: Job) -> bool:
    return True


class Runner:
    """All methods are for one thread, the driver's; the workers are its own.

    :param workers: how many steps may be under way at once, not counting those that take long.
    :param jobs: a table of jobs to work on; it may have others than those that are carried here.
    """

    def __init__(
        self, env: Env, *, workers: int = 2, clock: Clock | None = None, jobs: dict[JobId, Job] | None = None
    ) -> None:
        self.jobs: dict[JobId, Job] = jobs if jobs is not None else {}
        """Each job as last known."""
        self._carried: set[JobId] = set()
        self.activities: dict[JobId, Activity] = {}
        """What steps under way are doing."""
        self._env = replace(env, report=self._report)
        self._clock = clock or SystemClock()
        self._due: dict[JobId, float] = {}
        self._busy: dict[JobId, float] = {}
        """Since when each step is under way, by the machine's own clock."""
        self._asked: dict[JobId, Step] = {}
        """What the user asks for, until it is begun."""
        self._admission = Admission(env.throttle, self._clock)
        self._answering: set[JobId] = set()
        """Those whose step under way is what the user asked for."""
        self._done: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._rescued: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._rescue_scope, self._rescue_at = "", math.inf
        """Whose jobs of dead processes to look for, and when; infinite while a look is under way, and for never."""
        self._most_at_once = workers
        self._workers = Workers(workers)

    # -- jobs come in

    def add(self, job: Job) -> None:
        """Take a new job; it is in the ledger when this returns.

        :raises DiskError: it could not be written, and is not taken.
        """
        self._env.ledger.add(job)
        self._take(job)

    def submit(self, *jobs: Job, again: bool = False) -> None:
        """Take new jobs without blocking: a worker writes all down before anything else happens to one of them.

        :param again: even if another process is making the same.
        """
        together = Together(jobs)
        for job in jobs:
            self.jobs[job.id] = job
            self._carried.add(job.id)
            self.ask(job, partial(write_down, together=together, again=again))

    def adopt(
        self,
        *,
        scope: str,
        retry: bool,
        wanted: Callable[[Job], bool] = lambda job: True,
        change: Callable[[Job], Job] = lambda job: job,
    ) -> list[Job]:
        """Take over what nobody carries: jobs of an earlier session, of a process that died.

        :param retry: also try again what waits for the user.
        :param change: what is to be different about them.
        """
        taken: list[Job] = []
        for stale in self._env.ledger.jobs(scope=scope):
            if stale.is_settled or stale.id in self._carried or not wanted(stale):
                continue
            job = self._env.ledger.claim(stale.id)
            if job is not None and not job.is_settled:
                taken.append(self.carry(change(job), retry=retry))
        return taken

    def carry(self, job: Job, *, retry: bool) -> Job:
        """Go on with a job that this process has claimed.

        :param retry: even if it waits for the user.
        """
        if job.state is not State.READY and (job.wait_s is not None or retry):
            job = job.retried()
        if not job.is_paid:  # at today's price
            job = replace(job, quoted_at=None)
        self._take(job)
        return job

    def keep_rescuing(self, *, scope: str) -> None:
        """Take over within seconds, from now on, what a process leaves that dies; :meth:`tick` tells of it."""
        self._rescue_scope, self._rescue_at = scope, self._clock.monotonic() + _RESCUE_S

    def ask(self, job: Job, step: Step) -> None:
        """Have a worker do something to a job as soon as it is free, such as :func:`cancel`.

        A job that is not carried here is taken over first.
        """
        self._asked[job.id] = step if job.id in self._carried else taking_over(step)
        self.jobs.setdefault(job.id, job)
        self._carried.add(job.id)

    def drop(self, job_id: JobId) -> None:
        """Do nothing more about a job; what comes of a step that is under way is not told."""
        for table in (self.jobs, self._due, self._asked):
            table.pop(job_id, None)
        self._carried.discard(job_id)
        self._admission.leave(job_id)
        self._env.asking.forget(job_id)

    def carries(self, job_id: JobId) -> bool:
        """Whether a job is carried here."""
        return job_id in self._carried

    def is_busy(self, job_id: JobId) -> bool:
        """Whether a step of a job is under way."""
        return job_id in self._busy

    def is_asked(self, job_id: JobId) -> bool:
        """Whether what the user asked of a job has yet to be done."""
        return job_id in self._asked or job_id in self._answering

    def due_in_s(self, job_id: JobId) -> float | None:
        """How long until a job's next step, in seconds; ``None`` when it is under way, or nothing follows by itself."""
        due = self._due.get(job_id)
        return None if due is None else max(0.0, due - self._clock.monotonic())

    # -- jobs move on

    def tick(self) -> list[Job]:
        """Collect what has changed and hand out what is due. Never blocks.

        :return: the jobs that changed since the last call.
        """
        changed = self._collect()
        now = self._clock.monotonic()
        self._due.update({job_id: now for job_id in self._admission.woken() if job_id in self._due})
        for job_id, wait_s in self._env.asking.sooner():
            job = self.jobs.get(job_id)
            if job is not None and job.state is State.RUNNING and not job.failures and job_id in self._due:
                self._due[job_id] = min(self._due[job_id], now + wait_s)
        for job_id in [j for j in self._asked if j not in self._busy]:
            self._answering.add(job_id)
            self._start(self.jobs[job_id], self._asked.pop(job_id))
        for job_id in [j for j, due in self._due.items() if due <= now and j not in self._busy]:
            if not self._has_place:
                break
            self._go_on(self.jobs[job_id], now)
        if self._rescue_at <= now:
            self._rescue_at = math.inf
            self._workers.hand_out(self._rescue, under_way=len(self._busy))
        return changed

    def run(
        self,
        job_ids: Collection[JobId],
        *,
        on_change: Callable[[Job], None] = lambda job: None,
        on_look: Callable[[], None] = lambda: None,
        patience: Patience = endless,
    ) -> list[Job]:
        """Carry jobs on until each is settled or waits for the user. Blocks.

        :param on_change: told each change, from this thread.
        :param on_look: called now and then while something is under way, to show progress.
        :param patience: a job that it gives up on waits for the user.
        """
        while True:
            for job in self.tick():
                if job.failures and job.wait_s is not None and not patience(job):
                    job = self.jobs[job.id] = replace(job, wait_s=None)
                    self._due.pop(job.id, None)
                on_change(job)
            open_ids = [j for j in job_ids if j in self._busy or j in self._due or j in self._asked]
            if not open_ids:
                return [self.jobs[j] for j in job_ids]
            on_look()
            if self._busy:
                self._await_result()
            elif self._due and not self._asked:
                next_due = min(self._due.values())
                self._clock.sleep(min(_LOOK_S, max(0.0, next_due - self._clock.monotonic())))

    def stop(self) -> list[threading.Thread]:
        """Hand out nothing more. Steps under way end by themselves or die with the process; nothing is lost.

        :return: whom to wait for until they have ended.
        """
        threads = self._workers.dismiss()
        is_rescuing = bool(self._rescue_scope) and self._rescue_at == math.inf
        return threads if self._busy or is_rescuing else []

    def _take(self, job: Job) -> None:
        self.jobs[job.id] = job
        self._carried.add(job.id)
        self._schedule(job)
        self._admission.note(job)

    def _go_on(self, job: Job, now: float) -> None:
        """Begin a job's next step, unless the service takes no more for now."""
        wait_s = self._admission.wait_s(job)
        if not wait_s or job.state is State.SUBMITTING:
            self._start(job, hold_back if wait_s else advance)
        else:
            self._due[job.id] = now + wait_s

    def _schedule(self, job: Job) -> None:
        if job.is_settled or job.wait_s is None:
            self._due.pop(job.id, None)
        else:
            self._due[job.id] = self._clock.monotonic() + job.wait_s

    @property
    def _has_place(self) -> bool:
        since_s = time.monotonic() - _HELD_UP_S
        return sum(began_s > since_s for began_s in self._busy.values()) < self._most_at_once

    def _start(self, job: Job, step: Step) -> None:
        self._due.pop(job.id, None)
        self._busy[job.id] = time.monotonic()
        self._workers.hand_out(lambda: self._done.put(self._one(job, step)), under_way=len(self._busy))

    def _collect(self) -> list[Job]:
        changed: list[Job] = []
        while True:
            try:
                job = self._done.get_nowait()
            except queue.Empty:
                return [*changed, *self._take_rescued()]  # last: a job that follows comes after the one before
            self._busy.pop(job.id, None)
            self._answering.discard(job.id)
            self.activities.pop(job.id, None)
            if job.id not in self._carried:
                continue  # it was dropped meanwhile
            before, self.jobs[job.id] = self.jobs.get(job.id), job
            self._schedule(job)
            self._admission.note(job, before=before)
            if job.is_settled:
                self._env.budget.settle(job)
                self._env.asking.forget(job.id)
            if job.error_kind == NotCarried.__name__ and job.id not in self._asked:
                self._carried.discard(job.id)  # what is asked next has to take it over first
            changed.append(job)

    def _take_rescued(self) -> list[Job]:
        taken: list[Job] = []
        while not self._rescued.empty():
            job = self._rescued.get()
            if job.id in self._busy or job.id in self._asked:
                continue  # the user was quicker: the step that was asked for has it
            taken.append(self.carry(job, retry=False))
        return taken

    def _await_result(self) -> None:
        try:
            self._done.put(self._done.get(timeout=_LOOK_S))
        except queue.Empty:
            return

    def _report(self, job_id: JobId, activity: Activity | None) -> None:
        if activity is not None:
            self.activities[job_id] = activity

    # -- workers

    def _rescue(self) -> None:
        try:
            for job in self._env.ledger.rescue(self._rescue_scope):
                log.info("job %s is taken over from a process that is gone", job.id)
                self._rescued.put(job)
            self._env.ledger.back_up()
        except DiskError as error:
            log.error("%s", error)
        finally:
            self._rescue_at = self._clock.monotonic() + _RESCUE_S

    def _one(self, job: Job, step: Step) -> Job:
        try:
            after = step(job, self._env)
        except ScenarioError as error:
            after = broken(job, error, is_asked=step is not advance)
        except Exception:
            log.exception("a step of job %s broke", job.id)
            unexpected = ProtocolError("Something unexpected happened; see the log.")
            after = broken(job, unexpected, is_asked=step is not advance)
        if after.state is not job.state:
            log.info("job %s: %s -> %s", job.id, job.state, after.state)
        after, follower = with_follower(job, after)
        try:
            if self._env.ledger.save(after, follower=follower) and follower is not None and self._rescue_scope:
                self._rescued.put(follower)  # else whoever adopts it has it
        except DiskError as error:
            log.error("job %s: %s", job.id, error)
            if after.state is State.SUBMITTING or follower is not None:  # what is not written down is not submitted
                return job.delayed(error, wait_s=None)
            if isinstance(error, NotCarried) and after.error_kind != DiskError.__name__:  # which says more
                return after.delayed(error, wait_s=None)
        self._env.ledger.back_up()  # also before what is sent next: by then the intent is in it
        return after
