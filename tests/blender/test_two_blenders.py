# SPDX-License-Identifier: GPL-3.0-or-later
"""Two Blenders on one ledger, each with its operators: a job is one's alone, is charged once, and is known to both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.delivery.test_delivery import imported
from tests.blender.live import Live
from tests.blender.second_blender import SecondBlender, second_blender

pytestmark = pytest.mark.slow

MESHES = "len([obj for obj in bpy.context.scene.objects if 'scenario_job_id' in obj])"
"""How many came into the scene over there."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[SecondBlender]:
    """The process that is the other Blender of each test."""
    with second_blender() as running:
        yield running


@pytest.fixture
def other(live: Live, elsewhere: SecondBlender) -> Iterator[SecondBlender]:
    """Another Blender of the same user, as if just started."""
    with elsewhere.begun(live.service.environment) as running:
        yield running


@pytest.fixture
def running(live: Live) -> Job:
    """A job of this Blender that the service works on."""
    return live.pump_until_state(State.RUNNING, live.begin())


def states(other: SecondBlender) -> dict[str, str]:
    """What the other one's list says."""
    other("session.load_now()")
    return other("{job.id: job.state.name for job in session.jobs.values()}")


def test_both_list_what_each_of_them_makes(live: Live, running: Job, other: SecondBlender) -> None:
    assert states(other) == {running.id: "RUNNING"}
    assert not other("session.is_busy")
    assert "Carried on by another Blender" in other("str(drawn('SCENARIO_PT_jobs'))")
    live.pump_until_state(State.IMPORTED, running)
    theirs = other("live.image('Lamp', size_px=32) and live.generate().id")
    live.restart()
    other("live.restart()")
    assert (
        states(other)
        == {job.id: job.state.name for job in live.jobs}
        == dict.fromkeys((running.id, theirs), "IMPORTED")
    )
    assert (len(imported()), other(MESHES), len(live.service.charges)) == (1, 1, 2)


@pytest.mark.parametrize("operator", ["cancel", "resume"])
def test_the_other_one_leaves_alone_what_this_one_carries(
    live: Live, running: Job, other: SecondBlender, operator: str
) -> None:
    other("session.load_now()")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="carried on by another"):
            other(f"bpy.ops.scenario.{operator}(job_id={running.id!r})")
        assert states(other) == {running.id: "RUNNING"}
    live.pump_until_state(State.IMPORTED, running)
    live.restart()
    assert live.job.state is State.IMPORTED
    assert (len(imported()), other(MESHES), len(live.service.charges)) == (1, 0, 1)


def test_what_this_one_carries_cannot_be_removed_by_the_other(live: Live, running: Job, other: SecondBlender) -> None:
    other("session.load_now()")
    other(f"bpy.ops.scenario.dismiss(job_id={running.id!r})")
    other("live.pump_until(lambda: not session.tasks.any_running)")
    assert states(other) == {running.id: "RUNNING"}
    assert "remove it there" in other("str(drawn('SCENARIO_PT_main'))")
    live.pump_until_state(State.IMPORTED, running)
    live.restart()
    assert live.job.state is State.IMPORTED
    assert (len(imported()), len(live.service.charges)) == (1, 1)


def test_what_the_other_one_removes_when_it_is_through_is_gone_for_both(live: Live, other: SecondBlender) -> None:
    job = live.generate()
    session.close()
    other("session.load_now()")
    other(f"bpy.ops.scenario.dismiss(job_id={job.id!r})")
    other("live.restart()")
    live.restart()
    assert (live.jobs, states(other)) == ([], {})
    assert job.file is not None and job.file.path.exists()


@pytest.mark.parametrize("is_known", [True, False], ids=["listed there", "begun since"])
def test_the_same_picture_in_both_is_ordered_once_unless_it_is_meant(
    live: Live, other: SecondBlender, is_known: bool
) -> None:
    if not is_known:
        other("live.ready_to_generate()")
    job = live.pump_until_state(State.RUNNING, live.begin())
    if is_known:
        other("live.ready_to_generate()")
    with pytest.raises(RuntimeError, match="is being made"):
        other("bpy.ops.scenario.generate()")
    assert (len(live.service.charges), other(MESHES)) == (1, 0)
    assert other("bpy.ops.scenario.generate(again=True)") == ["FINISHED"]
    live.pump_until_state(State.IMPORTED, job)
    assert (len(imported()), other(MESHES), len(live.service.charges)) == (1, 1, 2)


def test_a_mesh_that_this_one_made_comes_in_once_in_each_that_asks_for_it(live: Live, other: SecondBlender) -> None:
    job = live.generate()
    other("session.load_now()")
    assert other(f"bpy.ops.scenario.import_result(job_id={job.id!r})") == ["FINISHED"]
    other("live.restart()")
    live.restart()
    assert states(other) == {job.id: "IMPORTED"}
    assert (len(imported()), other(MESHES), len(live.service.charges)) == (1, 1, 1)


def test_a_file_that_is_open_in_both_has_the_mesh_once_in_each(
    live: Live, other: SecondBlender, tmp_path: Path
) -> None:
    home = str(tmp_path / "home.blend")
    bpy.ops.wm.save_as_mainfile(filepath=home)
    job = live.begin()
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until_state(State.READY, job)
    other("session.load_now()")
    other(f"bpy.ops.wm.open_mainfile(filepath={home!r})")
    other(f"live.pump_until(lambda: session.jobs[{job.id!r}].state is State.IMPORTED)")
    bpy.ops.wm.open_mainfile(filepath=home)
    live.pump_until_state(State.IMPORTED, job)
    assert (len(imported()), other(MESHES), len(live.service.charges)) == (1, 1, 1)


def test_what_the_other_one_has_saved_into_the_file_does_not_come_in_a_second_time(
    live: Live, other: SecondBlender, tmp_path: Path
) -> None:
    home = str(tmp_path / "home.blend")
    bpy.ops.wm.save_as_mainfile(filepath=home)
    job = live.begin()
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until_state(State.READY, job)
    other("session.load_now()")
    other(f"bpy.ops.wm.open_mainfile(filepath={home!r})")
    other(f"live.pump_until(lambda: session.jobs[{job.id!r}].state is State.IMPORTED)")
    other("bpy.ops.wm.save_mainfile()")
    bpy.ops.wm.open_mainfile(filepath=home)
    live.pump_until_state(State.IMPORTED, job)
    live.pump_until(lambda: not session.is_busy)
    assert (len(imported()), len(live.service.charges)) == (1, 1)


def test_what_this_one_leaves_unfinished_is_carried_on_by_the_other(
    live: Live, running: Job, other: SecondBlender
) -> None:
    session.close()
    other("session.load_now()")
    other(f"live.pump_until(lambda: session.jobs[{running.id!r}].state is State.READY)")
    live.restart()
    assert not session.jobs.is_active(live.job)
    bpy.ops.scenario.import_result(job_id=running.id)
    assert (len(imported()), len(live.service.charges)) == (1, 1)
