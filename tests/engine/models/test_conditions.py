# SPDX-License-Identifier: GPL-3.0-or-later
"""When an input must be given: the four rules of the service, and everything else a record may hold there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.models.conditions import Rule, is_defined, need_from

QUICK = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize("value", [None, "", []])
def test_nothing_an_empty_text_and_an_empty_list_are_not_defined(value: Any) -> None:
    assert not is_defined(value)


@pytest.mark.parametrize("value", [0, False, 0.0, " ", [None], {}])
def test_zero_and_false_are_defined(value: Any) -> None:
    assert is_defined(value)


@pytest.mark.parametrize("required", [{"always": True}, True])
def test_always_means_always(required: Any) -> None:
    assert need_from(required).reason({}) == "it is required"
    assert need_from(required).always


@pytest.mark.parametrize("required", [None, {}, False, {"always": False}, [], "yes", 1, {"always": "yes"}, {"new": {}}])
def test_anything_that_is_no_rule_means_optional(required: Any) -> None:
    assert need_from(required).reason({"a": 1}) is None


@pytest.mark.parametrize(
    ("value", "needed"), [("x", True), (0, True), (False, True), (None, False), ("", False), ([], False)]
)
def test_if_defined_looks_at_another_input(value: Any, needed: bool) -> None:
    reason = need_from({"ifDefined": {"mask": "A mask needs a picture."}}).reason({"mask": value})
    assert reason == ("A mask needs a picture." if needed else None)


def test_if_defined_never_fires_for_an_input_that_nobody_declared() -> None:
    assert need_from({"ifDefined": {"ghost": "?"}}).reason({"a": 1}) is None


def test_if_defined_fires_for_any_of_several() -> None:
    need = need_from({"ifDefined": {"a": "for a", "b": "for b"}})
    assert need.reason({"b": 1}) == "for b"


@pytest.mark.parametrize(("value", "needed"), [("a chair", False), (0, False), (None, True), ("", True), ([], True)])
def test_if_not_defined_looks_at_another_input(value: Any, needed: bool) -> None:
    reason = need_from({"ifNotDefined": {"prompt": "Give one of the two."}}).reason({"prompt": value})
    assert reason == ("Give one of the two." if needed else None)


def test_if_not_defined_always_fires_for_an_input_that_nobody_declared() -> None:
    assert need_from({"ifNotDefined": {"ghost": "needed"}}).reason({"a": 1}) == "needed"


def test_if_not_defined_of_several_is_content_with_one_of_them() -> None:
    need = need_from({"ifNotDefined": {"a": "one, please", "b": "one, please"}})
    assert need.reason({"b": "here"}) is None
    assert need.reason({}) == "one, please"


@pytest.mark.parametrize(
    ("operator", "values", "needed"),
    [
        ("and", {"tier": "high", "hyper": True}, True),
        ("and", {"tier": "high", "hyper": False}, False),
        ("or", {"tier": "low", "hyper": True}, True),
        ("or", {"tier": "low", "hyper": False}, False),
        (None, {"tier": "high", "hyper": False}, False),
        (None, {"tier": "highest", "hyper": True}, True),
        ("or", {}, False),
    ],
)
def test_conditions_are_joined_by_their_operator(operator: str | None, values: dict[str, Any], needed: bool) -> None:
    conditional: dict[str, Any] = {"values": {"tier": ["high", "highest"], "hyper": [True]}}
    need = need_from({"conditional": conditional | ({"operator": operator} if operator else {})})
    assert (need.reason(values) is not None) is needed


def test_the_reason_names_the_choice() -> None:
    need = need_from({"conditional": {"values": {"tier": ["high"]}}})
    assert need.reason({"tier": "high"}) == "it is required with this choice of tier"


def test_a_condition_may_name_one_value_without_a_list() -> None:
    need = need_from({"conditional": {"values": {"a": "x", "b": [1]}, "operator": "and"}})
    assert need.reason({"a": "x", "b": 1}) is not None
    assert need.reason({"a": "y", "b": 1}) is None


def test_a_condition_without_values_never_fires() -> None:
    assert need_from({"conditional": {"values": {}, "operator": "and"}}).reason({"a": 1}) is None


@pytest.mark.parametrize("names", ["mask", ["mask"], {"mask": ""}, {"mask": None}])
def test_a_rule_without_a_message_gets_a_sentence(names: Any) -> None:
    assert need_from({"ifDefined": names}).reason({"mask": 1}) == "it is required together with mask"
    assert need_from({"ifNotDefined": names}).reason({}) == "it is required"


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["always", "ifDefined", "ifNotDefined", "conditional", "values", "a"]), inner)
    ),
    max_leaves=8,
)


@QUICK
@given(required=JUNK, effective=st.dictionaries(st.sampled_from("ab"), JUNK))
def test_no_rule_however_odd_breaks_anything(required: Any, effective: dict[str, Any]) -> None:
    reason = need_from(required).reason(effective)
    assert reason is None or reason


def test_a_parameter_takes_effect_when_one_alternative_holds_as_a_whole() -> None:
    rule = Rule("polycount", ({"texture": (False,)}, {"pictures": (2, 3), "tier": ("high",)}), "why")
    assert rule.holds({"texture": False, "pictures": 1})
    assert rule.holds({"texture": True, "pictures": 2, "tier": "high"})
    assert not rule.holds({"texture": True, "pictures": 2, "tier": "low"})
    assert not rule.holds({})
