# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps before and after the submission: the price, the pictures, the wait, the result."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.ledger.job import MOVES, Job, State
from scenario_addon.engine.pipeline.budget import Budget
from scenario_addon.engine.pipeline.steps import advance
from tests.engine.orders import draw_picture, sample_order
from tests.engine.workbench import Workbench
from tests.service import Fault, Service

GENERATE = "/generate/custom/"


def running(bench: Workbench, **order: Any) -> Job:
    return bench.carry(bench.job(**order), until=State.RUNNING)


def polled(bench: Workbench, record: dict[str, Any]) -> Job:
    """A running job after a poll that finds this."""
    job = running(bench)
    body = {"job": {"jobId": job.remote_id, **record}}
    bench.service.fail("GET", "/jobs/", Fault.STATUS, status=200, body=body)
    return bench.step(job)


def test_a_picture_becomes_a_mesh_in_eight_steps(bench: Workbench) -> None:
    job, states = bench.job(), list[State]()
    while not job.is_settled:
        after = bench.step(job)
        assert after.state is job.state or after.state in MOVES[job.state]
        job = after
        states.append(job.state)
    assert states == [
        State.NEW,
        State.UPLOADED,
        State.SUBMITTING,
        State.RUNNING,
        State.RUNNING,
        State.SUCCEEDED,
        State.DOWNLOADED,
        State.READY,
    ]
    assert (job.quote_cu, job.billed_cu, job.progress) == (Decimal("4.1"), Decimal("4.1"), 1.0)


def test_every_move_is_in_the_ledger_before_the_next_request(tmp_path: Path) -> None:
    """Whatever moment the process dies at, the ledger knows how far it had come."""
    known: list[tuple[str, State]] = []

    def note(request: Any) -> None:
        if request.origin == "api":
            [job] = bench.ledger.jobs()
            known.append((f"{request.method} {request.path.split('/')[2]} {'dryRun' in request.query}", job.state))

    with Service(on_request=note) as service:
        bench = Workbench(service, tmp_path)
        bench.carry(bench.job())
        bench.close()
    assert known == [
        ("POST generate True", State.NEW),
        ("POST assets False", State.NEW),
        ("POST generate False", State.SUBMITTING),
        ("GET jobs False", State.RUNNING),
        ("GET jobs False", State.RUNNING),
        ("POST assets False", State.SUCCEEDED),
    ]


# -- price and budget


def test_a_price_above_the_limit_stops_before_anything_is_sent(bench: Workbench) -> None:
    held = bench.carry(bench.job(max_cost_cu=Decimal("4.09")))
    assert (held.state, held.is_held, held.error_kind) == (State.NEW, True, "BudgetError")
    assert (bench.service.assets, bench.service.charges) == ({}, [])
    assert bench.carry(bench.retry(replace(held, max_cost_cu=Decimal("4.1")))).state is State.READY


def test_jobs_stop_where_their_common_budget_ends(bench: Workbench) -> None:
    bench.env = replace(bench.env, budget=Budget(Decimal("9")))
    ends = [bench.carry(bench.job()) for _ in range(3)]
    assert [end.error_kind for end in ends] == [None, None, "BudgetError"]
    assert len(bench.service.charges) == 2


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(("limit_cu", "end"), [(None, State.READY), ("4.1", State.READY), ("4.0", State.UPLOADED)])
def test_a_price_that_needs_the_picture_is_asked_for_when_it_is_there(
    bench: Workbench, status: int, limit_cu: str | None, end: State
) -> None:
    job = bench.job(max_cost_cu=Decimal(limit_cu) if limit_cu else None)
    bench.service.fail("POST", GENERATE, Fault.STATUS, status=status, body={"reason": "Asset not found"})
    done = bench.carry(job)
    assert done.state is end
    assert len(bench.service.charges) == (end is State.READY)
    queries = ["dryRun" in r.query for r in bench.service.requests if "/generate/" in r.path]
    assert queries == [True, True, False][: 3 if end is State.READY else 2]


def test_an_unknown_price_is_no_obstacle_without_a_limit(bench: Workbench) -> None:
    bench.service.fail("POST", GENERATE, Fault.MISSING, times=2)
    done = bench.carry(bench.job())
    assert (done.state, done.quote_cu, done.billed_cu) == (State.READY, None, Decimal("4.1"))


def test_an_unknown_price_stops_a_job_with_a_limit(bench: Workbench) -> None:
    bench.service.fail("POST", GENERATE, Fault.MISSING, times=None)
    held = bench.carry(bench.job(max_cost_cu=Decimal(1000)))
    assert (held.state, held.error_kind) == (State.UPLOADED, "BudgetError")
    assert bench.service.charges == []


