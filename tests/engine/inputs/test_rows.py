# SPDX-License-Identifier: GPL-3.0-or-later
"""A manifest is checked as a whole: each row becomes its orders, or is told with where it stands."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import AuthError, InputError, UnknownModel
from scenario_addon.engine.inputs.checking import Checker, Common
from scenario_addon.engine.inputs.rows import Findings, check_manifest
from scenario_addon.engine.inputs.shard import Shard
from scenario_addon.engine.inputs.stock import Stock
from scenario_addon.engine.models.model import Model
from scenario_addon.engine.values import Order
from tests.engine.model_samples import builtin
from tests.engine.orders import draw_picture

V2 = "model_hunyuan-3d-v2-1"
PRO = "model_hunyuan-3d-pro-3-1-multiview"
RODIN = "model_rodin-hyper3d"
YVO = "model_yvo3d-image-to-3d"
KNOWN = (V2, PRO, RODIN, YVO, "model_pixal3d")
Check = Callable[..., Findings]


@pytest.fixture
def stock() -> Iterator[Stock]:
    made = Stock()
    yield made
    made.close()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def check(stock: Stock, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Checks a manifest in a folder with a few pictures, and seals the stock."""
    for name in ("a.png", "b.png", "deep/c.png"):
        draw_picture(tmp_path / "in" / name, size_px=(160, 136))
    monkeypatch.chdir(tmp_path)

    def run(content: str | list[Any], *, find: Callable[[str], Model] = known, **more: Any) -> Findings:
        is_json = isinstance(content, list)
        path = Path("in") / ("rows.json" if is_json else "rows.csv")
        path.write_text(json.dumps(content) if is_json else content, encoding="utf-8", newline="")
        shard = {"shard": more.pop("shard")} if "shard" in more else {}
        checker = Checker(
            find, work_folder=tmp_path / "w", host=None, tell=told.append, is_offline=more.pop("is_offline", False)
        )
        findings = check_manifest(path, Common(**{"folder": Path("out"), **more}), checker, stock, **shard)
        stock.seal()
        return findings

    return run


def known(model_id: str) -> Model:
    if model_id in KNOWN:
        return builtin(model_id)
    raise UnknownModel(f"There is no 3D model {model_id}.")


def orders(stock: Stock) -> list[Order]:
    assert [item.error for item in stock] == [None] * len(stock)
    return [item.order for item in stock]


def pictures(order: Order) -> dict[str, list[str]]:
    """The files of each input, below the manifest's folder."""
    base = Path("in").absolute()
    return {entry.name: [image.path.relative_to(base).as_posix() for image in entry.images] for entry in order.pictures}


