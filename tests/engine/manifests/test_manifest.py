# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests are read row by row, as people, spreadsheets and programs write them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.errors import InputError
from scenario_addon.engine.manifests.manifest import EXAMPLES, read_manifest
from scenario_addon.engine.manifests.row import Row

QUICK = settings(max_examples=60, deadline=None)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda name: name == name.strip()
)
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12).map(str.strip)
VALUES = st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | NAMES
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32"]


def read(folder: Path, content: str | bytes, name: str = "rows.csv", *, encoding: str = "utf-8") -> list[Row]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return list(read_manifest(path))


def cells(rows: list[Row]) -> list[dict[str, Any]]:
    assert [row.problem for row in rows] == [None] * len(rows)
    return [dict(row.cells) for row in rows]


def places(rows: list[Row]) -> list[int]:
    return [row.place for row in rows]


def refusal(folder: Path, content: str | bytes, name: str = "rows.csv") -> str:
    with pytest.raises(InputError) as caught:
        read(folder, content, name)
    assert caught.value.user_message.endswith(".")
    return caught.value.user_message.replace(str(folder / name), name)


# -- tables


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_separator_inside_of_quotes_divides_nothing(tmp_path: Path, separator: str) -> None:
    other = "," if separator != "," else ";"
    rows = read(tmp_path, f'"image"{separator}"{other}"\n"a.png"{separator}"x"\n')
    assert [row.cells for row in rows] == [{"image": "a.png", other: "x"}]


