# SPDX-License-Identifier: GPL-3.0-or-later
"""What the list says of a model in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from scenario_addon.blender.ui.choosing.rows import Row, found, ordered, row_of, takes
from scenario_addon.engine.api.wire import ModelRecord, parse
from scenario_addon.engine.models.model import Model, model_from

IMAGE = {"name": "image", "type": "file", "kind": "image", "required": {"always": True}}
PROMPT = {"name": "prompt", "type": "string"}
SEED = {"name": "seed", "type": "number"}


def model_with(*inputs: Any, **record: Any) -> Model:
    told = {"id": "model_a", "name": "A", "capabilities": ["img23d"], **record, "inputs": list(inputs)}
    return model_from(parse(ModelRecord, told), knowledge={}, is_builtin=False)


def images(most: int | None) -> dict[str, Any]:
    return {"name": "images", "type": "file_array", "kind": "image", **({"maxLength": most} if most else {})}


def view(side: str) -> dict[str, Any]:
    return {"name": f"{side}Image", "type": "file", "kind": "image"}


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ([IMAGE, SEED], "1 picture"),
        ([IMAGE, PROMPT], "1 picture, words"),
        ([images(5)], "up to 5 pictures"),
        ([images(None)], "any number of pictures"),
        ([view("front"), view("left"), view("back"), view("right")], "4 views"),
        ([PROMPT, SEED], "words"),
        ([{"name": "mesh", "type": "file", "kind": "3d"}], "a mesh"),
        ([{"name": "mesh", "type": "file", "kind": "3d"}, PROMPT], "a mesh, words"),
        ([SEED], ""),
    ],
)
def test_what_a_model_takes_is_what_its_inputs_say(inputs: list[Any], words: str) -> None:
    assert takes(model_with(*inputs)) == words


@pytest.mark.parametrize(
    ("capabilities", "words"),
    [
        (["img23d"], "a picture"),
        (["txt23d", "img23d"], "a picture or words"),
        (["3d23d"], "a mesh"),
        (["quux"], ""),
        ([], ""),
    ],
)
def test_where_the_inputs_are_not_known_it_is_what_the_list_says(capabilities: list[str], words: str) -> None:
    assert takes(model_with(capabilities=capabilities)) == words


def _row(**record: Any) -> Row:
    return row_of(model_with(IMAGE, **record), plan=record.pop("plan", "cu-pro"))


def test_price_and_time_are_said_where_they_are_known() -> None:
    figures = {"capability": "img23d", "costPerAssetP50CU": 10.50, "totalLatencyP50Sec": 118}
    row = _row(performanceStats={"variants": [figures]})
    assert (row.cost, row.time) == ("10.5 CU", "about 2 min")
    assert (_row().cost, _row().time) == ("", "")
    assert row_of(model_with(), plan=None).cost == ""
    assert model_with(performanceStats={"variants": [figures]}).expected_cu == Decimal("10.5")


def test_a_plan_that_is_too_low_is_the_reason() -> None:
    above = _row(accessRestrictions=100, shortDescription="Very fine.")
    assert above.is_above and above.told == "Needs the Enterprise plan; 1 picture"
    assert above.about == "Very fine. It needs the Enterprise plan, which is above yours"
    below = _row(accessRestrictions=25)
    assert not below.is_above and below.told == "1 picture, Starter plan"
    unknown = row_of(model_with(IMAGE, accessRestrictions=100), plan=None)
    assert not unknown.is_above and unknown.told == "1 picture, Enterprise plan"


def test_words_find_in_any_order_whatever_their_case_and_accents() -> None:
    rows = [
        _row(id="model_b", name="Café 3D", shortDescription="Fast meshes."),
        _row(id="model_c", name="\uff37ide", complianceMetadata={"modelProvider": "Meshy"}),
        row_of(model_with(view("front"), view("left"), id="model_d", name="Views"), plan=None),
    ]

    def names(text: str) -> list[str]:
        return [row.name for row in found(rows, text)]

    assert names("FAST cafe") == ["Café 3D"]
    assert names("meshy wide") == ["\uff37ide"]
    assert names("2 views") == names("views picture") == ["Views"]
    assert names("") == names("  ") == ["Café 3D", "\uff37ide", "Views"]
    assert names("cafe meshy") == []


def test_stars_come_before_what_was_used_and_that_before_the_others() -> None:
    models = [model_with(id=name, name=name) for name in "abcdef"]
    order = ordered(models, favourites=["e", "gone", "c"], used=["f", "e", "b"])
    assert "".join(model.id for model in order) == "ecfbad"
