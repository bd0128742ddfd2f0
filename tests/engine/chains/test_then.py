# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows a job: ordered once its mesh is there, once and never twice, within what all of it may cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from scenario_addon.engine.chains.then import Then, follower_id, follower_of
from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.meshes.limits import MeshLimits
from scenario_addon.engine.pace.asking import Asking
from scenario_addon.engine.pipeline.actions import cancel, fetch_again, submit_again
from scenario_addon.engine.pipeline.runner import Runner
from scenario_addon.engine.values import PLACEHOLDER, HeldMesh, JobId, Order
from tests.engine.mesh_samples import mesh_order
from tests.engine.workbench import FakeClock, Workbench, tick_until
from tests.service import Fault

pytestmark = pytest.mark.slow

REMESHES = r"/generate/custom/model_meshy-remesh"


@pytest.fixture
def runner(bench: Workbench, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    """One that carries on what follows, as Blender's does."""
    monkeypatch.setattr(Asking, "pause_s", lambda asking, job, now: 0.0)
    made = started(bench, clock)
    yield made
    made.stop()


def started(bench: Workbench, clock: FakeClock) -> Runner:
    made = Runner(bench.env, clock=clock)
    made.keep_rescuing(scope=bench.credentials.scope)
    return made


def remeshed(bench: Workbench, **more: Any) -> Order:
    return mesh_order(HeldMesh(asset_id=PLACEHOLDER, name="chair"), name="chair", folder=bench.output, **more)


def chained(bench: Workbench, then: Then | None = None, **more: Any) -> Job:
    """A job after which its mesh is made anew."""
    step = then or Then(remeshed(bench, target={"scene": "Scene"}), quote_cu=Decimal(5))
    return bench.new_job(target={"scene": "Scene", **step.in_target()}, **more)


def finished(runner: Runner, clock: FakeClock, job: Job) -> Job:
    """Drive until the one that follows a job is through."""
    last = follower_id(job.id)
    tick_until(runner, clock, lambda: last in runner.jobs and runner.jobs[last].state in (State.READY, State.FAILED))
    return runner.jobs[last]


def jobs_of(bench: Workbench) -> list[Job]:
    return list(bench.ledger.jobs())


def test_what_follows_is_ordered_for_the_mesh_of_the_job_before(
    bench: Workbench, runner: Runner, clock: FakeClock
) -> None:
    job = chained(bench)
    runner.add(job)
    last = finished(runner, clock, job)
    first = runner.jobs[job.id]
    assert (first.state, last.state) == (State.READY, State.READY)
    assert first.file is not None
    assert last.request[1]["model"] == first.file.asset_id
    assert last.order.target["scene"] == "Scene"
    assert [one.id for one in jobs_of(bench)] == [job.id, last.id] == list(runner.jobs)
    assert len(bench.service.charges) == 2
    assert bench.service.uploads == {}, "the service has the mesh"


def test_three_steps_follow_each_other(bench: Workbench, runner: Runner, clock: FakeClock) -> None:
    last_step = Then(remeshed(bench, values={"targetPolycount": 150}), budget_cu=None)
    step = Then(remeshed(bench, target=last_step.in_target()), budget_cu=Decimal(1000))
    job = chained(bench, step)
    runner.add(job)
    second = finished(runner, clock, job)
    third = finished(runner, clock, second)
    assert third.order.values == {"targetPolycount": 150}
    spent = runner.jobs[job.id].counted_cu + second.counted_cu
    assert third.max_cost_cu == 1000 - spent
    assert len(bench.service.charges) == 3


def test_what_comes_back_from_the_target_is_what_went_in(bench: Workbench) -> None:
    limits = MeshLimits(frozenset({"glb", "obj"}), max_bytes=5, max_faces=7)
    then = Then(remeshed(bench, target={"a": [1]}), limits, Decimal("5.5"), Decimal(9))
    assert Then.of_target(then.in_target()) == then
    assert Then.of_target({}) is None
    assert Then.of_target({"then": {"order": "of a later version"}}) is None


# -- once, and never twice


def test_the_mesh_and_what_follows_it_are_in_the_ledger_together(bench: Workbench) -> None:
    job = chained(bench)
    bench.ledger.add(job)
    ready = bench.carry(job)
    assert bench.ledger.save(ready, follower=follower_of(ready))
    assert [one.id for one in jobs_of(bench)] == [job.id, follower_id(job.id)]
    assert not bench.ledger.save(ready, follower=follower_of(ready)), "it is there"
    bench.ledger.remove(follower_id(job.id))
    assert not bench.ledger.save(ready, follower=follower_of(ready)), "it was, and somebody took it off the list"
    assert len(jobs_of(bench)) == 1


def test_a_job_of_another_process_brings_nothing_that_follows(bench: Workbench) -> None:
    job = chained(bench)
    bench.ledger.add(job)
    ready = bench.carry(job)
    bench.ledger.let_go(job.id)
    with pytest.raises(DiskError):
        bench.ledger.save(ready, follower=follower_of(ready))
    assert len(jobs_of(bench)) == 1


@pytest.mark.parametrize("steps", range(1, 16))
def test_a_process_that_ends_after_any_step_has_it_made_once(
    bench: Workbench, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Each time another ledger on the same file goes on: the one before has died."""
    monkeypatch.setattr(Asking, "pause_s", lambda asking, job, now: 0.0)
    job = chained(bench)
    last = follower_id(job.id)
    first = started(bench, clock)
    first.add(job)
    changes = 0
    while changes < steps:
        changes += len(first.tick())
        clock.sleep(0.1)
    for thread in first.stop():
        thread.join()
    bench.ledger.close()
    bench.ledger = Ledger(bench.folder / "state")
    bench.env = replace(bench.env, ledger=bench.ledger)
    second = started(bench, clock)
    second.adopt(scope=bench.credentials.scope, retry=False)
    tick_until(second, clock, lambda: _is_made(bench, second, last))
    assert sorted(one.id for one in jobs_of(bench)) == sorted([job.id, last])
    assert {one.state for one in jobs_of(bench)} == {State.READY}
    assert len(bench.service.charges) == 2
    second.stop()


def _is_made(bench: Workbench, runner: Runner, job_id: JobId) -> bool:
    """Look, and order again what was never sent, as somebody would who is asked."""
    for one in jobs_of(bench):
        if one.state is State.UNCERTAIN and one.is_held and not runner.is_asked(one.id):
            runner.ask(one, submit_again)
    job = bench.ledger.get(job_id)
    return job is not None and job.state is State.READY


def test_a_mesh_that_is_fetched_once_more_is_not_changed_once_more(
    bench: Workbench, runner: Runner, clock: FakeClock
) -> None:
    job = chained(bench)
    runner.add(job)
    finished(runner, clock, job)
    target = runner.jobs[job.id].order.target
    runner.ask(runner.jobs[job.id], lambda one, env: fetch_again(one, env, target=target))
    tick_until(runner, clock, lambda: runner.jobs[job.id].state is not State.READY)
    tick_until(runner, clock, lambda: runner.jobs[job.id].state is State.READY)
    assert len(jobs_of(bench)) == len(bench.service.charges) == 2


def test_after_a_job_that_is_cancelled_nothing_follows_even_if_its_mesh_is_fetched(
    bench: Workbench, runner: Runner, clock: FakeClock
) -> None:
    job = chained(bench)
    runner.add(job)
    tick_until(runner, clock, lambda: runner.jobs[job.id].state is State.RUNNING)
    runner.ask(runner.jobs[job.id], cancel)
    tick_until(runner, clock, lambda: runner.jobs[job.id].state is State.CANCELLED)
    target = runner.jobs[job.id].order.target
    runner.ask(runner.jobs[job.id], lambda one, env: fetch_again(one, env, target=target))
    tick_until(runner, clock, lambda: runner.jobs[job.id].state is State.READY)
    assert len(jobs_of(bench)) == 1


def test_a_process_that_rescues_nobody_leaves_what_follows_in_the_ledger(bench: Workbench, clock: FakeClock) -> None:
    runner = Runner(bench.env, clock=clock)
    job = chained(bench)
    runner.add(job)
    runner.run([job.id])
    runner.stop()
    assert [one.state for one in jobs_of(bench)] == [State.READY, State.NEW]
    assert list(runner.jobs) == [job.id]
    assert len(bench.service.charges) == 1


def test_where_the_ledger_cannot_be_written_the_mesh_waits_with_what_follows(
    bench: Workbench, runner: Runner, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    save: Callable[..., bool] = bench.ledger.save

    def full(job: Job, *, follower: Job | None = None) -> bool:
        if follower is not None:
            raise DiskError("The disk is full.")
        return save(job)

    job = chained(bench)
    with monkeypatch.context() as patch:
        patch.setattr(bench.ledger, "save", full)
        runner.add(job)
        tick_until(runner, clock, lambda: runner.jobs[job.id].is_held)
    assert (runner.jobs[job.id].state, runner.jobs[job.id].error) == (State.DOWNLOADED, "The disk is full.")
    runner.ask(runner.jobs[job.id], lambda one, env: one.retried())
    assert finished(runner, clock, job).state is State.READY


# -- what it may cost, and what does not work out


def test_what_follows_may_cost_what_is_left(bench: Workbench, runner: Runner, clock: FakeClock) -> None:
    job = chained(bench, Then(remeshed(bench, target={"scene": "Scene"}), budget_cu=Decimal(1)))
    runner.add(job)
    last = follower_id(job.id)
    tick_until(runner, clock, lambda: last in runner.jobs and runner.jobs[last].is_held)
    assert runner.jobs[last].max_cost_cu == 0
    assert "may be spent" in (runner.jobs[last].error or "")
    assert len(bench.service.charges) == 1


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (MeshLimits(max_faces=10), "faces and meshy-remesh takes 10: reduce them first."),
        (MeshLimits(frozenset({"fbx"})), "chair is GLB and meshy-remesh takes FBX: export it as that first."),
    ],
)
def test_a_mesh_that_the_model_does_not_take_stays_and_nothing_is_ordered(
    bench: Workbench, runner: Runner, clock: FakeClock, limits: MeshLimits, why: str
) -> None:
    job = chained(bench, Then(remeshed(bench, target={"scene": "Scene"}), limits))
    runner.add(job)
    last = finished(runner, clock, job)
    assert last.state is State.FAILED
    assert last.error is not None
    assert last.error.endswith(f"{why} chair stays as hunyuan-3d-v2-1 made it.")
    assert runner.jobs[job.id].state is State.READY
    assert len(bench.service.charges) == 1
    assert bench.ledger.get(last.id) == last


def test_a_step_that_fails_says_what_stays(bench: Workbench, runner: Runner, clock: FakeClock) -> None:
    job = chained(bench)
    bench.service.fail("POST", REMESHES, Fault.STATUS, status=400, body={"reason": "no such mesh"}, times=9)
    runner.add(job)
    last = finished(runner, clock, job)
    assert last.state is State.FAILED
    assert (last.error or "").endswith("chair stays as hunyuan-3d-v2-1 made it.")
    assert runner.jobs[job.id].state is State.READY
