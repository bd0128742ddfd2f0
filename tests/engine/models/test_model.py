# SPDX-License-Identifier: GPL-3.0-or-later
"""A model as read from its record: where the pictures go, what it warns of, which settings do nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from scenario_addon.engine.errors import ParamError
from scenario_addon.engine.models.model import Model, model_from
from scenario_addon.engine.values import VIEWS
from tests.engine.model_samples import file_input, model_with, record

ALWAYS = {"always": True}


def _rule(parameter: str, *applies: dict[str, list[Any]], **more: Any) -> dict[str, Any]:
    return {"parameter": parameter, "applies": list(applies), "why": "it needs something else", **more}


def _with_rules(*rules: dict[str, Any]) -> Model:
    inputs = [
        {"name": "texture", "type": "boolean", "default": True},
        {"name": "tier", "type": "string", "default": "low", "allowedValues": ["low", "high"]},
        {"name": "details", "type": "boolean", "default": False},
    ]
    return model_with(*inputs, knowledge={"rules": rules})


# -- the picture and its sides


def test_the_source_is_the_required_picture_even_when_it_comes_last() -> None:
    model = model_with(file_input("textureImage", parent=True), file_input("photo", required=ALWAYS))
    assert model.source is not None
    assert model.source.name == "photo"


def test_the_source_is_the_first_picture_when_none_is_required() -> None:
    model = model_with(file_input("image"), file_input("textureImage"))
    assert model.source is not None
    assert model.source.name == "image"


def test_neither_a_mask_nor_a_mesh_is_the_source() -> None:
    mask = file_input("mask", maskFrom="image", required=ALWAYS)
    mesh = {"name": "model", "type": "file", "kind": "3d", "required": ALWAYS}
    model = model_with(mask, mesh, file_input("image"))
    assert model.source is not None
    assert model.source.name == "image"


def test_a_model_of_words_has_no_source() -> None:
    model = model_with({"name": "prompt", "type": "string"})
    assert model.source is None
    assert model.max_pictures == 0


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("frontImage", "front"),
        ("left_image", "left"),
        ("imageRight", "right"),
        ("back", "back"),
        ("topView", "top"),
        ("bottom-photo", "bottom"),
        ("leftFrontImage", "left-front"),
        ("frontRightImage", "right-front"),
        ("FrontImage", "front"),
    ],
)
def test_a_side_is_recognised_in_a_name_however_it_is_spelled(name: str, view: str) -> None:
    assert list(model_with(file_input(name)).views) == [view]


@pytest.mark.parametrize("name", ["image", "backgroundImage", "frontier", "textureImage", "leftRightImage", "mask"])
def test_other_names_are_no_sides(name: str) -> None:
    assert not model_with(file_input(name)).views


SUBJECTS = {
    "the source": ([file_input("photo", required=ALWAYS)], {}, {"photo"}),
    "a list": ([file_input("images", type="file_array")], {}, {"images"}),
    "the source, and no sample of a texture": (
        [file_input("textureImage"), file_input("image", required=ALWAYS), file_input("style_image")],
        {},
        {"image"},
    ),
    "all views": ([file_input(f"{view}Image") for view in ("front", "back")], {}, {"frontImage", "backImage"}),
    "no sample, even where it is the only picture": ([file_input("styleImage")], {}, set()),
    "no mask": ([file_input("mask", maskFrom="image"), file_input("image")], {}, {"image"}),
    "whatever has to be there": ([file_input("poseImage", required=ALWAYS)], {}, {"poseImage"}),
    "nothing of a model that builds from words": ([file_input("image")], {"capabilities": ["txt23d"]}, set()),
    "nothing of a model that changes a mesh": ([file_input("image")], {"capabilities": ["3d23d"]}, set()),
    "the source of a model that builds from both": (
        [file_input("image")],
        {"capabilities": ["txt23d", "img23d"]},
        {"image"},
    ),
    "the source of a model that says nothing of itself": ([file_input("image")], {"capabilities": []}, {"image"}),
}


@pytest.mark.parametrize(("inputs", "fields", "names"), SUBJECTS.values(), ids=SUBJECTS)
def test_the_subject_of_a_mesh_is(inputs: list[dict[str, Any]], fields: dict[str, Any], names: set[str]) -> None:
    assert model_with(*inputs, **fields).subjects == names


def test_views_come_in_the_usual_order_whatever_the_record_says() -> None:
    names = ["backImage", "rightFrontImage", "frontImage", "leftImage"]
    assert list(model_with(*map(file_input, names)).views) == ["front", "left", "back", "right-front"]
    assert len(VIEWS) == 8


def test_a_list_or_a_mesh_named_after_a_side_is_no_view() -> None:
    model = model_with(file_input("frontImages", type="file_array"), file_input("backModel", kind="3d"))
    assert not model.views


@pytest.mark.parametrize(
    ("inputs", "most"),
    [
        ([file_input("image")], 1),
        ([file_input("images")], 1),  # the name says nothing, the type does
        ([file_input("image", type="file_array", maxLength=4)], 4),
        ([file_input("images", type="file_array")], None),
        ([file_input("frontImage"), file_input("backImage")], 2),
        ([file_input("image", required=ALWAYS), file_input("backImage")], 2),
    ],
)
def test_how_many_pictures_a_model_takes_follows_from_types(inputs: list[dict[str, Any]], most: int | None) -> None:
    assert model_with(*inputs).max_pictures == most


def test_the_prompt_is_the_input_of_that_name_before_any_other_text() -> None:
    texture = {"name": "texturePrompt", "type": "string", "prompt": True}
    assert model_with(texture, {"name": "prompt", "type": "string"}).prompt == model_with(
        {"name": "prompt", "type": "string"}
    ).parameter("prompt")
    assert model_with(texture).prompt is not None
    assert model_with({"name": "style", "type": "string"}).prompt is None


# -- what the record says besides


def test_a_model_without_a_name_is_called_by_its_id() -> None:
    assert model_with(name=None).name == "model_test"


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({}, True),
        ({"capabilities": ["txt23d"]}, True),
        ({"capabilities": [{"type": "img23d"}]}, True),
        ({"capabilities": ["img2img"]}, False),
        ({"capabilities": ["3d23d"]}, True),
        ({"capabilities": ["3d2img"]}, False),
        ({"capabilities": None}, False),
        ({"status": "trained"}, True),
        ({"status": ""}, True),
        ({"status": "training"}, False),
        ({"status": "failed"}, False),
        ({"tags": ["3D", "deprecated:model_new"]}, False),
        ({"tags": ["deprecated"]}, True),
    ],
)
def test_only_3d_models_that_are_ready_and_not_replaced_are_offered(fields: dict[str, Any], offered: bool) -> None:
    assert model_with(**fields).is_offered is offered


def test_ids_are_cleaned_where_they_are_shown() -> None:
    read = model_with(id="m\u202ex", name=None, tags=["deprecated:model\u202e_new"])
    assert (read.id, read.name, read.successor) == ("m\u202ex", "mx", "model\u202e_new")
    assert read.caution == "the service recommends model_new instead"


def test_a_built_in_model_is_always_offered() -> None:
    old = model_from(record(tags=["deprecated:model_new"]), knowledge={}, is_builtin=True)
    assert old.is_offered
    assert old.successor == "model_new"
    assert old.caution == "the service recommends model_new instead"


@pytest.mark.parametrize("name", ["TripoSplat", "Marble 1.1", "Hunyuan World", "Skybox to Splat", "Scenario Voxels"])
def test_names_of_models_that_give_no_mesh_bring_a_warning(name: str) -> None:
    assert model_with(name=name).caution == "may deliver something other than a mesh"
    assert model_with().caution is None


@pytest.mark.parametrize(
    ("level", "plan"),
    [(0, None), (25, "Starter"), (50, "Pro"), (75, "Max"), (100, "Enterprise"), (60, None), (None, None)],
)
def test_the_plan_has_a_name(level: int | None, plan: str | None) -> None:
    assert model_with(accessRestrictions=level).plan == plan


def test_the_picture_of_a_model_may_be_missing() -> None:
    assert model_with(thumbnail={"assetId": "a", "url": "https://x/a.png"}).thumbnail_url == "https://x/a.png"
    assert model_with(thumbnail={"assetId": "a"}).thumbnail_url is None
    assert model_with().thumbnail_url is None


def _variant(key: str, capability: str | None, total_s: float | None, **more: Any) -> dict[str, Any]:
    return {"variantKey": key, "capability": capability, "totalLatencyP50Sec": total_s, **more}


@pytest.mark.parametrize(
    ("stats", "expected_s"),
    [
        ({"variants": [_variant("txt23d", "txt23d", 10), _variant("img23d", "img23d", 90)]}, 90),
        ({"variants": [_variant("x", None, 10), _variant("img23d", "img23d", 90)]}, 90),
        (
            {
                "default": "img23d:4K",
                "variants": [_variant(f"img23d:{k}", "img23d", t) for k, t in (("1K", 60), ("4K", 200))],
            },
            200,
        ),
        ({"variants": [_variant("txt23d", "txt23d", 10)]}, 10),
        ({"default": "?", "variants": [_variant("a", "img23d", 20), _variant("b", "img23d", 30)]}, 20),
        ({"variants": [_variant("img23d", "img23d", None, inferenceLatencyP50Sec=70)]}, 70),
        ({"variants": [_variant("img23d", "img23d", None)]}, None),
        ({"variants": []}, None),
        ({"variants": "none"}, None),
        (None, None),
    ],
)
def test_the_usual_time_is_that_of_image_to_3d_with_the_usual_settings(stats: Any, expected_s: float | None) -> None:
    assert model_with(performanceStats=stats).expected_s == expected_s


@pytest.mark.parametrize(
    ("cost", "expected_cu"),
    [(10.5, Decimal("10.5")), (0, Decimal(0)), (-1, None), ("dear", None), (None, None), (1e300, None)],
)
def test_the_usual_cost_is_that_of_the_usual_settings(cost: Any, expected_cu: Decimal | None) -> None:
    figures = {"variantKey": "img23d:2K", "capability": "img23d", "costPerAssetP50CU": cost}
    other = {"variantKey": "img23d:4K", "capability": "img23d", "costPerAssetP50CU": 99}
    model = model_with(performanceStats={"default": "img23d:2K", "variants": [other, figures]})
    assert model.expected_cu == expected_cu
    assert model_with().expected_cu is None


@pytest.mark.parametrize("told", [{"modelProvider": "Meshy"}, {"modelProvider": 1}, {}, None, "Meshy"])
def test_who_runs_it_is_known_where_it_is_told(told: Any) -> None:
    assert model_with(complianceMetadata=told).provider == ("Meshy" if told == {"modelProvider": "Meshy"} else "")


@pytest.mark.parametrize(
    ("level", "plan", "is_above"),
    [
        (50, "free", True),
        (75, "cu-pro-q3-25", True),
        (100, "cu-max", True),
        (50, "cu-pro", False),
        (50, "enterprise", False),
        (25, "PRO", False),
        (0, "free", False),
        (30, "free", False),
        (100, "cu-team-v2", False),
        (100, "premium", False),
        (100, "", False),
        (100, None, False),
    ],
)
def test_a_model_is_above_a_plan_that_is_known_to_be_lower(level: int, plan: str | None, is_above: bool) -> None:
    assert model_with(accessRestrictions=level).is_above(plan) is is_above


@pytest.mark.parametrize(
    ("figures", "times_s"),
    [
        ({"totalLatencyP50Sec": 90, "totalLatencyP75Sec": 120, "inferenceLatencyP75Sec": 80}, (90, 120)),
        ({"totalLatencyP50Sec": 90, "inferenceLatencyP75Sec": 80}, (90, None)),
        ({"inferenceLatencyP50Sec": 70, "inferenceLatencyP75Sec": 80, "totalLatencyP75Sec": 120}, (70, 80)),
        ({"totalLatencyP75Sec": 120}, (None, None)),
    ],
)
def test_the_two_times_are_of_one_kind(figures: dict[str, float], times_s: tuple[float | None, float | None]) -> None:
    model = model_with(performanceStats={"variants": [{"capability": "img23d", **figures}]})
    assert (model.expected_s, model.expected_p75_s) == times_s


def test_labels_and_folding_come_from_the_presentation_hints() -> None:
    config = {
        "selects": {"size": {"1024": "Small"}, "undeclared": {"a": "A"}},
        "inputProperties": {"size": {"collapsed": True}, "other": {"collapsed": "yes"}},
    }
    size = {"name": "size", "type": "number", "allowedValues": [1024, 2048]}
    model = model_with(size, {"name": "other", "type": "number"}, uiConfig=config)
    assert [choice.label for choice in model.parameters[0].choices] == ["Small", "2048"]
    assert [entry.is_collapsed for entry in model.parameters] == [True, False]


def test_defaults_hold_the_falsy_ones_and_leave_out_the_unset() -> None:
    inputs = [{"name": "a", "type": "number", "default": 0}, {"name": "b", "type": "boolean", "default": False}]
    model = model_with(*inputs, {"name": "c", "type": "string", "default": ""}, {"name": "seed", "type": "number"})
    assert model.defaults() == {"a": 0, "b": False, "c": ""}


# -- rules that no record states


def test_a_setting_that_must_not_go_with_the_others_is_refused() -> None:
    model = _with_rules(_rule("details", {"tier": ["high"]}, refuse=True))
    with pytest.raises(ParamError, match="details: it needs something else") as caught:
        model.check_rules({"details": True}, {**model.defaults(), "details": True})
    assert caught.value.name == "details"
    assert model.check_rules({"details": True}, {**model.defaults(), "details": True, "tier": "high"}) == []


def test_a_setting_without_effect_is_told_but_not_refused() -> None:
    model = _with_rules(_rule("tier", {"texture": [True]}))
    effective = {**model.defaults(), "texture": False, "tier": "high"}
    assert model.check_rules({"tier": "high"}, effective) == ["tier has no effect here: it needs something else."]


def test_defaults_are_never_complained_about() -> None:
    model = _with_rules(_rule("details", {"tier": ["high"]}, refuse=True))
    assert model.check_rules({}, {**model.defaults(), "details": True}) == []
    assert model.check_rules({"details": False}, model.defaults()) == []


def test_a_rule_may_concern_one_value_only() -> None:
    model = _with_rules(_rule("tier", {"pictures": [1, 2]}, values=["high"], refuse=True))
    assert model.check_rules({"tier": "low"}, {"pictures": 0}) == []
    assert model.check_rules({"tier": "high"}, {"pictures": 2}) == []
    with pytest.raises(ParamError):
        model.check_rules({"tier": "high"}, {"pictures": 0})


def test_a_form_learns_why_a_parameter_does_nothing() -> None:
    model = _with_rules(_rule("tier", {"texture": [True]}), _rule("details", {"pictures": [1]}, values=[True]))
    assert model.without_effect("tier", {"texture": False}) == "it needs something else"
    assert model.without_effect("tier", {"texture": True}) is None
    assert model.without_effect("details", {"pictures": 5}) is None  # one value is restricted, not the parameter
    assert model.without_effect("texture", {}) is None


def test_rules_about_parameters_that_todays_record_lacks_are_dropped() -> None:
    rules = [
        _rule("details", {"generator": ["ULTIMA"]}, refuse=True),
        _rule("gone", {"tier": ["high"]}),
        _rule("tier", {"texture": [True], "pictures": [1]}),
    ]
    assert [rule.parameter for rule in _with_rules(*rules).rules] == ["tier"]
