# SPDX-License-Identifier: GPL-3.0-or-later
"""The presets of a record, whatever shape they come in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenario_addon.engine.models.words.presets import Preset
from tests.engine.model_samples import model_with

FIELDS = ["faceCount", "texture"]
FAST = {"faceCount": 20_000, "texture": False}
FINE = {"faceCount": 900_000, "texture": True}


def read(presets: Any, fields: Any = FIELDS) -> tuple[Preset, ...]:
    return model_with(uiConfig={"presets": [{"fields": fields, "presets": presets}]}).presets


@pytest.mark.parametrize(
    "presets",
    [
        pytest.param([{"label": "Fast", "values": FAST}, {"label": "Fine", "values": FINE}], id="a list with values"),
        pytest.param([{"name": "Fast", **FAST}, {"name": "Fine", **FINE}], id="a list, values beside the name"),
        pytest.param({"Fast": FAST, "Fine": FINE}, id="a table"),
        pytest.param({"fast": FAST, "fine": FINE}, id="a table of raw names"),
        pytest.param({"a": {"label": "Fast", **FAST}, "b": {"label": "Fine", **FINE}}, id="a table with labels"),
        pytest.param({"Fast": [20_000, False], "Fine": [900_000, True]}, id="values in the order of the fields"),
        pytest.param({"Fast": {"inputs": FAST}, "Fine": {"parameters": FINE}}, id="a table within a table"),
        pytest.param([{"title": "Fast", "values": [20_000, False]}, {"id": "fine", **FINE}], id="mixed"),
    ],
)
def test_every_shape_gives_the_same_names_and_values(presets: Any) -> None:
    assert read(presets) == (Preset("Fast", FAST, tuple(FIELDS)), Preset("Fine", FINE, tuple(FIELDS)))


def test_a_single_field_needs_no_table() -> None:
    assert [(p.name, dict(p.values)) for p in read({"low_poly": 5000, "High": 90_000}, ["faceCount"])] == [
        ("Low Poly", {"faceCount": 5000}),
        ("High", {"faceCount": 90_000}),
    ]
    assert [p.name for p in read([5000, 90_000], ["faceCount"])] == ["5000", "90000"]


def test_a_field_may_have_the_name_of_something_else() -> None:
    (found,) = read({"Any": {"name": "chair", "value": 3, "label": "Oak"}}, ["name", "value"])
    assert dict(found.values) == {"name": "chair", "value": 3}
    assert found.name == "Oak"


def test_those_of_several_families_come_one_after_the_other_and_no_two_have_one_name() -> None:
    families = [{"fields": ["a"], "presets": {"Fast": 1}}, {"fields": ["b"], "presets": [{"label": "fast", "b": 2}]}]
    found = model_with(uiConfig={"presets": families}).presets
    assert [(p.name, dict(p.values), p.fields) for p in found] == [
        ("Fast", {"a": 1}, ("a",)),
        ("fast 2", {"b": 2}, ("b",)),
    ]


@pytest.mark.parametrize("presets", [None, 7, "Fast", [], {}, [None, 3, "x", [], {}, [1]], {"a": None, "b": []}])
def test_what_says_nothing_is_left_out(presets: Any) -> None:
    assert read(presets) == ()


@pytest.mark.parametrize(
    "config", [None, [], {"presets": None}, {"presets": {}}, {"presets": [None, 3, {"fields": 1}]}]
)
def test_a_record_may_have_anything_where_they_should_be(config: Any) -> None:
    assert model_with(uiConfig=config).presets == ()


def test_names_are_cleaned_and_there_are_not_too_many() -> None:
    found = read([{"label": "x\u202e\n" * 500, "faceCount": number} for number in range(500)])
    assert len(found) == 100
    assert all(len(p.name) <= 90 and "\n" not in p.name and "\u202e" not in p.name for p in found)
    assert len({p.name for p in found}) == 100


def test_one_within_another_without_end_is_no_fault() -> None:
    deep: Any = FAST
    for _ in range(5000):
        deep = {"values": deep}
    assert [p.name for p in read([deep])] in (["Preset 1"], [])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["label", "values", "fields", "faceCount", "name", ""]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(presets=ANYTHING, fields=ANYTHING)
def test_anything_at_all_is_read_without_a_fault(presets: Any, fields: Any) -> None:
    for found in read(presets, fields):
        assert found.name and found.values
