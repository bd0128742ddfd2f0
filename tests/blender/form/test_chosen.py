# SPDX-License-Identifier: GPL-3.0-or-later
"""Which models are chosen is one list, whatever is stored with the scene."""

from __future__ import annotations

from typing import Any

import bpy
import pytest

from scenario_addon import engine
from scenario_addon.blender.form.chosen import choose, chosen_models, tick, untick
from scenario_addon.engine.errors import InputError
from tests.blender.live import Live


@pytest.fixture
def settings(live: Live) -> Any:
    return live.settings


def test_where_nothing_is_chosen_it_is_the_default_model(settings: Any) -> None:
    assert chosen_models(settings) == [engine.DEFAULT_MODEL_ID]


def test_the_main_model_comes_first_and_none_comes_twice(settings: Any) -> None:
    settings.model, settings.more_models = "a", "  b a   c\tb "
    assert chosen_models(settings) == ["a", "b", "c"]


def test_no_more_than_four_are_chosen_whatever_is_stored(settings: Any) -> None:
    settings.model, settings.more_models = "a", " ".join("bcdefgh")
    assert chosen_models(settings) == ["a", "b", "c", "d"]


def test_further_ones_are_ticked_after_the_others_each_once(settings: Any) -> None:
    for model_id in (engine.DEFAULT_MODEL_ID, "b", "c", "b"):
        tick(settings, model_id)
    assert chosen_models(settings) == [engine.DEFAULT_MODEL_ID, "b", "c"]
    assert (settings.model, settings.more_models) == (engine.DEFAULT_MODEL_ID, "b c")


def test_a_fifth_is_refused_and_changes_nothing(settings: Any) -> None:
    choose(settings, "a")
    for model_id in "bcd":
        tick(settings, model_id)
    with pytest.raises(InputError, match="4 models at most: take the tick off another first"):
        tick(settings, "e")
    assert chosen_models(settings) == ["a", "b", "c", "d"]
    tick(settings, "c")  # is chosen already


@pytest.mark.parametrize("strange", ["a b", " b", "b\n", "", " "])
def test_an_id_that_would_fall_into_several_is_refused(settings: Any, strange: str) -> None:
    choose(settings, "a")
    with pytest.raises(InputError, match="alone"):
        tick(settings, strange)
    assert chosen_models(settings) == ["a"]


def test_without_the_main_one_the_next_takes_its_place(settings: Any) -> None:
    settings.model, settings.more_models = "a", "b c"
    untick(settings, "a")
    assert (settings.model, settings.more_models) == ("b", "c")
    untick(settings, "unknown")
    untick(settings, "c")
    assert chosen_models(settings) == ["b"]


def test_the_last_one_stays(settings: Any) -> None:
    choose(settings, "a")
    untick(settings, "a")
    assert chosen_models(settings) == ["a"]


def test_choosing_one_lets_go_of_the_others(settings: Any) -> None:
    settings.model, settings.more_models = "a", "b c"
    choose(settings, "c")
    assert (settings.model, settings.more_models) == ("c", "")


def test_what_is_chosen_is_saved_with_the_scene(settings: Any, tmp_path: Any) -> None:
    choose(settings, "a")
    tick(settings, "模型")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "kept.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kept.blend"))
    assert chosen_models(bpy.context.scene.scenario) == ["a", "模型"]  # pyright: ignore[reportAttributeAccessIssue]
