# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist reads in the tab, in every state."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app import config
from scenario_addon.blender.app.session import session
from scenario_addon.blender.form import parameters
from scenario_addon.engine.errors import NoCredits
from scenario_addon.engine.ledger.job import WORDS, Job, State
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.values import Activity, JobId
from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.live import Live, preferences
from tests.service import Fault

MAIN, JOBS = "SCENARIO_PT_main", "SCENARIO_PT_jobs"


def button(layout: FakeLayout) -> str:
    return str(layout.button("scenario.generate").text)


def enter(job: Job, **changes: object) -> Job:
    """Put a job of this Blender into the list as it would be in some state."""
    job = replace(job, **changes)
    if job.id in session.jobs:
        session.jobs.write(job)
    else:
        session.connection.runner.add(job)
    return job


@pytest.fixture
def job(live: Live) -> Job:
    """A job that nobody carries on while it is looked at."""
    made = live.generate()
    live.pump_until(lambda: not session.is_busy)
    return made


def delayed(job: Job, **changes: Any) -> None:
    """Have a job in the list that goes on after a while."""
    session.jobs.remove(job.id)
    enter(job, id=JobId("delayed"), **changes)


# -- the main panel


def test_before_it_is_ready_it_says_that_it_loads(live: Live) -> None:
    assert "Loading" in str(drawn(MAIN))


def test_ready_the_button_names_price_and_time(live: Live) -> None:
    live.ready_to_generate()
    cost_cu = live.price().cost_cu
    live.pump_until(lambda: not session.is_busy)
    shown = drawn(MAIN)
    assert f"{cost_cu.normalize():f} CU" in button(shown)
    assert "about 47 s" in button(shown)
    assert not shown.alerts
    assert {"source", "image", "placement", "keeps_height"} <= set(shown.properties)


def test_in_place_of_the_source_no_height_is_asked_for(live: Live) -> None:
    bpy.ops.mesh.primitive_cube_add()
    live.ready_to_generate()
    live.settings.placement = "SOURCE"
    shown = drawn(MAIN)
    assert "In place of Cube" in str(shown)
    assert {"placement", "stretch", "hide_source", "origin"} <= set(shown.properties)
    assert {"keeps_height", "height"}.isdisjoint(shown.properties)


def test_with_nothing_to_replace_the_panel_says_that_it_goes_to_the_cursor(live: Live) -> None:
    live.ready_to_generate()
    live.settings.placement = "SOURCE"
    shown = drawn(MAIN)
    assert "Nothing is selected: at the 3D cursor" in str(shown)
    assert {"keeps_height", "origin"} <= set(shown.properties)
    assert {"stretch", "hide_source"}.isdisjoint(shown.properties)


def test_at_a_point_only_height_and_origin_apply(live: Live) -> None:
    live.ready_to_generate()
    assert {"stretch", "hide_source"}.isdisjoint(drawn(MAIN).properties)


def test_what_is_done_after_the_import_is_offered_where_it_makes_a_difference(live: Live) -> None:
    live.ready_to_generate()
    shown = drawn(MAIN)
    offered = ["target_triangles", "lods", "merge_vertices", "shade_smooth", "texture_limit", "keep_animations"]
    offered.append("mark_as_asset")
    assert [name for name in shown.properties if name in offered] == offered
    assert (shown.is_enabled["asset_tags"], shown.is_enabled["merge_vertices"]) == (False, True)
    live.settings.finish.mark_as_asset = live.settings.finish.shade_smooth = True
    shown = drawn(MAIN)
    assert (shown.is_enabled["asset_tags"], shown.is_enabled["merge_vertices"]) == (True, False)


def test_before_the_price_is_known_the_button_names_none(live: Live) -> None:
    live.ready_to_generate()
    assert "CU" not in button(drawn(MAIN))


def test_an_unknown_price_is_called_so(live: Live) -> None:
    live.ready_to_generate()
    live.service.fail("POST", r"/generate/custom", Fault.MISSING)
    assert live.price().cost_cu is None
    assert "price unknown" in button(drawn(MAIN))


