# SPDX-License-Identifier: GPL-3.0-or-later
"""``fetch`` and ``jobs --remote``: what was made elsewhere, for nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from scenario_addon.engine.ledger.job import Job, State
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import Answer, QuickClock, Shell
from tests.engine.colleague import Colleague
from tests.engine.orders import FAST_MODEL
from tests.service import Fault

REMOVAL: Final = "model_photoroom-background-removal"


@pytest.fixture
def colleague(shell: Shell) -> Colleague:
    return Colleague(shell.service)


def fetch(shell: Shell, *args: str | Path, **more: Any) -> Answer:
    output = () if "--output" in args else ("--output", shell.out)
    return shell("fetch", *args, *output, **more)


def only_job(shell: Shell) -> Job:
    (job,) = shell.jobs
    return job


# -- a mesh that somebody else has made


def test_a_job_of_a_colleague_becomes_a_file_named_as_its_picture_for_nothing(
    shell: Shell, colleague: Colleague
) -> None:
    remote_id = colleague.make()
    answer = fetch(shell, remote_id)
    assert (answer.code, answer.paths) == (0, [shell.out / "Sessel.glb"]), answer.err
    assert (shell.out / "Sessel.glb").read_bytes() == shell.service.result_bytes(remote_id)
    assert len(shell.service.charges) == 1
    job = only_job(shell)
    assert (job.remote_id, job.state, job.order.model_id) == (remote_id, State.READY, FAST_MODEL)
    assert job.order.values["targetFaceNum"] == 100 and not job.order.pictures
    assert (job.billed_cu, job.counted_cu) == (0, 0)


def test_by_the_id_of_its_mesh_it_is_the_same_job(shell: Shell, colleague: Colleague) -> None:
    remote_id = colleague.make()
    (asset_id,) = shell.service.jobs[remote_id]["metadata"]["assetIds"]
    first, second = fetch(shell, asset_id), fetch(shell, remote_id)
    assert first.paths == second.paths == [shell.out / "Sessel.glb"]
    third = fetch(shell, only_job(shell).id[:8], "--output", shell.folder / "other")
    assert third.paths == [shell.folder / "other" / "Sessel.glb"]
    assert shell.meshes == {"Sessel.glb"} and len(shell.service.charges) == 1
    assert only_job(shell).remote_id == remote_id


def test_a_mesh_of_no_job_that_is_told_is_fetched_by_itself(shell: Shell, colleague: Colleague) -> None:
    remote_id = colleague.make()
    (asset_id,) = shell.service.jobs[remote_id]["metadata"]["assetIds"]
    del shell.service.assets[asset_id]["metadata"]["parentJobId"]
    for _ in range(2):
        assert fetch(shell, asset_id).paths == [shell.out / "Sessel.glb"]
    assert only_job(shell).result_ids == (asset_id,)


def test_two_of_one_name_are_counted_and_one_named_twice_is_fetched_once(shell: Shell, colleague: Colleague) -> None:
    ids = [colleague.make(colleague.send(colour=colour)) for colour in ("#2a8a4a", "#8a2a4a")]
    again = fetch(shell, ids[0], f" {ids[1]}\n", ids[0])
    assert set(again.paths) == {shell.out / "Sessel.glb", shell.out / "Sessel-2.glb"}
    once_more = fetch(shell, *ids)
    assert set(once_more.paths) == set(again.paths) and shell.meshes == {"Sessel.glb", "Sessel-2.glb"}


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Стул №1 🪑.png", "Стул №1 🪑"),
        ("C:\\renders\\chair.png", "chair"),
        ("../../etc/passwd", "passwd"),
        ("v1.2", "v1.2"),
        ("\u202egnp.exe", "gnp"),
    ],
)
def test_any_name_of_a_picture_makes_a_file_in_the_folder(
    shell: Shell, colleague: Colleague, name: str, stem: str
) -> None:
    answer = fetch(shell, colleague.make(colleague.send(name)))
    assert answer.code == 0, answer.err
    assert shell.meshes == {f"{stem}.glb"}


def test_a_blend_is_written_beside_it(shell: Shell, blender: FakeBlender, colleague: Colleague) -> None:
    assert fetch(shell, colleague.make(), "--blend").code == 2
    shell.host = blender
    answer = fetch(shell, colleague.make(), "--blend")
    assert answer.code == 0, answer.err
    assert shell.meshes == {"Sessel.glb", "Sessel.blend"}


def test_a_job_that_is_still_being_made_is_waited_for(shell: Shell, colleague: Colleague) -> None:
    remote_id = colleague.order()
    answer = fetch(shell, remote_id)
    assert (answer.code, answer.paths) == (0, [shell.out / "Sessel.glb"]), answer.err
    assert (only_job(shell).counted_cu, len(shell.service.charges)) == (0, 1)


def test_what_takes_too_long_is_left_and_resumed_for_nothing(shell: Shell, colleague: Colleague) -> None:
    shell.service.set_statuses(["in-progress"] * 40 + ["success"])
    answer = fetch(shell, colleague.order(), "--timeout", "1", clock=QuickClock())
    assert answer.code == 1 and "left to the service" in answer.err
    resumed = shell("resume", "--output", shell.out)
    assert (resumed.code, shell.meshes, len(shell.service.charges)) == (0, {"Sessel.glb"}, 1)


def test_it_counts_for_no_limit_and_no_order_is_kept_from_being_made(shell: Shell, colleague: Colleague) -> None:
    fetch(shell, colleague.make())
    answer = shell.generate(shell.picture("chair.png"), "--max-cost", "5", "--max-cost-per-day", "5")
    assert answer.code == 0, answer.err
    assert len(shell.service.charges) == 2


def test_an_order_whose_answer_was_lost_is_found_again_and_stays_an_order(shell: Shell) -> None:
    shell.service.fail("POST", r"/generate/custom/[^?]*$", Fault.LOST_ANSWER, after=1)
    shell.service.fail("GET", r"/v1/jobs$", Fault.STATUS, times=None, status=503)
    shell.generate(shell.picture("chair.png"), "--timeout", "1")
    assert only_job(shell).state is State.UNCERTAIN
    shell.service.forget_faults()
    (charge,) = shell.service.charges
    answer = fetch(shell, charge.job_id)
    assert (answer.code, answer.paths) == (0, [shell.out / "chair.glb"]), answer.err
    job = only_job(shell)
    assert (job.remote_id, job.origin, job.counted_cu) == (charge.job_id, {}, charge.cost_cu)
    assert shell.generate(shell.picture("chair.png")).code == 0 and len(shell.service.charges) == 1


def test_a_job_of_our_own_is_given_as_it_is_and_one_never_ordered_is_left_alone(shell: Shell) -> None:
    shell.generate(shell.picture("chair.png"))
    ours = only_job(shell)
    answer = fetch(shell, ours.id[:8], "--output", shell.folder / "copy")
    assert answer.paths == [shell.folder / "copy" / "chair.glb"]
    shell.generate(shell.picture("lamp.png", colour="#223344"), "--max-cost", "0")
    waiting = next(job for job in shell.jobs if job.remote_id is None)
    refused = fetch(shell, waiting.id)
    assert refused.code == 1 and "is not at the service" in refused.err
    assert len(shell.service.charges) == 1


# -- what goes wrong


@pytest.mark.parametrize("text", ["", " ", "a b", "job_1\njob_2", "job_1/../x", "jøb", "x" * 300, "https://x/job_1"])
def test_what_can_be_no_id_is_wrong_usage_and_nothing_is_asked(shell: Shell, text: str) -> None:
    answer = fetch(shell, text)
    assert answer.code == 2 and "is not the id" in answer.err and not shell.service.requests


def test_no_id_at_all_and_no_folder_are_wrong_usage(shell: Shell) -> None:
    assert fetch(shell).code == 2
    assert shell("fetch", "job_1").code == 2


@pytest.mark.parametrize("text", ["job_none", "asset_none", "abc123", "nothing"])
def test_an_unknown_id_is_said_and_the_others_come(shell: Shell, colleague: Colleague, text: str) -> None:
    answer = fetch(shell, text, colleague.make())
    assert (answer.code, shell.meshes) == (1, {"Sessel.glb"})
    assert f"{text}: " in answer.err and len(answer.err.splitlines()) == 2 and "Traceback" not in answer.err


def test_a_picture_is_no_mesh(shell: Shell, colleague: Colleague) -> None:
    answer = fetch(shell, colleague.send())
    assert answer.code == 1 and "is no mesh (image/png)" in answer.err and not shell.jobs


def test_a_job_that_brought_a_picture_or_failed_is_not_taken_in(shell: Shell, colleague: Colleague) -> None:
    cut_out = colleague.make(model=REMOVAL)
    shell.service.fail_job("Too dark")
    failed = colleague.make()
    answer = fetch(shell, cut_out, failed)
    assert answer.code == 1 and not shell.jobs
    assert "has brought no mesh (image/png)" in answer.err and "Too dark" in answer.err


def test_a_picture_that_is_still_being_made_is_not_waited_for(shell: Shell, colleague: Colleague) -> None:
    answer = fetch(shell, colleague.order(model=REMOVAL))
    assert answer.code == 1 and "will bring no mesh" in answer.err and not shell.jobs


def test_refused_credentials_end_it_with_their_own_code(shell: Shell, colleague: Colleague) -> None:
    remote_id = colleague.make()
    wrong = {**shell.environment, "SCENARIO_SDK_API_SECRET": "wrong"}
    for answer in (fetch(shell, remote_id, environment=wrong), shell("jobs", "--remote", environment=wrong)):
        assert answer.code == 3 and len(answer.err.strip().splitlines()) == 1
    nothing = shell.without("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET")
    assert fetch(shell, remote_id, environment=nothing).code == 3


@pytest.mark.parametrize("status", [403, 404])
def test_what_the_key_may_not_read_is_said_in_a_sentence(shell: Shell, colleague: Colleague, status: int) -> None:
    remote_id = colleague.make()
    shell.service.fail(
        "GET", rf"/jobs/{remote_id}", Fault.STATUS, times=None, status=status, body='{"reason": "Of project P."}'
    )
    answer = fetch(shell, remote_id)
    assert answer.code == 1 and len(answer.err.strip().splitlines()) == 1
    assert ("Of project P." if status == 403 else "another project") in answer.err


def test_an_address_that_has_expired_and_a_download_that_breaks_off_are_mended(
    shell: Shell, colleague: Colleague
) -> None:
    remote_id = colleague.make()
    shell.service.fail("GET", r"^/assets/", Fault.STATUS, status=403, times=1)
    shell.service.fail("GET", r"^/assets/", Fault.TRUNCATED, times=1, after=1)
    assert fetch(shell, remote_id).code == 0
    assert (shell.out / "Sessel.glb").read_bytes() == shell.service.result_bytes(remote_id)


def test_a_folder_that_cannot_be_written_is_found_before_anything_is_asked(shell: Shell) -> None:
    (shell.folder / "file").write_bytes(b"")
    answer = fetch(shell, "job_1", "--output", shell.folder / "file" / "below")
    assert answer.code == 2 and not shell.service.requests


def test_a_full_disk_is_said_and_the_mesh_waits_for_resume(
    shell: Shell, colleague: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote_id = colleague.make()
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(total=1000, used=1000, free=0))
        answer = fetch(shell, remote_id)
    assert answer.code == 1 and "too little space left" in answer.err and "Traceback" not in answer.err
    assert shell("resume").code == 0
    assert shell.meshes == {"Sessel.glb"} and len(shell.service.charges) == 1


def test_a_job_of_another_key_or_project_is_left_to_that_one(shell: Shell, colleague: Colleague) -> None:
    fetch(shell, colleague.make())
    other = {**shell.environment, "SCENARIO_PROJECT_ID": "proj_mine"}
    answer = fetch(shell, only_job(shell).id, environment=other)
    project = only_job(shell).origin["project_id"]
    assert answer.code == 1 and f"belongs to project {project}" in answer.err


def test_what_can_be_read_of_another_project_says_whose_it_is(shell: Shell, colleague: Colleague) -> None:
    remote_id = colleague.make()
    shell.service.jobs[remote_id]["ownerId"] = "proj_other"
    answer = fetch(shell, remote_id, environment={**shell.environment, "SCENARIO_PROJECT_ID": "proj_mine"})
    assert answer.code == 0 and f"{remote_id}: Sessel was made in project proj_other." in answer.err


# -- the list


def test_recent_3d_jobs_are_listed_whoever_started_them_and_pictures_are_not(
    shell: Shell, colleague: Colleague
) -> None:
    shell.generate(shell.picture("chair.png"))
    theirs = colleague.make()
    colleague.make(model=REMOVAL)
    shell.service.fail_job("Too dark")
    failed = colleague.make()
    running = colleague.order()
    listed = json.loads(shell("jobs", "--remote", "--json").out)
    ours = only_job(shell)
    assert [(one["id"], one["state"]) for one in listed] == [
        (running, "being made"),
        (failed, "failed"),
        (theirs, "done"),
        (ours.remote_id, "done"),
    ]
    assert [one["job_id"] for one in listed] == [None, None, None, ours.id]
    assert [one["name"] for one in listed] == ["Sessel", "Sessel", "Sessel", "chair"]
    assert listed[2]["project"] and listed[2]["author"] and listed[2]["assets"] and listed[2]["model"] == FAST_MODEL
    told = shell("jobs", "--remote")
    assert told.code == 0 and f"job {ours.id[:8]}" in told.out and "Too dark" in told.out


def test_without_any_there_is_nothing_to_list(shell: Shell) -> None:
    told = shell("jobs", "--remote")
    assert (told.code, told.out) == (0, "") and "no 3D jobs" in told.err
    assert json.loads(shell("jobs", "--remote", "--json").out) == []


def test_a_key_that_may_not_list_is_told_so(shell: Shell) -> None:
    shell.service.fail("GET", r"/v1/assets$", Fault.STATUS, times=None, status=403, body='{"reason": "Scope."}')
    told = shell("jobs", "--remote")
    assert told.code == 1 and told.err.count("\n") == 1 and "may not list" in told.err


def test_the_ledgers_own_list_says_whose_a_job_is(shell: Shell, colleague: Colleague) -> None:
    remote_id = colleague.make()
    shell.service.jobs[remote_id]["ownerId"] = "proj_other"
    fetch(shell, remote_id)
    assert "done, made elsewhere" in shell("jobs").out
    project = {**shell.environment, "SCENARIO_PROJECT_ID": "proj_mine"}
    assert "of project proj_other" in shell("jobs", environment=project).out
    (job,) = json.loads(shell("jobs", "--json").out)
    assert (job["made_elsewhere"], job["project"], job["cost_cu"]) == (True, "proj_other", 0)
