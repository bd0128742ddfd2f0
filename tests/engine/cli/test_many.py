# SPDX-License-Identifier: GPL-3.0-or-later
"""Many items: priced first, a few at a time, told how far it is, and nothing stuck holds the others."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.ledger.job import State
from tests.engine.cli.shell import QuickClock, Shell
from tests.service import Fault, Service

pytestmark = pytest.mark.slow

PRICE_CU = Decimal("4.1")


def pictures(shell: Shell, count: int) -> list[Path]:
    return [shell.picture(f"{number}.png", colour=f"#{number:02x}58be") for number in range(count)]


def dry_runs(shell: Shell) -> int:
    return sum("dryRun" in request.query for request in shell.service.requests)


# -- priced first


def test_the_whole_batch_is_priced_by_one_dry_run_for_each_different_request(shell: Shell) -> None:
    answer = shell.generate(*pictures(shell, 6))
    assert answer.code == 0, answer.err
    assert dry_runs(shell) == 1
    assert len(shell.service.charges) == 6
    assert answer.err.splitlines()[0] == "6 of 6 items are ordered, for 24.6 CU."


def test_the_price_is_said_before_anything_is_ordered_or_sent(shell: Shell) -> None:
    shell.service.fail("POST", "/v1/assets", Fault.STATUS, status=403, times=None)
    answer = shell.generate(*pictures(shell, 2))
    assert answer.err.splitlines()[0] == "2 of 2 items are ordered, for 8.2 CU."
    assert shell.service.charges == []


def test_what_is_there_already_is_not_in_the_price(shell: Shell) -> None:
    all_of_them = pictures(shell, 3)
    shell.generate(*all_of_them[:2])
    assert "1 of 3 items are ordered, for 4.1 CU." in shell.generate(*all_of_them).err
    assert "items are ordered" not in shell.generate(*all_of_them).err


def test_what_the_limit_does_not_cover_is_said_and_not_ordered(shell: Shell) -> None:
    answer = shell.generate(*pictures(shell, 4), "--max-cost", "9", "--jobs", "1")
    assert answer.code == 4
    assert "for 16.4 CU; 9 CU may be spent, and what is above is left." in answer.err
    assert len(shell.service.charges) == 2


def test_a_price_that_rises_in_the_middle_is_caught(shell: Shell) -> None:
    class Dearer(QuickClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if shell.submissions:
                shell.service.set_price_factor(8)

    answer = shell.generate(*pictures(shell, 4), "--max-cost", "25", "--jobs", "1", clock=Dearer())
    assert answer.code == 4
    assert [charge.cost_cu for charge in shell.service.charges] == [PRICE_CU]


def test_a_dry_run_asks_once_for_each_different_request_too(shell: Shell) -> None:
    answer = shell.generate(*pictures(shell, 4), "--dry-run")
    assert answer.lines[-1] == "total\t16.4 CU"
    assert dry_runs(shell) == 1


def test_a_model_that_wants_to_see_the_pictures_is_priced_with_the_first_ones(shell: Shell) -> None:
    shell.service.fail("POST", "/generate/", Fault.STATUS, status=400, body={"reason": "Asset not found"})
    answer = shell.generate(*pictures(shell, 3), "--dry-run")
    assert answer.lines[-1] == "total\t12.3 CU"
    assert (dry_runs(shell), shell.uploads) == (2, 1)


# -- how many at once


@pytest.fixture
def small_account() -> Iterator[Service]:
    with Service(job_polls=4, parallel_jobs=2) as running:
        yield running


@pytest.fixture
def small(small_account: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Somebody whose account may have two jobs at once."""
    return Shell(small_account, tmp_path, capsys)


def most_at_once(shell: Shell) -> int:
    """How many jobs were between their submission and their last poll at the same time."""
    open_jobs, most = 0, 0
    for request in shell.service.requests:
        if request in shell.submissions and request.status == 200:
            open_jobs += 1
        open_jobs -= request.path.endswith("/assets/get-bulk")
        most = max(most, open_jobs)
    return most


def test_as_many_are_made_at_once_as_the_account_says(small: Shell) -> None:
    answer = small.generate(*pictures(small, 6))
    assert answer.code == 0, answer.err
    assert most_at_once(small) == 2
    assert {request.status for request in small.submissions} == {200}, "the limit was never run into"


def test_where_the_account_does_not_say_it_is_learned(small: Shell) -> None:
    small.service.fail("GET", "/teams", Fault.STATUS, status=403, times=None)
    answer = small.generate(*pictures(small, 8))
    assert answer.code == 0, answer.err
    assert len(small.service.charges) == 8
    refused = [request for request in small.submissions if request.status == 429]
    assert 1 <= len(refused) <= 6


