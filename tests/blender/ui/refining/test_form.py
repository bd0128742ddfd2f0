# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of a mesh that is to be changed: what it says before anything is paid, and what a press in a window does."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.form import parameters
from scenario_addon.blender.request.refining.given import Given, given_active, given_by
from scenario_addon.blender.ui import pump
from scenario_addon.blender.ui.refining import opening
from scenario_addon.blender.ui.refining.drawing import draw_form
from scenario_addon.blender.ui.results.menu import draw_menu
from scenario_addon.engine.errors import InputError
from scenario_addon.engine.ledger.job import State
from tests.blender.fake_layout import FakeLayout, in_sidebar
from tests.blender.live import Live, preferences
from tests.blender.sample_subjects import box, select

REMESH: Final = "model_meshy-remesh"
TOPOLOGY: Final = "model_tencent-smarttopology"
RETEXTURE: Final = "model_meshy-7-retexture"
UNWRAP: Final = "model_meshy-uv-unwrap"

Opened = Callable[..., opening.Opening]


@pytest.fixture
def opened(live: Live) -> Opened:
    """Open the form of a mesh, by default the active one, as the operator does."""

    def begin(model_id: str = "", given: Given | None = None, *, with_picture: bool = True) -> opening.Opening:
        session.load_now()
        session.refresh_models()
        live.pump_until(lambda: not session.tasks.any_running)
        operator = SimpleNamespace(with_picture=with_picture)
        opening.begin(operator, given or given_active(bpy.context), opening.first_model(model_id))
        live.pump_until(lambda: session.models.look_up(session.refining.model_id) and session.refining.look())
        return session.refining

    yield begin  # pyright: ignore[reportReturnType] - a fixture
    opening.end()


def shown(live: Live, one: opening.Opening) -> FakeLayout:
    """The form, once the price is known or it is clear that there is none."""
    live.pump_until(lambda: (form := one.form(bpy.context)).price or form.problem)
    layout = FakeLayout()
    operator = SimpleNamespace(with_picture=True, bl_rna=bpy.types.SCENARIO_OT_refine.bl_rna)
    with in_sidebar():
        draw_form(layout, bpy.context, operator, one)
    return layout


def refine_menu() -> FakeLayout:
    layout = FakeLayout()
    menu: Any = bpy.types.SCENARIO_MT_refine_result
    menu.draw(SimpleNamespace(layout=layout), bpy.context)
    return layout


def crate() -> None:
    select(box("Crate", (1, 2, 3)))


def test_it_says_what_goes_in_and_what_that_costs(live: Live, opened: Opened) -> None:
    crate()
    said = str(shown(live, opened(REMESH)))
    assert "Crate: 12 triangles, exported with its textures" in said
    assert "Retopology 5 CU about" in " ".join(said.split())
    live.generate()
    job = live.job
    assert job.file is not None
    said = str(shown(live, opened(REMESH, given_by(job, bpy.context))))
    assert f"{job.order.name}: {job.file.triangles:,} triangles, nothing is uploaded" in said


def test_every_parameter_has_a_field_but_the_mesh(live: Live, opened: Opened) -> None:
    crate()
    layout = shown(live, opened(REMESH))
    assert {'["topology"]', '["targetPolycount"]'} <= set(layout.properties)
    assert "Not supported" not in str(layout)


def test_another_model_can_be_chosen_in_it(live: Live, opened: Opened) -> None:
    crate()
    one = opened(REMESH)
    assert [str(kind) for kind in session.models.refiners_by_kind()] == ["Retopology", "UVs", "Texture", "Parts", "Rig"]
    assert bpy.ops.scenario.refine_model(model=UNWRAP) == {"FINISHED"}
    live.pump_until(lambda: session.models.look_up(UNWRAP))
    said = str(shown(live, one))
    assert "UVs" in said


def test_the_picture_and_the_prompt_are_those_of_the_tab(live: Live, opened: Opened) -> None:
    crate()
    live.image("Rusty")
    layout = shown(live, opened(RETEXTURE))
    assert "Rusty" in str(layout)
    assert "prompt" in layout.properties
    live.settings.image = None
    assert "Choose an image" in str(shown(live, opened(RETEXTURE)))


def test_what_is_too_much_for_the_model_is_red_before_anything_is_exported(live: Live, opened: Opened) -> None:
    crate()
    modifier: Any = bpy.context.active_object.modifiers.new("Subdivision", "SUBSURF")
    modifier.levels = 6
    modifier.subdivision_type = "SIMPLE"
    modifier = bpy.context.active_object.modifiers.new("Again", "SUBSURF")
    modifier.levels, modifier.subdivision_type = 2, "SIMPLE"
    layout = shown(live, opened(TOPOLOGY))
    assert "Crate has 393,216 faces and Tencent Smart Topology takes 100,000: reduce them first" in layout.red


