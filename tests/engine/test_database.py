# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's file over time: older, newer and damaged ones."""

from __future__ import annotations

import json
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

from scenario_addon.engine.database import _move_aside
from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.job import Job, State, new_job
from scenario_addon.engine.migrations import VERSION
from scenario_addon.engine.store import Store
from scenario_addon.engine.values import AssetId, RemoteJobId
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
    path.parent.mkdir(parents=True)
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
def older(path: Path) -> Iterator[Store]:
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
    store = Store(path.parent)
    yield store
    store.close()


# -- older ones


def test_an_older_ledgers_jobs_are_all_there(older: Store) -> None:
    states = [State.NEW, State.SUBMITTING, State.RUNNING, State.FAILED, State.READY]
    assert [(job.state, job.attempt) for job in older.jobs()] == [(state, 1) for state in states]
    assert older.notice is None


def test_an_older_ledgers_unfinished_jobs_are_rescued(older: Store) -> None:
    assert [job.state for job in older.rescue("s")] == [State.NEW, State.UNCERTAIN, State.RUNNING]


def test_an_older_ledgers_costs_count(older: Store) -> None:
    assert older.spent_cu(sample_job(), since=0.0) == Decimal("13.85")
    assert older.spent_cu(sample_job(), since=4.5) == Decimal("9.75"), (
        "by the time of the submission, where it is known"
    )


def test_an_older_ledgers_remote_jobs_stay_taken(older: Store) -> None:
    assert [older.claim_remote(sample_job(), RemoteJobId(f"job_{n}")) for n in (1, 2, 3, 4)] == [False] * 3 + [True]


def test_an_older_ledgers_pictures_are_uploaded_anew(older: Store) -> None:
    assert older.asset("s", "ab") is None


def test_an_older_ledger_is_brought_up_to_date_once(older: Store, path: Path) -> None:
    older.remember_asset("s", "cd", AssetId("asset_2"))
    again = Store(path.parent)
    assert again.asset("s", "cd") == "asset_2"
    assert again.jobs() == older.jobs()
    again.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_an_older_ledger_opened_by_many_at_once_is_brought_up_to_date_once(path: Path) -> None:
    write_version_1(path, *(sample_job() for _ in range(10)))
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: Store(path.parent), range(8)))
    assert all(len(store.jobs()) == 10 for store in stores)
    for store in stores:
        store.close()


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
            Store(path.parent)
    assert path.read_bytes() == before
    store = Store(path.parent)
    assert len(store.jobs()) == 1
    store.close()


# -- damaged ones


def damage(path: Path, how: str) -> bytes:
    """Spoil a ledger that holds thirty jobs; what it holds then."""
    store = Store(path.parent)
    for _ in range(30):
        store.add(sample_job())
    store.close()
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
    store, job = Store(path.parent), sample_job()
    aside = path.with_name("ledger.damaged-1.sqlite3")
    assert store.notice is not None
    assert store.notice.startswith(f"The ledger {path} was damaged: it is kept as {aside}, and a new one was begun.")
    assert aside.read_bytes() == spoilt
    assert store.jobs() == []
    store.add(job)
    store.close()
    again = Store(path.parent)
    assert (again.jobs(), again.notice) == ([job], None)
    again.close()


def test_no_damaged_ledger_is_ever_overwritten(path: Path) -> None:
    spoilt = [damage(path, "text"), *(b"%d" % n * 3000 for n in (2, 3))]
    for content in spoilt:
        path.write_bytes(content)
        Store(path.parent).close()
    kept = [path.with_name(f"ledger.damaged-{n}.sqlite3").read_bytes() for n in (1, 2, 3)]
    assert kept == spoilt


def test_what_sqlite_left_beside_a_damaged_ledger_goes_with_it(path: Path) -> None:
    path.parent.mkdir()
    for ending in ("", "-journal", "-wal"):
        path.with_name(path.name + ending).write_text(ending)
    aside = _move_aside(path)
    assert {file.name: file.read_text() for file in path.parent.iterdir()} == {
        aside.name + ending: ending for ending in ("", "-journal", "-wal")
    }


def test_a_damaged_ledger_that_many_open_at_once_is_replaced_once(path: Path) -> None:
    damage(path, "middle")
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: Store(path.parent), range(8)))
    assert [store.notice is not None for store in stores].count(True) == 1
    stores[0].add(sample_job())
    assert all(len(store.jobs()) == 1 for store in stores)
    assert len(list(path.parent.glob("*damaged*"))) == 1
    for store in stores:
        store.close()


def test_a_damaged_ledger_that_cannot_be_moved_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = damage(path, "text")
    monkeypatch.setattr(Path, "rename", lambda *args: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(DiskError, match=r"Permission denied\): close other programs that use it"):
        Store(path.parent)
    assert path.read_bytes() == spoilt


def test_damage_while_the_ledger_is_in_use_is_told(path: Path) -> None:
    store = Store(path.parent)
    for _ in range(30):
        store.add(sample_job())
    data = path.read_bytes()
    with path.open("rb+") as file:
        file.seek(24)
        file.write(b"\xff" * 4)  # the change counter: what is held in memory is read anew
        file.seek(4096)
        file.write(b"\xff" * (len(data) - 4096))
    with pytest.raises(DiskError, match="start again, then it is moved aside and a new one begun"):
        for job in [sample_job() for _ in range(30)]:
            store.add(job)
    store.close()


def test_a_newer_ledger_is_neither_moved_nor_changed(path: Path) -> None:
    Store(path.parent).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(DiskError, match="newer version of Scenario 3D: update this one"):
        Store(path.parent)
    assert path.read_bytes() == before
    assert list(path.parent.glob("*damaged*")) == []
