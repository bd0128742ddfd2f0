# SPDX-License-Identifier: GPL-3.0-or-later
"""What was begun is finished, and nothing is paid for twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from scenario_addon.engine.chains.then import Then
from scenario_addon.engine.ledger.job import State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.values import PLACEHOLDER, Credentials, HeldMesh
from tests.engine.cli.shell import QuickClock, Shell
from tests.engine.mesh_samples import mesh_order
from tests.engine.orders import draw_picture, sample_order
from tests.service import Fault

CTRL_C_S = 1.0
"""After the submission, before the first look at the job."""


@contextmanager
def another_process(shell: Shell) -> Iterator[Ledger]:
    """Holds the ledger open as another process would: with a lock of its own."""
    ledger = Ledger(shell.state)
    try:
        yield ledger
    finally:
        ledger.close()


def scope_of(shell: Shell) -> str:
    return Credentials(shell.service.key, shell.service.secret, base_url=shell.service.base_url).scope


def interrupted(shell: Shell, *args: Any) -> None:
    """Begin, and press Ctrl-C while the job is running."""
    answer = shell.generate(*args, clock=QuickClock(CTRL_C_S))
    assert answer.code == 130
    assert "`resume` fetches it" in answer.err


def test_what_was_interrupted_is_fetched_by_resume_without_a_second_charge(shell: Shell) -> None:
    interrupted(shell, shell.picture())
    assert [job.state for job in shell.jobs] == [State.RUNNING]

    answer = shell("resume")

    assert answer.code == 0, answer.err
    (charge,) = shell.service.charges
    assert answer.paths == [shell.out / "photo.glb"]
    assert answer.paths[0].read_bytes() == shell.service.result_bytes(charge.job_id)


def test_the_same_command_with_resume_goes_on_with_what_was_interrupted(shell: Shell) -> None:
    first, second = shell.picture("a.png"), shell.picture("b.png", colour="#2858be")
    interrupted(shell, first, second)
    answer, report = shell.report(first, second, "--resume")
    assert answer.code == 0, answer.err
    assert shell.meshes == {"a.glb", "b.glb"}
    assert len(shell.service.charges) == 2
    assert {item["state"] for item in report["items"]} == {"ready"}


def test_resume_leaves_alone_what_is_done(shell: Shell) -> None:
    done, more = shell.picture("a.png"), shell.picture("b.png", colour="#2858be")
    shell.generate(done)
    answer, report = shell.report(done, more, "--resume")
    assert answer.code == 0
    assert answer.paths == [shell.out / "a.glb", shell.out / "b.glb"]
    assert shell.meshes == {"a.glb", "b.glb"}
    assert len(shell.service.charges) == 2
    assert report["items"][0]["cost_cu"] == 0.0
    assert report["cost_cu"] == float(shell.service.charges[1].cost_cu)


def test_again_orders_in_any_case(shell: Shell) -> None:
    shell.generate(shell.picture())
    assert shell.generate(shell.picture(), "--again").paths == [shell.out / "photo-2.glb"]
    assert len(shell.service.charges) == 2


def test_again_and_resume_exclude_each_other(shell: Shell) -> None:
    answer = shell.generate(shell.picture(), "--again", "--resume")
    assert (answer.code, shell.service.requests) == (2, [])
    assert "give one of them" in answer.err


def test_other_settings_are_another_order(shell: Shell) -> None:
    shell.generate(shell.picture())
    shell.generate(shell.picture(), "--set", "steps=20", "--resume")
    assert len(shell.service.charges) == 2


def test_a_lost_answer_before_the_interruption_is_charged_once(shell: Shell) -> None:
    shell.service.fail("POST", r"/generate/", Fault.LOST_ANSWER, after=1)  # the first one asks for the price
    interrupted(shell, shell.picture())
    assert shell("resume").code == 0
    assert len(shell.service.charges) == 1
    assert shell.meshes == {"photo.glb"}


def test_a_process_that_died_while_submitting_is_made_good(shell: Shell) -> None:
    interrupted(shell, shell.picture())
    with another_process(shell) as ledger:
        (job,) = ledger.jobs()
        assert ledger.claim(job.id)
        ledger.save(replace(job, state=State.SUBMITTING, remote_id=None))
    assert shell("resume").code == 0
    assert len(shell.service.charges) == 1


def test_what_is_gone_from_the_disk_is_fetched_again_for_nothing(shell: Shell) -> None:
    (path,) = shell.generate(shell.picture()).paths
    content = path.read_bytes()
    path.unlink()
    assert shell.generate(shell.picture(), "--resume").paths == [path]
    assert path.read_bytes() == content
    assert len(shell.service.charges) == 1


def test_what_arrived_damaged_is_fetched_again_for_nothing(shell: Shell) -> None:
    shell.service.fail("GET", r"^/assets/", Fault.GARBAGE)
    answer = shell.generate(shell.picture())
    assert answer.code == 1
    assert "What arrived is kept in" in answer.err

    answer = shell.generate(shell.picture(), "--resume")

    (charge,) = shell.service.charges
    assert answer.paths == [shell.out / "photo.glb"]
    assert answer.paths[0].read_bytes() == shell.service.result_bytes(charge.job_id)
    assert shell.meshes == {"photo.glb"}


def test_what_the_budget_stopped_is_taken_up_with_a_larger_one(shell: Shell) -> None:
    assert shell.generate(shell.picture(), "--max-cost", "1").code == 4
    assert shell.generate(shell.picture(), "--max-cost", "100").code == 0
    assert len(shell.service.charges) == 1
    assert [job.state for job in shell.jobs] == [State.READY]


def test_resume_keeps_to_a_budget(shell: Shell) -> None:
    shell.generate(shell.picture(), "--max-cost", "1")
    assert shell("resume", "--max-cost", "2").code == 4
    assert shell.service.charges == []
    assert shell("resume", "--max-cost", "100").code == 0
    assert len(shell.service.charges) == 1


def test_of_what_the_budget_stopped_only_what_is_asked_for_is_made(shell: Shell) -> None:
    pictures = [shell.picture(f"{number}.png", colour=f"#{number}58be0") for number in range(3)]
    assert shell.generate(*pictures, "--max-cost", "1").code == 4
    assert shell.generate(pictures[0]).code == 0
    assert len(shell.service.charges) == 1
    assert sorted(job.state for job in shell.jobs) == [State.NEW, State.NEW, State.READY]


def test_jobs_holds_for_what_is_resumed_too(shell: Shell) -> None:
    pictures = [shell.picture(f"{number}.png", colour=f"#{number}58be0") for number in range(3)]
    assert shell.generate(*pictures, "--max-cost", "1").code == 4
    assert shell.generate(*pictures, "--resume", "--jobs", "1").code == 0
    paths = [request.path for request in shell.service.requests]
    submitted = [shell.service.requests.index(request) for request in shell.submissions]
    done = [i for i, path in enumerate(paths) if path.endswith("/assets/get-bulk")]
    assert submitted[0] < done[0] < submitted[1] < done[1] < submitted[2]


def test_a_picture_may_have_moved_since(shell: Shell) -> None:
    picture = shell.picture()
    assert shell.generate(picture, "--max-cost", "1").code == 4
    elsewhere = shell.folder / "new place" / "photo.png"
    elsewhere.parent.mkdir()
    picture.rename(elsewhere)
    assert shell.generate(elsewhere).code == 0
    assert len(shell.jobs) == 1


@pytest.mark.parametrize("is_begun", [False, True])
def test_with_nothing_to_resume_that_is_said(shell: Shell, is_begun: bool) -> None:
    if is_begun:
        shell.generate(shell.picture())
    answer = shell("resume")
    assert (answer.code, answer.out, answer.err) == (0, "", "There is nothing to resume.\n")


def test_a_folder_that_cannot_be_written_is_found_before_anything_is_carried_on(shell: Shell) -> None:
    assert shell.generate(shell.picture(), clock=QuickClock(1.0)).code == 130
    (shell.folder / "file").touch()
    answer = shell("resume", "--output", shell.folder / "file" / "below")
    assert answer.code == 2
    assert "cannot be written" in answer.err


def test_a_mesh_that_waits_for_its_scene_is_left_to_the_scene(shell: Shell) -> None:
    order = sample_order(draw_picture(shell.folder / "photo.png"), folder=shell.out, target={"scene": "Scene"})
    with another_process(shell) as ledger:
        waiting = replace(new_job(order, scope=scope_of(shell)), state=State.READY, wait_s=None)
        ledger.add(waiting)
    answer = shell("resume")
    assert (answer.code, answer.err) == (0, "There is nothing to resume.\n")
    assert shell.jobs == [waiting]


def test_a_job_that_was_begun_for_a_scene_is_carried_on_until_it_is_there(shell: Shell) -> None:
    order = sample_order(draw_picture(shell.folder / "photo.png"), folder=shell.out, target={"scene": "Scene"})
    with another_process(shell) as ledger:
        ledger.add(new_job(order, scope=scope_of(shell)))
    answer = shell("resume")
    assert answer.code == 0, answer.err
    assert answer.paths == [shell.out / "chair.glb"]
    assert not shell.jobs[0].is_settled


def test_a_job_for_a_scene_is_not_taken_from_it(shell: Shell) -> None:
    interrupted(shell, shell.picture())
    with another_process(shell) as ledger:
        (job,) = ledger.jobs()
        assert ledger.claim(job.id)
        ledger.save(replace(job, order=replace(job.order, target={"scene": "Scene"})))
    answer = shell.generate(shell.picture(), "--output", shell.folder / "mine")
    assert answer.paths == [shell.folder / "mine" / "photo.glb"]
    assert len(shell.service.charges) == 1
    [job] = shell.jobs
    assert (job.state, job.is_settled, job.order.target) == (State.READY, False, {"scene": "Scene"})


def test_jobs_of_another_project_are_left_alone_and_told(shell: Shell) -> None:
    interrupted(shell, shell.picture())
    answer = shell("resume", environment={**shell.environment, "SCENARIO_PROJECT_ID": "project_other"})
    assert answer.code == 0
    assert "belong to another key or project" in answer.err
    assert [job.state for job in shell.jobs] == [State.RUNNING]


def test_a_failed_job_is_not_resumed_but_can_be_made_anew(shell: Shell) -> None:
    shell.service.fail_job("No subject.", "Cut it out.")
    assert shell.generate(shell.picture()).code == 1
    assert "There is nothing to resume" in shell("resume").err
    assert shell.generate(shell.picture(), "--resume").code == 0
    assert len(shell.service.charges) == 2


def test_resume_without_credentials_ends_as_that(shell: Shell) -> None:
    assert shell("resume", environment=shell.without("SCENARIO_SDK_API_KEY")).code == 3


def test_a_job_that_failed_while_resuming_is_told_with_its_hint(shell: Shell) -> None:
    shell.service.fail_job("No subject.", "Cut it out.")
    interrupted(shell, shell.picture())
    answer = shell("resume")
    assert answer.code == 1
    assert "photo: No subject. Cut it out.\n" in answer.err


def test_what_is_to_follow_a_mesh_is_carried_on_too(shell: Shell) -> None:
    last = mesh_order(HeldMesh(asset_id=PLACEHOLDER, name="photo"), folder=shell.out, target={"scene": "Scene"})
    target = {"scene": "Scene", **Then(last).in_target()}
    order = sample_order(draw_picture(shell.folder / "photo.png"), folder=shell.out, target=target)
    with another_process(shell) as ledger:
        ledger.add(new_job(order, scope=scope_of(shell)))
    assert shell("resume").code == 0
    assert [job.state for job in shell.jobs] == [State.READY, State.READY]
    assert len(shell.service.charges) == 2
