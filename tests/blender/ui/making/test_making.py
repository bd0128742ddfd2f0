# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tab, the popup and the results show of pictures that are made, and what a press of the button does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.form import parameters
from scenario_addon.blender.request.making.models import chosen_model, fitting_models
from scenario_addon.blender.sources.pictures import Source
from scenario_addon.blender.ui.making import opening, operator
from scenario_addon.blender.ui.making.drawing import draw_form
from scenario_addon.blender.ui.results import menu
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.fake_layout import FakeLayout, drawn, in_sidebar
from tests.blender.live import Live, preferences
from tests.engine.picture_jobs import REMOVAL, RESTYLE, UPSCALE, WORDS

OPS: Any = bpy.ops


@pytest.fixture
def listed(live: Live) -> Live:
    """The models are known, and one to make a mesh of a picture is chosen."""
    live.choose("model_hunyuan-3d-v2-1")
    session.refresh_models()
    live.pump_until(lambda: session.models.picture_models())
    return live


@contextmanager
def opened(live: Live, source: Source | None = None) -> Iterator[Any]:
    """The form, open."""
    opening.begin(bpy.context, SimpleNamespace(name="form"), source or Source("IMAGE"))
    yield session.making
    opening.end()


def form(live: Live, source: Source | None = None) -> FakeLayout:
    """What the popup shows, once everything has been answered."""
    with opened(live, source) as one:
        live.pump_until(lambda: opening.catch_up(bpy.context) and one.form(bpy.context)[1])
        live.pump_until(lambda: not session.prices.is_wanted and not session.tasks.any_running)
        layout = FakeLayout()
        with in_sidebar():
            draw_form(layout, bpy.context, one)
    return layout


def made(live: Live) -> Job:
    OPS.scenario.make_picture(model=WORDS, prompt="an owl")
    return live.jobs[-1]


# -- which models


@pytest.mark.parametrize(
    ("work", "expected"), [("WORDS", WORDS), ("BACKGROUND", REMOVAL), ("UPSCALE", UPSCALE), ("CHANGE", RESTYLE)]
)
def test_each_work_has_the_models_that_do_it(listed: Live, work: str, expected: str) -> None:
    assert [model.id for model in fitting_models(work)] == [expected]
    listed.settings.making.work = work
    assert chosen_model(listed.settings.making) == expected


def test_the_models_of_the_tab_are_still_those_that_make_meshes(listed: Live) -> None:
    assert not {model.id for model in session.models.offered()} & {WORDS, UPSCALE, REMOVAL, RESTYLE}


# -- the tab


def test_without_a_picture_the_tab_offers_words_first(listed: Live) -> None:
    tab = drawn("SCENARIO_PT_main")
    assert tab.button("scenario.make_picture", "Words First").values == {"work": "WORDS"}
    assert "SCENARIO_MT_make_picture" not in tab.menus


def test_with_one_the_tab_offers_to_change_it(listed: Live) -> None:
    listed.image()
    tab = drawn("SCENARIO_PT_main")
    assert "SCENARIO_MT_make_picture" in tab.menus
    assert not any(button.operator == "scenario.make_picture" for button in tab.operators)


def test_of_a_picture_that_was_made_the_tab_offers_another_at_its_price_and_the_way_back(listed: Live) -> None:
    listed.image("robot.png")
    job = made(listed)
    tab = drawn("SCENARIO_PT_main")
    assert tab.button("scenario.generate_again").values == {"job_id": job.id, "new_seed": True}
    assert tab.button("scenario.generate_again").text == "Another   5 CU"
    assert tab.button("scenario.picture_back").text == "Back to robot.png"


def test_another_is_another(listed: Live) -> None:
    job = made(listed)
    OPS.scenario.generate_again(job_id=job.id, new_seed=True)
    assert listed.jobs[-1].state is State.IMPORTED
    assert listed.settings.image["scenario_job_id"] == listed.jobs[-1].id != job.id
    assert len({job.file.path.read_bytes() for job in listed.jobs}) == 2


# -- the popup


def test_the_form_tells_both_prices_and_has_the_models_parameters(listed: Live) -> None:
    listed.settings.making.work, listed.settings.making.prompt = "WORDS", "an owl"
    layout = form(listed)
    assert "Picture 5 CU, then mesh 4.1 CU" in layout.texts
    assert layout.button("scenario.make_picture").text.startswith("Make Picture   5 CU")
    assert {"prompt", '["numOutputs"]'} <= set(layout.properties)
    assert "SCENARIO_MT_picture_models" in layout.menus


