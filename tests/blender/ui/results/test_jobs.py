# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with a job in the list: import, cancel, try again, remove, show, copy."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.engine.errors import ImportFailed
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.pipeline import steps
from tests.blender.live import Live
from tests.service import Fault


def written(job: Job) -> Job | None:
    """What the ledger says of a job."""
    session.tasks.drop()
    return session.ledger.get(job.id)


def tagged(job: Job) -> list[bpy.types.Object]:
    return [obj for obj in bpy.context.scene.objects if obj["scenario_job_id"] == job.id]


def test_a_result_is_imported_again_from_the_kept_file_without_network(live: Live) -> None:
    job = live.generate()
    before = len(live.service.requests)
    live.ask_for_permission(allowed=False)
    bpy.context.scene.cursor.location = (3.0, 0.0, 0.0)
    assert bpy.ops.scenario.import_result(job_id=job.id) == {"FINISHED"}
    assert len(live.service.requests) == before
    assert len(tagged(job)) == 2
    assert session.jobs[job.id].state is State.IMPORTED


def test_a_result_comes_from_the_service_when_the_file_is_gone(live: Live) -> None:
    job = live.generate()
    job.file.path.unlink()
    assert bpy.ops.scenario.import_result(job_id=job.id) == {"FINISHED"}
    assert len(tagged(job)) == 2
    assert session.jobs[job.id].file.path.exists()
    assert len(live.service.charges) == 1


def test_a_result_of_another_day_is_imported_in_a_new_session(live: Live) -> None:
    job = live.generate()
    job.file.path.unlink()
    bpy.ops.wm.read_homefile(use_empty=True)
    live.restart()
    bpy.ops.scenario.import_result(job_id=job.id)
    assert len(tagged(job)) == 1
    assert written(job).state is State.IMPORTED
    assert len(live.service.charges) == 1


