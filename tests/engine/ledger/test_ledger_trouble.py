# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that cannot be used says so in one sentence, and says what to do."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger import database as database_module
from scenario_addon.engine.ledger import ledger as ledger_module
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from tests.engine.orders import sample_order

ROOT = Path(__file__).parents[3]


def sample_job(**changes: Any) -> Job:
    return new_job(sample_order(folder=Path("/models"), **changes), scope="s")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


def locks(folder: Path) -> list[str]:
    return [path.name for path in (folder / "owners").iterdir()]


@pytest.mark.parametrize("in_the_way", ["folder", "ledger"])
def test_a_place_that_is_taken_is_told(folder: Path, in_the_way: str) -> None:
    if in_the_way == "folder":
        folder.write_text("a file")
    else:
        (folder / "ledger.sqlite3").mkdir(parents=True)
    with pytest.raises(DiskError, match=str(folder)):
        Ledger(folder)


def connecting(monkeypatch: pytest.MonkeyPatch, pragma: str) -> None:
    """Put every connection from now on under a restriction that SQLite itself keeps."""
    connect = sqlite3.connect

    def restricted(*args: Any, **options: Any) -> sqlite3.Connection:
        db = connect(*args, **options)
        db.execute(pragma)
        return db

    monkeypatch.setattr(database_module.sqlite3, "connect", restricted)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_read_only_ledger_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch, is_new: bool) -> None:
    if not is_new:
        Ledger(folder).close()
    connecting(monkeypatch, "PRAGMA query_only = ON")
    with pytest.raises(DiskError, match=r"readonly database\): check the disk's space and the file's permissions"):
        Ledger(folder)
    assert locks(folder) == []


def test_a_full_disk_is_told_and_nothing_is_half_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connecting(monkeypatch, "PRAGMA max_page_count = 24")
    ledger = Ledger(folder)
    kept: list[Job] = []
    with pytest.raises(DiskError, match=r"disk is full\): check the disk's space"):
        for _ in range(1000):
            job = sample_job()
            ledger.add(job)
            kept.append(job)
    assert kept
    assert ledger.jobs() == kept
    for job in kept:
        ledger.remove(job.id)
    ledger.add(sample_job())
    ledger.close()


def test_a_closed_ledger_is_a_clear_error(folder: Path) -> None:
    ledger = Ledger(folder)
    ledger.close()
    with pytest.raises(DiskError, match="cannot be used"):
        ledger.add(sample_job())


def test_a_busy_ledger_is_waited_for(folder: Path) -> None:
    ledger, other = Ledger(folder), sqlite3.connect(folder / "ledger.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    written = threading.Thread(target=ledger.add, args=(sample_job(),))
    written.start()
    written.join(0.05)
    assert written.is_alive()
    other.execute("COMMIT")
    written.join(10)
    assert len(ledger.jobs()) == 1
    other.close()
    ledger.close()


def test_a_ledger_that_stays_busy_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 0.01)
    ledger, other = Ledger(folder), sqlite3.connect(folder / "ledger.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DiskError, match="locked"):
        ledger.add(sample_job())
    other.close()
    ledger.add(sample_job())
    ledger.close()


def test_a_step_that_is_killed_while_writing_leaves_the_old_record(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> bool:
        raise KeyboardInterrupt

    ledger, job = Ledger(folder), sample_job()
    ledger.add(job)
    monkeypatch.setattr(ledger_module, "note_costs", kill)  # the last thing that is written with a move
    with pytest.raises(KeyboardInterrupt):
        ledger.save(job.moved(State.UPLOADED))
    assert ledger.jobs() == [job]
    ledger.close()


def test_many_threads_and_owners_write_at_once(folder: Path) -> None:
    ledgers = [Ledger(folder) for _ in range(3)]
    jobs = [sample_job() for _ in range(30)]

    def write(number: int) -> None:
        ledger, job = ledgers[number % 3], jobs[number]
        ledger.add(job)
        ledger.save(job.moved(State.NEW, quoted_at=1.0))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(30)))
    assert all(job.quoted_at for job in ledgers[0].jobs())
    assert len(ledgers[0].jobs()) == 30
    for ledger in ledgers:
        ledger.close()


def test_a_ledger_opened_by_many_at_once_is_made_once(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        ledgers = list(pool.map(lambda _: Ledger(folder), range(8)))
    ledgers[0].add(sample_job())
    assert all(len(ledger.jobs()) == 1 for ledger in ledgers)
    for ledger in ledgers:
        ledger.close()


_OTHER = """
import pathlib, sys
from scenario_addon.engine.ledger.ledger import Ledger
ledger = Ledger(pathlib.Path(sys.argv[1]))
for line in sys.stdin:
    print(ledger.claim(line.strip()) is not None, flush=True)
"""


def test_two_processes_never_carry_the_same_job(folder: Path) -> None:
    ledger, mine, theirs = Ledger(folder), sample_job(), sample_job()
    ledger.add(mine)
    with closing(Ledger(folder)) as gone:
        gone.add(theirs)
    with subprocess.Popen(
        [sys.executable, "-c", _OTHER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers: list[str] = []
        for job in (mine, theirs):
            process.stdin.write(f"{job.id}\n")
            process.stdin.flush()
            answers.append(process.stdout.readline().strip())
        assert answers == ["False", "True"]
        assert ledger.claim(theirs.id) is None
        process.kill()
        process.wait()
    assert ledger.claim(theirs.id) == theirs
    ledger.close()
