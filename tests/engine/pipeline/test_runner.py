# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying jobs on: the two drivers, the window of workers, and whatever breaks on the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.pace.asking import Asking
from scenario_addon.engine.pipeline import runner as runner_module
from scenario_addon.engine.pipeline.actions import retry
from scenario_addon.engine.pipeline.env import Env
from scenario_addon.engine.pipeline.runner import Runner
from scenario_addon.engine.pipeline.steps import advance
from scenario_addon.engine.values import JobId
from tests.engine.workbench import FakeClock, Workbench, tick_until
from tests.limits import shorten
from tests.service import Fault

GENERATE = "/generate/custom/"


# -- two drivers, one engine


def test_blocking_and_ticking_come_to_the_same(bench: Workbench, runner: Runner, clock: FakeClock) -> None:
    blocking, ticking = bench.new_job(), bench.new_job()
    told: list[Job] = []
    runner.add(blocking)
    [end] = runner.run([blocking.id], on_change=told.append)
    runner.add(ticking)
    seen = tick_until(runner, clock, lambda: runner.jobs[ticking.id].is_settled)
    assert [job.state for job in told] == [job.state for job in seen]
    assert end.state is State.READY
    assert end == bench.ledger.get(blocking.id) == told[-1]
    other = runner.jobs[ticking.id]
    assert other.file is not None
    assert end.file is not None
    assert other.file.path.read_bytes() == end.file.path.read_bytes()


