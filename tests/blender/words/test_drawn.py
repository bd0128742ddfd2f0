# SPDX-License-Identifier: GPL-3.0-or-later
"""In another language no English is left: in the tab, popups, preferences and menus, and what Blender draws."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.examining import examination
from scenario_addon.blender.examining.trial import importer_check
from scenario_addon.blender.layout import wrapping
from scenario_addon.blender.ui.choosing.drawing import draw_list
from scenario_addon.blender.ui.choosing.opening import Opening
from scenario_addon.blender.ui.results.menu import draw_menu
from scenario_addon.engine import Catalogue
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.models.model import Model
from tests.blender import fake_layout
from tests.blender.fake_layout import FakeLayout, drawn, in_sidebar
from tests.blender.listed_jobs import enter
from tests.blender.live import Live, preferences
from tests.blender.sample_subjects import box, select
from tests.blender.spoken import ODD, left_in_english, spoken
from tests.blender.ui.choosing.popups import Popup
from tests.blender.ui.preferences.test_preferences import draw as draw_preferences

MAIN, JOBS = "SCENARIO_PT_main", "SCENARIO_PT_jobs"
NAMES = "Chair Blockout png glb cu-pro Cube Scenario Blender"
"""What is a name in these tests, beside those of the models and the folder."""


@pytest.fixture
def odd(live: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """The add-on in a language that is spoken nowhere."""
    with spoken(ODD(), monkeypatch):
        yield live


def english(*layouts: FakeLayout) -> set[str]:
    models: tuple[Model, ...] = tuple(session.models.offered()) if session.is_ready else ()
    names = " ".join([NAMES, *(f"{model.name} {model.id} {model.provider}" for model in models)])
    texts = [re.sub(r"/\S+", "", text) for layout in layouts for text in layout.texts]  # but for paths
    assert texts
    return left_in_english(texts, names)


def objects(live: Live) -> None:
    select(box("Blockout", (1, 2, 3), (4, 5, 6)))
    live.choose("model_hunyuan-3d-pro-3-1-multiview", {})
    live.settings.source = "OBJECTS"


def finished(live: Live) -> None:
    live.ready_to_generate()
    finish = live.settings.finish
    for name in ("remove_loose", "close_holes", "turn_outward", "mark_as_asset", "keep_animations"):
        setattr(finish, name, True)
    finish.target_triangles, finish.lods, finish.texture_limit = 20_000, 2, "1024"
    live.settings.placement = "SOURCE"


def above_the_limit(live: Live) -> None:
    live.ready_to_generate()
    preferences().max_cost = 0.01
    live.price()


@pytest.mark.parametrize("state", [Live.ready_to_generate, objects, finished, above_the_limit, lambda live: None])
def test_nor_in_the_tab(odd: Live, state: Callable[[Live], None]) -> None:
    session.load_now()
    state(odd)
    assert english(drawn(MAIN)) == set()


@pytest.mark.parametrize("model_id", [model.id for model in Catalogue(None, "").models() if model.is_builtin])
def test_nor_in_the_form_of_a_model_that_ships_with_this(odd: Live, model_id: str) -> None:
    odd.image()
    odd.choose(model_id, {})
    assert english(drawn(MAIN)) == set()


def test_nor_in_the_results(odd: Live) -> None:
    job = odd.generate()
    odd.pump_until(lambda: not session.is_busy)
    shown = [drawn(JOBS)]
    for changes in (
        {"state": State.READY, "notice": "The mesh comes without its texture a.png, which is missing."},
        {"state": State.FAILED, "error": 'The service ended the job without a mesh ("x") and gave no reason.'},
        {"state": State.UNCERTAIN},
        {"state": State.RUNNING, "progress": 0.35},
        {"state": State.CANCELLED, "billed_cu": Decimal(5)},
    ):
        enter(job, **changes)
        shown.append(drawn(JOBS))
    menu = FakeLayout()
    draw_menu(menu, job)
    assert english(*shown, menu) == set()


def test_nor_in_the_list_of_models(odd: Live) -> None:
    session.load_now()
    session.model_list = Opening(None)
    layout = Popup()
    with in_sidebar():
        draw_list(layout, None, session.model_list, odd.settings)
    assert english(layout) == set()


def test_nor_without_a_key(keyless: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    session.load_now()
    preferences()
    with spoken(ODD(), monkeypatch):
        assert english(drawn(MAIN), draw_preferences()) == set()


def test_nor_in_the_preferences_and_blenders_own_menus(odd: Live) -> None:
    session.load_now()
    preferences()
    assert english(draw_preferences(), drawn("SCENARIO_MT_object"), drawn("SCENARIO_MT_image")) == set()


def test_nor_in_what_doctor_finds(odd: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping, "region_px", lambda: 100_000.0)  # no path falls into words
    session.load_now()
    preferences()
    monkeypatch.setattr(examination, "second_blender", lambda: lambda: [importer_check(None)])
    examination.begin()
    looking = draw_preferences()
    examination.wait()
    found = draw_preferences()
    made = examination.latest()
    assert made is not None
    names = " ".join(check.text for check in made.checks if check.name in ("versions", "Blender"))
    texts = [
        re.sub(r"\(\w+\)|\S*[_\d]\S*", "", text) for text in english(looking, found)
    ]  # disks, parts of paths and versions
    assert left_in_english(texts, f"{NAMES} TLS glTF GB http Sandbox Project {names}") == set()


def test_what_blender_draws_by_itself_it_has_been_given(odd: Live) -> None:
    missing = {text for text in _given_to_blender() if re.search("[a-z]{2}", text) and text not in fake_layout.KNOWN}
    assert not missing


def _given_to_blender() -> Iterator[str]:
    """Labels and tooltips of our classes, their properties, and what can be chosen."""
    kinds: list[Any] = [getattr(bpy.types, name) for name in dir(bpy.types) if name.startswith("SCENARIO_")]
    for kind in kinds:
        if not name_is_ours(kind):
            continue
        yield from (getattr(kind, name, "") or "" for name in ("bl_label", "bl_description"))
        for each in kind.bl_rna.properties:
            if each.identifier in kind.__annotations__:
                yield from (each.name, each.description)
                if each.type == "ENUM":
                    yield from (text for item in each.enum_items for text in (item.name, item.description))
        if kind.__name__.startswith("SCENARIO_OT_") and kind.__doc__:
            yield kind.__doc__


def name_is_ours(kind: Any) -> bool:
    return hasattr(kind, "bl_rna") and hasattr(kind, "__annotations__")
