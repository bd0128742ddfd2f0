# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user asks of a job, and what another process finds of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from scenario_addon.engine.errors import DiskError, NetworkError
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.pipeline import runner as runner_module
from scenario_addon.engine.pipeline.actions import cancel, retry
from scenario_addon.engine.pipeline.env import Env
from scenario_addon.engine.pipeline.runner import Runner
from scenario_addon.engine.pipeline.steps import advance
from tests.engine.workbench import FakeClock, Workbench, tick_until

# -- what the user asks for


def test_a_job_is_cancelled_before_it_costs_anything(bench: Workbench, runner: Runner) -> None:
    job = bench.new_job()
    runner.add(job)
    runner.ask(job, cancel)
    assert runner.run([job.id])[0].state is State.CANCELLED
    assert bench.service.requests == []


@pytest.mark.parametrize(
    "state", [State.NEW, State.UPLOADED, State.SUBMITTING, State.RUNNING, State.SUCCEEDED, State.DOWNLOADED]
)
def test_a_job_is_cancelled_while_a_step_is_under_way(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch, clock: FakeClock, state: State
) -> None:
    begun, go = threading.Event(), threading.Event()

    def step(job: Job, env: Env) -> Job:
        if job.state is state:
            begun.set()
            assert go.wait(10)
        return advance(job, env)

    monkeypatch.setattr(runner_module, "advance", step)
    job = bench.new_job(target={"scene": "Scene"})
    runner.add(job)
    tick_until(runner, clock, begun.is_set)
    runner.ask(runner.jobs[job.id], cancel)
    runner.tick()
    go.set()
    [end] = runner.run([job.id])
    assert end.state is bench.ledger.get(job.id).state is State.CANCELLED
    assert end.error is None
    assert end.is_paid is (state in (State.SUBMITTING, State.RUNNING, State.SUCCEEDED, State.DOWNLOADED))