def test_a_tick_never_blocks(bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    monkeypatch.setattr(runner_module, "advance", lambda job, env: (go.wait(10), advance(job, env))[1])
    job = bench.new_job()
    runner.add(job)
    assert [runner.tick() for _ in range(100)] == [[]] * 100
    go.set()
    assert runner.run([job.id])[0].state is State.READY


def test_waits_are_kept_by_the_runners_clock(bench: Workbench, runner: Runner, clock: FakeClock) -> None:
    job = bench.new_job()
    bench.service.fail("POST", GENERATE, Fault.STATUS, after=1, status=429, body={"remainingSeconds": 517})
    runner.add(job)
    runner.run([job.id])
    assert clock.now_s >= 517


def test_a_new_job_is_in_the_ledger_when_it_is_taken(bench: Workbench, runner: Runner) -> None:
    job = bench.new_job()
    runner.add(job)
    assert bench.ledger.get(job.id) == job


def test_a_job_that_cannot_be_written_is_not_taken(bench: Workbench, runner: Runner) -> None:
    job = bench.new_job()
    job = replace(job, order=replace(job.order, folder=Path("/bad\udcff")))
    with pytest.raises(DiskError):
        runner.add(job)
    assert runner.jobs == {}


def test_a_job_can_be_taken_without_blocking(bench: Workbench, runner: Runner) -> None:
    job = bench.new_job()
    runner.submit(job)
    assert bench.ledger.get(job.id) is None
    assert runner.run([job.id])[0].state is State.READY
    assert bench.ledger.get(job.id).state is State.READY


def test_jobs_of_one_press_are_all_in_the_ledger_before_one_goes_on(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[int] = []

    def looking(job: Job, env: Env) -> Job:
        known.append(len(env.ledger.jobs()))
        return job.moved(State.CANCELLED)

    monkeypatch.setattr(runner_module, "advance", looking)
    jobs = [bench.new_job() for _ in range(12)]
    runner.submit(*jobs)
    runner.run([job.id for job in jobs])
    assert known == [12] * 12


def test_of_jobs_of_one_press_one_that_cannot_be_written_keeps_no_other_back(bench: Workbench, runner: Runner) -> None:
    jobs = [bench.new_job() for _ in range(3)]
    jobs[1] = replace(jobs[1], order=replace(jobs[1].order, folder=Path("/bad\udcff")))
    runner.submit(*jobs)
    done = runner.run([job.id for job in jobs])
    assert [job.state for job in done] == [State.READY, State.NEW, State.READY]
    assert (done[1].is_held, done[1].error_kind) == (True, DiskError.__name__)


def test_running_nothing_ends_at_once(runner: Runner) -> None:
    assert runner.run([]) == []


# -- the window


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_steps_run_at_once_than_there_are_workers(
    bench: Workbench, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    lock, full, counts = threading.Lock(), threading.Barrier(workers), {"now": 0, "most": 0}

    def counted(job: Job, env: Env) -> Job:
        with lock:
            counts["now"] += 1
            counts["most"] = max(counts["most"], counts["now"])
        full.wait(10)  # none goes on before all workers are at work
        with lock:
            counts["now"] -= 1
        return job.moved(State.CANCELLED)

    monkeypatch.setattr(runner_module, "advance", counted)
    runner = Runner(bench.env, workers=workers, clock=clock)
    jobs = [bench.new_job() for _ in range(workers * 4)]
    for job in jobs:
        runner.add(job)
    runner.run([job.id for job in jobs])
    assert counts["most"] == workers
    runner.stop()


def test_a_step_that_is_held_up_does_not_keep_others_from_starting(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    shorten(monkeypatch, runner_module, _HELD_UP_S=0.0)
    go, held_up = threading.Event(), [bench.new_job(name=f"slow {n}") for n in range(5)]
    quick = bench.new_job(name="quick", colour="#204060")

    def step(job: Job, env: Env) -> Job:
        if job.id != quick.id:
            go.wait(20)
        return advance(job, env)

    monkeypatch.setattr(runner_module, "advance", step)
    for job in [*held_up, quick]:
        runner.add(job)
    tick_until(runner, clock, lambda: runner.jobs[quick.id].is_settled)
    assert runner.jobs[quick.id].state is State.READY
    assert {runner.jobs[job.id].state for job in held_up} == {State.NEW}
    go.set()


def test_many_jobs_are_all_made(bench: Workbench, runner: Runner) -> None:
    jobs = [bench.new_job() for _ in range(8)]
    for job in jobs:
        runner.add(job)
    ends = runner.run([job.id for job in jobs])
    assert [end.id for end in ends] == [job.id for job in jobs]
    assert {end.state for end in ends} == {State.READY}
    assert len({end.file.path for end in ends if end.file}) == 8
    assert len(bench.service.charges) == 8


def test_the_others_are_carried_on_too_while_one_is_waited_for(bench: Workbench, runner: Runner) -> None:
    first, second = bench.new_job(), bench.new_job()
    runner.add(first)
    runner.add(second)
    runner.run([first.id])
    assert runner.jobs[second.id].state is not State.NEW


# -- what breaks


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyError("x"), AssertionError(), RecursionError()])
def test_a_bug_in_a_step_stops_that_job_only(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    broken, fine = bench.new_job(), bench.new_job()

    def step(job: Job, env: Env) -> Job:
        if job.id == broken.id:
            raise error
        return advance(job, env)

    monkeypatch.setattr(runner_module, "advance", step)
    runner.add(broken)
    runner.add(fine)
    held, done = runner.run([broken.id, fine.id])
    assert (held.state, held.is_held, held.error_kind) == (State.NEW, True, "ProtocolError")
    assert done.state is State.READY


def test_a_bug_after_the_submission_never_submits_again(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.new_job()

    def step(job: Job, env: Env) -> Job:
        after = advance(job, env)
        if job.state is State.SUBMITTING:
            raise RuntimeError("after the request")
        return after

    monkeypatch.setattr(runner_module, "advance", step)
    runner.add(job)
    [held] = runner.run([job.id])
    assert (held.state, held.is_held) == (State.UNCERTAIN, True)
    runner.ask(held, retry)
    assert runner.run([job.id])[0].state is State.READY
    assert len(bench.service.charges) == 1


def test_what_cannot_be_written_down_is_not_submitted(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.new_job()
    runner.add(job)
    save = bench.ledger.save

    def full(job: Job, *, follower: Job | None) -> bool:
        if job.state is State.SUBMITTING:
            raise DiskError("The disk is full.")
        return save(job, follower=follower)

    monkeypatch.setattr(bench.ledger, "save", full)
    [held] = runner.run([job.id])
    assert (held.state, held.is_held, held.error) == (State.UPLOADED, True, "The disk is full.")
    assert bench.service.charges == []
    monkeypatch.undo()
    runner.ask(held, retry)
    assert runner.run([job.id])[0].state is State.READY


def test_a_disk_that_is_full_after_the_submission_does_not_cost_the_mesh(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.carry(bench.job(), until=State.SUBMITTING)
    runner.carry(job, retry=False)
    monkeypatch.setattr(
        bench.ledger, "save", lambda job, follower: (_ for _ in ()).throw(DiskError("The disk is full."))
    )
    [done] = runner.run([job.id])
    assert done.state is State.READY
    assert bench.ledger.get(job.id).state is State.SUBMITTING
    assert len(bench.service.charges) == 1


def test_a_job_that_was_removed_meanwhile_goes_no_further(bench: Workbench, runner: Runner) -> None:
    job = bench.new_job()
    runner.add(job)
    bench.ledger.remove(job.id)
    [held] = runner.run([job.id])
    assert (held.is_held, held.error_kind) == (True, "NotCarried")
    assert len(bench.service.requests) == 1


def test_a_job_that_is_removed_while_it_is_submitted_is_not_submitted_again(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(job: Job, env: Env) -> Job:
        if job.state is State.SUBMITTING:
            bench.ledger.remove(job.id)
        return advance(job, env)

    monkeypatch.setattr(runner_module, "advance", step)
    job = bench.new_job()
    runner.add(job)
    [held] = runner.run([job.id])
    runner.ask(held, retry)
    runner.run([job.id])
    assert len(bench.service.charges) == 1


# -- patience


def test_patience_ends_where_it_is_told_to(bench: Workbench, runner: Runner, clock: FakeClock) -> None:
    bench.service.fail("POST", GENERATE, Fault.STATUS, status=503, times=None)
    job = bench.new_job()
    runner.add(job)
    [held] = runner.run([job.id], patience=lambda job: job.failures < 4)
    assert (held.failures, held.is_held, held.state) == (4, True, State.NEW)
    assert clock.now_s > 5


def test_patience_ends_with_a_service_that_is_out_of_reach(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.carry(bench.job(), until=State.SUBMITTING)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    runner.carry(job, retry=False)
    [held] = runner.run([job.id], patience=lambda job: job.failures < 4)
    assert (held.state, held.is_held, held.failures) == (State.UPLOADED, True, 4)


def test_endless_patience_outlasts_a_long_outage(bench: Workbench, runner: Runner, clock: FakeClock) -> None:
    job = bench.new_job()
    bench.service.fail("GET", "/v1/jobs/", Fault.STATUS, status=503, times=60)
    runner.add(job)
    assert runner.run([job.id])[0].state is State.READY
    assert clock.now_s > 300


# -- when the service is asked


class Prompted(Asking):
    """Has every job wait for an hour, unless it is told of one."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[JobId, float]] = []

    def pause_s(self, job: Job, now: float) -> float:
        return 3600.0

    def sooner(self) -> Iterator[tuple[JobId, float]]:
        while self.told:
            yield self.told.pop()


def test_a_job_is_asked_about_sooner_once_that_is_known_to_be_right(bench: Workbench, clock: FakeClock) -> None:
    asking = Prompted()
    runner = Runner(replace(bench.env, asking=asking), clock=clock)
    job = bench.new_job()
    runner.add(job)
    tick_until(runner, clock, lambda: (runner.due_in_s(job.id) or 0) > 3000)
    asking.told += [(JobId("unknown"), 1.0), (job.id, 5000.0), (job.id, 2.0)]
    runner.tick()
    assert runner.due_in_s(job.id) == pytest.approx(2.0)
    before = bench.service.count("GET", "/jobs/")
    clock.sleep(2.0)
    tick_until(runner, clock, lambda: bench.service.count("GET", "/jobs/") > before)


def test_a_job_that_waits_for_the_service_to_recover_is_not_asked_about_sooner(
    bench: Workbench, clock: FakeClock
) -> None:
    asking = Prompted()
    runner = Runner(replace(bench.env, asking=asking), clock=clock)
    job = bench.carry(bench.job(), until=State.RUNNING)
    bench.service.fail("GET", "/v1/jobs/", Fault.STATUS, status=503, times=None)
    runner.carry(job, retry=False)
    tick_until(runner, clock, lambda: runner.jobs[job.id].failures == 5)
    before = runner.due_in_s(job.id)
    asking.told.append((job.id, 0.0))
    runner.tick()
    assert runner.due_in_s(job.id) == before
    assert (before or 0) > 1
