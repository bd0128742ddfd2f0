# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table of jobs: what the main thread and the workers change in it, and what the ledger has of that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import bpy
import pytest

from scenario_addon import engine
from scenario_addon.blender.app import config
from scenario_addon.blender.app.session import session
from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from tests.blender.fake_layout import drawn
from tests.blender.live import Live


@pytest.fixture
def other(live: Live) -> Iterator[Ledger]:
    """Another Blender's ledger."""
    session.load_now()
    with closing(Ledger(config.folder())) as ledger:
        yield ledger


def settle(live: Live) -> None:
    live.pump_until(lambda: not session.tasks.any_running)


def test_removing_what_another_blender_carries_is_refused_and_it_is_back_in_its_place(
    live: Live, other: Ledger
) -> None:
    made = live.generate()
    theirs = replace(new_job(made.order, scope=made.scope), state=State.RUNNING, created_at=made.created_at - 1)
    other.add(theirs)
    live.restart()
    assert bpy.ops.scenario.dismiss(job_id=theirs.id) == {"FINISHED"}
    assert theirs.id not in session.jobs
    settle(live)
    assert list(session.jobs) == [theirs.id, made.id]
    assert "another Blender or a script: remove it there" in str(drawn("SCENARIO_PT_main"))
    other.save(theirs.moved(State.RUNNING, progress=0.5))  # it is still theirs


def test_what_is_removed_while_a_worker_is_at_it_stays_away(live: Live) -> None:
    job = live.begin()
    live.pump_until_state(State.RUNNING, job)
    session.jobs.remove(job.id)
    settle(live)
    for _ in range(100):
        live.pump_until(lambda: not session.is_busy)
    assert len(session.jobs) == 0
    live.restart()
    assert len(session.jobs) == 0


def test_what_is_removed_offline_is_not_missed_when_there_is_a_way_again(live: Live) -> None:
    job = live.begin()
    live.pump_until_state(State.RUNNING, job)
    live.ask_for_permission(allowed=False)
    session.jobs.remove(job.id)
    live.ask_for_permission(allowed=True)
    for _ in range(5):
        session.tick()
    settle(live)
    assert not session.is_busy


def test_back_to_back_changes_of_a_job_end_with_the_last_one(live: Live, other: Ledger) -> None:
    job = live.generate()
    for _ in range(20):
        session.jobs.write(job.moved(State.READY, wait_s=None))
        session.jobs.write(job)
        settle(live)
        assert other.get(job.id).state is session.jobs[job.id].state is State.IMPORTED


def test_what_is_the_same_as_before_is_not_written(live: Live) -> None:
    job = live.generate()
    settle(live)
    session.jobs.finish(job)
    assert not session.tasks.any_running


def test_what_could_not_be_written_is_written_the_next_time(
    live: Live, other: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = live.generate()
    changed = replace(job, notice="Hear, hear")

    def full(self: Ledger, job: Job, *, follower: Job | None = None) -> None:
        raise DiskError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "save", full)
        session.jobs.write(changed)
        settle(live)
    assert "The disk is full" in str(drawn("SCENARIO_PT_main"))
    session.jobs.write(changed)
    settle(live)
    assert other.get(job.id).notice == "Hear, hear"
    assert "The disk is full" not in str(drawn("SCENARIO_PT_main"))


def test_quitting_right_after_a_change_loses_nothing(live: Live) -> None:
    job = live.generate()
    session.jobs.write(replace(job, notice="Hear, hear"))
    live.restart()
    assert session.jobs[job.id].notice == "Hear, hear"


def test_what_is_being_cancelled_is_not_imported_any_more(live: Live, other: Ledger) -> None:
    job = live.begin()
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until_state(State.READY, job)
    target = {**job.order.target, "file_token": session.file_token, "scene_uid": bpy.context.scene.session_uid}
    session.jobs.write(replace(session.jobs[job.id], order=replace(job.order, target=target)))
    session.ask(job.id, engine.cancel)
    live.pump_until(lambda: not session.jobs.is_asked(job.id))
    settle(live)
    assert session.jobs[job.id].state is other.get(job.id).state is State.CANCELLED
    assert not bpy.context.scene.objects


def test_news_of_one_kind_do_not_take_those_of_another_away(live: Live) -> None:
    job = live.generate()
    session.tell("ledger", "The ledger was damaged: it is kept as ledger.damaged-1.")
    session.jobs.write(replace(job, notice="Hear, hear"))
    settle(live)
    shown = drawn("SCENARIO_PT_main")
    assert "The ledger was damaged" in str(shown)
    bpy.ops.scenario.dismiss_notice(about=shown.button("scenario.dismiss_notice").values["about"])
    assert "The ledger was damaged" not in str(drawn("SCENARIO_PT_main"))