def test_a_price_that_cannot_be_asked_is_explained(live: Live) -> None:
    live.ready_to_generate()
    live.service.fail("POST", r"/generate/custom", Fault.STATUS, status=403, body={"reason": "Needs the Pro plan"})
    live.price()
    assert "Needs the Pro plan" in str(drawn(MAIN))


def test_without_a_key_the_way_to_the_preferences_is_offered(keyless: Live) -> None:
    keyless.ready_to_generate()
    shown = drawn(MAIN)
    assert "Enter your Scenario API key and secret in the preferences" in shown.red
    assert shown.button("preferences.addon_show").values == {"module": "scenario_addon"}
    assert "api-key" in shown.button("wm.url_open", "Get a Key").values["url"]


def test_a_refused_key_is_red_until_it_is_accepted(live: Live) -> None:
    live.ready_to_generate()
    live.service.fail("POST", r"/generate/custom", Fault.STATUS, status=401)
    live.price()
    shown = drawn(MAIN)
    assert "The API key or secret was refused" in shown.red
    assert str(shown).count("was refused") == 1
    assert shown.button("preferences.addon_show").values == {"module": "scenario_addon"}
    bpy.ops.scenario.test_connection()
    assert not drawn(MAIN).red


def test_offline_is_red_and_can_be_changed(live: Live) -> None:
    live.ready_to_generate()
    live.ask_for_permission(allowed=False)
    shown = drawn(MAIN)
    assert "Blender may not go online" in shown.alerts
    shown.button("extensions.userpref_allow_online_popup")


def test_what_is_missing_stands_under_the_button(live: Live) -> None:
    live.choose("model_hunyuan-3d-v2-1")
    assert " Generate Choose an image, or another source Settings" in str(drawn(MAIN))


def test_the_reason_is_also_why_the_button_is_grey(live: Live) -> None:
    live.choose("model_hunyuan-3d-v2-1")
    with live.in_window(), pytest.raises(RuntimeError, match="Choose an image, or another source"):
        bpy.ops.scenario.generate()


def test_above_the_limit_the_price_is_still_on_the_button(live: Live) -> None:
    preferences().max_cost = 0.1
    live.ready_to_generate()
    live.price()
    assert "CU" in button(drawn(MAIN))


def test_named_views_have_a_slot_each_but_for_the_source(live: Live) -> None:
    live.image(size_px=256)
    live.choose("model_hunyuan-3d-pro-3-1-multiview", {})
    bpy.ops.scenario.add_picture(view="left")
    shown = drawn(MAIN)
    free = {str(b.text) for b in shown.operators if b.operator == "scenario.add_picture"}
    assert free == {"Right", "Back", "Top", "Bottom", "Left-Front", "Right-Front"}
    assert shown.button("scenario.remove_picture").values == {"index": 0}


def test_a_model_that_takes_a_list_offers_one_more_until_it_is_full(live: Live) -> None:
    live.image(size_px=256)
    live.choose("model_yvo3d-image-to-3d", {})
    for _ in range(3):
        drawn(MAIN).button("scenario.add_picture")
        bpy.ops.scenario.add_picture(view="")
    assert "Add Picture" not in drawn(MAIN).texts


def test_a_model_that_takes_words_has_a_prompt(live: Live) -> None:
    live.choose("model_rodin-hyper3d", {})
    assert "prompt" in drawn(MAIN).properties
    live.choose("model_hunyuan-3d-v2-1")
    assert "prompt" not in drawn(MAIN).properties


def test_the_important_parameters_come_before_the_others(live: Live) -> None:
    model = live.choose("model_hunyuan-3d-v2-1")
    shown = drawn(MAIN)
    names = [name for name in shown.properties if name.startswith("[")]
    important = [f'["{parameter.name}"]' for parameter in parameters.important(model)]
    assert names[: len(important)] == important
    assert len(names) == len(set(names)) > len(important)
    shown.button("scenario.reset_parameters")


