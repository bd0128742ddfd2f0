# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk and the ledger as ``doctor`` finds them: looked at, and left alone."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from scenario_addon.engine.examination import disk
from scenario_addon.engine.examination.disk import disk_checks
from scenario_addon.engine.host import Check
from scenario_addon.engine.ledger.ledger import Ledger


def write(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger with two jobs, one of them under way, and a backup."""
    Ledger(tmp_path).close()
    row = "INSERT INTO jobs (id, scope, owner, created_at, state, settled, identity, record) VALUES"
    write(
        tmp_path / "ledger.sqlite3",
        f"{row} ('a', 's', '', 0, 'running', 0, '', '{{}}')",
        f"{row} ('b', 's', '', 0, 'imported', 1, '', '{{}}')",
    )
    (tmp_path / "backups").mkdir(exist_ok=True)
    shutil.copy(tmp_path / "ledger.sqlite3", tmp_path / "backups" / "ledger-1.sqlite3")
    return tmp_path


def checked(folder: Path, meshes: Path | None = None) -> dict[str, Check]:
    """What is found, in a folder in which nothing changes by that."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    checks = disk_checks(folder, meshes)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    for check in checks:
        assert check.ok or check.fix.endswith(".")
    return {check.name: check for check in checks}


def test_a_ledger_that_is_whole_is_counted(folder: Path) -> None:
    found = checked(folder)
    assert all(check.ok for check in found.values())
    assert found["jobs"].text == "2, 1 of them not finished; the ledger is whole"
    assert found["backups"].text == "1, the newest of which is whole and was made just now"


def test_before_the_first_job_there_is_nothing_to_complain_about(tmp_path: Path) -> None:
    found = checked(tmp_path / "new")
    assert found["jobs"] == Check("jobs", True, "none yet")
    assert "backups" not in found


@pytest.mark.parametrize("harm", ["garbage", "a hole", "another database"])
def test_a_hurt_ledger_is_told_and_not_mended(folder: Path, harm: str) -> None:
    path = folder / "ledger.sqlite3"
    data = bytearray(path.read_bytes())
    if harm == "another database":
        path.unlink()
        write(path, "CREATE TABLE recipes (name TEXT)")
    else:
        data[100 if harm == "a hole" else 0 : 4000] = b"\xff" * 3900
        path.write_bytes(data)
    found = checked(folder)["jobs"]
    assert not found.ok
    assert found.text.startswith("The ledger is damaged (")
    assert str(folder) in found.fix
    assert list(folder.glob("*damaged*")) == []


def test_a_ledger_that_is_gone_is_missed_where_there_are_backups(folder: Path) -> None:
    (folder / "ledger.sqlite3").unlink()
    found = checked(folder)["jobs"]
    assert (found.ok, found.text) == (False, "The ledger is gone, though there are backups of it")
    assert not (folder / "ledger.sqlite3").exists()


def test_a_doubt_is_told(folder: Path) -> None:
    write(folder / "ledger.sqlite3", "INSERT INTO notes VALUES ('doubt', 'Jobs are missing')")
    assert checked(folder)["jobs"].text == "Jobs are missing, so that nothing is ordered"


def test_a_ledger_of_a_newer_version_is_told(folder: Path) -> None:
    write(folder / "ledger.sqlite3", "PRAGMA user_version = 99")
    assert checked(folder)["jobs"].fix == "Update Scenario 3D."


def test_a_ledger_that_somebody_writes_to_is_left_in_peace(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_BUSY_S", 0.0)
    with closing(sqlite3.connect(folder / "ledger.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        found = {check.name: check for check in disk_checks(folder)}["jobs"]
    assert found.ok
    assert "right now" in found.text


def test_a_write_that_a_crash_has_interrupted_is_not_undone_here(folder: Path) -> None:
    path = folder / "ledger.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as dying:
        dying.execute("PRAGMA cache_spill = 1")
        dying.execute("PRAGMA cache_size = 1")
        dying.execute("BEGIN IMMEDIATE")
        for number in range(300):
            dying.execute("INSERT INTO notes VALUES (?, ?)", (f"n{number}", "x" * 500))
        crashed = folder / "crashed"
        crashed.mkdir()
        for name in (path.name, f"{path.name}-journal"):
            shutil.copy(folder / name, crashed / name)
        dying.execute("ROLLBACK")
    found = checked(crashed)["jobs"]
    assert (found.ok, "interrupted" in found.text) == (True, True), found


@pytest.mark.parametrize("kept", [1, 2])
def test_a_damaged_backup_is_told(folder: Path, kept: int) -> None:
    for number in range(1, kept + 1):
        (folder / "backups" / f"ledger-{number}.sqlite3").write_bytes(b"no database at all, but a text" * 100)
    if kept == 2:
        shutil.copy(folder / "ledger.sqlite3", folder / "backups" / "ledger-1.sqlite3")
    found = checked(folder)["backups"]
    assert not found.ok
    assert found.text.endswith("ledger-1.sqlite3 is whole" if kept == 2 else "and none is whole")


@pytest.mark.parametrize("which", ["state", "meshes"])
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str) -> None:
    def refuse(folder: Path, name: str = "") -> None:
        if folder.name == which:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(disk, "probe", refuse)
    for name in ("state", "meshes"):
        (tmp_path / name).mkdir()
    found = {check.name: check for check in disk_checks(tmp_path / "state", tmp_path / "meshes")}
    bad = found["ledger" if which == "state" else "meshes folder"]
    assert [check for check in found.values() if not check.ok] == [bad]
    assert f"{tmp_path / which} cannot be written (Permission denied)" in bad.text


def test_a_full_disk_is_told_of_meshes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(folder: Path) -> SimpleNamespace:
        return SimpleNamespace(free=5 * 10**6 if folder.name == "meshes" else 10**12)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    found = checked(tmp_path / "state", tmp_path / "meshes")
    assert (found["ledger"].ok, found["meshes folder"].ok) == (True, False)
    assert "0.0 GB free" in found["meshes folder"].text


def test_meshes_beside_the_ledger_need_no_line_of_their_own(folder: Path) -> None:
    assert "meshes folder" not in checked(folder, folder / "meshes")


def test_a_ledger_that_may_not_be_read_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise error

    monkeypatch.setattr(disk.sqlite3, "connect", refuse)
    (found,) = [check for check in disk_checks(folder) if check.name == "jobs"]
    assert (found.ok, found.text) == (False, "The ledger cannot be read (unable to open database file)")
    assert "permissions" in found.fix
