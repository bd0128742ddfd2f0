# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist reads of a result, and can do with it, in every state."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app import config
from scenario_addon.blender.app.session import session
from scenario_addon.engine.errors import NoCredits
from scenario_addon.engine.ledger.job import WORDS, Job, State
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.values import Activity, JobId
from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.listed_jobs import delayed, enter
from tests.blender.live import Live

MAIN, JOBS = "SCENARIO_PT_main", "SCENARIO_PT_jobs"


pytestmark = pytest.mark.slow


@pytest.fixture
def job(live: Live) -> Job:
    """A job that nobody carries on while it is looked at."""
    made = live.generate()
    live.pump_until(lambda: not session.is_busy)
    return made


def buttons(layout: FakeLayout) -> list[str]:
    """What can be pressed at the row's end."""
    return [button.operator.removeprefix("scenario.") for button in layout.operators if button.text == ""]


def test_without_jobs_there_is_no_panel_of_jobs(live: Live) -> None:
    session.load_now()
    assert drawn(JOBS).texts == []


@pytest.mark.parametrize("state", [state for state in State if state is not State.FAILED])
def test_each_state_is_said_in_words(live: Live, job: Job, state: State) -> None:
    enter(job, state=state, wait_s=None if state is State.READY else 0.0, submitted_at=None, progress=None)
    shown = drawn(JOBS)
    others = {State.READY: "Ready to import", State.IMPORTED: "in the scene"}
    assert others.get(state, WORDS[state].capitalize()) in str(shown)
    assert "Chair" in shown.texts
    assert job.order.model_name in str(shown)


def test_a_running_job_shows_how_far_it_is(live: Live, job: Job) -> None:
    enter(job, state=State.RUNNING, wait_s=5.0, progress=0.4, submitted_at=time.time() - 20)
    assert any(text.startswith("40%, about") and text.endswith("left") for text in drawn(JOBS).texts)


def test_a_transfer_shows_its_bytes(live: Live, job: Job) -> None:
    enter(job, state=State.SUCCEEDED, wait_s=0.0)
    session.connection.runner.activities[job.id] = Activity("downloading", 12_000_000, 48_000_000)
    assert "Downloading, 12.0 of 48.0 MB" in drawn(JOBS).texts


def test_a_failure_can_be_read_in_full_and_made_again_or_removed(live: Live, job: Job) -> None:
    reason = "The provider could not reconstruct a mesh from this image, however often it tried to do so."
    hint = "Use a picture of one thing on a plain background."
    enter(job, state=State.FAILED, error=reason, hint=hint, file=None, result_ids=())
    shown = drawn(JOBS)
    assert shown.red == f"{reason} {hint}"
    assert buttons(shown) == ["generate_again", "dismiss", "job_menu"]


def test_a_long_failure_is_cut_in_the_list(live: Live, job: Job) -> None:
    enter(job, state=State.FAILED, error="Too dark " + "and darker " * 100, hint="Use a brighter picture")
    told = drawn(JOBS).red
    assert told.startswith("Too dark and darker")
    assert (len(told), told[-1]) == (500, "…")


def test_an_error_that_passes_says_when_it_is_tried_again(live: Live, job: Job) -> None:
    delayed(job, state=State.RUNNING, error="The service does not answer.", wait_s=30.0)
    shown = drawn(JOBS)
    assert "The service does not answer. Trying again in 30 s, until it works." in str(shown)
    assert not shown.alerts
    shown.button("scenario.cancel")


def test_a_job_that_waits_for_the_user_can_be_tried_again_or_removed(live: Live, job: Job) -> None:
    enter(job, state=State.SUCCEEDED, error="The API key was refused.", wait_s=None)
    shown = drawn(JOBS)
    assert shown.button("scenario.resume").values == {"job_id": job.id}
    shown.button("scenario.dismiss")
    assert "The API key was refused" in shown.red


WARNING = "Ordered, no answer yet: do not order again"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"wait_s": None, "error": "Nobody knows whether the order arrived."},
            "Nobody knows whether the order arrived.",
        ),
        (
            {"wait_s": 7.0, "error": "The host cannot be reached.", "failures": 2, "error_kind": "NetworkError"},
            "The host cannot be reached. Looking again in 7 s until the service answers.",
        ),
        (
            {"wait_s": 7.0, "error": "It is not in the list.", "failures": 2, "error_kind": "Unanswered"},
            "It is not in the list. Looking again in 7 s (3 of 9).",
        ),
        ({"wait_s": 7.0}, "Looking for it."),
    ],
)
def test_a_lost_order_warns_first_then_says_what_is_done_and_offers_both_ways_out(
    live: Live, job: Job, changes: dict[str, Any], expected: str
) -> None:
    delayed(job, state=State.UNCERTAIN, remote_id=None, **changes)
    shown = drawn(JOBS)
    assert f"{WARNING} {expected.removesuffix('.')}" in str(shown)
    assert shown.red == WARNING
    for operator, text in (("scenario.resume", "Look Again"), ("scenario.submit_again", None)):
        assert shown.button(operator, text).values == {"job_id": "delayed"}
        assert shown.button(operator, text).is_enabled


def test_a_lost_order_of_another_project_offers_nothing_that_would_not_work(live: Live, job: Job) -> None:
    enter(job, state=State.UNCERTAIN, remote_id=None, wait_s=None, error="No answer.", scope="another")
    shown = drawn(JOBS)
    assert shown.red == WARNING
    assert not shown.button("scenario.submit_again").is_enabled