def test_a_parameter_that_costs_changes_the_price(listed: Live) -> None:
    listed.settings.making.work, listed.settings.making.prompt = "WORDS", "an owl"
    form(listed)
    model = session.models.look_up(WORDS)
    assert model is not None
    stored = parameters.settings_of(listed.settings.models, WORDS)
    assert stored is not None
    parameters.assign(stored, model, {"numOutputs": 3})
    with opened(listed) as one:
        listed.pump_until(lambda: one.form(bpy.context)[1].startswith("Picture 15 CU"))


def test_what_is_missing_is_said_in_place_of_the_button(listed: Live) -> None:
    listed.settings.making.work = "WORDS"
    layout = form(listed)
    assert "Write what the picture is to show" in str(layout)
    assert not layout.operators


def test_of_what_it_is_made_is_said(listed: Live) -> None:
    listed.image()
    listed.settings.making.work = "UPSCALE"
    layout = form(listed, Source("IMAGE", image="Chair"))
    assert "Of Chair" in layout.texts
    assert layout.button("scenario.make_picture").values["image"] == "Chair"


def test_drawing_sends_nothing(listed: Live) -> None:
    listed.settings.making.work, listed.settings.making.prompt = "WORDS", "an owl"
    form(listed)
    before = len(listed.service.requests)
    with opened(listed) as one, in_sidebar():
        for _ in range(50):
            draw_form(FakeLayout(), bpy.context, one)
            drawn("SCENARIO_PT_main")
    assert len(listed.service.requests) == before


def test_a_price_above_the_limit_is_asked_about(listed: Live) -> None:
    preferences().max_cost = 4.0
    listed.settings.making.work, listed.settings.making.prompt = "WORDS", "an owl"
    form(listed)
    with opened(listed) as one:
        shown, _ = one.form(bpy.context)
    question = operator._question(shown, SimpleNamespace(is_under_way=False))  # type: ignore[arg-type]
    assert question is not None
    assert question["question"] == "It costs 5 CU, and your limit is 4 CU."


def test_a_folder_that_cannot_be_is_refused(listed: Live) -> None:
    with pytest.raises(RuntimeError, match=r"//pictures is beside the \.blend, which is not saved yet"):
        OPS.scenario.make_picture(model=WORDS, prompt="an owl", output="//pictures")
    assert not listed.service.charges


def test_a_script_is_held_to_the_limit(listed: Live) -> None:
    preferences().max_cost = 4.0
    with pytest.raises(RuntimeError, match="at most 4 CU may be spent"):
        OPS.scenario.make_picture(model=WORDS, prompt="an owl")
    assert not listed.service.charges


# -- the results


def test_a_row_of_a_picture_says_that_it_is_chosen_and_offers_no_mesh(listed: Live) -> None:
    first, second = made(listed), made(listed)
    results = drawn("SCENARIO_PT_jobs")
    assert results.texts.count("Chosen as the source") == 1
    uses = [button.values["job_id"] for button in results.operators if button.operator == "scenario.use_picture"]
    assert sorted(uses) == sorted([first.id, second.id])
    assert not {"scenario.import_result", "scenario.show_result"} & {button.operator for button in results.operators}


def test_its_menu_is_that_of_a_picture(listed: Live) -> None:
    OPS.scenario.make_picture(model=WORDS, prompt="an owl", parameters='{"numOutputs": 2}')
    layout = FakeLayout()
    menu.draw_menu(layout, listed.job)
    names = {button.operator for button in layout.operators}
    assert {"scenario.use_picture", "scenario.show_file", "scenario.dismiss"} <= names
    assert not {"scenario.place_result", "scenario.use_settings", "scenario.contact_sheet"} & names
    assert "Use Picture 2 as Source" in layout.texts


def test_its_settings_are_not_those_of_a_mesh(listed: Live) -> None:
    job = made(listed)
    with pytest.raises(RuntimeError, match="gives a picture"):
        OPS.scenario.use_settings(job_id=job.id)
    assert listed.settings.model == "model_hunyuan-3d-v2-1"
