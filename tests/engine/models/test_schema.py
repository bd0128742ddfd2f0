# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs of every type: what they take, what they refuse, and how it goes on the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.errors import ParamError
from scenario_addon.engine.models.schema import Kind, Parameter
from tests.engine.model_samples import parameter
from tests.service.validation import InvalidBodyError, clean_body

QUICK = settings(max_examples=50, deadline=None)
NESTED: dict[str, Any] = {
    "type": "inputs_array",
    "maxLength": 2,
    "inputs": [
        {"name": "x", "type": "number", "min": 0, "max": 1, "required": {"always": True}},
        {"name": "label", "type": "number", "allowedValues": [0, 1], "default": 0, "required": {"always": True}},
        {"name": "note", "type": "string", "maxLength": 3},
    ],
}
ENTRIES: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "number": {"type": "number"},
    "fraction": {"type": "number", "min": 0.1, "max": 4, "step": 0.1},
    "count": {"type": "number", "min": 10, "max": 100, "step": 1},
    "size": {"type": "number", "allowedValues": [1024, 2048]},
    "string": {"type": "string", "minLength": 2, "maxLength": 5},
    "choice": {"type": "string", "allowedValues": ["", "a-pose", "t-pose"]},
    "colour": {"type": "string", "color": True},
    "model": {"type": "model"},
    "strings": {"type": "string_array", "allowedValues": ["HighPack", "Fast"], "minLength": 1, "maxLength": 2},
    "numbers": {"type": "number_array", "min": 0, "max": 1, "maxLength": 3},
    "models": {"type": "model_array", "maxLength": 1},
    "objects": NESTED,
}


def _check(entry: str, value: Any) -> Any:
    return parameter(**ENTRIES[entry]).check(value)


@pytest.mark.parametrize(
    ("entry", "value", "wire"),
    [
        ("boolean", False, "false"),
        ("boolean", True, "true"),
        ("number", 0, "0"),
        ("number", 3.0, "3"),
        ("number", -2.5, "-2.5"),
        ("number", 2**53 + 1, "9007199254740993"),
        ("fraction", 0.1, "0.1"),
        ("fraction", 4, "4"),
        ("fraction", 4.0, "4"),
        ("count", 10, "10"),
        ("count", 100.0, "100"),
        ("size", 1024, "1024"),
        ("size", 2048.0, "2048"),
        ("string", "chair", '"chair"'),
        ("string", "椅子", '"椅子"'),
        ("choice", "", '""'),
        ("choice", "a-pose", '"a-pose"'),
        ("colour", "#Ff8800", '"#Ff8800"'),
        ("model", "model_a", '"model_a"'),
        ("strings", ["Fast"], '["Fast"]'),
        ("strings", ("Fast", "HighPack"), '["Fast", "HighPack"]'),
        ("numbers", [0.0, 0.5, 1], "[0, 0.5, 1]"),
        ("numbers", [], "[]"),
        ("models", ["model_a"], '["model_a"]'),
        ("objects", [], "[]"),
        ("objects", [{"x": 1.0}], '[{"label": 0, "x": 1}]'),
        ("objects", [{"x": 0.5, "label": 1, "note": "eye"}], '[{"label": 1, "x": 0.5, "note": "eye"}]'),
    ],
)
def test_a_value_goes_on_the_wire_as_its_type_wants(entry: str, value: Any, wire: str) -> None:
    assert json.dumps(_check(entry, value), ensure_ascii=False) == wire


@pytest.mark.parametrize(
    ("entry", "value", "problem"),
    [
        ("boolean", 1, "takes true or false, not 1"),
        ("boolean", "true", 'takes true or false, not "true"'),
        ("boolean", "ON", 'not "ON"'),
        ("number", True, "takes a number, not true"),
        ("number", "1024", 'takes a number, not "1024"'),
        ("number", None, "takes a number, not null"),
        ("number", [1], "takes a number"),
        ("number", float("nan"), "takes a number"),
        ("number", float("inf"), "takes a number"),
        ("number", 10**400, "takes a number"),
        ("fraction", 0.05, "0.05 is out of range, it must be at least 0.1 and at most 4"),
        ("fraction", 4.1, "out of range"),
        ("count", 9, "9 is out of range, it must be at least 10 and at most 100"),
        ("count", 101, "out of range"),
        ("count", 10.5, "takes a whole number, not 10.5"),
        ("size", 1025, "1025 is not one of its values, use 1024 or 2048"),
        ("size", "1024", 'takes a number, not "1024"'),
        ("string", "x", "has 1 characters, at least 2 are needed"),
        ("string", "x" * 6, "has 6 characters, at most 5 are allowed"),
        ("string", 7, "takes text, not 7"),
        ("choice", "none", '"none" is not one of its values, use "", a-pose or t-pose'),
        ("choice", False, 'takes text, not false, use "", a-pose or t-pose'),
        ("model", 7, "takes text"),
        ("strings", "Fast", 'takes a list such as ["a", "b"]'),
        ("strings", ["Slow"], "not one of its values, use HighPack or Fast"),
        ("strings", [7], "takes a list of texts, not 7"),
        ("strings", [], "has 0 items, at least 1 are needed"),
        ("strings", ["Fast", "Fast", "Fast"], "has 3 items, at most 2 are allowed"),
        ("numbers", 0.5, "takes a list"),
        ("numbers", [2], "2 is out of range"),
        ("numbers", ["0"], "takes a number"),
        ("numbers", {"0": 1}, "takes a list"),
        ("models", ["a", "b"], "at most 1"),
        ("objects", {"x": 1}, "takes a list"),
        ("objects", [7], "takes a list of objects, not 7"),
        ("objects", [{}], "x is missing: it is required"),
        ("objects", [{"x": 2}], "x: 2 is out of range"),
        ("objects", [{"x": 1, "y": 1}], "has no member y, only x, label or note"),
        ("objects", [{"x": 1, "note": "long"}], "note: has 4 characters"),
        ("objects", [{"x": 1}] * 3, "has 3 items, at most 2 are allowed"),
    ],
)
def test_a_value_of_the_wrong_type_or_size_is_refused_in_a_sentence(entry: str, value: Any, problem: str) -> None:
    with pytest.raises(ParamError) as caught:
        _check(entry, value)
    assert problem in caught.value.user_message
    assert caught.value.user_message.endswith(".")