def test_a_kept_file_of_another_day_needs_neither_key_nor_network(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    job = live.generate()
    bpy.ops.wm.read_homefile(use_empty=True)
    for name in ("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET"):
        monkeypatch.delenv(name)
    live.restart()
    assert session.connection is None
    bpy.ops.scenario.import_result(job_id=job.id)
    assert len(tagged(job)) == 1


def test_importing_what_was_cancelled_takes_it_as_imported(live: Live) -> None:
    job = live.begin()
    job = live.pump_until_state(State.RUNNING, job)
    bpy.ops.scenario.cancel(job_id=job.id)
    assert session.jobs[job.id].state is State.CANCELLED
    bpy.ops.scenario.import_result(job_id=job.id)
    assert session.jobs[job.id].state is State.IMPORTED
    assert len(tagged(job)) == 1
    assert len(live.service.charges) == 1


def test_a_job_without_a_mesh_cannot_be_imported_and_is_left_alone(live: Live) -> None:
    job = live.begin()
    with pytest.raises(RuntimeError, match="no mesh that could be imported"):
        bpy.ops.scenario.import_result(job_id=job.id)
    live.pump_until_state(State.IMPORTED, job)


def test_a_cancelled_job_that_was_not_submitted_costs_nothing(live: Live) -> None:
    job = live.begin()
    bpy.ops.scenario.cancel(job_id=job.id)
    assert session.jobs[job.id].state is State.CANCELLED
    assert live.service.charges == []
    assert written(job).state is State.CANCELLED


@pytest.mark.parametrize(
    ("changes", "charge"),
    [
        ({"state": State.NEW}, None),
        ({"state": State.UPLOADED}, None),
        ({"state": State.UPLOADED, "attempt": 2}, "If the first order arrived, it is charged all the same."),
        ({"state": State.SUBMITTING}, "If the order arrived, it is charged all the same."),
        ({"state": State.UNCERTAIN}, "If the order arrived, it is charged all the same."),
        ({"state": State.RUNNING, "remote_id": "job_1"}, "The service cannot stop it, and charges it all the same."),
        ({"state": State.SUCCEEDED, "remote_id": "job_1"}, "It is made and paid already."),
        ({"state": State.DOWNLOADED, "remote_id": "job_1"}, "It is made and paid already."),
        ({"state": State.READY, "remote_id": "job_1"}, "It is made and paid already."),
        ({"state": State.FAILED, "remote_id": "job_1"}, None),
    ],
)
def test_before_a_job_is_cancelled_it_is_said_whether_it_is_charged(
    live: Live, changes: dict[str, Any], charge: str | None
) -> None:
    job = replace(live.begin(), **changes)
    session.jobs.write(job)
    asked = list[str]()
    button = SimpleNamespace(
        job_id=job.id,
        execute=lambda context: {"FINISHED"},
        ask_first=lambda context, *, title, question, yes: asked.append(question),
    )
    bpy.types.SCENARIO_OT_cancel.invoke(button, bpy.context, None)
    assert len(asked) == (charge is not None)
    assert " ".join(asked).startswith(charge or "")


def test_what_has_ended_cannot_be_cancelled(live: Live) -> None:
    job = live.generate()
    with pytest.raises(RuntimeError, match="ended already"):
        bpy.ops.scenario.cancel(job_id=job.id)


def test_resume_goes_on_where_it_stopped_with_one_charge(live: Live) -> None:
    live.service.fail("POST", r"/assets/get-bulk", Fault.STATUS, status=401, body={"reason": "Bad key"})
    live.ready_to_generate()
    with pytest.raises(RuntimeError):
        bpy.ops.scenario.generate()
    assert live.job.is_held
    assert bpy.ops.scenario.resume(job_id=live.job.id) == {"FINISHED"}
    assert live.job.state is State.IMPORTED
    assert len(live.service.charges) == 1


def test_resume_without_a_job_takes_all_that_is_stuck(live: Live) -> None:
    live.service.fail("POST", r"/assets/get-bulk", Fault.STATUS, times=2, status=401, body={"reason": "Bad key"})
    live.ready_to_generate()
    for name, size_px in (("Chair", 64), ("Lamp", 32)):
        live.image(name, size_px=size_px)
        with pytest.raises(RuntimeError):
            bpy.ops.scenario.generate()
    bpy.ops.scenario.resume()
    assert [job.state for job in live.jobs] == [State.IMPORTED] * 2


def test_resume_does_not_wait_for_a_mesh_of_another_file(live: Live) -> None:
    job = live.begin()
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until_state(State.READY, job)
    with pytest.raises(RuntimeError, match="nothing to try again"):
        bpy.ops.scenario.resume()


def test_resume_says_why_it_does_not_work_out(live: Live) -> None:
    live.service.fail("POST", r"/assets/get-bulk", Fault.STATUS, times=None, status=401, body={"reason": "Bad key"})
    live.ready_to_generate()
    with pytest.raises(RuntimeError):
        bpy.ops.scenario.generate()
    with pytest.raises(RuntimeError, match=r"(?i)key"):
        bpy.ops.scenario.resume(job_id=live.job.id)


def test_a_dismissed_job_is_gone_for_good_and_its_file_stays(live: Live) -> None:
    job = live.generate()
    bpy.ops.scenario.dismiss(job_id=job.id)
    assert live.jobs == []
    live.restart()
    assert live.jobs == []
    assert job.file.path.exists()


def test_what_is_under_way_cannot_be_dismissed(live: Live) -> None:
    job = live.begin()
    with pytest.raises(RuntimeError, match="under way"):
        bpy.ops.scenario.dismiss(job_id=job.id)
    assert live.jobs == [job]


@pytest.mark.parametrize("operator", ["import_result", "cancel", "resume", "dismiss", "show_file"])
def test_a_job_that_does_not_exist_is_said(live: Live, operator: str) -> None:
    session.load_now()
    with pytest.raises(RuntimeError, match="no such job"):
        getattr(bpy.ops.scenario, operator)(job_id="nothing")


def test_a_file_that_is_gone_cannot_be_shown(live: Live) -> None:
    job = live.generate()
    job.file.path.unlink()
    with pytest.raises(RuntimeError, match="no longer there"):
        bpy.ops.scenario.show_file(job_id=job.id)


def test_a_system_that_opens_no_folders_is_said(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    job = live.generate()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match=f"look into {job.file.path.parent} yourself"):
        bpy.ops.scenario.show_file(job_id=job.id)


def test_texts_are_copied(live: Live) -> None:
    assert bpy.ops.scenario.copy_text(text="job_1") == {"FINISHED"}


def test_a_job_of_another_project_is_not_touched(live: Live) -> None:
    live.service.fail("POST", r"/assets/get-bulk", Fault.STATUS, status=401, body={"reason": "Bad key"})
    live.ready_to_generate()
    with pytest.raises(RuntimeError):
        bpy.ops.scenario.generate()
    live.say(SCENARIO_PROJECT_ID="project_other")
    live.restart()
    with pytest.raises(RuntimeError, match="another project"):
        bpy.ops.scenario.resume(job_id=live.job.id)


def test_a_mesh_that_cannot_be_read_leaves_the_job_ready_with_the_reason(live: Live) -> None:
    job = live.begin()
    live.pump_until(lambda: session.jobs[job.id].state is State.DOWNLOADED or session.jobs.ready)
    path = session.jobs[job.id].file.path
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2])
    live.pump_until(lambda: session.jobs[job.id].error)
    held = session.jobs[job.id]
    assert (held.state, held.file.path) == (State.READY, path)
    assert "could not be imported" in held.error
    assert written(job).error == held.error
    path.write_bytes(good)
    bpy.ops.scenario.import_result(job_id=job.id)
    assert session.jobs[job.id].state is State.IMPORTED
    assert session.jobs[job.id].error is None


