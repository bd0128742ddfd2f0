# SPDX-License-Identifier: GPL-3.0-or-later
"""How an entry of a record's inputs is read: whole numbers, defaults, labels, presentation."""

from __future__ import annotations

from typing import Any

import pytest

from scenario_addon.engine.api.wire import InputRecord
from scenario_addon.engine.models.schema import needed_defaults, parameter_from
from tests.engine.model_samples import parameter

CHOICE: dict[str, Any] = {"type": "string", "allowedValues": ["", "a-pose"]}


# -- whole numbers, which no record names


@pytest.mark.parametrize(
    ("entry", "whole"),
    [
        ({"name": "seed"}, True),
        ({"name": "faceLimit"}, True),
        ({"name": "maxNumTokens", "default": 49152}, True),
        ({"name": "targetPolycount", "min": 100, "max": 300000}, True),
        ({"name": "face", "min": 100000, "max": 2000000}, True),
        ({"name": "amount", "min": 0, "max": 1000}, True),
        ({"name": "requestType", "allowedValues": [1, 3]}, True),
        ({"name": "steps", "default": 30, "step": 1}, True),
        ({"name": "steps", "step": 0.5}, False),
        ({"name": "strength", "default": 5, "min": 2, "max": 12}, False),
        ({"name": "guidanceScale", "default": 5, "min": 1, "max": 10}, False),
        ({"name": "guidanceScale", "default": 7.5}, False),
        ({"name": "voxelSize", "min": 0.01, "max": 1}, False),
        ({"name": "seed", "default": 0.5}, False),
        ({"name": "meshScale", "default": 1, "min": 0.1, "max": 4}, False),
        ({"name": "creativity", "default": 3, "min": 0, "max": 5}, False),
        ({"name": "seed", "default": 10**400}, True),
    ],
)
def test_whether_a_number_is_whole_is_told_by_limits_step_and_name(entry: dict[str, Any], whole: bool) -> None:
    assert parameter(type="number", **entry).is_whole is whole


# -- defaults


@pytest.mark.parametrize(
    ("kind", "default"), [("number", 0), ("boolean", False), ("string", ""), ("string_array", []), ("number", 0.0)]
)
def test_a_falsy_default_is_a_default(kind: str, default: Any) -> None:
    assert parameter(type=kind, default=default).default == default
    assert parameter(type=kind, default=default).default is not None


def test_no_default_means_unset() -> None:
    assert parameter(type="number").default is None
    assert parameter(type="number", default=None).default is None


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "number", "default": "many"},
        {"type": "number", "default": True},
        {"type": "number", "default": 5, "max": 4},
        {"type": "number", "default": 10**400},
        {"type": "boolean", "default": "false"},
        {"type": "string", "default": "c", "allowedValues": ["a", "b"]},
        {"type": "string_array", "default": "a"},
    ],
)
def test_a_default_that_contradicts_its_own_record_counts_as_unset(entry: dict[str, Any]) -> None:
    assert parameter(**entry).default is None


def test_only_the_defaults_of_inputs_that_must_be_given_have_to_be_sent() -> None:
    entries = [
        parameter(name="always", type="number", default=0, required={"always": True}),
        parameter(name="bare", type="boolean", default=False, required=True),
        parameter(name="free", type="number", default=1),
        parameter(name="with", type="number", default=2, required={"ifDefined": {"prompt": "."}}),
        parameter(name="choice", type="number", default=3, required={"conditional": {"values": {"tier": ["high"]}}}),
        parameter(name="unset", type="number", required={"always": True}),
    ]
    assert needed_defaults(entries, {}) == {"always": 0, "bare": False}
    effective = {"prompt": "a chair", "tier": "high"}
    assert needed_defaults(entries, effective) == {"always": 0, "bare": False, "with": 2, "choice": 3}


def test_an_empty_text_does_for_a_required_input_only_where_it_is_a_choice() -> None:
    assert not parameter(type="string").is_met_by("")
    assert parameter(**CHOICE).is_met_by("")
    assert not parameter(**CHOICE).is_met_by(None)
    assert parameter(type="number").is_met_by(0)


# -- what people see


def test_labels_are_the_records_own_or_made_from_the_name() -> None:
    assert parameter(name="targetFaceNum", label="Faces").label == "Faces"
    assert parameter(name="targetFaceNum").label == "Target Face Count"
    assert parameter(name="enable_pbr-now").label == "Enable PBR Now"
    assert parameter(name="TAPose").label == "T/A-Pose"


def test_the_description_may_be_a_hint() -> None:
    assert parameter(hint="a tip").description == "a tip"
    assert parameter(hint="a tip", description="a text").description == "a text"


def test_choices_have_labels_as_far_as_the_record_gives_them() -> None:
    entry = InputRecord(name="x", type="number", allowed_values=[1024, 2048, ""])
    choices = parameter_from(entry, labels={"1024": "1K", "4096": "4K"}).choices
    assert [(choice.value, choice.label) for choice in choices] == [(1024, "1K"), (2048, "2048"), ("", "None")]


def test_labels_are_cleaned_and_values_are_not() -> None:
    value = "a\u202eb\x1b"
    read = parameter(name="st\u202eeps", allowedValues=[value, "\u200b"])
    assert read.label == "Steps"
    assert [(choice.value, choice.label) for choice in read.choices] == [(value, "Ab"), ("\u200b", "None")]
    assert read.check(value) == value


def test_every_field_of_an_input_is_read() -> None:
    entry = parameter(
        name="mask", type="file", placeholder="p", group="Texture", costImpact=True, kind="image",
        maskFrom="image", maxSize=8000000, prompt=True, color=True,
        minLength=1, maxLength=4, min=1, max=2, step=0.5,
    )  # fmt: skip
    assert (entry.placeholder, entry.group, entry.cost_impact, entry.media) == ("p", "Texture", True, "image")
    assert (entry.mask_from, entry.max_size_bytes) == ("image", 8000000)
    assert (entry.is_prompt, entry.is_color) == (True, True)
    assert (entry.min_length, entry.max_length, entry.minimum, entry.maximum, entry.step) == (1, 4, 1, 2, 0.5)
