# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that dies at any moment of a job whose picture is cut out first: one cut-out and one mesh are paid for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from scenario_addon.engine.cut_out import CUT_OUT_MODEL
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.pipeline.actions import submit_again
from tests.engine.orders import FAST_MODEL
from tests.engine.workbench import Workbench
from tests.service import Service

MOST = 100
"""Requests of a job, or steps."""


class Killed(BaseException):
    """Nothing of the process is left but what is on the disk and at the service."""


class Life:
    """One process after another on the same ledger and service."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service, self.folder = service, folder
        self.bench = Workbench(service, folder)
        self.asked = 0
        """How often the user had to decide."""

    def begin(self) -> Job:
        return self.bench.cut_job()

    def carry_until_death(self, job: Job) -> bool:
        """Step until it is done; says whether the process lived to see that."""
        try:
            return self.bench.carry(job).state is State.READY
        except Killed:
            return False

    def rise(self, job_id: Any) -> Job:
        """Another process takes the job over, as the runner does."""
        self.bench.close()
        self.bench = Workbench(self.service, self.folder)
        job = self.bench.ledger.claim(job_id)
        assert job is not None
        job = job.retried()
        return job if job.is_paid else replace(job, quoted_at=None)

    def end(self, job: Job) -> Job:
        """Carry it to its end. The user has that submitted again of which the service knows nothing."""
        job = self.bench.carry(job)
        if job.state is State.UNCERTAIN and job.is_held:
            self.asked += 1
            model_id, body = job.request
            sent = [record["metadata"]["input"] for record in self.service.jobs.values()]
            assert {"modelId": model_id, **body} not in sent, "it is there, and was not found"
            job = self.bench.carry(submit_again(job, self.bench.env))
        return job

    def check(self, job: Job) -> None:
        assert (job.state, job.error) == (State.READY, None)
        charges = self.service.charges
        assert [charge.model_id for charge in charges] == [CUT_OUT_MODEL, FAST_MODEL]
        total_cu = sum(charge.cost_cu for charge in charges)
        assert job.billed_cu == total_cu
        # What was written down before the answer came to nothing counts until it is known better.
        spent_cu = self.bench.ledger.spent_cu(self.bench.new_job(), since=0.0)
        assert spent_cu == total_cu if not self.asked else spent_cu >= total_cu
        assert job.file is not None
        assert job.file.path.read_bytes() == self.service.result_bytes(job.remote_id)
        assert not list(self.folder.rglob("*.part"))


@pytest.fixture
def life(service: Service, tmp_path: Path) -> Iterator[Life]:
    made = Life(service, tmp_path)
    yield made
    made.bench.close()


def deadly(number: int, *, is_sent: bool) -> Callable[..., requests.Response]:
    """A way to send requests that kills the process at one of them.

    :param is_sent: when the service has worked on it, instead of before it leaves.
    """
    send, count = requests.Session.request, itertools.count(1)

    def sent(session: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
        if next(count) != number:
            return send(session, method, url, **more)
        if is_sent:
            send(session, method, url, **more).close()
        raise Killed

    return sent


@pytest.mark.slow
@pytest.mark.parametrize("is_sent", [False, True], ids=["before", "after"])
def test_a_process_that_dies_at_any_request_is_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_sent: bool
) -> None:
    asked = 0
    for number in range(1, MOST):
        with Service(job_polls=2) as fresh:
            life = Life(fresh, tmp_path / str(number))
            job = life.begin()
            with monkeypatch.context() as world:
                world.setattr(requests.Session, "request", deadly(number, is_sent=is_sent))
                is_done = life.carry_until_death(job)
            job = life.end(life.rise(job.id)) if not is_done else life.bench.ledger.get(job.id)
            assert job is not None
            life.check(job)
            asked += life.asked
            life.bench.close()
        if is_done:
            break
    assert number > 12, "prices, upload, two submissions with what follows"
    assert asked == (0 if is_sent else 2), "only what was never sent, and nobody can know that"


@pytest.mark.slow
def test_a_process_that_dies_between_any_two_steps_is_made_good(tmp_path: Path) -> None:
    seen: set[tuple[State, bool]] = set()
    for number in range(1, MOST):
        with Service(job_polls=2) as fresh:
            life = Life(fresh, tmp_path / str(number))
            job = life.begin()
            for _ in range(number):
                job = job if job.is_settled else life.bench.step(job)
            seen.add((job.state, job.cut_out is not None))
            is_done = job.is_settled
            life.check(life.end(life.rise(job.id)) if not is_done else job)
            life.bench.close()
        if is_done:
            break
    moments = {(State.SUBMITTING, True), (State.RUNNING, True), (State.UPLOADED, False), (State.SUBMITTING, False)}
    assert moments <= seen


@pytest.mark.slow
def test_a_process_that_dies_before_each_move_is_written_down_is_made_good(tmp_path: Path) -> None:
    for number in range(1, MOST):
        with Service(job_polls=2) as fresh:
            life = Life(fresh, tmp_path / str(number))
            job = life.begin()
            for _ in range(number - 1):
                job = job if job.is_settled else life.bench.step(job)
            is_done = job.is_settled
            if not is_done:
                life.bench.ledger.save = lambda after: None  # type: ignore[method-assign]
                life.bench.step(job)
            life.check(life.end(life.rise(job.id)) if not is_done else job)
            assert not life.asked
            life.bench.close()
        if is_done:
            break


def test_a_process_that_dies_at_every_move_gets_there_all_the_same(life: Life) -> None:
    job = life.begin()
    for _ in range(MOST):
        risen = life.rise(job.id)
        job = life.bench.step(risen)
        if job.state in (State.NEW, State.SUBMITTING):  # a price and an intent are begun anew each time
            job = life.bench.step(job)
        if job.is_settled:
            break
    life.check(job)
    assert not life.asked
