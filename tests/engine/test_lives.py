# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole lives of jobs: any order of steps, of what the user asks for, and of deaths of the process between them.

Two jobs that ask for the same share a ledger, so that what belongs to one is always tempting for the other.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scenario_addon.engine.errors import ScenarioError
from scenario_addon.engine.ledger.job import CUT_OUT_MOVES, MOVES, SETTLED, Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.pipeline import actions
from scenario_addon.engine.pipeline.budget import Budget
from scenario_addon.engine.pipeline.env import Env
from scenario_addon.engine.pipeline.steps import advance
from tests.engine.fickle import FickleService
from tests.engine.orders import draw_picture, sample_order

pytestmark = pytest.mark.slow

WHICH = st.integers(0, 1)
DATA = st.data()
IN_DOUBT = (State.SUBMITTING, State.UNCERTAIN)
STEPS_TO_THE_END = 60


class Lives(RuleBasedStateMachine):
    """Two jobs, one ledger, and a service in whose hands anything can happen."""

    @initialize(knows_pictures=st.booleans(), cuts_out=st.booleans())
    def begin(self, knows_pictures: bool, cuts_out: bool) -> None:
        self.place = tempfile.TemporaryDirectory()
        folder = Path(self.place.name)
        self.service = FickleService(lambda strategy: None, knows_pictures=knows_pictures)
        self.env = self.process(folder)
        picture = replace(draw_picture(folder / "chair.png"), is_to_be_cut_out=cuts_out)
        order = sample_order(picture, folder=folder)
        self.jobs = [new_job(order, scope="s", max_cost_cu=Decimal(20)) for _ in range(2)]
        for job in self.jobs:
            self.env.ledger.add(job)
        self.allowed = len(self.jobs) + cuts_out
        """How often the service may charge: for each job, for one cut-out, and once more when the user says so."""
        self.abandoned = 0
        """Submissions in doubt that the user gave up."""

    def process(self, folder: Path) -> Env:
        ledger = Ledger(folder)
        return Env(client=self.service, ledger=ledger, budget=Budget(), wait=lambda pause_s: None)  # type: ignore[arg-type]

    # -- what happens

    @rule(which=WHICH, steps=st.integers(1, 6), data=DATA)
    def step(self, which: int, steps: int, data: st.DataObject) -> None:
        """The runner takes a job some steps further, until that is for the user."""
        self.service.draw = data.draw
        for _ in range(steps):
            job = self.jobs[which]
            if not job.is_settled and job.wait_s is not None:
                self.keep(which, advance(job, self.env))

    @rule(which=WHICH, data=DATA)
    def die_in_a_step(self, which: int, data: st.DataObject) -> None:
        """The process is killed while a job's step is under way: what came of it is lost."""
        job = self.jobs[which]
        if not job.is_settled and job.wait_s is not None:
            self.service.draw = data.draw
            advance(job, self.env)
        self.die()

    @rule()
    def die(self) -> None:
        """The process is killed, and another one takes over."""
        folder = self.env.ledger.path.parent
        self.env.ledger.close()
        self.env = self.process(folder)
        for which, job in enumerate(self.jobs):
            taken = self.env.ledger.claim(job.id)
            assert taken is not None
            assert taken.state is (State.UNCERTAIN if job.state is State.SUBMITTING else job.state)
            self.jobs[which] = taken

    # -- what the user does

    @precondition(lambda self: any(job.is_held for job in self.jobs))
    @rule()
    def retry(self) -> None:
        for which, job in enumerate(self.jobs):
            if job.is_held:
                self.keep(which, actions.retry(job, self.env))

    @precondition(lambda self: any(job.is_paid for job in self.jobs))
    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        job = self.jobs[which]
        if job.is_paid and job.state is not State.SUBMITTING:  # the runner waits for the step under way
            self.abandoned += job.state is State.UNCERTAIN
            self.allowed += job.state is State.UNCERTAIN and job.cut_out is not None  # for the other one
            self.keep(which, actions.cancel(job, self.env))

    @precondition(lambda self: any(job.state in SETTLED for job in self.jobs))
    @rule()
    def fetch_again(self) -> None:
        for which, job in enumerate(self.jobs):
            if job.state in SETTLED:
                self.ask(which, lambda job=job: actions.fetch_again(job, self.env, target={}))

    @precondition(lambda self: any(job.state is State.UNCERTAIN for job in self.jobs))
    @rule(which=WHICH, data=DATA)
    def submit_again(self, which: int, data: st.DataObject) -> None:
        job = self.jobs[which]
        self.service.draw = data.draw
        self.ask(which, lambda: actions.submit_again(job, self.env))
        if self.jobs[which].state is State.UPLOADED and job.state is State.UNCERTAIN:
            self.allowed += 1
            self.abandoned += 1

    # -- what always holds

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        assert len(self.service.charged) <= self.allowed + len(self.service.failed_cut_outs)

    @invariant()
    def nothing_paid_is_lost(self) -> None:
        known = self.known()
        assert len(known) == len(set(known))
        assert set(known) <= set(self.service.charged)
        doubtful = sum(job.state in IN_DOUBT for job in self.jobs)
        assert len(self.service.charged) - len(known) <= doubtful + self.abandoned

    @invariant()
    def the_ledger_knows_it_all(self) -> None:
        assert [self.env.ledger.get(job.id) for job in self.jobs] == self.jobs

    def teardown(self) -> None:
        """With a service that works again, nothing stays in doubt that the service has."""
        if not hasattr(self, "jobs"):
            return
        try:
            self.end()
        finally:
            self.env.ledger.close()
            self.place.cleanup()

    def end(self) -> None:
        self.service.is_healthy = True
        self.die()
        self.carry()
        assert len(set(self.service.charged) - set(self.known())) <= self.abandoned
        self.nothing_is_paid_twice()

    # -- how

    def ask(self, which: int, act: Callable[[], Job]) -> None:
        with suppress(ScenarioError):  # and the job stays as it was
            self.keep(which, act())

    def keep(self, which: int, after: Job) -> None:
        """Write a job down, as the runner does."""
        before = self.jobs[which]
        moves = MOVES[before.state] | (
            CUT_OUT_MOVES.get(before.state, set()) if before.cut_out or after.cut_out else set()
        )
        assert after.state is before.state or after.state in moves
        assert before.remote_id in (None, after.remote_id)
        self.env.ledger.save(after)
        self.jobs[which] = after

    def carry(self) -> None:
        """Step until each waits for the user, is settled, or is there but for the download."""
        for which, job in enumerate(self.jobs):
            self.keep(which, job if job.state in SETTLED else actions.retry(job, self.env))
        for _ in range(STEPS_TO_THE_END):
            left = [which for which, job in enumerate(self.jobs) if not self.is_through(job)]
            for which in left:
                self.keep(which, advance(self.jobs[which], self.env))
        assert all(self.is_through(job) for job in self.jobs), [(job.state, job.error) for job in self.jobs]

    def is_through(self, job: Job) -> bool:
        return job.is_settled or job.wait_s is None or job.state is State.SUCCEEDED

    def known(self) -> list[str]:
        """The service's jobs that the ledger knows to be ours."""
        meshes = [job.remote_id for job in self.jobs if job.remote_id is not None]
        with closing(sqlite3.connect(self.env.ledger.path)) as db:
            return meshes + [value for (value,) in db.execute("SELECT value FROM claims WHERE kind = 'cut-out'")]


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