@QUICK
@given(
    columns=st.lists(NAMES.filter(lambda name: not name.startswith("sep=")), min_size=2, max_size=4, unique=True),
    data=st.data(),
    separator=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(ENCODINGS),
)
def test_what_a_program_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    columns: list[str],
    data: st.DataObject,
    separator: str,
    end: str,
    encoding: str,
) -> None:
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(columns), max_size=len(columns)), min_size=1, max_size=4))
    rows = [*rows, ["x"] * len(columns)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([columns, *rows])
    wanted = [{name: cell for name, cell in zip(columns, row, strict=True) if cell} for row in rows if any(row)]
    assert cells(read(tmp_path_factory.mktemp("csv"), text.getvalue(), encoding=encoding)) == wanted


EXCEL = {
    "commas": "image,name\na.png,chair\n",
    "semicolons": "image;name\r\na.png;chair\r\n",
    "tabs": "image\tname\r\na.png\tchair\r\n",
    "a line for the separator": "sep=;\r\nimage;name\r\na.png;chair\r\n",
    "a quoted line for the separator": '"sep=;"\r\nimage;name\r\na.png;chair\r\n',
    "any separator that is said": "sep=|\nimage|name\na.png|chair\n",
    "no end of the last line": "image,name\na.png,chair",
    "quotation marks": '"image","name"\n"a.png","chair"\n',
    "blanks around": " image , name\na.png ,  chair \n",
    "empty lines": "image,name\n\n\na.png,chair\n\n",
    "rows of nothing": "image,name\n,\na.png,chair\n,\n , \n",
    "columns of nothing": "image,name,,\na.png,chair,,\n",
    "more cells of nothing": "image,name\na.png,chair,,,\n",
    "an old Mac": "image,name\ra.png,chair\r",
    "capitals in the suffix": "image,name\na.png,chair\n",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("case", EXCEL)
def test_what_a_spreadsheet_writes_is_read(tmp_path: Path, case: str, encoding: str) -> None:
    name = "ROWS.CSV" if case.startswith("capitals") else "rows.csv"
    assert cells(read(tmp_path, EXCEL[case], name, encoding=encoding)) == [{"image": "a.png", "name": "chair"}]


def test_a_row_is_where_it_begins(tmp_path: Path) -> None:
    text = 'image,prompt\na.png,"one\ntwo\r\nthree"\n\nb.png,x\n"c\n.png",y\nd.png,z\n'
    rows = read(tmp_path, text)
    assert places(rows) == [2, 6, 7, 9]
    assert rows[0].cells["prompt"] == "one\ntwo\r\nthree"
    assert places(read(tmp_path, "sep=,\nimage\na.png\n")) == [3]


def test_a_cell_that_is_left_out_is_not_given(tmp_path: Path) -> None:
    assert cells(read(tmp_path, "image,name,steps\na.png\nb.png,,20\n")) == [
        {"image": "a.png"},
        {"image": "b.png", "steps": "20"},
    ]


BAD_ROWS = {
    "more cells than columns": ("image,name\na.png,b,c\nb.png,b\n", "there are 3 cells for 2 columns", [2, 3]),
    "a column without a name": ("image,,name\na.png,5,b\nb.png,,b\n", "5 stands in a column without a name", [2, 3]),
    "text behind a quotation": ('image,name\n"a"b.png,c\nb.png,b\n', "a quotation mark is out of place", [2, 3]),
    "a quotation without an end": ('image,name\na.png,"b\nb.png,b\nc.png,c\n', "a cell has no end", [2]),
    "a cell as long as a book": (f"image,name\na.png,{'x' * 200_000}\nb.png,b\n", "a cell has no end", [2]),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_row_that_cannot_be_read_is_told_and_the_others_are_read(tmp_path: Path, case: str) -> None:
    text, problem, where = BAD_ROWS[case]
    first, *others = read(tmp_path, text)
    assert problem in (first.problem or "")
    assert first.cells == {}
    assert places([first, *others]) == where
    assert cells(others) == [{"image": "b.png", "name": "b"}] * len(others)


# -- JSON


@QUICK
@given(
    rows=st.lists(st.dictionaries(NAMES, VALUES, max_size=4), min_size=1, max_size=5),
    indent=st.sampled_from([None, 1, "\t"]),
    is_ascii=st.booleans(),
    encoding=st.sampled_from(ENCODINGS),
    name=st.sampled_from(["rows.json", "rows.jsonl"]),
)
def test_what_json_says_is_read_as_it_is(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, Any]],
    indent: Any,
    is_ascii: bool,
    encoding: str,
    name: str,
) -> None:
    if name.endswith("l"):
        text = "".join(json.dumps(row, ensure_ascii=is_ascii) + "\n" for row in rows)
    else:
        text = json.dumps(rows, ensure_ascii=is_ascii, indent=indent)
    found = read(tmp_path_factory.mktemp("json"), text, name, encoding=encoding)
    assert cells(found) == rows
    assert places(found) == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl"])
def test_null_and_nothing_are_not_given(tmp_path: Path, name: str) -> None:
    row = '{"image": "a.png", "name": null, "prompt": "", "steps": 0, "paint": false}'
    text = f"[{row}]" if name == "rows.json" else row
    assert cells(read(tmp_path, text, name)) == [{"image": "a.png", "steps": 0, "paint": False}]


def test_blank_lines_are_no_rows_but_count_as_lines(tmp_path: Path) -> None:
    assert places(read(tmp_path, '\n{"a": 1}\r\n  \n{"a": 2}', "rows.jsonl")) == [2, 4]


@pytest.mark.parametrize("size", [65_530, 65_535, 65_536, 65_537, 200_000, 1_000_000])
def test_a_list_is_read_in_pieces_wherever_they_end(tmp_path: Path, size: int) -> None:
    rows = [{"prompt": "x" * size}, {"seed": 1234567890}, {"image": "a.png"}] * 3
    assert cells(read(tmp_path, json.dumps(rows), "rows.json")) == rows


def test_a_piece_may_end_anywhere_in_a_row(tmp_path: Path) -> None:
    rows = [{"image": "ä\u2028\\.png", "steps": 20, "paint": True}]
    for blanks in range(65_536 - 70, 65_537):
        text = " " * blanks + json.dumps(rows, ensure_ascii=False)
        assert cells(read(tmp_path, text, "rows.json")) == rows


BAD_ITEMS = {
    "a number": ("[5, {}]", "it is no object", [1, 2]),
    "a list": ('[["a.png"], {}]', "it is no object", [1, 2]),
    "null": ("[null, {}]", "it is no object", [1, 2]),
    "one name twice": ('[{"image": "a", "x": 1, "image": "b"}, {}]', "image is given twice", [1, 2]),
    "no comma": ('[{"image": "a.png"} {}]', "no comma", [1, 1]),
    "no end": ('[{"image": "a.png"}', "no comma and no closing bracket", [1, 1]),
    "an end too early": ('[{"image": "a.p', "it is no JSON (Unterminated string", [1]),
    "a comma too many": ('[{"image": "a.png"},]', "it is no JSON (Expecting value)", [1, 2]),
    "something behind it": ('[{"image": "a.png"}] 5', "behind the end of the list", [1, 1]),
    "single quotes": ("[{'image': 'a.png'}]", "it is no JSON (Expecting property name", [1]),
    "a huge number": (f'[{{"seed": {"9" * 5000}}}]', "too large or too deep", [1]),
    "deep nesting": (f"[{'[' * 100_000}]", "too large or too deep", [1]),
}


@pytest.mark.parametrize("case", BAD_ITEMS)
def test_an_item_that_is_no_row_is_told(tmp_path: Path, case: str) -> None:
    text, problem, where = BAD_ITEMS[case]
    rows = read(tmp_path, text, "rows.json")
    assert places(rows) == where
    assert [row.problem for row in rows if row.problem and problem in row.problem]


def test_a_line_that_is_no_row_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    lines = ['{"a": 1}', "{a: 1}", "[]", "5", f"{'[' * 100_000}", '{"a": 1, "a": 2}', '{"a": 1} {"a": 2}', '{"a": 3}']
    rows = read(tmp_path, "\n".join(lines), "rows.jsonl")
    assert places(rows) == list(range(1, 9))
    assert [row.problem is None for row in rows] == [True, *[False] * 6, True]


# -- files that are no manifest


@pytest.mark.parametrize("name", ["rows.csv", "rows.json", "rows.jsonl"])
@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_nothing_is_no_manifest(tmp_path: Path, name: str, text: str) -> None:
    sentence = refusal(tmp_path, text, name)
    assert sentence.startswith(f"{name} is no list" if name == "rows.json" else f"{name} holds no rows")


@pytest.mark.parametrize(
    ("text", "name"),
    [("image,name\n", "rows.csv"), ("[]", "rows.json"), ("[ ]\n", "rows.json")],
)
def test_a_manifest_without_rows_is_refused(tmp_path: Path, text: str, name: str) -> None:
    kind = name.partition(".")[2]
    assert refusal(tmp_path, text, name) == f"{name} holds no rows: `batch --example {kind}` prints a manifest."


def test_a_table_without_a_header_is_refused(tmp_path: Path) -> None:
    for text in ("", "\n", ",,\n,,\n", "\nimage\na.png\n"):
        assert refusal(tmp_path, text) == "rows.csv holds no rows: its first line has to name the columns."


@pytest.mark.parametrize("text", ['{"image": "a.png"}', '{"items": []}', '"a.png"', "5", "null"])
def test_json_that_is_no_list_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text, "rows.json") == 'rows.json is no list: write its rows as [{"image": "chair.png"}].'


