# SPDX-License-Identifier: GPL-3.0-or-later
"""What people have typed is read as its parameter has it, and models are asked for once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import InputError, ParamError, UnknownModel
from scenario_addon.engine.inputs.checking import Checker, item_name, label_of, stem_of, typed
from scenario_addon.engine.models.model import Model
from scenario_addon.engine.models.order import Request
from tests.engine.model_samples import builtin
from tests.engine.orders import draw_picture

PRO = "model_hunyuan-3d-pro-3-1-multiview"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("faceCount", "200000", 200000),
        ("faceCount", "2E+05", 200000.0),
        ("faceCount", "many", "many"),
        ("enablePbr", "true", True),
        ("enablePbr", "FALSE", False),
        ("enablePbr", " True ", True),
        ("enablePbr", "WAHR", "WAHR"),
        ("enablePbr", "1", 1),
        ("generateType", "Geometry", "Geometry"),
        ("generateType", "12", "12"),
        ("generateType", "1,5", "1,5"),
        ("unknown", "12", "12"),
        ("faceCount", 5, 5),
        ("enablePbr", True, True),
        ("backImage", "back.png", Path("in/back.png")),
        ("backImage", "/abs/back.png", Path("/abs/back.png")),
        ("backImage", '["a.png", "b.png"]', [Path("in/a.png"), Path("in/b.png")]),
        ("backImage", ["a.png", 5], [Path("in/a.png"), 5]),
        ("backImage", 5, 5),
    ],
)
def test_values_are_read_by_their_parameters(name: str, text: Any, value: Any) -> None:
    found = typed(builtin(PRO), {name: text}, folder=Path("in"))
    assert found == {name: value}
    assert type(found[name]) is type(value)


@pytest.mark.parametrize("text", ["0,5", "1.000,5", "200,000", " 1,5 ", "-0,1", "1'000,0"])
def test_a_number_with_a_comma_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(
        ParamError, match=r"faceCount: takes a number with a point and without separators, such as 0\.5"
    ):
        typed(builtin(PRO), {"faceCount": text}, folder=Path())


def checker(calls: list[str], *, is_offline: bool = False) -> Checker:
    def find(model_id: str) -> Model:
        calls.append(model_id)
        if model_id == PRO:
            return builtin(PRO)
        raise UnknownModel(f"There is no 3D model {model_id}.")

    return Checker(find, work_folder=Path("unused"), host=None, tell=calls.append, is_offline=is_offline)


def test_each_model_is_asked_for_once_also_one_that_is_not_there() -> None:
    calls: list[str] = []
    made = checker(calls)
    assert made.model(PRO) is made.model(PRO)
    for _ in range(3):
        with pytest.raises(UnknownModel, match="There is no 3D model model_x"):
            made.model("model_x")
    assert calls == [PRO, "model_x"]


def test_without_the_service_a_model_that_is_not_known_may_be_one() -> None:
    made = checker([], is_offline=True)
    assert made.model("model_x") is None
    assert made.model(PRO) is not None


def test_a_picture_and_a_front_view_are_one_too_many(tmp_path: Path) -> None:
    path = draw_picture(tmp_path / "a.png", size_px=(200, 200)).path
    with pytest.raises(InputError, match="there are two pictures for the front"):
        checker([]).order(builtin(PRO), Request(images=(path,), views={"front": path}))
    order = checker([]).order(builtin(PRO), Request(images=(path,), views={"back": path}))
    assert [entry.name for entry in order.pictures] == ["frontImage", "backImage"]


def test_a_mesh_is_called_by_its_first_picture_and_by_its_model_where_there_are_several() -> None:
    views = {"back": Path("in/rear.png"), "front": Path("in/chair.png")}
    assert (label_of(Request(views=views)), stem_of(Request(views=views))) == (str(Path("in/chair.png")), "chair")
    assert (label_of(Request(prompt="a chair")), stem_of(Request(prompt="a chair"))) == ("a chair", "model")
    assert stem_of(Request(images=(Path("in/a.b.png"),), views=views)) == "a.b"
    assert item_name("chair", builtin(PRO), among=[PRO]) == "chair"
    assert item_name("chair", builtin(PRO), among=[PRO, "x"]) == "chair-hunyuan-3d-pro-3-1-multiview"