@pytest.mark.parametrize(
    ("status", "state", "wait"),
    [
        (401, State.NEW, "user"),
        (402, State.NEW, "user"),
        (403, State.FAILED, "none"),
        (404, State.FAILED, "none"),
        (429, State.NEW, "later"),
        (500, State.NEW, "later"),
        (503, State.NEW, "later"),
    ],
)
def test_trouble_with_the_price_is_not_the_end_of_a_job_that_can_go_on(
    bench: Workbench, status: int, state: State, wait: str
) -> None:
    bench.service.fail("POST", GENERATE, Fault.STATUS, status=status, times=3)
    job = bench.step(bench.job())
    assert job.state is state
    assert {"user": job.is_held, "later": bool(job.wait_s), "none": job.is_settled}[wait]


# -- pictures


def test_the_same_picture_is_uploaded_once_for_different_settings(bench: Workbench) -> None:
    ends = [bench.carry(bench.job(values={"paint": False, "targetFaceNum": faces})) for faces in (100, 101)]
    assert bench.service.count("POST", "/v1/assets$") == 1
    assert ends[0].assets == ends[1].assets
    assert ends[0].file != ends[1].file


def test_the_same_bytes_under_two_names_are_uploaded_once(bench: Workbench) -> None:
    pictures = [draw_picture(bench.folder / name) for name in ("a.png", "b ü.png")]
    order = sample_order(*pictures, folder=bench.output, model_id="model_yvo3d-image-to-3d", input_name="images")
    job = replace(bench.job(), order=replace(order, pictures=(replace(order.pictures[0], is_list=True),), values={}))
    done = bench.carry(job, until=State.RUNNING)
    [asset] = done.assets.values()
    assert bench.service.jobs[done.remote_id]["metadata"]["input"]["images"] == [asset, asset]
    assert bench.service.count("POST", "/v1/assets$") == 1


def test_a_picture_of_another_project_is_uploaded_anew(bench: Workbench) -> None:
    bench.carry(bench.job(), until=State.RUNNING)
    other = replace(bench.job(), scope="another project")
    bench.carry(other, until=State.RUNNING)
    assert bench.service.count("POST", "/v1/assets$") == 2


def test_a_picture_that_has_changed_ends_the_job_unpaid(bench: Workbench) -> None:
    job = bench.job()
    job.order.images()[0].path.write_bytes(b"something else")
    failed = bench.carry(job)
    assert (failed.state, failed.error_kind) == (State.FAILED, "PictureError")
    assert bench.service.charges == []


# -- waiting


@pytest.mark.parametrize("word", ["success", "succeeded", "completed", "SUCCESS"])
def test_every_spelling_of_success_is_one(bench: Workbench, word: str) -> None:
    job = polled(bench, {"status": word, "metadata": {"assetIds": ["asset_1"]}})
    assert (job.state, job.progress, job.result_ids) == (State.SUCCEEDED, 1.0, ("asset_1",))


@pytest.mark.parametrize("word", ["failure", "failed", "error", "canceled", "cancelled", "Failed"])
def test_every_spelling_of_failure_is_one(bench: Workbench, word: str) -> None:
    job = polled(bench, {"status": word})
    assert (job.state, job.error_kind, job.billed_cu) == (State.FAILED, "GenerationFailed", 0)
    assert job.error == f'The service ended the job without a mesh ("{word}") and gave no reason.'


@pytest.mark.parametrize(
    "word", ["pending", "queued", "warming-up", "in-progress", "processing", "finalizing", "a new word", "süß", "7"]
)
def test_every_other_word_means_not_yet(bench: Workbench, word: str) -> None:
    job = polled(bench, {"status": word, "progress": 0})
    assert (job.state, job.remote_word, job.progress) == (State.RUNNING, word, None)
    assert job.wait_s
    assert bench.carry(job).state is State.READY


@pytest.mark.parametrize(
    ("disable_refund", "billed_cu"), [(True, Decimal("4.1")), (False, Decimal(0)), (None, Decimal(0))]
)
def test_a_failed_job_costs_only_what_is_not_refunded(
    bench: Workbench, disable_refund: bool | None, billed_cu: Decimal
) -> None:
    job = polled(bench, {"status": "failure", "billing": {"cuCost": 4.1, "disableRefund": disable_refund}})
    assert job.billed_cu == billed_cu