def test_a_price_above_the_limit_can_be_agreed_to(live: Live, job: Job) -> None:
    prices = {"quote_cu": Decimal("12.50"), "max_cost_cu": Decimal(10)}
    enter(job, state=State.UPLOADED, remote_id=None, submitted_at=None, wait_s=None, error="Too much.", **prices)
    assert drawn(JOBS).button("scenario.allow_price", "Order for 12.5 CU").values == {"job_id": job.id}
    enter(job, state=State.UPLOADED, remote_id=None, submitted_at=None, wait_s=None, error="The day is over.")
    assert not [button for button in drawn(JOBS).operators if button.operator == "scenario.allow_price"]


def test_what_is_to_be_known_of_a_job_stands_with_it(live: Live, job: Job) -> None:
    enter(job, notice="The price has risen from 4 CU to 5 CU.")
    assert "The price has risen from 4 CU to 5 CU" in str(drawn(JOBS))


def test_an_empty_account_is_said_once_on_top_with_a_way_to_it(live: Live, job: Job) -> None:
    live.ready_to_generate()
    session.connection.budget.empty = NoCredits("The account has no credits left.", status=402)
    enter(job, state=State.UPLOADED, remote_id=None, wait_s=None, error="No credits left.", error_kind="NoCredits")
    assert "No credits" not in str(drawn(JOBS)) and "Waits for credits" in str(drawn(JOBS))
    shown = drawn(MAIN)
    assert "The account has no credits left" in shown.red
    assert shown.button("wm.url_open").values == {"url": "https://app.scenario.com"}


def test_a_job_whose_progress_stands_still_says_when_it_was_last_heard_of(live: Live, job: Job) -> None:
    now = time.time()
    alive = {"state": State.RUNNING, "progress": 0.1, "progress_at": now - 600.0, "heard_at": now - 20.4}
    enter(job, **alive, wait_s=None)
    assert "10%, last heard of 20 s ago" in drawn(JOBS).texts
    enter(job, **{**alive, "progress_at": now - 5.0}, wait_s=None)
    assert "last heard" not in str(drawn(JOBS))


def test_a_job_in_the_services_queue_says_so(live: Live, job: Job) -> None:
    enter(job, state=State.RUNNING, progress=None, remote_word="queued", wait_s=None)
    assert "Waits in the service's queue" in drawn(JOBS).texts


def test_a_mesh_in_this_scene_can_be_looked_at_and_made_again(live: Live, job: Job) -> None:
    shown = drawn(JOBS)
    assert buttons(shown) == ["show_result", "generate_again", "job_menu"]
    assert {tuple(button.values.items()) for button in shown.operators} == {(("job_id", job.id),)}


def test_a_mesh_that_is_gone_can_be_imported_again(live: Live, job: Job) -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until(lambda: buttons(drawn(JOBS)) == ["import_result", "generate_again", "job_menu"])


def test_a_job_under_way_can_be_cancelled(live: Live, job: Job) -> None:
    delayed(job, state=State.RUNNING, wait_s=30.0, file=None)
    assert buttons(drawn(JOBS)) == ["cancel", "job_menu"]


def test_a_cancelled_job_whose_mesh_may_exist_offers_it(live: Live, job: Job) -> None:
    enter(job, state=State.CANCELLED)
    assert buttons(drawn(JOBS)) == ["import_result", "dismiss", "job_menu"]
    enter(job, state=State.CANCELLED, file=None, result_ids=(), remote_id=None)
    assert buttons(drawn(JOBS)) == ["generate_again", "dismiss", "job_menu"]


@pytest.mark.parametrize("state", State)
def test_no_row_has_more_than_two_icons_and_the_menu(live: Live, job: Job, state: State) -> None:
    enter(job, state=state, error="Too dark." if state is State.FAILED else None)
    shown = buttons(drawn(JOBS))
    assert len(shown) <= 3 and shown[-1] == "job_menu"


def test_names_of_any_length_and_script_are_drawn(live: Live, job: Job) -> None:
    for name in ("a" * 200, "ロボット 🤖 \u202eevil", "x\ny"):
        enter(job, order=replace(job.order, name=name, model_name=f"Model {name}"))
        assert name in drawn(JOBS).texts


def test_a_job_without_pictures_is_drawn(live: Live, job: Job) -> None:
    enter(job, order=replace(job.order, pictures=()))
    assert "Chair" in drawn(JOBS).texts
    live.pump_until(lambda: not session.is_busy)
    assert "Chair" in drawn(JOBS).texts


def test_a_mesh_of_another_file_is_called_so(live: Live, job: Job) -> None:
    enter(job, state=State.READY, wait_s=None)
    bpy.ops.wm.read_homefile(use_empty=True)
    assert "Ready, made for another file" in str(drawn(JOBS))


def test_a_job_that_nobody_carries_on_here_says_why(live: Live, job: Job) -> None:
    with closing(Ledger(config.folder())) as other:
        other.add(replace(job, id=JobId("theirs"), state=State.RUNNING, wait_s=5.0))
        live.restart()
    assert "Carried on by another Blender" in str(drawn(JOBS))
    live.ask_for_permission(allowed=False)
    assert "Blender may not go online" in str(drawn(JOBS))


def test_the_price_in_the_list_is_what_was_charged(live: Live, job: Job) -> None:
    enter(job, billed_cu=Decimal("7.50"), quote_cu=Decimal("9"))
    assert "7.5 CU" in str(drawn(JOBS))
