# SPDX-License-Identifier: GPL-3.0-or-later
"""Bounds beside a list: of its values or of its length."""

from __future__ import annotations

from typing import Any

import pytest

from scenario_addon.engine.errors import ParamError
from tests.engine.model_samples import parameter

VALUES: list[dict[str, Any]] = [
    {"min": 0, "max": 1},
    {"min": 0, "max": 1, "default": [0.5, 0.5, 0.5]},
    {"min": 0, "max": 1, "default": []},
    {"min": 1, "max": 100},
    {"min": -1, "max": 3, "default": [0, 0, 0]},
    {"min": 0.5, "max": 4, "default": [0, 0, 0]},
    {"min": 1, "max": 3, "default": [1, 2, 3]},
    {"min": 1, "max": 5, "default": [2, 2, 2]},
    {"max": 3, "default": [0.5, 0.5, 0.5]},
    {"min": 3, "max": 3, "default": [0, 0, 0], "maxLength": 3},
    {"min": 1, "max": 4, "default": [], "minLength": 0},
    {"min": 1, "max": 1, "default": [1, 1, 1]},
    {"min": 10, "max": 20, "default": "12"},
]
"""The plain reading, and what is kept of it where the record contradicts itself or could mean either."""
ITEMS: list[dict[str, Any]] = [
    {"min": 3, "max": 3, "default": [0, 0, 0]},
    {"min": 3, "max": 3, "default": [0.5, 0.5, 0.5]},
    {"min": 3.0, "max": 3.0, "default": [-1, 200, 0.5]},
    {"min": 1, "max": 4, "default": []},
    {"min": 2, "max": 4, "default": [0.5, 0.5, 0.5]},
    {"min": 2, "default": [1, 1, 1]},
    {"max": 3, "default": [5, 5, 5]},
    {"min": 3, "max": 3},
]


@pytest.mark.parametrize("record", [{"min": 3, "max": 3, "default": [0, 0]}, {"min": 1, "max": 4, "default": [9] * 5}])
def test_a_default_that_fits_neither_way_is_dropped_and_limits_no_value(record: dict[str, Any]) -> None:
    found = parameter(type="number_array", **record)
    assert found.default is None
    assert found.check([0.5, 0.5, 0.5]) == [0.5, 0.5, 0.5]


@pytest.mark.parametrize("record", VALUES, ids=str)
def test_bounds_beside_a_list_of_numbers_bound_its_values(record: dict[str, Any]) -> None:
    found = parameter(type="number_array", **record)
    assert (found.minimum, found.maximum) == (record.get("min"), record.get("max"))
    assert (found.min_length, found.max_length) == (record.get("minLength"), record.get("maxLength"))


@pytest.mark.parametrize("record", ITEMS, ids=str)
def test_where_its_default_explains_nothing_else_they_bound_its_items(record: dict[str, Any]) -> None:
    found = parameter(type="number_array", **record)
    assert (found.minimum, found.maximum) == (None, None)
    assert (found.min_length, found.max_length) == (record.get("min"), record.get("max"))
    assert found.default == (record.get("default") or None), "a default is no longer dropped for its values"


def test_then_any_value_is_taken_and_the_number_of_items_is_checked() -> None:
    point = parameter(type="number_array", min=3, max=3, default=[0.5, 0.5, 0.5])
    assert point.check([0.25, -7, 1000]) == [0.25, -7, 1000]
    with pytest.raises(ParamError, match="has 2 items, at least 3 are needed"):
        point.check([0.5, 0.5])
    with pytest.raises(ParamError, match="has 4 items, at most 3 are allowed"):
        point.check([0, 0, 0, 0])


@pytest.mark.parametrize("kind", ["string_array", "model_array", "inputs_array", "file_array"])
def test_lists_of_anything_else_have_nothing_but_items_to_bound(kind: str) -> None:
    found = parameter(type=kind, min=1, max=4)
    assert (found.min_length, found.max_length, found.minimum, found.maximum) == (1, 4, None, None)
    stated = parameter(type=kind, min=1, max=4, maxLength=2)
    assert (stated.min_length, stated.max_length) == (None, 2)


def test_a_number_is_bounded_by_its_value() -> None:
    found = parameter(type="number", min=3, max=3, default=3)
    assert (found.minimum, found.maximum, found.min_length, found.max_length) == (3, 3, None, None)


def test_fractions_in_the_default_say_that_the_values_are_not_whole() -> None:
    found = parameter(type="number_array", name="size", default=[0.5, 1])
    assert found.default == [0.5, 1]
    assert found.check([0.25, 1]) == [0.25, 1]