def test_a_failure_is_told_with_reason_and_hint(bench: Workbench) -> None:
    bench.service.fail_job("No mesh in sight.", "Use one subject.")
    job = bench.carry(bench.job())
    assert (job.state, job.error, job.hint) == (State.FAILED, "No mesh in sight.", "Use one subject.")


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        (Fault.LOST_ANSWER, {}),
        (Fault.RESET, {}),
        (Fault.GARBAGE, {}),
        (Fault.TRUNCATED, {}),
        (Fault.WRONG_TYPES, {}),
        (Fault.MISSING, {}),
        (Fault.STATUS, {"status": 500}),
        (Fault.STATUS, {"status": 502, "body": "<html>"}),
        (Fault.STATUS, {"status": 429}),
        (Fault.REDIRECT, {}),
    ],
    ids=str,
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/jobs/"), ("POST", "/v1/assets/get-bulk")])
def test_trouble_after_the_submission_never_costs_the_job(
    bench: Workbench, method: str, path: str, fault: Fault, options: dict[str, Any]
) -> None:
    job = running(bench)
    bench.service.fail(method, path, fault, times=7, **options)
    assert bench.carry(job).state is State.READY
    assert len(bench.service.charges) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [*(("GET", "/v1/jobs/", status) for status in (400, 401, 403, 404)), ("POST", "/v1/assets/get-bulk", 401)],
)
def test_a_refusal_after_the_submission_is_for_the_user(bench: Workbench, method: str, path: str, status: int) -> None:
    job = running(bench)
    bench.service.fail(method, path, Fault.STATUS, status=status)
    held = bench.carry(job)
    assert held.is_held
    assert not held.is_settled
    assert bench.carry(bench.retry(held)).state is State.READY


def test_a_success_without_files_is_believed_only_after_a_while(bench: Workbench) -> None:
    job = running(bench)
    body = {"job": {"jobId": "job_1", "status": "success", "metadata": {"assetIds": []}}}
    bench.service.fail("GET", "/jobs/", Fault.STATUS, status=200, body=body, times=None)
    waits = [(job := bench.step(job)).wait_s for _ in range(5)]
    assert waits == [5.0] * 5
    assert bench.step(job).state is State.FAILED


def test_files_that_are_not_all_handed_out_yet_are_waited_for(bench: Workbench) -> None:
    job = bench.carry(bench.job(model_id="model_rodin-hyper3d", input_name="images", is_list=True), until=State.NEW)
    job = replace(job, order=replace(job.order, values={"quality": "extra-low"}))
    job = bench.carry(job, until=State.SUCCEEDED)
    thumbnail = bench.service.assets[job.result_ids[0]]
    only_one = {"assets": [{**thumbnail, "url": "http://127.0.0.1:9/"}]}
    bench.service.fail("POST", "/assets/get-bulk", Fault.STATUS, status=200, body=only_one, times=2)
    assert bench.carry(job).state is State.READY


def test_files_that_are_never_handed_out_do_not_block_the_others(bench: Workbench) -> None:
    job = bench.carry(bench.job(), until=State.SUCCEEDED)
    missing = replace(job, result_ids=(*job.result_ids, "asset_deleted"))
    assert bench.carry(missing).state is State.READY


def test_a_disk_that_cannot_be_written_waits_for_the_user(bench: Workbench) -> None:
    job = bench.carry(bench.job(), until=State.SUCCEEDED)
    bench.output.rmdir()
    bench.output.write_text("a file where the folder should be")
    held = bench.carry(job)
    assert (held.state, held.is_held, held.error_kind) == (State.SUCCEEDED, True, "DiskError")
    bench.output.unlink()
    assert bench.carry(bench.retry(held)).state is State.READY


def test_a_mesh_for_a_scene_waits_to_be_imported(bench: Workbench) -> None:
    job = bench.carry(bench.job(target={"scene": "Scene"}))
    assert (job.state, job.is_held, job.wait_s) == (State.READY, True, None)


# -- when to look again


def test_the_wait_follows_the_usual_time_of_the_model(bench: Workbench) -> None:
    now = 1_000_000.0
    bench.env = replace(bench.env, now=lambda: now)
    job = running(bench, expected_s=120.0)
    assert (job.submitted_at, job.asked_at) == (now, None)
    bench.service.set_statuses(["in-progress"] * 9 + ["success"])
    now += 117.0
    asked = bench.step(job)
    assert (asked.state, asked.asked_at) == (State.RUNNING, now)
    assert 0 < (asked.wait_s or 0) < (job.wait_s or 0)


def test_what_one_job_took_is_known_to_the_next(bench: Workbench) -> None:
    now = 1_000_000.0
    bench.env = replace(bench.env, now=lambda: now)
    first_waits: list[float] = []
    for colour in ("#be5a28", "#28be5a", "#5a28be", "#be285a"):
        job = running(bench, colour=colour, expected_s=2_000.0)
        first_waits.append(job.wait_s or 0)
        now += 9.0
        job = bench.step(job)
        assert (job.state, job.asked_at) == (State.RUNNING, now)
        now += 2.0
        job = bench.carry(job)
        assert job.finished_at == now
    now += 1_000.0
    assert (running(bench, colour="#111111", expected_s=2_000.0).wait_s or 0) < 11.5
    assert first_waits[-1] < 11.5


