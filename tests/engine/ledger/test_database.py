# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's file over time: older, newer and damaged ones."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger.database import move_aside
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.ledger.migrations import VERSION
from scenario_addon.engine.values import AssetId, RemoteJobId
from tests.engine.fickle_files import refuse
from tests.engine.orders import sample_order

VERSION_1: Final = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY, scope TEXT NOT NULL, state TEXT NOT NULL, remote_id TEXT, owner TEXT,
    created_at REAL NOT NULL, record TEXT NOT NULL
);
CREATE TABLE assets (
    scope TEXT NOT NULL, sha256 TEXT NOT NULL, asset_id TEXT NOT NULL, created_at REAL NOT NULL,
    PRIMARY KEY (scope, sha256)
);
PRAGMA user_version = 1;
"""
DAMAGES: Final = ("text", "zeros", "middle", "half", "other tables", "no tables", "a table missing")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state ü"


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "ledger.sqlite3"


def sample_job(**changes: Any) -> Job:
    return replace(new_job(sample_order(folder=Path("/models")), scope="s"), **changes)


def write_version_1(path: Path, *jobs: Job, damaged: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(VERSION_1)
        db.execute("INSERT INTO assets VALUES ('s', 'ab', 'asset_1', 1.0)")
        for job in jobs:
            record = json.loads(TypeAdapter(Job).dump_json(job))
            del record["attempt"]
            values = (job.id, job.scope, job.state, job.remote_id, "a dead owner", job.created_at, json.dumps(record))
            db.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        if damaged is not None:
            db.execute("INSERT INTO jobs VALUES ('bad', 's', 'running', 'job_9', NULL, 1.0, ?)", (damaged,))


@pytest.fixture
def older(path: Path) -> Iterator[Ledger]:
    """A ledger of version 1, opened today."""
    write_version_1(
        path,
        sample_job(state=State.NEW, created_at=1.0, quote_cu=Decimal("1.5")),
        sample_job(state=State.SUBMITTING, created_at=2.0, submitted_at=20.0, quote_cu=Decimal("2.5")),
        sample_job(state=State.RUNNING, created_at=3.0, remote_id=RemoteJobId("job_1"), quote_cu=Decimal("4.1")),
        sample_job(
            state=State.FAILED, created_at=4.0, submitted_at=40.0, remote_id=RemoteJobId("job_2"), billed_cu=Decimal(0)
        ),
        sample_job(state=State.READY, created_at=5.0, remote_id=RemoteJobId("job_3"), billed_cu=Decimal("7.25")),
        damaged="{not json",
    )
    ledger = Ledger(path.parent)
    yield ledger
    ledger.close()


# -- older ones


def test_an_older_ledgers_jobs_are_all_there(older: Ledger) -> None:
    states = [State.NEW, State.SUBMITTING, State.RUNNING, State.FAILED, State.READY]
    assert [(job.state, job.attempt) for job in older.jobs()] == [(state, 1) for state in states]
    assert older.notice is None


def test_an_older_ledgers_unfinished_jobs_are_rescued(older: Ledger) -> None:
    assert [job.state for job in older.rescue("s")] == [State.NEW, State.UNCERTAIN, State.RUNNING]


def test_an_older_ledgers_costs_count(older: Ledger) -> None:
    assert older.spent_cu(sample_job(), since=0.0) == Decimal("13.85")
    assert older.spent_cu(sample_job(), since=4.5) == Decimal("9.75"), (
        "by the time of the submission, where it is known"
    )


def test_an_older_ledgers_remote_jobs_stay_taken(older: Ledger) -> None:
    assert [older.claim_remote(sample_job(), RemoteJobId(f"job_{n}")) for n in (1, 2, 3, 4)] == [False] * 3 + [True]


def test_an_older_ledgers_pictures_are_uploaded_anew(older: Ledger) -> None:
    assert older.asset("s", "ab") is None


def test_an_older_ledger_is_brought_up_to_date_once(older: Ledger, path: Path) -> None:
    older.remember_asset("s", "cd", AssetId("asset_2"))
    again = Ledger(path.parent)
    assert again.asset("s", "cd") == "asset_2"
    assert again.jobs() == older.jobs()
    again.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_an_older_ledger_opened_by_many_at_once_is_brought_up_to_date_once(path: Path) -> None:
    write_version_1(path, *(sample_job() for _ in range(10)))
    with ThreadPoolExecutor(8) as pool:
        ledgers = list(pool.map(lambda _: Ledger(path.parent), range(8)))
    assert all(len(ledger.jobs()) == 10 for ledger in ledgers)
    for ledger in ledgers:
        ledger.close()


def test_an_upgrade_that_is_cut_short_leaves_the_older_ledger(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_version_1(path, sample_job())
    before = path.read_bytes()
    connect = sqlite3.connect

    def cramped(*args: Any, **options: Any) -> sqlite3.Connection:
        db = connect(*args, **options)
        db.execute("PRAGMA max_page_count = 6")
        return db

    with monkeypatch.context() as full:
        full.setattr(sqlite3, "connect", cramped)
        with pytest.raises(DiskError, match=r"disk is full\): check the disk's space"):
            Ledger(path.parent)
    assert path.read_bytes() == before
    ledger = Ledger(path.parent)
    assert len(ledger.jobs()) == 1
    ledger.close()


# -- damaged ones


def damage(path: Path, how: str) -> bytes:
    """Spoil a ledger of thirty jobs that has no backups; what the file holds then."""
    ledger = Ledger(path.parent)
    for _ in range(30):
        ledger.add(sample_job())
    ledger.close()
    shutil.rmtree(path.parent / "backups")
    data = path.read_bytes()
    spoilt = {
        "text": b"this is no database" * 50,
        "zeros": bytes(len(data)),
        "middle": data[:1024] + b"\xff" * (len(data) - 1024),
        "half": data[: len(data) // 2],
    }
    if how in spoilt:
        path.write_bytes(spoilt[how])
    else:
        path.unlink()
        with closing(sqlite3.connect(path)) as db, db:
            if how == "a table missing":
                db.executescript(VERSION_1 + "DROP TABLE assets;")
            elif how == "other tables":
                db.execute("CREATE TABLE jobs (something REAL)")
            else:
                db.execute("CREATE TABLE notes (text TEXT)")
                db.execute(f"PRAGMA user_version = {VERSION}")
    return path.read_bytes()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_ledger_is_kept_aside_and_a_new_one_begun(path: Path, how: str) -> None:
    spoilt = damage(path, how)
    ledger, job = Ledger(path.parent), sample_job()
    aside = path.with_name("ledger.damaged-1.sqlite3")
    assert ledger.notice is not None
    assert ledger.notice.startswith(f"The ledger {path} was damaged: it is kept as {aside}, and a new one was begun.")
    assert aside.read_bytes() == spoilt
    assert ledger.doubt == f"The ledger {path} was damaged, and there is no backup of it"
    kept = list(ledger.jobs())  # what could still be read
    assert len(kept) < 30
    assert not kept or how == "half"
    ledger.add(job)
    ledger.close()
    again = Ledger(path.parent)
    assert (again.jobs(), again.notice) == ([*kept, job], None)
    assert again.doubt is not None
    again.close()


def test_no_damaged_ledger_is_ever_overwritten(path: Path) -> None:
    spoilt = [damage(path, "text"), *(b"%d" % n * 3000 for n in (2, 3))]
    for content in spoilt:
        path.write_bytes(content)
        Ledger(path.parent).close()
    kept = [path.with_name(f"ledger.damaged-{n}.sqlite3").read_bytes() for n in (1, 2, 3)]
    assert kept == spoilt


def test_what_sqlite_left_beside_a_damaged_ledger_goes_with_it(path: Path) -> None:
    path.parent.mkdir()
    for ending in ("", "-journal", "-wal"):
        path.with_name(path.name + ending).write_text(ending)
    aside = move_aside(path)
    assert {file.name: file.read_text() for file in path.parent.iterdir()} == {
        aside.name + ending: ending for ending in ("", "-journal", "-wal")
    }


def test_a_damaged_ledger_that_many_open_at_once_is_replaced_once(path: Path) -> None:
    damage(path, "middle")
    with ThreadPoolExecutor(8) as pool:
        ledgers = list(pool.map(lambda _: Ledger(path.parent), range(8)))
    assert [ledger.notice is not None for ledger in ledgers].count(True) == 1
    before = len(ledgers[0].jobs())
    ledgers[0].add(sample_job())
    assert all(len(ledger.jobs()) == before + 1 for ledger in ledgers)
    assert len(list(path.parent.glob("*damaged*"))) == 1
    for ledger in ledgers:
        ledger.close()


def test_a_damaged_ledger_that_cannot_be_moved_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = damage(path, "text")
    refuse(monkeypatch, times=100)
    with pytest.raises(DiskError, match=r"Permission denied\): close other programs that use it"):
        Ledger(path.parent)
    assert path.read_bytes() == spoilt


def test_damage_while_the_ledger_is_in_use_is_told(path: Path) -> None:
    ledger = Ledger(path.parent)
    for _ in range(30):
        ledger.add(sample_job())
    data = path.read_bytes()
    with path.open("rb+") as file:
        file.seek(24)
        file.write(b"\xff" * 4)  # the change counter: what is held in memory is read anew
        file.seek(4096)
        file.write(b"\xff" * (len(data) - 4096))
    with pytest.raises(DiskError, match="start again, then it is repaired from its backups"):
        for job in [sample_job() for _ in range(30)]:
            ledger.add(job)
    ledger.close()


# -- newer ones


def become_newer(path: Path, *, statement: str = "ALTER TABLE jobs ADD COLUMN mood TEXT") -> None:
    """What a later version does to a ledger."""
    with closing(sqlite3.connect(path)) as db, db:
        for job_id, record in db.execute("SELECT id, record FROM jobs").fetchall():
            data = json.loads(record)
            data |= {"mood": "fine", "order": {**data["order"], "style": 7}}
            db.execute("UPDATE jobs SET record = ? WHERE id = ?", (json.dumps(data), job_id))
        db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION + 1}")


def record_of(path: Path, job: Job) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as db:
        [(record,)] = db.execute("SELECT record FROM jobs WHERE id = ?", (job.id,)).fetchall()
    return json.loads(record)


def test_a_newer_ledger_is_listed_and_carried_on_and_loses_nothing(path: Path) -> None:
    ledger, job = Ledger(path.parent), sample_job(state=State.RUNNING, remote_id=RemoteJobId("job_1"))
    ledger.add(job)
    ledger.close()
    become_newer(path)
    ledger = Ledger(path.parent)
    assert ledger.jobs() == [job]
    taken = ledger.claim(job.id)
    assert taken == job
    ledger.save(taken.moved(State.SUCCEEDED, result_ids=(AssetId("asset_1"),)))
    record = record_of(path, job)
    assert (record["state"], record["mood"], record["order"]["style"]) == ("succeeded", "fine", 7)
    ledger.close()
    assert list(path.parent.glob("*damaged*")) == []


def test_nothing_is_ordered_through_a_newer_ledger(path: Path) -> None:
    ledger, job = Ledger(path.parent), sample_job(state=State.UPLOADED, quote_cu=Decimal(3))
    ledger.add(job)
    ledger.close()
    become_newer(path)
    ledger = Ledger(path.parent)
    refused = pytest.raises(
        DiskError, match=r"newer version of Scenario 3D, so that nothing is ordered: update this one\."
    )
    with refused:
        ledger.add(sample_job())
    with refused:
        ledger.book(job, at=1.0, since=0.0, check=lambda spent_cu: None)
    with refused:
        ledger.check_orderable(job.order, scope="s")
    assert ledger.doubt is None
    ledger.close()


def test_a_newer_ledger_that_makes_no_sense_here_is_left_alone(path: Path) -> None:
    Ledger(path.parent).close()
    become_newer(path, statement="ALTER TABLE jobs RENAME TO orders")
    before = path.read_bytes()
    with pytest.raises(DiskError, match="newer version of Scenario 3D: update this one"):
        Ledger(path.parent)
    assert path.read_bytes() == before
    assert list(path.parent.glob("*damaged*")) == []
    assert list((path.parent / "owners").iterdir()) == []