def test_the_sentence_starts_with_the_name_and_does_not_repeat_a_long_value() -> None:
    with pytest.raises(ParamError, match=r"^targetFaceNum: takes a number, not ") as caught:
        parameter(name="targetFaceNum", type="number").check("9" * 1000)
    assert caught.value.name == "targetFaceNum"
    assert len(caught.value.user_message) < 120


def test_members_that_are_not_described_are_passed_on() -> None:
    assert parameter(type="inputs_array").check([{"anything": [1]}]) == [{"anything": [1]}]


def test_a_member_may_depend_on_the_default_of_another() -> None:
    mode = {"name": "mode", "type": "string", "default": "box"}
    width = {"name": "w", "type": "number", "required": {"conditional": {"values": {"mode": ["box"]}}}}
    points = parameter(type="inputs_array", inputs=[mode, width])
    assert points.check([{"mode": "point"}]) == [{"mode": "point"}]
    with pytest.raises(ParamError, match="w is missing"):
        points.check([{}])


# -- what a person types


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "200000", 200000),
        ("number", "0.5", 0.5),
        ("number", "many", "many"),
        ("number", "null", None),
        ("boolean", "true", True),
        ("boolean", "True", "True"),
        ("string", "ON", "ON"),
        ("string", "1024", "1024"),
        ("string", "true", "true"),
        ("string", "null", "null"),
        ("string", '"quoted"', "quoted"),
        ("string", "", ""),
        ("model", "7", "7"),
        ("string_array", '["a", "b"]', ["a", "b"]),
        ("inputs_array", '[{"x": 1}]', [{"x": 1}]),
        ("file", "a picture.png", "a picture.png"),
        ("file_array", '["a.png", "b.png"]', ["a.png", "b.png"]),
        ("number", "[" * 100_000, "[" * 100_000),
        ("number", "9" * 5000, "9" * 5000),
    ],
    ids=lambda value: str(value)[:20],
)
def test_typed_text_is_json_where_it_parses_and_always_text_for_texts(kind: str, text: str, value: Any) -> None:
    assert parameter(type=kind).read(text) == value


# -- files and unknown types


@pytest.mark.parametrize(("media", "takes"), [(None, True), ("image", True), ("3d", False), ("video", False)])
@pytest.mark.parametrize("kind", ["file", "file_array"])
def test_only_files_that_are_pictures_can_be_given(kind: str, media: str | None, takes: bool) -> None:
    entry = parameter(type=kind, kind=media)
    assert entry.takes_pictures is takes
    assert entry.is_supported is takes


@pytest.mark.parametrize("kind", [kind for kind in Kind if not kind.is_file and kind is not Kind.UNSUPPORTED])
def test_every_other_known_type_can_be_given(kind: Kind) -> None:
    assert parameter(type=str(kind)).is_supported
    assert not parameter(type=str(kind)).takes_pictures


@pytest.mark.parametrize("kind", ["vector", "File", "", "unsupported"])
def test_an_unknown_type_is_kept_but_takes_nothing(kind: str) -> None:
    entry = parameter(name="axis", type=kind, default=[0, 0, 1])
    assert (entry.kind, entry.wire_type, entry.is_supported) == (Kind.UNSUPPORTED, kind, False)
    assert entry.default == [0, 0, 1]
    with pytest.raises(ParamError, match=r"axis: inputs of type .* are not supported"):
        entry.check(1)


# -- for any value at all

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["a-pose", 1024]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "label", "note", "y"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("entry", ENTRIES)
@QUICK
@given(value=VALUES)
def test_any_value_is_refused_or_taken_by_the_service_too(entry: str, value: Any) -> None:
    asked: Parameter = parameter(**ENTRIES[entry])
    try:
        checked = asked.check(value)
    except ParamError:
        return
    body = json.loads(json.dumps({"x": checked}, allow_nan=False))
    assert clean_body(body, inputs=[{"name": "x", **ENTRIES[entry]}], asset=None) == body
    assert asked.check(checked) == checked


@QUICK
@given(value=st.integers() | st.floats(allow_nan=False, allow_infinity=False), low=st.integers(), span=st.integers(0))
def test_a_number_within_its_limits_is_taken_and_one_outside_is_not(value: float, low: int, span: int) -> None:
    entry = {"name": "x", "type": "number", "min": low, "max": low + span}
    asked = parameter(**entry)
    if asked.minimum is None or asked.maximum is None:
        return
    try:
        taken = asked.check(value) == value
    except ParamError:
        taken = False
    fits = asked.minimum <= value <= asked.maximum and (not asked.is_whole or float(value).is_integer())
    assert taken is fits


@pytest.mark.parametrize(("entry", "value"), [("choice", "x"), ("count", 10.5), ("string", "x"), ("objects", [{}])])
def test_what_the_service_refuses_is_refused_here(entry: str, value: Any) -> None:
    with pytest.raises(InvalidBodyError):
        clean_body({"x": value}, inputs=[{"name": "x", **ENTRIES[entry]}], asset=None)
    with pytest.raises(ParamError):
        _check(entry, value)