def test_a_job_that_failed_says_nothing_of_how_long_others_take(bench: Workbench) -> None:
    now = 1_000_000.0
    bench.env = replace(bench.env, now=lambda: now)
    first = running(bench, expected_s=600.0)
    for colour in ("#28be5a", "#5a28be", "#be285a"):
        bench.service.fail_job("No subject.")
        job = running(bench, colour=colour, expected_s=600.0)
        now += 2.0
        assert bench.carry(job).state is State.FAILED
    bench.env.asking.forget(first.id)
    waits = [running(bench, colour=f"#1111{number}1", expected_s=600.0).wait_s or 0 for number in range(3)]
    assert min(waits) > 4, "two seconds would be asked for at once"


def test_a_step_tells_what_it_does(bench: Workbench) -> None:
    bench.carry(bench.job())
    texts = list(dict.fromkeys(activity.text for activity in bench.seen))
    assert texts == [
        "asking for the price",
        "uploading chair #be5a28.png",
        "submitting",
        "looking at the results",
        "downloading",
    ]


def test_a_state_without_a_step_is_not_stepped_from(bench: Workbench) -> None:
    with pytest.raises(KeyError):
        advance(replace(bench.job(), state=State.IMPORTED), bench.env)


def test_a_folder_that_is_held_for_a_while_gets_what_is_paid_for(bench: Workbench) -> None:
    job = bench.carry(bench.job(), until=State.SUCCEEDED)
    bench.output.rmdir()
    bench.output.write_text("a file where the folder should be")
    waits = []
    while job.state is State.SUCCEEDED:
        job = bench.step(job)
        waits.append(job.wait_s or 0.0)
        if len(waits) == 4:
            bench.output.unlink()
    assert job.state is State.DOWNLOADED
    assert 15 < sum(waits) < 60


def test_a_folder_that_stays_closed_waits_for_the_user(bench: Workbench) -> None:
    job = bench.carry(bench.job(), until=State.SUCCEEDED)
    bench.output.rmdir()
    bench.output.write_text("a file where the folder should be")
    held = bench.carry(job)
    assert (held.is_held, held.failures) == (True, 5)


def own_folder(bench: Workbench) -> Path:
    """Where files go when they cannot go where they should."""
    bench.env = replace(bench.env, own_folder=bench.folder / "own")
    return bench.folder / "own"


def test_a_folder_that_cannot_be_written_is_noticed_before_anything_is_paid(bench: Workbench) -> None:
    bench.output.write_text("a file where the folder should be")
    held = bench.carry(bench.job())
    assert (held.state, held.is_held, held.error_kind) == (State.UPLOADED, True, "DiskError")
    assert held.error is not None
    assert held.error.endswith("choose another folder.")
    assert bench.service.charges == []


def test_where_a_folder_cannot_be_written_the_mesh_goes_to_our_own_and_that_is_said(bench: Workbench) -> None:
    own = own_folder(bench)
    bench.output.write_text("a file where the folder should be")
    done = bench.carry(bench.job())
    assert done.state is State.READY
    assert done.file is not None
    assert done.file.path == own / "chair.glb"
    assert done.notice is not None
    assert done.notice.startswith(f"{bench.output} cannot be written (")
    assert done.notice.endswith(f"): the mesh is kept in {own}.")


def test_a_folder_that_fails_after_the_payment_is_left_for_our_own(bench: Workbench) -> None:
    own = own_folder(bench)
    job = bench.carry(bench.job(), until=State.SUCCEEDED)
    bench.output.rmdir()
    bench.output.write_text("a file where the folder should be")
    done = bench.carry(job)
    assert done.file is not None
    assert (done.state, done.file.path) == (State.READY, own / "chair.glb")
    assert done.notice is not None
    assert done.notice.endswith(f"the mesh is kept in {own}.")


def test_a_job_that_stands_still_and_is_alive_is_told_from_one_that_is_stuck(bench: Workbench) -> None:
    job = running(bench)

    def ask(progress: float, updated: str) -> Job:
        body = {"job": {"jobId": job.remote_id, "status": "in-progress", "progress": progress, "updatedAt": updated}}
        bench.service.fail("GET", "/jobs/", Fault.STATUS, status=200, body=body)
        return bench.step(job)

    job = ask(0.1, "12:00:00")
    since, heard = job.progress_at, job.heard_at
    assert since is not None and heard is not None
    job = ask(0.1, "12:00:20")
    assert job.progress_at == since and job.heard_at > heard
    later = job.heard_at
    job = ask(0.1, "12:00:20")
    assert job.heard_at == later, "nothing has happened to it since"
    job = ask(0.2, "12:00:20")
    assert job.progress_at > since