def test_who_asks_for_more_than_the_account_may_have_gets_everything_all_the_same(small: Shell) -> None:
    answer = small.generate(*pictures(small, 6), "--jobs", "6")
    assert answer.code == 0, answer.err
    assert len(small.service.charges) == 6
    assert small.service.count("GET", "/teams") == 0, "who says how many is not asked about"


# -- how far it is


def test_how_far_it_is_is_said_now_and_then_and_in_the_end(shell: Shell) -> None:
    shell.service.fail_job("No subject.")
    answer = shell.generate(*pictures(shell, 5), "--jobs", "1")
    assert answer.code == 1
    assert answer.err.splitlines()[-1] == "5 of 5, 1 failed, 16.4 CU"
    assert re.search(r"^[1-4] of 5, 1 failed, [\d.]+ CU, \d+ (s|min) left$", answer.err, re.MULTILINE)


def test_a_single_item_is_not_counted(shell: Shell) -> None:
    assert " of 1" not in shell.generate(shell.picture()).err


# -- nothing stuck holds a night


def stuck(shell: Shell) -> None:
    """The jobs that are submitted from now on never end."""
    shell.service.set_statuses(["in-progress"])


def let_go(shell: Shell) -> None:
    """Those that were stuck come to their end."""
    for run in shell.service._runs.by_id.values():
        run.words = ()


def test_what_takes_longer_is_left_to_the_service_and_fetched_by_the_next_run(shell: Shell) -> None:
    stuck(shell)
    answer, report = shell.report(shell.picture(), "--timeout", "30")
    assert answer.code == 1
    assert "photo.png: Still being made after 30 min: it is left to the service" in answer.err
    [item] = report["items"]
    assert (item["state"], item["cost_cu"]) == ("running", 4.1)
    [job] = shell.jobs
    assert (job.state, job.is_held) == (State.RUNNING, False)

    let_go(shell)
    answer, report = shell.report(shell.picture(), "--timeout", "30")

    assert (answer.code, answer.paths) == (0, [shell.out / "photo.glb"]), answer.err
    assert len(shell.service.charges) == 1
    assert report["cost_cu"] == 4.1


def test_what_is_stuck_makes_room_for_the_next(shell: Shell) -> None:
    first, *others = pictures(shell, 4)
    stuck(shell)
    shell.generate(first, clock=QuickClock(20))
    shell.service.set_statuses([])
    clock = QuickClock()
    answer = shell.generate(first, *others, "--jobs", "1", "--timeout", "0.5", clock=clock)
    assert answer.code == 1
    assert answer.paths == [shell.out / f"{number}.glb" for number in (1, 2, 3)]
    assert clock.now_s < 600
    assert answer.err.splitlines()[-1] == "4 of 4, 1 still being made, 16.4 CU"


def test_an_hour_is_given_where_nothing_else_is_said(shell: Shell) -> None:
    stuck(shell)
    clock = QuickClock()
    assert "after 60 min" in shell.generate(shell.picture(), clock=clock).err
    assert clock.now_s == pytest.approx(3600, abs=100)


def test_resume_does_not_wait_for_ever_either(shell: Shell) -> None:
    stuck(shell)
    shell.generate(shell.picture(), "--timeout", "5")
    clock = QuickClock()
    answer = shell("resume", "--timeout", "5", clock=clock)
    assert answer.code == 1
    assert "photo: Still being made after 5 min" in answer.err
    assert clock.now_s == pytest.approx(300, abs=100)
    let_go(shell)
    assert shell("resume").paths == [shell.out / "photo.glb"]


def test_a_twin_of_what_is_stuck_does_not_wait_once_more(shell: Shell) -> None:
    stuck(shell)
    clock = QuickClock()
    answer = shell.generate(shell.picture(), shell.picture("twin.png"), "--jobs", "1", "--timeout", "5", clock=clock)
    assert answer.code == 1
    assert answer.err.count("Still being made after 5 min") == 2
    assert len(shell.service.charges) == 1
    assert clock.now_s < 600


@pytest.mark.parametrize("minutes", ["0", "-1", "soon", "nan", "inf"])
def test_a_time_that_is_none_is_wrong_usage(shell: Shell, minutes: str) -> None:
    answer = shell.generate(shell.picture(), "--timeout", minutes)
    assert (answer.code, shell.service.requests) == (2, [])
    assert f"{minutes} is not a number of minutes above 0" in answer.err


# -- report and log