def test_what_went_wrong_in_the_background_is_told(live: Live) -> None:
    live.ready_to_generate()
    live.service.fail("GET", r"/models$", Fault.STATUS, times=None, status=403, body={"reason": "Not for you"})
    session.refresh_models()
    session.tasks.wait("models")
    assert "Not for you" in str(drawn(MAIN))


def test_the_image_editor_has_the_same_panel(live: Live) -> None:
    live.ready_to_generate()
    assert drawn("SCENARIO_PT_image_main").texts == drawn(MAIN).texts


def test_a_picture_file_is_shown_once_it_is_there(live: Live, tmp_path: Path) -> None:
    live.ready_to_generate()
    live.settings.source, live.settings.filepath = "FILE", str(tmp_path / "chair.png")
    drawn(MAIN)
    live.settings.image.save(filepath=str(tmp_path / "chair.png"))
    drawn(MAIN)


# -- the jobs


def test_without_jobs_there_is_no_panel_of_jobs(live: Live) -> None:
    session.load_now()
    assert drawn(JOBS).texts == []


@pytest.mark.parametrize("state", [state for state in State if state is not State.FAILED])
def test_each_state_is_said_in_words(live: Live, job: Job, state: State) -> None:
    enter(job, state=state, wait_s=None if state is State.READY else 0.0, submitted_at=None, progress=None)
    shown = drawn(JOBS)
    words = "Ready to import" if state is State.READY else WORDS[state].capitalize()
    assert words in str(shown)
    assert "Chair" in shown.texts
    assert job.order.model_name in str(shown)


def test_a_running_job_shows_how_far_it_is(live: Live, job: Job) -> None:
    enter(job, state=State.RUNNING, wait_s=5.0, progress=0.4, submitted_at=time.time() - 20)
    assert any(text.startswith("40%, about") and text.endswith("left") for text in drawn(JOBS).texts)


def test_a_transfer_shows_its_bytes(live: Live, job: Job) -> None:
    enter(job, state=State.SUCCEEDED, wait_s=0.0)
    session.connection.runner.activities[job.id] = Activity("downloading", 12_000_000, 48_000_000)
    assert "Downloading, 12.0 of 48.0 MB" in drawn(JOBS).texts


def test_a_failure_can_be_read_in_full_and_copied(live: Live, job: Job) -> None:
    reason = "The provider could not reconstruct a mesh from this image, however often it tried to do so."
    hint = "Use a picture of one thing on a plain background."
    enter(job, state=State.FAILED, error=reason, hint=hint)
    shown = drawn(JOBS)
    assert f"{reason} {hint}" in shown.red
    assert shown.button("scenario.copy_text", "Copy Message").values == {"text": f"{reason} {hint}"}


def test_a_long_failure_is_cut_in_the_list_and_copied_whole(live: Live, job: Job) -> None:
    reason, hint = "Too dark " + "and darker " * 100, "Use a brighter picture"
    enter(job, state=State.FAILED, error=reason, hint=hint)
    shown = drawn(JOBS)
    told = shown.red
    assert told.startswith("Too dark and darker")
    assert (len(told), told[-1]) == (500, "…")
    copied = shown.button("scenario.copy_text", "Copy Message").values["text"]
    assert copied == f"{reason.strip()}. {hint}"


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
    assert f"{job.order.name} {WARNING} {expected.removesuffix('.')}" in str(shown)
    assert shown.red == WARNING
    for operator, text in (("scenario.resume", "Look Again"), ("scenario.submit_again", None)):
        assert shown.button(operator, text).values == {"job_id": "delayed"}
        assert shown.button(operator, text).is_enabled


