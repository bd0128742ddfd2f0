# SPDX-License-Identifier: GPL-3.0-or-later
"""A report is read as it was written; what is damaged or none is said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.errors import DiskError, InputError
from scenario_addon.engine.report.outcome import COLUMNS
from scenario_addon.engine.report.reading import read_report
from scenario_addon.engine.report.writing import write_items

QUICK = settings(max_examples=60, deadline=None)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9).filter(
    lambda text: text == text.strip()
)
COSTS = st.none() | st.decimals(0, 10_000, places=2)
ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            **dict.fromkeys(("image", "model", "state"), TEXTS),
            **{name: st.none() | TEXTS for name in ("job_id", "remote_id", "glb", "blend", "preview", "error")},
            "cost_cu": COSTS,
            "seconds": st.decimals(0, 1000, places=3),
        }
    ),
    max_size=4,
)
GOOD: Mapping[str, Any] = {**dict.fromkeys(COLUMNS), "image": "a.png", "model": "m", "state": "ready"}


@pytest.mark.parametrize("suffix", [".json", ".csv"])
@QUICK
@given(items=ITEMS)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, items: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("report") / f"r{suffix}"
    write_items(path, items, seconds=12.5)
    found, seconds = read_report(path)
    assert found == items
    assert seconds == pytest.approx(12.5 if suffix == ".json" else float(sum(item["seconds"] for item in items)))


def test_a_report_is_json_for_everybody(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    write_items(path, [{**GOOD, "cost_cu": Decimal("4.10"), "seconds": 1.5}, {**GOOD, "error": "schön\n"}], seconds=2)
    data = json.loads(path.read_text(encoding="utf-8"))
    assert set(data) == {"items", "cost_cu", "seconds"}
    assert (data["cost_cu"], data["seconds"], data["items"][0]["cost_cu"]) == (4.1, 2, 4.1)
    assert "schön" in path.read_text(encoding="utf-8")


def test_a_table_that_a_spreadsheet_saved_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes("\ufeffimage;model;state;cost_cu\r\na.png;m;ready;4.1\r\n".encode())
    ((item,), seconds) = read_report(path)
    assert (item["image"], item["cost_cu"], item["glb"], seconds) == ("a.png", Decimal("4.1"), None, 0)


DAMAGED = {
    "nothing": ("r.json", "", "is damaged: it is no JSON"),
    "half of it": ("r.json", json.dumps({"items": [GOOD]})[:-9], "is damaged: it is no JSON"),
    "another text": ("r.json", "image,model\n", "is damaged: it is no JSON"),
    "not a number": ("r.json", '{"items": [], "seconds": NaN}', "is damaged"),
    "a list": ("r.json", "[]", "is no report"),
    "no items": ("r.json", '{"cost_cu": 5}', "is no report"),
    "items of another kind": ("r.json", '{"items": {}}', "is no report"),
    "an item of another kind": ("r.json", '{"items": [5]}', "is no report"),
    "an item that says too little": ("r.json", '{"items": [{"image": "a.png"}]}', "is no report"),
    "a cost in words": ("r.json", json.dumps({"items": [{**GOOD, "cost_cu": "much"}]}), "cost_cu is much"),
    "a cost that is true": ("r.json", json.dumps({"items": [{**GOOD, "cost_cu": True}]}), "cost_cu is True"),
    "a negative cost": ("r.json", json.dumps({"items": [{**GOOD, "cost_cu": -1}]}), "cost_cu is -1"),
    "seconds in words": ("r.json", '{"items": [], "seconds": "many"}', "seconds is many"),
    "an empty table": ("r.csv", "", "holds no rows: its first line has to name the columns"),
    "a manifest": ("r.csv", "image,name\na.png,chair\n", "is no report"),
    "a cost in words in a table": ("r.csv", "image,model,state,cost_cu\na,m,ready,much\n", "cost_cu is much"),
    "an endless cost in a table": ("r.csv", "image,model,state,cost_cu\na,m,ready,inf\n", "cost_cu is Infinity"),
    "half a table": ("r.csv", 'image,model,state\na,m,"rea', "r.csv:2 is damaged"),
    "another encoding": ("r.csv", b"image,model,state\na\xfc,m,ready\n", "is not in UTF-8"),
    "deep nesting": ("r.json", "[" * 100_000, "is damaged"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_is_no_whole_report_is_named(tmp_path: Path, case: str) -> None:
    name, content, sentence = DAMAGED[case]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        read_report(path)
    assert caught.value.user_message.startswith(str(path))
    assert sentence in caught.value.user_message


def test_a_report_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json does not exist"):
        read_report(tmp_path / "none.json")


def test_a_table_of_no_items_is_a_report(tmp_path: Path) -> None:
    write_items(tmp_path / "r.csv", [], seconds=5)
    assert read_report(tmp_path / "r.csv") == ([], 0)


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"The report .* cannot be written"):
        write_items(tmp_path / "none" / "r.json", [], seconds=0)