def test_the_report_is_there_while_it_runs(shell: Shell) -> None:
    path, seen = shell.folder / "report.json", list[dict[str, Any]]()

    class Peeking(QuickClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if path.exists():
                seen.append(json.loads(path.read_text(encoding="utf-8")))

    answer = shell.generate(*pictures(shell, 4), "--jobs", "1", "--report", path, clock=Peeking())
    assert answer.code == 0
    counts = [len(report["items"]) for report in seen]
    assert counts == sorted(counts)
    assert 0 < counts[0] < 4
    assert len(json.loads(path.read_text(encoding="utf-8"))["items"]) == 4


def test_a_full_disk_is_said_once_and_the_report_is_written_when_there_is_room(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, path, tries = Path.replace, shell.folder / "report.csv", [0]

    def full(part: Path, target: Path) -> Path:
        if target.name == path.name:
            tries[0] += 1
            if tries[0] < 3:
                raise OSError(28, "No space left on device")
        return replace(part, target)

    monkeypatch.setattr(Path, "replace", full)
    answer = shell.generate(*pictures(shell, 8), "--jobs", "1", "--report", path)
    assert answer.code == 0, answer.err
    assert answer.err.count("No space left on device") == 1
    assert len(path.read_text(encoding="utf-8").splitlines()) == 9


def test_the_same_command_again_reports_the_time_of_all_runs(shell: Shell) -> None:
    some = pictures(shell, 2)
    _, first = shell.report(*some)
    answer, second = shell.report(*some)
    assert answer.code == 0
    assert second["seconds"] >= first["seconds"] > 0
    assert [item["seconds"] for item in second["items"]] == [item["seconds"] for item in first["items"]]
    assert second["cost_cu"] == first["cost_cu"] == float(2 * PRICE_CU)


def test_each_event_is_in_the_log(shell: Shell) -> None:
    shell.service.fail_job("No subject.")
    path = shell.folder / "night.log"
    shell.generate(*pictures(shell, 2), "--log", path, "--jobs", "1")
    text = path.read_text(encoding="utf-8")
    events = [json.loads(line) for line in text.splitlines()]
    assert [event["event"] for event in events if event["event"] != "job"] == ["begin", "priced", "item", "item", "end"]
    assert {event["state"] for event in events if event["event"] == "job"} >= {"running", "ready", "failed"}
    assert shell.service.secret not in text
    assert "Signature" not in text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_for_the_log_is_said_once_and_stops_nothing(shell: Shell) -> None:
    answer = shell.generate(*pictures(shell, 2), "--log", "/dev/full")
    assert answer.code == 0, answer.err
    assert answer.err.count("scenario: The log /dev/full cannot be written (No space left on device)") == 1


def test_a_log_is_let_go_of_when_nothing_may_be_ordered(shell: Shell) -> None:
    shell.generate(shell.picture())
    (shell.state / "ledger.sqlite3").write_bytes(b"no ledger any more" * 1000)
    shutil.rmtree(shell.state / "backups")
    answer = shell.generate(*pictures(shell, 2), "--log", shell.folder / "night.log")
    assert answer.code == 1
    assert json.loads((shell.folder / "night.log").read_text().splitlines()[0])["event"] == "begin"


def test_a_log_that_cannot_be_written_is_wrong_usage(shell: Shell) -> None:
    answer = shell.generate(shell.picture(), "--log", shell.folder / "none" / "night.log")
    assert answer.code == 2
    assert shell.service.charges == []


# -- again and again


def test_only_what_is_missing_or_has_changed_is_made(shell: Shell) -> None:
    some = pictures(shell, 3)
    shell.generate(*some)
    (shell.out / "0.glb").unlink()
    shell.picture("1.png", colour="#00ff00")
    answer = shell.generate(*some)
    assert answer.code == 0
    assert len(shell.service.charges) == 4, "one picture is another one now; what was lost is fetched for nothing"
    assert shell.meshes == {"0.glb", "1.glb", "1-2.glb", "2.glb"}
    assert len(shell.generate(*some, "--set", "steps=20").paths) == 3
    assert len(shell.service.charges) == 7


def test_an_outage_of_ten_minutes_fails_nothing(shell: Shell) -> None:
    class Outage(QuickClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if shell.submissions and self.now_s > 600:
                shell.service.forget_faults()

    shell.service.fail("POST", "/v1/", Fault.STATUS, status=503, times=None, after=8)
    shell.service.fail("GET", "/v1/jobs", Fault.STATUS, status=503, times=None)
    answer = shell.generate(*pictures(shell, 6), "--jobs", "3", clock=Outage())
    assert answer.code == 0, answer.err
    assert len(shell.service.charges) == 6
