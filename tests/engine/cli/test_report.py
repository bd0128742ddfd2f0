# SPDX-License-Identifier: GPL-3.0-or-later
"""``report --merge``: the reports of the parts of a batch become that of all of it."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path
from typing import Final

import pytest

from tests.engine.cli.shell import FAST, QuickClock, Shell
from tests.engine.cli.test_batch import pictures, table

REPORT: Final = '{"items": [{"image": "a.png", "model": "m", "state": "ready"}], "cost_cu": 0, "seconds": 1}'


def test_the_reports_of_the_parts_are_that_of_the_whole_batch(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures(shell, 5)
    path = table(shell, "image\n" + "".join(f"in/{number}.png\n" for number in range(5)) + "none.png\n")
    for number in range(1, 4):
        shell(
            "batch", path, *FAST, "--output", shell.out, "--skip-bad", "--shard", f"{number}/3",
            "--report", shell.folder / f"part-{number}.json",
        )  # fmt: skip
    monkeypatch.chdir(shell.folder)

    answer = shell("report", "--merge", "part-*.json", "--output", "all.json", environment={})

    price_cu = sum(charge.cost_cu for charge in shell.service.charges)
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == f"6 items of 3 reports: 5 done, 1 not, {price_cu.normalize():f} CU.\n"
    report = json.loads(Path("all.json").read_text(encoding="utf-8"))
    assert [Path(item["image"]).name for item in report["items"]] == [
        "0.png", "3.png", "1.png", "4.png", "2.png", "none.png",
    ]  # fmt: skip
    assert report["cost_cu"] == float(price_cu)
    parts = [json.loads(Path(f"part-{number}.json").read_text(encoding="utf-8")) for number in range(1, 4)]
    assert report["seconds"] == pytest.approx(sum(part["seconds"] for part in parts), abs=0.01)

    assert shell("report", "--output", "all.csv", "--merge", *(f"part-{number}.json" for number in (1, 2, 3))).code == 0
    rows = list(csv.DictReader(Path("all.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["image"] for row in rows] == [item["image"] for item in report["items"]]
    assert shell("report", "--merge", "all.csv", "all.json", "--output", "twice.json").code == 0
    assert json.loads(Path("twice.json").read_text(encoding="utf-8"))["cost_cu"] == float(price_cu)


def test_a_row_that_is_bad_in_two_attempts_is_one_item(shell: Shell) -> None:
    path = table(shell, "image,steps\nnone.png,\nin/0.png,\nin/0.png,many\n")
    pictures(shell, 1)
    names = [shell.folder / f"try-{number}.json" for number in (1, 2)]
    for name in names:
        assert shell("batch", path, *FAST, "--output", shell.out, "--skip-bad", "--report", name).code == 1
    assert shell("report", "--merge", *names, "--output", shell.folder / "all.json").code == 0
    items = json.loads((shell.folder / "all.json").read_text(encoding="utf-8"))["items"]
    assert [item["state"] for item in items] == ["failed", "ready", "failed"]


WRONG: Final = {
    "no merge": ("--output all.json", "--merge"),
    "no output": ("--merge a.json", "--output"),
    "another ending": ("--merge a.json --output all.txt", "--output all.txt: give a file that ends in .json or .csv"),
    "a report that is not there": ("--merge a.json none.json --output all.json", "none.json does not exist"),
    "a pattern of nothing": ("--merge 'x*.json' --output all.json", "x*.json does not exist"),
    "half a report": ("--merge a.json half.json --output all.json", "half.json is damaged"),
    "no report": ("--merge a.json rows.csv --output all.json", "rows.csv is no report"),
    "a folder": ("--merge folder --output all.json", "folder is a folder"),
    "an output below a file": ("--merge a.json --output a.json/all.json", "cannot be written"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_merged_is_named_and_nothing_is_written(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    options, sentence = WRONG[case]
    monkeypatch.chdir(shell.folder)
    table(shell, REPORT, "a.json")
    table(shell, REPORT[:-9], "half.json")
    table(shell, "image\na.png\n", "rows.csv")
    Path("folder").mkdir()
    answer = shell("report", *shlex.split(options), clock=QuickClock())
    assert answer.code == 2
    assert sentence in answer.err
    assert answer.err.startswith("scenario: ")
    assert answer.err.count("\n") == 1
    assert not list(shell.folder.glob("all.*"))
