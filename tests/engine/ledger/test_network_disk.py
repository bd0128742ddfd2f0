# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger on a network disk, as far as a double of the mount table goes: for one machine at a time, or refused."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from scenario_addon.engine.disk import lease
from scenario_addon.engine.disk.machine import Machine
from scenario_addon.engine.errors import ConfigError, DiskError
from scenario_addon.engine.ledger.heritage import move_in
from scenario_addon.engine.ledger.job import Job, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.ledger.repair import restore_backup
from tests.engine.network_disk import ON_LINUX, mounted
from tests.engine.orders import sample_order

pytestmark = ON_LINUX
WAL: Final = b"\x02\x02"
"""In a file's header: whoever reads it needs memory in common with whoever writes it."""
Sit = Callable[[str], None]


def sample_job() -> Job:
    return new_job(sample_order(folder=Path("/models")), scope="s")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return mounted(monkeypatch, tmp_path / "state")


@pytest.fixture
def sit_at(monkeypatch: pytest.MonkeyPatch) -> Sit:
    """Goes to another machine."""
    monkeypatch.setattr(lease.time, "sleep", lambda seconds: None)

    def sit(name: str) -> None:
        monkeypatch.setattr(lease, "this_machine", lambda: Machine(name * 4, name))

    return sit


def be_gone(folder: Path) -> None:
    """Let the machine that uses a folder have shown no sign of life for long."""
    os.utime(folder / "machine.json", (1.0, 1.0))


def test_several_processes_of_one_machine_share_it(folder: Path) -> None:
    one, other, job = Ledger(folder), Ledger(folder), sample_job()
    one.add(job)
    assert other.jobs() == [job]
    one.close()
    other.add(sample_job())
    other.close()
    assert not (folder / "machine.json").exists()


def test_a_second_machine_is_refused_until_the_first_is_done(folder: Path, sit_at: Sit) -> None:
    sit_at("north")
    ledger, job = Ledger(folder), sample_job()
    ledger.add(job)
    sit_at("south")
    with pytest.raises(ConfigError, match="is used on north"):
        Ledger(folder)
    with pytest.raises(ConfigError, match="is used on north"):
        restore_backup(folder)
    ledger.close()
    ledger = Ledger(folder)
    assert ledger.jobs() == [job]
    ledger.close()


def test_a_machine_that_lost_its_turn_writes_nothing_more(folder: Path, sit_at: Sit) -> None:
    sit_at("north")
    asleep, job = Ledger(folder), sample_job()
    asleep.add(job)
    be_gone(folder)
    sit_at("south")
    ledger = Ledger(folder)
    with pytest.raises(DiskError, match="is used on south now"):
        asleep.add(sample_job())
    assert ledger.jobs() == [job]
    ledger.close()
    with pytest.raises(DiskError, match="may have been used on another machine"):
        asleep.add(sample_job())
    asleep.close()


def test_a_ledger_never_has_a_journal_that_needs_memory_in_common(folder: Path) -> None:
    Ledger(folder).close()
    path = folder / "ledger.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("UPDATE notes SET text = text")
    assert path.read_bytes()[18:20] == WAL
    ledger = Ledger(folder)
    ledger.add(sample_job())
    assert path.read_bytes()[18:20] != WAL
    assert {"ledger.sqlite3-wal", "ledger.sqlite3-shm"}.isdisjoint(path.name for path in folder.iterdir())
    ledger.close()


def test_what_is_hurt_there_is_mended_there(folder: Path) -> None:
    ledger = Ledger(folder)
    ledger.add(sample_job())
    ledger.close()
    (folder / "ledger.sqlite3").write_bytes(b"no database" * 100)
    ledger = Ledger(folder)
    assert ledger.notice is not None and "was damaged" in ledger.notice
    assert len(ledger.jobs()) == 1, "from its backup"
    ledger.close()
    assert not (folder / "machine.json").exists()


def test_where_no_ledger_can_be_nothing_is_made_or_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "old"
    Ledger(old).close()
    (old / "files").mkdir()
    (old / "files" / "chair.glb").write_bytes(b"glTF")
    folder = mounted(monkeypatch, tmp_path / "state", "fuse.sshfs", "ann@box:/home")
    refused = pytest.raises(ConfigError, match=r"fuse\.sshfs, ann@box:/home.*SCENARIO_STATE_DIR to a folder on a local")
    with refused:
        Ledger(folder)
    with refused:
        move_in(old, folder)
    assert not (folder / "ledger.sqlite3").exists()
    assert (old / "ledger.sqlite3").exists() and (old / "files" / "chair.glb").exists()


def test_a_local_ledger_has_no_turns(tmp_path: Path, folder: Path) -> None:
    ledger = Ledger(tmp_path / "local")
    ledger.add(sample_job())
    assert not (tmp_path / "local" / "machine.json").exists()
    ledger.close()