def test_the_whole_of_what_keeps_from_finding_a_lost_order_can_be_copied(live: Live, job: Job) -> None:
    reason = "The host said no. " * 50
    enter(job, state=State.UNCERTAIN, remote_id=None, wait_s=None, error=reason)
    shown = drawn(JOBS)
    assert reason.strip() not in str(shown)
    assert shown.button("scenario.copy_text", "Copy Message").values == {"text": reason}


def test_a_lost_order_of_another_project_offers_nothing_that_would_not_work(live: Live, job: Job) -> None:
    enter(job, state=State.UNCERTAIN, remote_id=None, wait_s=None, error="No answer.", scope="another")
    shown = drawn(JOBS)
    assert shown.red == WARNING
    assert not shown.button("scenario.submit_again").is_enabled


def test_a_lost_order_is_named_below_the_button_that_orders(live: Live, job: Job) -> None:
    enter(job, state=State.UNCERTAIN, remote_id=None, wait_s=None, error="No answer.")
    assert f"{job.order.name}: ordered, no answer yet: do not order again" in drawn(MAIN).red


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


def test_several_that_are_stuck_can_be_tried_again_at_once(live: Live, job: Job) -> None:
    enter(job, state=State.SUCCEEDED, error="The API key was refused.", wait_s=None)
    assert "Try All Again" not in drawn(JOBS).texts
    enter(job, id=JobId("other"), state=State.SUCCEEDED, error="The API key was refused.", wait_s=None)
    assert drawn(JOBS).button("scenario.resume", "Try All Again").values == {}


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


def test_a_finished_job_can_be_imported_shown_copied_and_removed(live: Live, job: Job) -> None:
    shown = drawn(JOBS)
    for operator in ("import_result", "place_result", "show_file", "dismiss"):
        assert shown.button(f"scenario.{operator}").values == {"job_id": job.id}
    assert shown.button("scenario.job_menu").values == {"job_id": job.id}


def test_a_mesh_of_another_file_is_called_so(live: Live, job: Job) -> None:
    enter(job, state=State.READY, wait_s=None)
    bpy.ops.wm.read_homefile(use_empty=True)
    assert "Ready, made for another file" in drawn(JOBS).texts


def test_a_job_that_nobody_carries_on_here_says_why(live: Live, job: Job) -> None:
    with closing(Ledger(config.folder())) as other:
        other.add(replace(job, id=JobId("theirs"), state=State.RUNNING, wait_s=5.0))
        live.restart()
    assert "Carried on by another Blender, or with another key" in str(drawn(JOBS))
    live.ask_for_permission(allowed=False)
    assert "Blender may not go online" in str(drawn(JOBS))


def test_the_latest_come_first_and_earlier_ones_on_request(live: Live, job: Job) -> None:
    for number in range(7):
        enter(job, id=JobId(f"job{number}"), order=replace(job.order, name=f"Lamp {number}"))
    names = [text for text in drawn(JOBS).texts if text.startswith(("Lamp", "Chair"))]
    assert names == [f"Lamp {number}" for number in (6, 5, 4, 3, 2)]
    assert "scenario_shows_all_jobs" in drawn(JOBS).properties
    bpy.context.window_manager.scenario_shows_all_jobs = True
    assert "Chair" in drawn(JOBS).texts


def test_the_price_in_the_list_is_what_was_charged(live: Live, job: Job) -> None:
    enter(job, billed_cu=Decimal("7.50"), quote_cu=Decimal("9"))
    assert f"{job.order.model_name}, 7.5 CU" in drawn(JOBS).texts


def test_the_status_bar_names_what_runs(live: Live, job: Job) -> None:
    from scenario_addon.blender.ui.handlers import _draw_status

    header = type("Header", (), {"layout": FakeLayout()})()
    _draw_status(header, bpy.context)
    assert header.layout.texts == []
    enter(job, state=State.RUNNING, wait_s=5.0, progress=0.4)
    enter(job, id=JobId("other"), state=State.RUNNING, wait_s=5.0)
    _draw_status(header, bpy.context)
    assert header.layout.texts == ["Scenario: Chair 40%, 1 more"]
