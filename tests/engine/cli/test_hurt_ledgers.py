# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that is hurt between two runs of one command: nothing is paid for twice, and that is said."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from tests.engine.cli.shell import RUNNING_S, QuickClock, Shell

pytestmark = pytest.mark.slow


def execute(statement: str) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(statement)

    return run


def overwrite(data: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data(path.read_bytes())) and None


HURTS: Final = {
    "cut in half": overwrite(lambda data: data[: len(data) // 2]),
    "no database": overwrite(lambda data: b"<html>" * 2000),
    "zeros": overwrite(lambda data: bytes(len(data))),
    "pages of noise": overwrite(lambda data: data[:4096] + b"\xa5" * (len(data) - 4096)),
    "empty": overwrite(lambda data: b""),
    "gone": Path.unlink,
    "table dropped": execute("DROP TABLE jobs"),
    "row deleted": execute("DELETE FROM jobs"),
    "record of noise": execute("UPDATE jobs SET record = 'x' || record"),
    "record of nothing": execute("UPDATE jobs SET record = '{}'"),
    "record of bytes": execute("UPDATE jobs SET record = x'ff00'"),
    "record and identity": execute("UPDATE jobs SET record = '', identity = ''"),
    "record and all columns": execute("UPDATE jobs SET record = '', identity = NULL, state = '', scope = ''"),
    "state": execute("UPDATE jobs SET state = 'new', settled = 0"),
    "scope": execute("UPDATE jobs SET scope = 'x'"),
    "another version": execute("PRAGMA user_version = 77"),
}


@pytest.mark.parametrize("hurt", HURTS.values(), ids=list(HURTS))
@pytest.mark.parametrize("is_done", [True, False], ids=["done", "under way"])
@pytest.mark.parametrize("has_backups", [True, False], ids=["backups", "no backups"])
def test_whatever_happens_to_the_ledger_the_same_is_not_paid_for_twice(
    shell: Shell, hurt: Callable[[Path], None], is_done: bool, has_backups: bool
) -> None:
    first = shell.generate(shell.picture(), clock=QuickClock() if is_done else QuickClock(RUNNING_S))
    assert first.code == (0 if is_done else 130)
    ledger = shell.state / "ledger.sqlite3"
    if not has_backups:
        shutil.rmtree(shell.state / "backups")
    hurt(ledger)
    is_new = not has_backups and (not ledger.exists() or not ledger.stat().st_size)
    answer = shell.generate(shell.picture())
    if is_new:  # nobody can know of one that left no trace
        assert len(shell.service.charges) == 2
        return
    assert len(shell.service.charges) == 1, answer.err
    if answer.code == 0:
        assert answer.paths[0].read_bytes() == shell.service.result_bytes(shell.service.charges[0].job_id)
    else:
        assert answer.code == 1
        assert ("add --again" in answer.err) or ("newer version" in answer.err), answer.err


@pytest.mark.parametrize("name", ["cut in half", "no database", "table dropped", "row deleted", "record of noise"])
def test_what_has_a_backup_is_mended_and_goes_on(shell: Shell, name: str) -> None:
    shell.generate(shell.picture(), clock=QuickClock(RUNNING_S))
    HURTS[name](shell.state / "ledger.sqlite3")
    answer = shell.generate(shell.picture())
    assert (answer.code, answer.paths) == (0, [shell.out / "photo.glb"]), answer.err
    assert len(shell.service.charges) == 1


@pytest.mark.parametrize("name", ["gone", "empty"])
def test_a_ledger_that_is_gone_stops_everything_until_the_user_says_so(shell: Shell, name: str) -> None:
    shell.generate(shell.picture())
    HURTS[name](shell.state / "ledger.sqlite3")
    other = shell.picture("other.png", colour="#2858be")
    for _ in range(2):
        answer = shell.generate(other)
        assert (answer.code, answer.out) == (1, "")
        assert "is gone, though there are backups of it in" in answer.err
        assert answer.err.endswith("nothing is ordered. To order all the same, add --again.\n")
        assert (len(shell.submissions), shell.uploads) == (1, 1)
    assert shell.generate(other, "--again").code == 0
    assert shell.generate(shell.picture("third.png", colour="#28be58")).code == 0
    assert len(shell.service.charges) == 3


def test_a_backup_that_is_put_back_is_the_ledger_again(shell: Shell) -> None:
    shell.generate(shell.picture())
    ledger = shell.state / "ledger.sqlite3"
    ledger.unlink()
    assert shell.generate(shell.picture()).code == 1
    newest = max((shell.state / "backups").glob("*.sqlite3"), key=lambda path: path.name)
    shutil.copy(newest, ledger)
    answer = shell.generate(shell.picture())
    assert (answer.code, answer.paths) == (0, [shell.out / "photo.glb"])
    assert len(shell.service.charges) == 1


def test_a_job_that_cannot_be_read_is_in_no_other_ones_way(shell: Shell) -> None:
    shell.generate(shell.picture())
    shutil.rmtree(shell.state / "backups")
    HURTS["record of noise"](shell.state / "ledger.sqlite3")
    other = shell.picture("other.png", colour="#2858be")
    answer, report = shell.report(shell.picture(), other)
    assert answer.code == 1
    assert answer.paths == [shell.out / "other.glb"]
    assert (
        "cannot be read, and it may be this one: it is not ordered. To order all the same, add --again." in answer.err
    )
    assert [item["state"] for item in report["items"]] == ["new", "ready"]
    assert len(shell.service.charges) == 2
    assert shell.generate(shell.picture(), "--again").code == 0


def test_a_dry_run_and_a_list_work_all_the_same(shell: Shell) -> None:
    shell.generate(shell.picture())
    (shell.state / "ledger.sqlite3").unlink()
    assert shell.generate(shell.picture(), "--dry-run").code == 0
    assert shell("jobs").code == 0
    assert shell("resume").code == 0


def test_a_ledger_that_vanishes_during_a_run_is_noticed_before_the_next_order(shell: Shell) -> None:
    ledger = shell.state / "ledger.sqlite3"
    pictures = [shell.picture(f"{n}.png", colour=f"#{n}{n}58be") for n in range(3)]
    taken = False

    class Thief(QuickClock):
        def sleep(self, seconds: float) -> None:
            nonlocal taken
            super().sleep(seconds)
            if len(shell.service.charges) == 1 and not taken:
                taken = True
                ledger.rename(ledger.with_name("stolen"))

    answer = shell.generate(*pictures, "--jobs", "1", clock=Thief())
    assert taken
    assert answer.code == 1
    assert "has been moved or replaced while it was in use: put it back and start again." in answer.err
    assert len(shell.service.charges) == 1
    assert (shell.out / "0.glb").exists(), "what is paid for arrives all the same"
    ledger.with_name("stolen").replace(ledger)
    assert shell.generate(*pictures).code == 0
    assert len(shell.service.charges) == 3