@pytest.mark.parametrize(
    ("text", "name"),
    [("image,name,image\na.png,b,c\n", "image"), ("image, name ,name\na.png,b,c\n", "name")],
)
def test_two_columns_of_one_name_are_refused(tmp_path: Path, text: str, name: str) -> None:
    assert refusal(tmp_path, text) == f"rows.csv:1: the column {name} is there twice: leave one out."


def test_a_header_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, '"image"x,name\na,b\n') == (
        "rows.csv:1: a quotation mark in the header is out of place: mend it."
    )


@pytest.mark.parametrize("name", ["rows.txt", "rows", "rows.xlsx", "rows.csv.gz"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, "image\na.png\n", name).endswith("give a file that ends in .csv, .json, .jsonl.")


@pytest.mark.parametrize("name", ["rows.csv", "rows.json", "rows.jsonl"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=f"{name} does not exist: check the path"):
        next(read_manifest(tmp_path / name))
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=f"{name} is a folder: give a file"):
        next(read_manifest(tmp_path / name))
    with pytest.raises(InputError, match="cannot be read"):
        next(read_manifest(tmp_path / ("x" * 300 + name)))


def test_a_disk_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"rows.csv cannot be read \(Permission denied\): check the path"):
        next(read_manifest(tmp_path / "rows.csv"))


@pytest.mark.parametrize("before", [1, 5_000, 20_000])
def test_a_text_in_another_encoding_is_refused_with_its_line(tmp_path: Path, before: int) -> None:
    data = b"image\n" + b"chair.png\n" * before + "stühle.png\n".encode("latin-1") + b"x.png\n"
    sentence = f'rows.csv is not in UTF-8 (line {before + 2}): save it as UTF-8, which Excel calls "CSV UTF-8".'
    assert refusal(tmp_path, data) == sentence


@pytest.mark.parametrize(
    "data",
    [
        "image\nstühle.png\n".encode("utf-16-le"),
        b"image\nchair\0.png\n",
        b"PK\x03\x04\0\0\0\0",
        "image\nstühle.png\n".encode("utf-16")[:-1],
        b"image\na\xc3",
        b"\xff\xd8\xff\xe0",
    ],
    ids=["UTF-16 without a mark", "NUL", "a workbook", "half a character in UTF-16", "half in UTF-8", "a picture"],
)
@pytest.mark.parametrize("name", ["rows.csv", "rows.json", "rows.jsonl"])
def test_what_is_no_text_is_refused_with_what_to_do(tmp_path: Path, data: bytes, name: str) -> None:
    sentence = refusal(tmp_path, data, name)
    assert sentence.count(": ") == 1
    assert sentence.endswith('save it as UTF-8, which Excel calls "CSV UTF-8".') or "is no list" in sentence


def test_a_line_without_an_end_is_refused(tmp_path: Path) -> None:
    for name in ("rows.csv", "rows.jsonl"):
        assert "the line has no end" in refusal(tmp_path, "image\n" + "x" * 3_000_000, name)


def test_a_list_of_one_endless_item_is_told_before_all_of_it_is_read(tmp_path: Path) -> None:
    (row,) = read(tmp_path, '[{"image": "' + "x" * 5_000_000, "rows.json")
    assert "it is no JSON (Unterminated string" in (row.problem or "")


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_is_a_manifest(tmp_path: Path, kind: str) -> None:
    found = cells(read(tmp_path, EXAMPLES[kind], f"rows.{kind}"))
    assert [row.get("image") for row in found] == ["chair.png", "renders/lamp.png", "shoe.png", None]
    assert found[3]["prompt"] == "a park bench, wrought iron"
