# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist reads in the tab, in every state."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.form import parameters
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.values import JobId
from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.listed_jobs import enter
from tests.blender.live import Live, preferences
from tests.service import Fault

MAIN, JOBS = "SCENARIO_PT_main", "SCENARIO_PT_jobs"


def button(layout: FakeLayout) -> str:
    return str(layout.button("scenario.generate").text)


@pytest.fixture
def job(live: Live) -> Job:
    """A job that nobody carries on while it is looked at."""
    made = live.generate()
    live.pump_until(lambda: not session.is_busy)
    return made


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


def test_cleaning_is_offered_with_sizes_for_what_is_on(live: Live) -> None:
    live.ready_to_generate()
    shown = drawn(MAIN)
    offered = ["remove_loose", "loose_size", "close_holes", "hole_edges", "turn_outward"]
    assert [name for name in shown.properties if name in offered] == ["remove_loose", "close_holes", "turn_outward"]
    live.settings.finish.remove_loose = live.settings.finish.close_holes = True
    shown = drawn(MAIN)
    assert [name for name in shown.properties if name in offered] == offered


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
    assert free == {"Right", "Back", "Top", "Bottom", "Left Front", "Right Front"}
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


def test_a_lost_order_is_named_below_the_button_that_orders(live: Live, job: Job) -> None:
    enter(job, state=State.UNCERTAIN, remote_id=None, wait_s=None, error="No answer.")
    assert f"{job.order.name}: ordered, no answer yet: do not order again" in drawn(MAIN).red


def test_the_status_bar_names_what_runs(live: Live, job: Job) -> None:
    from scenario_addon.blender.ui.handlers import _draw_status

    header = type("Header", (), {"layout": FakeLayout()})()
    _draw_status(header, bpy.context)
    assert header.layout.texts == []
    enter(job, state=State.RUNNING, wait_s=5.0, progress=0.4)
    enter(job, id=JobId("other"), state=State.RUNNING, wait_s=5.0)
    _draw_status(header, bpy.context)
    assert header.layout.texts == ["Scenario: Chair 40%, 1 more"]
