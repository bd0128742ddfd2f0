# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies are refused for the reasons the service has, in its words; prices are those of the settings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .catalogue import load_catalogue
from .validation import InvalidBodyError, clean_body

MODELS = load_catalogue()
SEGMENT = "model_segment-objects-to-3d"
POINTS: dict[str, Any] = {"image": "asset_a", "points": [{"x": 0.5, "y": 0.5}]}


def _clean(model_id: str, body: Any) -> dict[str, Any]:
    return clean_body(body, inputs=MODELS[model_id].inputs, asset=None)


@pytest.mark.parametrize(
    ("model_id", "body", "reason"),
    [
        ("model_pixal3d", [], '"value" must be of type object'),
        ("model_pixal3d", {}, '"image" is required'),
        ("model_pixal3d", {"image": None}, '"image" is required'),
        ("model_pixal3d", {"image": 7}, '"image" must be a string'),
        ("model_pixal3d", {"image": "chair.png"}, '"image" must be an asset id'),
        ("model_pixal3d", {"image": "asset_a", "remesh": "yes"}, '"remesh" must be a boolean'),
        ("model_pixal3d", {"image": "asset_a", "seed": "7"}, '"seed" must be a number'),
        ("model_pixal3d", {"image": "asset_a", "seed": True}, '"seed" must be a number'),
        (
            "model_pixal3d",
            {"image": "asset_a", "resolution": 512},
            '"resolution" must be one of [1024, 2048, 4096]',
        ),
        (
            "model_pixal3d",
            {"image": "asset_a", "meshScale": 5},
            '"meshScale" must be less than or equal to 4',
        ),
        (
            "model_pixal3d",
            {"image": "asset_a", "meshScale": 0},
            '"meshScale" must be greater than or equal to 0.1',
        ),
        (
            "model_pixal3d",
            {"image": "asset_a", "ssSamplingSteps": 3.5},
            '"ssSamplingSteps" must be an integer',
        ),
        ("model_pixal3d", {"image": "asset_a", "polish": 1}, '"polish" is not allowed'),
        ("model_meshy-7-img23d", {"image": "asset_a"}, '"image" is required'),
        (
            "model_meshy-7-img23d",
            {"image": ["asset_a"] * 5},
            '"image" must contain less than or equal to 4 items',
        ),
        ("model_meshy-7-img23d", {"image": [7]}, '"image[0]" must be a string'),
        (
            "model_meshy-7-img23d",
            {"image": ["asset_a"], "texturePrompt": "x" * 601},
            '"texturePrompt" length must be less than or equal to 600 characters long',
        ),
        ("model_rodin-hyper3d", {}, "Write a prompt or add at least one image."),
        (SEGMENT, {"points": []}, '"image" is required'),
        (SEGMENT, {"image": "asset_a"}, "Click on an object or give a mask."),
        (SEGMENT, {"image": "asset_a", "masks": ["asset_b"]}, "Say how far the masks are padded."),
        (SEGMENT, POINTS | {"style": "tinted"}, '"tint" is required'),
        (SEGMENT, POINTS | {"points": [{"x": 0.5}]}, '"points[0].y" is required'),
        (SEGMENT, POINTS | {"points": [{"x": 2, "y": 0}]}, '"points[0].x" must be less than or equal to 1'),
        (SEGMENT, POINTS | {"points": [3]}, '"points[0]" must be of type object'),
        (SEGMENT, POINTS | {"box": [0, 0, 1]}, '"box" must contain at least 4 items'),
        (SEGMENT, POINTS | {"box": [0, 0, 1, 2]}, '"box[3]" must be less than or equal to 1'),
        (SEGMENT, POINTS | {"keep": ["floor", "sky"]}, '"keep" must be one of [floor, shadow, background]'),
        (
            "model_tripo-v3-1-multiview-to-3d",
            {"frontImage": "asset_a"},
            "Give at least one of the left, back and right views.",
        ),
    ],
)
def test_a_wrong_body_is_refused_in_the_words_of_the_service(model_id: str, body: Any, reason: str) -> None:
    with pytest.raises(InvalidBodyError) as refused:
        _clean(model_id, body)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("model_id", "body"),
    [
        ("model_rodin-hyper3d", {"prompt": "a chair"}),
        ("model_rodin-hyper3d", {"images": ["asset_a"]}),
        ("model_tripo-v3-1-multiview-to-3d", {"frontImage": "asset_a", "backImage": "asset_b"}),
        ("model_meshy-7-img23d", {"image": ["asset_a"], "poseMode": ""}),
        (SEGMENT, POINTS | {"style": "tinted", "tint": "#ff0000", "keep": ["floor"], "box": [0, 0, 1, 1]}),
        (SEGMENT, POINTS | {"camera": {"whatever": [1, 2]}}),
        (SEGMENT, {"image": "asset_a", "masks": ["asset_b"], "maskPadding": 0}),
    ],
)
def test_a_right_body_is_taken_as_it_is(model_id: str, body: dict[str, Any]) -> None:
    assert _clean(model_id, body) == body


def test_dry_run_in_the_body_is_dropped() -> None:
    assert _clean("model_pixal3d", {"image": "asset_a", "dryRun": True}) == {"image": "asset_a"}


def test_a_real_run_wants_assets_that_exist_and_fit() -> None:
    mesh = {"kind": "3d", "properties": {"size": 10}}
    huge = {"kind": "image", "properties": {"size": 9_000_000}}
    inputs = MODELS["model_hunyuan-3d-pro-3-1-multiview"].inputs
    for record, reason in ((None, "not found"), (mesh, "kind image"), (huge, "not be larger")):
        with pytest.raises(InvalidBodyError, match=reason):
            clean_body({"frontImage": "asset_a"}, inputs=inputs, asset={"asset_a": record}.get)


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_exactly_the_inputs_marked_so_change_the_price(model: Any) -> None:
    priced = {*model.price.get("choices", {}), *model.price.get("per_unit", {})}
    assert priced == {entry["name"] for entry in model.inputs if entry["costImpact"]}


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_every_default_is_a_legal_value(model: Any) -> None:
    defaults = {entry["name"]: entry["default"] for entry in model.inputs if "default" in entry}
    optional = [{**entry, "required": None} for entry in model.inputs]
    assert clean_body(json.loads(json.dumps(defaults)), inputs=optional, asset=None) == defaults