def test_a_form_opens_with_the_model_that_was_used_last(live: Live, opened: Opened) -> None:
    crate()
    assert opened().model_id == REMESH
    assert bpy.ops.scenario.refine(model=UNWRAP) == {"FINISHED"}
    assert opened(given=given_by(live.job, bpy.context)).model_id == UNWRAP


def test_without_a_list_of_models_that_is_said(live: Live) -> None:
    session.load_now()
    with pytest.raises(InputError, match="press Refresh Models"):
        opening.first_model("")


def test_in_a_window_the_mesh_is_exported_while_the_artist_goes_on(live: Live) -> None:
    crate()
    session.load_now()
    session.models.fetch(REMESH, session.online().client)
    with live.in_window():
        assert bpy.ops.scenario.refine("EXEC_DEFAULT", model=REMESH, is_confirmed=True) == {"FINISHED"}
        assert live.jobs == [], "not before it is exported"
        assert session.notices["refine"] == "Crate is being exported for Meshy Remesh."
        bpy.ops.mesh.primitive_cube_add()
        live.pump_until(lambda: live.jobs)
    done = live.pump_until_state(State.IMPORTED, live.job)
    assert done.order.name == "Crate"
    assert "refine" not in session.notices
    assert done.order.target["refined"]["objects"] == ("Crate",)


def test_what_keeps_it_from_being_exported_is_told_in_the_tab(live: Live) -> None:
    crate()
    body: Any = bpy.context.active_object.data
    body.vertices[0].co.x = float("nan")
    session.load_now()
    session.models.fetch(REMESH, session.online().client)
    with live.in_window():
        bpy.ops.scenario.refine("EXEC_DEFAULT", model=REMESH, is_confirmed=True)
        live.pump_until(lambda: "Nothing was ordered" in session.notices["refine"])
    assert "Crate has points that are nowhere" in session.notices["refine"]
    assert live.service.charges == []


def test_escape_ends_an_export(live: Live) -> None:
    crate()
    session.load_now()
    session.models.fetch(REMESH, session.online().client)
    with live.in_window():
        bpy.ops.scenario.refine("EXEC_DEFAULT", model=REMESH, is_confirmed=True)
        pump.escape()
        live.pump_until(lambda: "was cancelled" in session.notices["refine"])
    assert live.jobs == []


def test_above_the_limit_it_says_so(live: Live, opened: Opened) -> None:
    preferences().max_cost = 1
    crate()
    assert "It costs 5 CU, and your limit is 1 CU" in str(shown(live, opened(REMESH)))


def test_the_menu_of_a_result_leads_to_the_form_of_each_model(live: Live, opened: Opened) -> None:
    live.generate()
    opened(REMESH, given_by(live.job, bpy.context))
    draw_menu(FakeLayout(), live.job)
    layout = refine_menu()
    assert layout.texts[:3] == ["Retopology", "Meshy Remesh", "Meshy Remesh, Quads"]
    button = layout.button("scenario.refine", "Meshy Remesh")
    assert button.values == {"model": REMESH, "job_id": live.job.id}
    quads = layout.button("scenario.refine", "Meshy Remesh, Quads")
    assert quads.values == {"model": REMESH, "job_id": live.job.id, "parameters": '{"topology": "quad"}'}


def test_the_menu_says_which_models_make_quads_once_they_were_asked(live: Live) -> None:
    session.load_now()
    session.refresh_models()
    live.pump_until(lambda: not session.tasks.any_running)
    assert not any("Quads" in text for text in refine_menu().texts)
    session.models.freshen(session.online().client)
    live.pump_until(lambda: session.models.in_use(REMESH) and session.models.in_use(TOPOLOGY))
    assert {"Meshy Remesh, Quads", "Tencent Smart Topology, Quads"} <= set(refine_menu().texts)


def test_a_form_that_opens_for_quads_asks_for_quads(live: Live, opened: Opened) -> None:
    crate()
    form = opened(REMESH)
    form.fill('{"topology": "quad"}')
    said = shown(live, form)
    assert "Retopology 7.5 CU" in " ".join(str(said).split())
    model = form.model
    assert model is not None
    stored = parameters.settings_of(live.settings.models, REMESH)
    assert parameters.values(stored, model)["topology"] == "quad"
    for text in ('{"topology": "hexagon"}', '{"strange": 1}', "[]", "{"):
        with pytest.raises(InputError):
            form.fill(text)
    session.refining.choose("model_that_is_not_known")
    with pytest.raises(InputError, match="not known here yet"):
        form.fill('{"topology": "quad"}')
