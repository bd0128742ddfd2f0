# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the ledger: made after what counts, as seldom as a large one needs, and never in the way."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scenario_addon.engine.ledger.backups import Backups


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)) as made:
        made.execute("CREATE TABLE jobs (id TEXT, record TEXT)")
        yield made


@pytest.fixture
def backups(tmp_path: Path) -> Backups:
    return Backups(tmp_path / "my backups ü")


def write(db: sqlite3.Connection, record: str) -> None:
    db.execute("DELETE FROM jobs")
    db.execute("INSERT INTO jobs VALUES ('a', ?)", (record,))


def age(path: Path, hours: float) -> None:
    at = time.time() - hours * 3600
    os.utime(path, (at, at))


def test_a_copy_is_whole_and_its_owners_alone(db: sqlite3.Connection, backups: Backups, tmp_path: Path) -> None:
    write(db, "one")
    backups.make(db)
    assert backups.restore(tmp_path / "restored.sqlite3") == backups.newest
    with closing(sqlite3.connect(tmp_path / "restored.sqlite3")) as restored:
        assert restored.execute("SELECT record FROM jobs").fetchall() == [("one",)]
    assert backups.newest is not None
    if os.name == "posix":
        assert stat.S_IMODE(backups.newest.stat().st_mode) == 0o600
        assert stat.S_IMODE(backups.folder.stat().st_mode) == 0o700


def test_the_newest_copy_is_replaced_for_an_hour(db: sqlite3.Connection, backups: Backups) -> None:
    for number in range(5):
        write(db, str(number))
        backups.make(db)
    assert [path.name for path in backups.newest_first()] == ["ledger-2.sqlite3", "ledger-1.sqlite3"]
    assert list(backups.records("a")) == ["4", "0"]
    age(backups.newest_first()[1], hours=1.1)
    write(db, "5")
    backups.make(db)
    assert list(backups.records("a")) == ["5", "4", "0"]
    write(db, "6")
    backups.make(db)
    assert list(backups.records("a")) == ["6", "4", "0"]


def test_the_oldest_copies_go(db: sqlite3.Connection, backups: Backups) -> None:
    for number in range(20):
        write(db, str(number))
        backups.make(db)
        for path in backups.newest_first():
            age(path, hours=2)
    assert list(backups.records("a")) == ["19", "18", "17", "16", "15", "14"]


def test_a_large_ledger_is_copied_seldom(
    db: sqlite3.Connection, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])
    fsync = os.fsync

    def slow(file: int) -> None:
        now_s[0] += 0.5
        fsync(file)

    monkeypatch.setattr(os, "fsync", slow)
    assert backups.is_due
    backups.make(db)
    assert not backups.is_due
    now_s[0] += 9.9
    assert not backups.is_due
    now_s[0] += 0.2
    assert backups.is_due


def test_a_copy_that_fails_leaves_the_ones_before(
    db: sqlite3.Connection, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(db, "one")
    backups.make(db)
    write(db, "two")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(OSError, match="full"):
        backups.make(db)
    assert list(backups.records("a")) == ["one"]
    assert {path.name for path in backups.folder.iterdir()} == {"ledger-1.sqlite3", "backups.lock"}


@pytest.mark.parametrize("content", [b"", b"text" * 999, b"SQLite format 3\0" + bytes(5000)])
def test_what_is_no_copy_is_passed_over(
    db: sqlite3.Connection, backups: Backups, tmp_path: Path, content: bytes
) -> None:
    write(db, "one")
    backups.make(db)
    (backups.folder / "ledger-9.sqlite3").write_bytes(content)
    (backups.folder / "notes.txt").write_text("mine")
    assert list(backups.records("a")) == ["one"]
    restored = backups.restore(tmp_path / "restored.sqlite3")
    assert restored is not None
    assert restored.name == "ledger-1.sqlite3"
    backups.make(db)
    assert (backups.folder / "notes.txt").read_text() == "mine"


def test_a_copy_that_cannot_be_brought_back_leaves_nothing_half_done(
    db: sqlite3.Connection, backups: Backups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(db, "one")
    backups.make(db)
    place = tmp_path / "restored" / "ledger.sqlite3"
    place.parent.mkdir()
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        with pytest.raises(OSError, match="full"):
            backups.restore(place)
    assert list(place.parent.iterdir()) == []
    assert backups.restore(place) == backups.newest
    assert list(place.parent.iterdir()) == [place]


def test_where_there_is_none_nothing_is_restored(backups: Backups, tmp_path: Path) -> None:
    assert backups.restore(tmp_path / "restored.sqlite3") is None
    assert backups.newest is None
    assert list(tmp_path.iterdir()) == []
