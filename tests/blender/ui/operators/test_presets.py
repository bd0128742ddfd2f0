# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets as buttons: the service's and the artist's own fill the form of the model in one step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.form import parameters
from scenario_addon.blender.form.presets import own, save
from scenario_addon.blender.ui.operators.presets import draw_presets
from scenario_addon.engine.models.model import Model
from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.live import Live
from tests.engine.model_samples import file_input, model_with

INPUTS: list[dict[str, Any]] = [
    file_input("image", required={"always": True}),
    file_input("mask"),
    {"name": "prompt", "type": "string", "prompt": True},
    {"name": "faces", "type": "number", "default": 1000, "min": 10, "max": 100_000, "step": 1},
    {"name": "pbr", "type": "boolean", "default": False},
    {"name": "quality", "type": "string", "label": "Grade", "default": "high", "allowedValues": ["high", "low"]},
    {"name": "seed", "type": "number"},
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BLENDER_USER_SCRIPTS", str(tmp_path / "scripts"))
    return tmp_path / "scripts"


@pytest.fixture
def model(live: Live, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model with presets of the service, chosen."""
    fields = ["faces", "pbr", "quality", "banana", "mask", "prompt"]
    presets = {
        "fast": {"faces": 100, "quality": "low"},
        "Odd": {"faces": 10**400, "pbr": "yes", "quality": ["low"], "banana": 3, "mask": "/etc/passwd"},
        "Worded": {"prompt": "a chair", "pbr": True},
    }
    made = model_with(*INPUTS, uiConfig={"presets": [{"fields": fields, "presets": presets}]})
    live.image()
    session.load_now()
    for name in ("look_up", "in_use"):
        monkeypatch.setattr(type(session.models), name, lambda models, model_id: made)
    live.choose("model_test", {})
    return made


def values(live: Live, model: Model) -> Mapping[str, Any]:
    return parameters.values(parameters.settings_of(live.settings.models, model.id), model)


def assign(live: Live, model: Model, wanted: Mapping[str, Any]) -> None:
    parameters.assign(parameters.settings_of(live.settings.models, model.id), model, wanted)


def test_the_heading_of_the_settings_has_the_button(live: Live, model: Model) -> None:
    drawn("SCENARIO_PT_main").button("scenario.presets")


def test_one_of_the_services_sets_what_it_is_about_and_leaves_the_rest(live: Live, model: Model) -> None:
    assign(live, model, {"pbr": True, "seed": 7})
    assert bpy.ops.scenario.use_preset(name="Fast") == {"FINISHED"}
    assert values(live, model) == {"faces": 100, "quality": "low", "seed": 7}


def test_what_the_model_does_not_take_is_left_out_and_said_in_one_sentence(
    live: Live, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bpy.ops.scenario.use_preset(name="Odd") == {"FINISHED"}
    assert values(live, model) == {}
    said = "Faces, PBR, Grade and 2 more are left out: Test does not take them so."
    assert capsys.readouterr().out.count(said) == 1


def test_words_go_where_the_words_are(live: Live, model: Model) -> None:
    bpy.ops.scenario.use_preset(name="Worded")
    assert live.settings.prompt == "a chair"
    assert values(live, model) == {"pbr": True}


def test_what_is_in_the_form_is_kept_under_a_name_and_comes_back_whole(live: Live, model: Model) -> None:
    wanted = {"faces": 250, "quality": "low", "seed": 9, "mask": "/tmp/mask.png"}
    assign(live, model, wanted)
    assert bpy.ops.scenario.save_preset(name="Mine") == {"FINISHED"}
    assign(live, model, {"faces": 5000, "pbr": True})
    assert bpy.ops.scenario.use_preset(name="Mine", is_own=True) == {"FINISHED"}
    assert values(live, model) == wanted
    bpy.ops.scenario.remove_preset(name="Mine")
    assert own(model.id) == []
    with pytest.raises(RuntimeError, match="no preset Mine any more"):
        bpy.ops.scenario.use_preset(name="Mine", is_own=True)


def test_a_choice_is_kept_by_what_it_stands_for(live: Live, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    assign(live, model, {"quality": "low"})
    bpy.ops.scenario.save_preset(name="Mine")
    changed = [
        {**entry, "allowedValues": ["best", "high", "low"]} if entry["name"] == "quality" else entry for entry in INPUTS
    ]
    later = model_with(*changed)
    for name in ("look_up", "in_use"):
        monkeypatch.setattr(type(session.models), name, lambda models, model_id: later)
    parameters.sync(live.settings.models, later)
    bpy.ops.scenario.use_preset(name="Mine", is_own=True)
    assert values(live, later) == {"quality": "low"}


def test_a_preset_of_a_fresh_file_needs_no_form_yet(live: Live, model: Model) -> None:
    live.settings.models.clear()
    assert bpy.ops.scenario.save_preset(name="Usual") == {"FINISHED"}
    bpy.ops.scenario.use_preset(name="Fast")
    assert values(live, model) == {"faces": 100, "quality": "low"}


def test_choosing_one_is_one_step_to_undo(live: Live, model: Model) -> None:
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.scenario.use_preset("EXEC_DEFAULT", True, name="Fast")
    assert values(live, model)
    bpy.ops.ed.undo()
    assert values(live, model) == {}


def test_the_list_shows_the_services_first_then_the_artists_own_with_a_way_to_remove_and_to_add(
    live: Live, model: Model
) -> None:
    save(model.id, "Mine", {"faces": 20})
    layout = FakeLayout()
    draw_presets(layout, model, own(model.id))
    assert layout.texts[:4] == ["Fast", "Odd", "Worded", "Mine"]
    assert layout.button("scenario.use_preset", "Fast").values == {"name": "Fast", "is_own": False}
    assert layout.button("scenario.use_preset", "Mine").values == {"name": "Mine", "is_own": True}
    assert layout.button("scenario.remove_preset").values == {"name": "Mine"}
    assert layout.texts[-1] == layout.button("scenario.save_preset").rna.name == "Save as Preset"


def test_nothing_is_drawn_of_presets_where_there_are_none_but_the_way_to_add_one(live: Live) -> None:
    layout = FakeLayout()
    draw_presets(layout, model_with(), [])
    assert [button.operator for button in layout.operators] == ["scenario.save_preset"]
