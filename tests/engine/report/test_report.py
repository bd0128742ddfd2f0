# SPDX-License-Identifier: GPL-3.0-or-later
"""The report is always there: whole, in the order of the input, of all runs together, and cheap to keep up to date."""

from __future__ import annotations

import csv
import json
import os
import random
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.report.outcome import COLUMNS, Outcome
from scenario_addon.engine.report.report import Report
from tests.engine.report.samples import outcome
from tests.engine.workbench import FakeClock


@pytest.fixture(params=["report.json", "report.CSV"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / request.param


def items(path: Path) -> list[dict[str, Any]]:
    """As another program reads them; everything as text."""
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    found = json.loads(path.read_text(encoding="utf-8"))["items"]
    return [{name: "" if value is None else str(value) for name, value in item.items()} for item in found]


def run(path: Path, *outcomes: Outcome, seconds: float = 100.0, is_complete: bool = True, goes_on: bool = True) -> None:
    """A run that has these outcomes."""
    clock = FakeClock()
    report = Report(path, clock, goes_on=goes_on)
    for one in outcomes:
        report.note(one)
    clock.now_s += seconds
    report.write(is_complete=is_complete)


def left_alone(number: int, **more: Any) -> Outcome:
    return outcome(number, **{"cost_cu": "0", "seconds": 0.01, "note": "left as it is", **more})


def test_items_are_in_the_order_of_the_input(path: Path) -> None:
    numbers = list(range(500))
    random.Random(5).shuffle(numbers)
    run(path, *(outcome(number) for number in numbers))
    assert [item["image"] for item in items(path)] == [f"{number}.png" for number in range(500)]
    assert tuple(items(path)[0]) == COLUMNS


def test_texts_come_back_as_they_were(path: Path) -> None:
    label, error = 'a "b", ü;\n c.png', "One.\nTwo; three, \udcff"
    run(path, outcome(0, label=label, error=error, state=State.FAILED))
    [item] = items(path)
    assert item["image"] == label
    assert item["error"].startswith("One.\nTwo; three, ")
    assert (item["state"], item["glb"]) == ("failed", "")


def test_what_is_under_way_is_in_it_with_what_it_costs(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    report = Report(path, FakeClock(), goes_on=True)
    report.note(outcome(1))
    running = outcome(0, state=State.RUNNING, file=None)
    report.write_if_due(lambda: [running])
    found = json.loads(path.read_text())
    assert [(item["image"], item["state"]) for item in found["items"]] == [("0.png", "running"), ("1.png", "ready")]
    assert found["cost_cu"] == 8.2


def test_nothing_new_is_not_written_again(path: Path) -> None:
    report = Report(path, FakeClock(), goes_on=True)
    report.write(is_complete=False)
    path.unlink()
    report.write_if_due(list)
    assert not path.exists()


@pytest.mark.parametrize("count", [100, 1000])
def test_however_many_items_there_are_writing_takes_a_small_share_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    now, spent = [0.0], [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    report, replace = Report(tmp_path / "report.json", FakeClock(), goes_on=True), Path.replace

    def slow(path: Path, target: Path) -> Path:
        took_s = path.stat().st_size / 1e6
        now[0] += took_s
        spent[0] += took_s
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", slow)
    for number in range(count):
        report.note(outcome(number))
        report.write_if_due(list)
        now[0] += 0.1
    assert 0 < spent[0] < 0.06 * now[0]


def test_a_full_disk_leaves_what_was_there_and_is_made_good(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report(path, FakeClock(), goes_on=True)
    report.note(outcome(0))
    report.write(is_complete=False)
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        report.note(outcome(1))
        with pytest.raises(DiskError, match="No space left on device"):
            report.write(is_complete=False)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    report.write(is_complete=True)
    assert len(items(path)) == 2


def test_what_a_run_leaves_that_is_killed_while_it_writes_goes_with_the_next(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report(path, FakeClock(), goes_on=True)
    report.note(outcome(0))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_, **__: None)  # who is dead does not clear up
        patch.setattr(os, "fsync", full)
        with pytest.raises(DiskError):
            report.write(is_complete=False)
    assert len(list(path.parent.iterdir())) == 1
    other = path.parent / ".somebody-elses.part"
    other.touch()
    run(path, outcome(0))
    assert {entry.name for entry in path.parent.iterdir()} == {path.name, other.name}


def test_two_runs_that_write_the_same_report_do_not_keep_each_other_from_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, fsync = Report(path, FakeClock(), goes_on=True), os.fsync
    report.note(outcome(0))

    def begun_meanwhile(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", fsync)
        Report(path, FakeClock(), goes_on=True)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", begun_meanwhile)
    report.write(is_complete=True)
    assert len(items(path)) == 1


def full(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


# -- several runs of one command


def test_a_second_run_adds_its_time_and_items_keep_theirs(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    run(path, outcome(0, seconds=30.0), outcome(1, error="No subject.", state=State.FAILED), seconds=100.0)
    run(path, left_alone(0), outcome(1, job_id="f" * 32, seconds=20.0), seconds=50.0)
    found = json.loads(path.read_text())
    assert found["seconds"] == 150.0
    assert [item["seconds"] for item in found["items"]] == [30.0, 30.0]


def test_what_all_runs_have_paid_adds_up(path: Path) -> None:
    run(
        path,
        outcome(0),
        outcome(1, error="No subject.", state=State.FAILED),
        outcome(2, error="Still being made.", state=State.RUNNING),
    )
    run(path, left_alone(0), outcome(1, job_id="f" * 32), outcome(2))
    assert [Decimal(item["cost_cu"]) for item in items(path)] == [Decimal("4.1"), Decimal("8.2"), Decimal("4.1")]


def test_a_report_of_something_else_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    run(path, outcome(0, label="other.png"), seconds=100.0)
    run(path, outcome(0), seconds=50.0)
    found = json.loads(path.read_text())
    assert (found["seconds"], found["cost_cu"], len(found["items"])) == (50.0, 4.1, 1)


def test_what_is_ordered_anew_is_reported_anew(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    run(path, outcome(0), seconds=100.0)
    run(path, outcome(0, job_id="f" * 32), seconds=50.0, goes_on=False)
    found = json.loads(path.read_text())
    assert (found["seconds"], found["cost_cu"]) == (50.0, 4.1)


def test_a_run_that_is_interrupted_early_keeps_what_earlier_ones_reported(path: Path) -> None:
    run(path, *(outcome(number) for number in range(300)))
    run(path, left_alone(0), left_alone(1), is_complete=False)
    assert [item["image"] for item in items(path)] == [f"{number}.png" for number in range(300)]
    assert sum(Decimal(item["cost_cu"]) for item in items(path)) == 300 * Decimal("4.1")
    run(path, *(left_alone(number) for number in range(299)))
    assert len(items(path)) == 299, "what is no longer asked for is no longer in it"
    assert sum(Decimal(item["cost_cu"]) for item in items(path)) == 299 * Decimal("4.1")


def test_what_a_killed_run_paid_and_could_not_report_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    run(path, outcome(0), seconds=100.0, is_complete=False)
    paid = left_alone(1, job={"billed_cu": Decimal("4.1"), "created_at": time.time()})
    before = left_alone(2, job={"billed_cu": Decimal("4.1"), "created_at": time.time() - 5000})
    twice = left_alone(3, job_id=paid.job.id, job={"billed_cu": Decimal("4.1"), "created_at": time.time()})
    run(path, left_alone(0), paid, before, twice)
    found = json.loads(path.read_text())
    assert [item["cost_cu"] for item in found["items"]] == [4.1, 4.1, 0.0, 0.0]


def same(number: int, **more: Any) -> Outcome:
    """One of several items of one picture and model."""
    return outcome(number, **{"label": "same.png", "job": {"created_at": time.time()}, **more})


def test_several_items_of_one_picture_keep_what_each_has_cost(path: Path) -> None:
    run(path, same(1, cost_cu="2"), same(2, cost_cu="3"))
    for _ in range(2):
        again = [
            same(number, note="left as it is", job={"created_at": time.time(), "billed_cu": Decimal(billed)})
            for number, billed in ((1, "2"), (2, "3"))
        ]
        run(path, same(0, cost_cu="7"), *(replace(one, cost_cu=Decimal(0)) for one in reversed(again)))
        assert [float(item["cost_cu"]) for item in items(path)] == [7.0, 2.0, 3.0]


def test_one_of_several_that_had_failed_has_cost_both_orders(path: Path) -> None:
    run(path, same(0), same(1, error="No subject.", state=State.FAILED), same(2))
    once_more = same(1, job_id="f" * 32)
    left = [left_alone(number, label="same.png") for number in (0, 2)]
    run(path, once_more, *left)
    assert [float(item["cost_cu"]) for item in items(path)] == [4.1, 8.2, 4.1]


def test_one_of_several_that_is_made_anew_into_the_same_file_has_cost_both_orders(path: Path) -> None:
    run(path, same(0), same(1))
    run(path, same(1, job_id="f" * 32), left_alone(0, label="same.png"))
    assert [float(item["cost_cu"]) for item in items(path)] == [4.1, 8.2]


def test_of_several_those_that_are_not_through_yet_keep_their_rows(path: Path) -> None:
    run(path, *(same(number) for number in range(4)))
    report = Report(path, FakeClock(), goes_on=True)
    report.note(left_alone(2, label="same.png"))
    report.write([same(1, state=State.RUNNING, file=None)], is_complete=False)
    assert sorted(Path(item["glb"]).stem or "-" for item in items(path)) == ["-", "0", "2", "3"]
    assert sum(float(item["cost_cu"]) for item in items(path)) == pytest.approx(4 * 4.1)


def test_what_was_in_doubt_and_has_been_settled_elsewhere_costs_what_it_costs(path: Path) -> None:
    lost = outcome(0, cost_cu=None, error="No answer came.", state=State.UNCERTAIN)
    run(path, lost, left_alone(1))
    found = left_alone(0, job={"billed_cu": Decimal("4.1")})
    run(path, found, left_alone(1, job={"billed_cu": Decimal("4.1")}))
    assert [Decimal(item["cost_cu"]) for item in items(path)] == [Decimal("4.1"), 0]


@pytest.mark.parametrize("text", ["", "{", '{"items": 7}', '{"items": [\n{"image": 3, "seconds": "x"}\n]}', "\0"])
def test_a_file_that_is_no_report_is_replaced(path: Path, text: str) -> None:
    path.write_text(text)
    run(path, outcome(0))
    assert [item["image"] for item in items(path)] == ["0.png"]