def test_what_is_asked_for_goes_before_what_is_merely_due(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    monkeypatch.setattr(runner_module, "advance", lambda job, env: (go.wait(10), advance(job, env))[1])
    jobs = [bench.new_job() for _ in range(6)]
    for job in jobs:
        runner.add(job)
    runner.tick()
    runner.ask(jobs[-1], cancel)
    go.set()
    [end, *_] = runner.run([jobs[-1].id])
    assert (end.state, end.quoted_at) == (State.CANCELLED, None)


@pytest.mark.parametrize("state", [State.READY, State.FAILED])
def test_a_settled_job_stays_what_it_is(bench: Workbench, runner: Runner, state: State) -> None:
    job = replace(bench.job(), state=state)
    bench.ledger.save(job)
    runner.ask(job, cancel)
    assert runner.run([job.id])[0].state is state


def test_a_lost_wait_is_cut_short_by_asking_again(bench: Workbench, runner: Runner, clock: FakeClock) -> None:
    job = bench.new_job().delayed(NetworkError("Lost."), wait_s=3600.0)
    runner.add(job)
    runner.ask(job, retry)
    assert runner.run([job.id])[0].state is State.READY
    assert clock.now_s < 3600


def test_what_is_dropped_while_a_step_is_under_way_is_not_told_any_more(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    begun, go = threading.Event(), threading.Event()

    def step(job: Job, env: Env) -> Job:
        begun.set()
        assert go.wait(10)
        return advance(job, env)

    monkeypatch.setattr(runner_module, "advance", step)
    dropped, kept = bench.new_job(), bench.new_job(colour="#204060")
    runner.add(dropped)
    tick_until(runner, clock, begun.is_set)
    runner.drop(dropped.id)
    go.set()
    runner.add(kept)
    told = tick_until(runner, clock, lambda: runner.jobs[kept.id].is_settled)
    assert {job.id for job in told} == {kept.id}
    assert dropped.id not in runner.jobs and not runner.carries(dropped.id)
    assert len(bench.service.charges) == 1


# -- taking over


@pytest.fixture
def successor(bench: Workbench, clock: FakeClock) -> Iterator[Callable[[], Runner]]:
    """The process dies; another one opens the ledger."""
    made: list[Runner] = []

    def make() -> Runner:
        bench.ledger.close()
        bench.ledger = Ledger(bench.folder / "state")
        bench.env = replace(bench.env, ledger=bench.ledger)
        made.append(Runner(bench.env, clock=clock))
        return made[-1]

    yield make
    for runner in made:
        runner.stop()


@pytest.mark.parametrize(
    "state", [State.NEW, State.UPLOADED, State.SUBMITTING, State.RUNNING, State.SUCCEEDED, State.DOWNLOADED]
)
def test_a_dead_process_leaves_jobs_that_go_on(bench: Workbench, successor: Callable[[], Runner], state: State) -> None:
    job = bench.carry(bench.job(), until=state)
    if state is State.SUBMITTING:
        advance(job, bench.env)  # the request went out; its answer died with the process
    runner = successor()
    [adopted] = runner.adopt(scope=job.scope, retry=False)
    assert adopted.state is (State.UNCERTAIN if state is State.SUBMITTING else state)
    assert runner.run([job.id])[0].state is State.READY
    assert len(bench.service.charges) == 1


def test_a_step_that_dies_midway_is_as_if_it_had_not_begun(
    bench: Workbench, successor: Callable[[], Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    class PulledPlug(BaseException):
        pass

    def pull(*_: object, **__: object) -> None:
        raise PulledPlug

    job = bench.carry(bench.job(), until=State.SUCCEEDED)
    with monkeypatch.context() as plug:
        plug.setattr("scenario_addon.engine.fetch.download.publish", pull)
        with pytest.raises(PulledPlug):
            bench.step(job)
    runner = successor()
    [adopted] = runner.adopt(scope=job.scope, retry=False)
    assert adopted.state is State.SUCCEEDED
    [done] = runner.run([job.id])
    assert done.file is not None
    assert [path.name for path in bench.output.iterdir()] == ["chair.glb"]


def test_an_intent_of_a_dead_process_is_never_sent_by_asking(bench: Workbench, successor: Callable[[], Runner]) -> None:
    job = bench.carry(bench.job(), until=State.SUBMITTING)
    advance(job, bench.env)
    runner = successor()
    runner.ask(job, retry)
    assert runner.run([job.id])[0].state is State.READY
    assert len(bench.service.charges) == 1


def test_what_waits_for_the_user_is_tried_again_only_when_asked(
    bench: Workbench, successor: Callable[[], Runner]
) -> None:
    job = bench.job()
    bench.ledger.save(job.delayed(DiskError("Full."), wait_s=None))
    runner = successor()
    assert [adopted.is_held for adopted in runner.adopt(scope=job.scope, retry=False)] == [True]
    assert runner.run([job.id])[0].state is State.NEW
    runner = successor()
    runner.adopt(scope=job.scope, retry=True)
    assert runner.run([job.id])[0].state is State.READY


def test_it_is_known_how_long_a_job_waits(bench: Workbench, runner: Runner, clock: FakeClock) -> None:
    job = bench.new_job().delayed(NetworkError("Down"), wait_s=30.0)
    runner.add(job)
    assert runner.due_in_s(job.id) == 30.0
    clock.sleep(12.0)
    assert runner.due_in_s(job.id) == 18.0
    clock.sleep(60.0)
    assert runner.due_in_s(job.id) == 0.0
    runner.tick()
    assert runner.due_in_s(job.id) is None


def test_nothing_of_others_is_taken(bench: Workbench, runner: Runner) -> None:
    other = Ledger(bench.folder / "state")
    theirs, settled = bench.new_job(), bench.job()
    bench.ledger.save(settled.moved(State.CANCELLED))
    other.add(theirs)
    assert runner.adopt(scope=theirs.scope, retry=True) == []
    assert runner.adopt(scope="another project", retry=True) == []
    runner.ask(theirs, retry)
    [refused] = runner.run([theirs.id])
    assert (refused.error_kind, refused.is_held) == ("NotCarried", True)
    runner.ask(theirs, retry)
    assert runner.run([theirs.id])[0].is_held
    assert bench.service.requests == []
    other.close()


def test_what_others_carry_is_not_said_to_be_cancelled_however_often_it_is_asked_for(
    bench: Workbench, runner: Runner
) -> None:
    with closing(Ledger(bench.folder / "state")) as other:
        other.add(theirs := bench.new_job())
        for _ in range(2):
            runner.ask(runner.jobs.get(theirs.id, theirs), cancel)
            [refused] = runner.run([theirs.id])
            assert (refused.state, refused.error_kind, refused.is_held) == (State.NEW, "NotCarried", True)
        assert not runner.carries(theirs.id)


# -- what a dead process leaves while this one runs


def test_a_process_that_dies_meanwhile_is_stood_in_for(bench: Workbench, runner: Runner, clock: FakeClock) -> None:
    other = Ledger(bench.folder / "state")
    job = bench.new_job()
    other.add(job)
    runner.keep_rescuing(scope=job.scope)
    for _ in range(200):
        assert runner.tick() == []
        clock.sleep(0.1)
    other.close()
    tick_until(runner, clock, lambda: job.id in runner.jobs)
    assert runner.run([job.id])[0].state is State.READY
    assert len(bench.service.charges) == 1


def test_what_waited_for_the_user_still_does_after_a_rescue(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    other = Ledger(bench.folder / "state")
    job = replace(bench.new_job(), error="Full.", wait_s=None)
    other.add(job)
    other.close()
    runner.keep_rescuing(scope=job.scope)
    tick_until(runner, clock, lambda: job.id in runner.jobs)
    assert runner.run([job.id]) == [job]
    assert bench.service.requests == []


def test_what_the_user_asks_for_first_is_done_once(
    bench: Workbench, runner: Runner, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, is_rescued = bench.new_job(), threading.Event()
    with closing(Ledger(bench.folder / "state")) as other:
        other.add(job)
    monkeypatch.setattr(bench.ledger, "back_up", is_rescued.set)  # what a worker does when it has looked
    runner.keep_rescuing(scope=job.scope)
    clock.sleep(60.0)
    runner.tick()
    assert is_rescued.wait(10)
    runner.ask(job, retry)  # the worker was as quick as the user
    tick_until(runner, clock, lambda: runner.jobs[job.id].is_settled)
    assert runner.jobs[job.id].state is State.READY
    assert len(bench.service.charges) == 1


def test_a_rescue_that_fails_is_tried_again(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    fails = iter([DiskError("Full."), None])
    rescue = bench.ledger.rescue

    def flaky(scope: str) -> list[Job]:
        if error := next(fails, None):
            raise error
        return rescue(scope)

    monkeypatch.setattr(bench.ledger, "rescue", flaky)
    other = Ledger(bench.folder / "state")
    job = bench.new_job()
    other.add(job)
    other.close()
    runner.keep_rescuing(scope=job.scope)
    tick_until(runner, clock, lambda: job.id in runner.jobs)