def test_a_script_hears_of_a_mesh_that_cannot_be_read(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    from scenario_addon.blender.importing import importer

    def refuse(path: object, **options: object) -> None:
        raise ImportFailed("chair.glb could not be imported: it is empty.", path=path)

    monkeypatch.setattr(importer, "import_mesh", refuse)
    live.ready_to_generate()
    with pytest.raises(RuntimeError, match="it is empty"):
        bpy.ops.scenario.generate()
    assert live.job.state is State.READY


def lose_the_order(live: Live, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job whose order never arrived, which nobody can know; looked for as long as anybody would."""
    monkeypatch.setattr(steps, "LOOKS", 0)
    live.ready_to_generate()
    live.price()
    live.service.fail("POST", r"/generate/custom", Fault.RESET, after=1)
    job = live.begin()
    live.pump_until(lambda: session.jobs.is_stuck(session.jobs[job.id]))
    return session.jobs[job.id]


def test_a_lost_order_waits_for_the_user_and_can_be_submitted_again(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = lose_the_order(live, monkeypatch)
    assert job.state is State.UNCERTAIN
    assert live.service.charges == []
    assert bpy.ops.scenario.submit_again(job_id=job.id) == {"FINISHED"}
    assert session.jobs[job.id].state is State.IMPORTED
    assert len(live.service.charges) == 1


def test_before_a_lost_order_is_submitted_again_it_is_asked_and_said_that_it_can_cost_twice(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = lose_the_order(live, monkeypatch)
    asked = list[str]()
    button = SimpleNamespace(
        job_id=job.id, ask_first=lambda context, *, title, question, yes: asked.append(f"{question} {yes}")
    )
    bpy.types.SCENARIO_OT_submit_again.invoke(button, bpy.context, None)
    [question] = asked
    assert "this costs a second time" in question and question.endswith("Order Again")
    assert live.service.charges == []


def test_looking_again_for_a_lost_order_never_submits_it(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    job = lose_the_order(live, monkeypatch)
    with live.in_window():
        bpy.ops.scenario.resume(job_id=job.id)
    looks = live.service.count("GET", r"/jobs$")
    live.pump_until(
        lambda: live.service.count("GET", r"/jobs$") > looks and session.jobs.is_stuck(session.jobs[job.id])
    )
    assert live.service.charges == []


def test_what_is_certain_is_not_submitted_again(live: Live) -> None:
    job = live.generate()
    with pytest.raises(RuntimeError, match="without an answer"):
        bpy.ops.scenario.submit_again(job_id=job.id)
    assert len(live.service.charges) == 1