def table(*rows: Mapping[str, str]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


# -- rows that are good


def test_a_row_is_a_picture_by_the_usual_model_beside_the_manifest(check: Check, stock: Stock) -> None:
    findings = check("image\na.png\ndeep/c.png\n")
    assert (findings.rows, findings.bad, findings.told) == (2, 0, [])
    first, second = orders(stock)
    assert (first.model_id, first.name, first.folder) == (V2, "a", Path("out").absolute())
    assert (pictures(first), pictures(second)) == ({"image": ["a.png"]}, {"image": ["deep/c.png"]})
    assert [item.label for item in stock] == [str(Path("in/a.png")), str(Path("in/deep/c.png"))]
    assert second.folder == first.folder


def test_an_absolute_path_is_taken_as_it_is(check: Check, stock: Stock, tmp_path: Path) -> None:
    check([{"image": str(tmp_path / "in/a.png")}])
    assert pictures(orders(stock)[0]) == {"image": ["a.png"]}


def test_views_go_to_their_inputs_with_the_image_in_front(check: Check, stock: Stock) -> None:
    check(
        table(
            {"image": "a.png", "model": PRO, "left": "b.png", "left-front": "deep/c.png"},
            {"image": "", "model": YVO, "back": "a.png", "front": "b.png"},
            {"image": "a.png", "model": YVO, "back": "b.png"},
        )
    )
    first, second, third = orders(stock)
    assert pictures(first) == {"frontImage": ["a.png"], "leftImage": ["b.png"], "leftFrontImage": ["deep/c.png"]}
    assert (pictures(second), second.name) == ({"images": ["b.png", "a.png"]}, "b")
    assert pictures(third) == {"images": ["a.png", "b.png"]}


def test_each_row_has_its_own_parameters_typed_by_its_model(check: Check, stock: Stock) -> None:
    check(
        table(
            {"image": "a.png", "model": V2, "steps": "20", "paint": "FALSE", "faceCount": "", "enablePbr": ""},
            {"image": "a.png", "model": PRO, "faceCount": "2E+05", "enablePbr": "true", "backImage": "b.png"},
        )
    )
    first, second = orders(stock)
    assert first.values == {"steps": 20, "paint": False}
    assert second.values == {"faceCount": 200000, "enablePbr": True}
    assert pictures(second)["backImage"] == ["b.png"]


def test_json_has_types_of_its_own_and_texts_are_read_as_in_a_table(check: Check, stock: Stock) -> None:
    check(
        [
            {"image": "a.png", "steps": 20, "paint": False, "seed": None},
            {"image": "a.png", "steps": "20", "paint": "false"},
            {"model": YVO, "images": ["a.png", "b.png"]},
        ]
    )
    first, second, third = orders(stock)
    assert first.values == second.values == {"steps": 20, "paint": False}
    assert first.identity == second.identity
    assert pictures(third) == {"images": ["a.png", "b.png"]}


def test_words_are_enough_for_a_model_that_takes_them(check: Check, stock: Stock) -> None:
    check([{"model": RODIN, "prompt": "a chair,\nof oak", "name": "oak"}, {"model": RODIN, "prompt": "12"}])
    first, second = orders(stock)
    assert (first.values["prompt"], first.name) == ("a chair,\nof oak", "oak")
    assert (second.values["prompt"], second.name) == ("12", "model")
    assert [item.label for item in stock] == ["a chair,\nof oak", "12"]


def test_the_command_line_says_what_rows_leave_out(check: Check, stock: Stock) -> None:
    check(
        table(
            {"image": "a.png", "model": "", "seed": ""},
            {"image": "a.png", "model": "", "seed": "8"},
            {"image": "a.png", "model": "model_pixal3d", "seed": ""},
        ),
        models=(V2, "model_pixal3d"),
        settings={"seed": "7"},
    )
    assert [(order.model_id, dict(order.values), order.name, order.number) for order in orders(stock)] == [
        (V2, {"seed": 7}, "a-hunyuan-3d-v2-1", 1),
        ("model_pixal3d", {"seed": 7}, "a-pixal3d", 1),
        (V2, {"seed": 8}, "a-hunyuan-3d-v2-1", 2),
        ("model_pixal3d", {"seed": 8}, "a-pixal3d", 2),
        ("model_pixal3d", {"seed": 7}, "a", 1),
    ]


def test_a_name_that_a_row_gives_is_kept_for_it(check: Check, stock: Stock) -> None:
    check(table({"image": "a.png", "name": ""}, {"image": "b.png", "name": "a"}, {"image": "deep/c.png", "name": "x"}))
    assert [(order.name, order.number) for order in orders(stock)] == [("a", 2), ("a", 1), ("x", 1)]


def test_a_setting_without_effect_is_told_once(check: Check, told: list[str]) -> None:
    row = {"image": "a.png", "model": YVO, "texture": "true", "polycount": "1000"}
    assert check(table(*[row] * 5)).bad == 0
    assert len(told) == 1
    assert told[0].startswith("a: polycount has no effect here")


# -- rows that are bad

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "nothing of what is needed": ({"steps": 20}, "image is missing"),
    "a picture that is not there": ({"image": "none.png"}, "in/none.png does not exist: check the path."),
    "a picture that is a folder": ({"image": "deep"}, "in/deep is a folder: give a picture file."),
    "a picture that is none": ({"image": "rows.json"}, "rows.json is not a picture"),
    "an unknown model": ({"image": "a.png", "model": "model_x"}, "There is no 3D model model_x."),
    "an unknown column": ({"image": "a.png", "colour": "red"}, "colour is neither a column of a manifest nor a"),
    "a column of another model": ({"image": "a.png", "faceCount": 5}, "faceCount is neither a column"),
    "other capitals": ({"Image": "a.png", "prompt": "x"}, "(did you mean image?)"),
    "other capitals of a parameter": ({"image": "a.png", "STEPS": 20}, "(did you mean steps?)"),
    "a wrong type": ({"image": "a.png", "steps": "many"}, 'steps: takes a number, not "many".'),
    "a wrong type in JSON": ({"image": "a.png", "steps": [20]}, "steps: takes a number, not [20]."),
    "out of range": ({"image": "a.png", "steps": 101}, "steps: 101 is out of range"),
    "a comma": ({"image": "a.png", "guidanceScale": "2,5"}, "guidanceScale: takes a number with a point"),
    "yes in German": ({"image": "a.png", "paint": "WAHR"}, 'paint: takes true or false, not "WAHR".'),
    "not a number": ({"image": "a.png", "guidanceScale": float("nan")}, "guidanceScale: takes a number, not NaN."),
    "a prompt that is not taken": ({"image": "a.png", "prompt": "x"}, "takes no prompt"),
    "two fronts": ({"image": "a.png", "front": "b.png", "model": PRO}, "there are two pictures for the front"),
    "a view that is not taken": ({"image": "a.png", "back": "b.png"}, "takes one picture, not 2."),
    "a view that is not there": ({"image": "a.png", "back": "none.png", "model": PRO}, "in/none.png does not exist"),
    "a mesh that is not there": ({"mesh": "none.glb"}, "Hunyuan 3D 2.1 takes no mesh: choose a model that changes one"),
    "a path for a name": ({"image": "a.png", "name": "../x"}, "name: ../x is a path"),
    "a number for a picture": ({"image": 5}, "image: takes text, not 5."),
    "a list for a view": ({"image": "a.png", "back": ["b.png"]}, 'back: takes text, not ["b.png"].'),
    "a number for a name": ({"image": "a.png", "name": 17}, "name: takes text, not 17."),
    "true for a model": ({"image": "a.png", "model": True}, "model: takes text, not true."),
    "half a character": ({"image": "a.png", "name": "\ud800"}, "holds half a character: write it anew."),
    "half a character in a list": ({"image": "a.png", "colours": ["\ud800"]}, "holds half a character"),
    "a NUL": ({"model": RODIN, "prompt": "a\0b"}, "prompt holds a NUL character: take it out."),
    "a path that cannot be": ({"image": "x" * 300}, "cannot be read"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_told_with_where_it_stands_and_the_others_are_good(check: Check, stock: Stock, case: str) -> None:
    row, sentence = BAD[case]
    findings = check([{"image": "a.png"}, row, {"image": "b.png"}])
    assert (findings.rows, findings.bad, findings.ours) == (3, 1, 1)
    (text,) = findings.told
    assert text.startswith(f"{Path('in/rows.json')}:2: ")
    assert "\n" not in text
    assert sentence in text.replace("\\", "/")
    assert [item.error is None for item in stock] == [True, False, True]


def test_all_bad_rows_are_told_by_their_lines(check: Check) -> None:
    findings = check('image,steps\nnone.png,\n"a.png","20"\na.png,many\n\n"x\ny.png",\na.png,30,5\n')
    where = [text.removeprefix(f"{Path('in/rows.csv')}:").partition(":")[0] for text in findings.told]
    assert (findings.rows, findings.bad, where) == (5, 4, ["2", "4", "6", "8"])


def test_of_very_many_bad_rows_the_first_hundred_are_told_and_all_are_counted(check: Check, stock: Stock) -> None:
    findings = check("image\n" + "none.png\n" * 1000)
    assert (findings.rows, findings.bad, len(findings.told), len(stock)) == (1000, 1000, 100, 1000)


def test_a_name_that_two_rows_give_is_the_first_ones(check: Check) -> None:
    findings = check(table(*({"image": "a.png", "name": name} for name in ("x", "y", "x", "x"))))
    assert [text.partition(": ")[2] for text in findings.told] == [
        "name: x is what row 2 is called already, give it another name."
    ] * 2
    assert [text.partition(": ")[0].rpartition(":")[2] for text in findings.told] == ["4", "5"]


def test_a_row_of_which_one_model_cannot_make_anything_makes_nothing(check: Check, stock: Stock) -> None:
    findings = check("image,steps\na.png,20\n", models=(V2, "model_pixal3d"))
    assert "steps is neither a column of a manifest nor a parameter of Pixal3D" in findings.told[0]
    assert [item.error is None for item in stock] == [False]


def test_what_is_said_of_a_bad_row_is_its_picture_and_model(check: Check, stock: Stock) -> None:
    check([{"image": "none.png", "model": PRO, "name": "x"}, {"steps": 5}, {"image": 5, "model": "m\ud800"}])
    said = [(item.label, item.order.model_id, item.order.name) for item in stock]
    place = Path("in/rows.json")
    assert said == [(str(Path("in/none.png")), PRO, "x"), (f"{place}:2", V2, "model"), (f"{place}:3", "m", "model")]


@pytest.mark.parametrize("text", ["", "image\n", "image,image\na.png,b.png\n"])
def test_a_manifest_without_rows_or_with_a_bad_header_is_refused(check: Check, text: str) -> None:
    with pytest.raises(InputError):
        check(text)


# -- the service


def test_each_model_is_asked_for_once(check: Check) -> None:
    asked: list[str] = []

    def find(model_id: str) -> Model:
        asked.append(model_id)
        return known(model_id)

    row = {"image": "a.png", "model": PRO}
    check(table(row, {**row, "model": "model_x"}, row, {**row, "model": "model_x"}), find=find)
    assert asked == [PRO, "model_x"]


def test_a_key_that_is_refused_is_no_matter_of_a_row(check: Check) -> None:
    def find(model_id: str) -> Model:
        raise AuthError("The key is wrong.", status=401)

    with pytest.raises(AuthError):
        check("image\na.png\n", find=find)


def test_without_the_service_only_known_models_are_checked(check: Check, stock: Stock) -> None:
    findings = check(
        table({"image": "none.png", "model": "model_x"}, {"image": "none.png", "model": V2}), is_offline=True
    )
    assert (findings.bad, len(stock)) == (1, 1)


# -- parts


@pytest.mark.parametrize("count", [1, 2, 3, 5, 20])
def test_the_parts_together_are_all_of_it_each_row_once_and_named_as_in_one(
    check: Check, tmp_path: Path, told: list[str], count: int
) -> None:
    rows = [{"image": f"{name}.png", "steps": str(20 + n)} for n, name in enumerate("abaabbab")]
    rows[3]["image"] = "none.png"
    path = Path("in/rows.csv")
    path.write_text(table(*rows), encoding="utf-8")
    checker = Checker(known, work_folder=tmp_path, host=None, tell=told.append)

    def part(number: int, count: int) -> list[tuple[int, str, int] | None]:
        stock = Stock()
        findings = check_manifest(path, Common(), checker, stock, shard=Shard(number, count))
        stock.seal()
        assert (findings.rows, findings.bad) == (8, 1)
        assert findings.ours == sum(item.error is not None for item in stock)
        made = [
            (item.order.values["steps"] - 20, item.order.name, item.order.number) if item.error is None else None
            for item in stock
        ]
        stock.close()
        return made

    whole = part(1, 1)
    for number in range(1, count + 1):
        assert part(number, count) == whole[number - 1 :: count]


# -- memory


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_ten_times_as_many_rows_take_no_more_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.chdir(tmp_path)
    draw_picture(tmp_path / "a.png", size_px=(160, 136))
    checker = Checker(known, work_folder=tmp_path, host=None, tell=print)

    def peak(count: int) -> int:
        rows = [{"image": "a.png", "name": f"chair {n}", "steps": "20" if n % 2 else "many"} for n in range(count)]
        separator, around = (",", "[]") if kind == "json" else ("\n", ("", ""))
        text = table(*rows) if kind == "csv" else around[0] + separator.join(map(json.dumps, rows)) + around[1]
        (tmp_path / f"rows.{kind}").write_text(text, encoding="utf-8")
        del rows, text
        stock = Stock()
        tracemalloc.start()
        findings = check_manifest(Path(f"rows.{kind}"), Common(), checker, stock)
        stock.seal()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        stock.close()
        assert (findings.rows, findings.bad) == (count, count // 2)
        return most

    peak(20)  # what is loaded once
    assert peak(3000) < peak(300) + 200_000
