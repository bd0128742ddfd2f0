# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether there is room for what comes, and whether what was noted of earlier jobs is whole. Any thread.

The ledger is looked at and never touched: what mends it is opening it, see ``ledger.repair``.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ..disk.kinds import Trust, file_system
from ..files import probe
from ..host import Check
from ..ledger.backups import Backups
from ..ledger.migrations import VERSION
from ..text import ago

__all__ = ["disk_checks"]

_LOW_SPACE_BYTES: Final = 1_000_000_000
_OTHER_DISK: Final = "Set SCENARIO_STATE_DIR to a folder on a local disk, one for each machine."
_BUSY_S: Final = 2.0
"""So long another process that writes is waited for."""
_IN_USE: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_INTERRUPTED: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
"""What SQLite answers who may only read where a process died while it was writing."""
_RESTORE: Final = "Put the file back, or restore its newest backup in Blender's tab Scenario."


def disk_checks(folder: Path, meshes: Path | None = None) -> list[Check]:
    """Look at the folder of the ledger, at the ledger, and at the folder of the meshes where that is another one.

    :param folder: made if need be, like the other one.
    """
    checks = [_folder(folder)]
    if meshes is not None and not meshes.is_relative_to(folder):
        checks.append(_meshes(meshes))
    return [*checks, *_jobs(folder)]


def _folder(folder: Path) -> Check:
    try:
        free_bytes = _free_bytes(folder)
    except OSError as error:
        what = f"{folder} cannot be written ({error.strerror or error})"
        return Check("ledger", False, what, "Set SCENARIO_STATE_DIR to a folder of yours.")
    disk = file_system(folder)
    is_safe, is_shared = disk.trust is not Trust.NONE, disk.trust is Trust.ONE_MACHINE
    but = ", for one machine at a time" if is_shared else "" if is_safe else ", where it is not safe"
    text = f"{folder}, {_free(free_bytes)}, on {disk}{but}"
    if not is_safe:
        return Check("ledger", False, text, _OTHER_DISK)
    fix = "Make room: results are downloaded to this disk." if free_bytes < _LOW_SPACE_BYTES else ""
    return Check("ledger", not fix, text, fix)


def _meshes(folder: Path) -> Check:
    try:
        free_bytes = _free_bytes(folder)
    except OSError as error:
        what = f"{folder} cannot be written ({error.strerror or error}), so that meshes are kept with the ledger"
        return Check("meshes folder", False, what, "Choose another folder for Keep Meshes In, in the preferences.")
    fix = "Make room, or keep meshes on another disk." if free_bytes < _LOW_SPACE_BYTES else ""
    return Check("meshes folder", not fix, f"{folder}, {_free(free_bytes)}", fix)


def _free_bytes(folder: Path) -> int:
    """How much may be written there.

    :raises OSError: nothing.
    """
    probe(folder)
    return shutil.disk_usage(folder).free


def _free(count: int) -> str:
    return f"{count / 1e9:.1f} GB free"


def _jobs(folder: Path) -> list[Check]:
    """Look whether the ledger and its backups are whole."""
    path, backups = folder / "ledger.sqlite3", Backups(folder / "backups")
    kept = backups.newest_first()
    try:
        if not path.is_file() or not path.stat().st_size:
            is_lost = bool(kept)
            text = "The ledger is gone, though there are backups of it" if is_lost else "none yet"
            return [Check("jobs", not is_lost, text, _RESTORE if is_lost else "")]
        check = _ledger(path)
    except (sqlite3.Error, OSError) as error:
        check = _unreadable(error, path)
    return [check, _backups(backups, kept)] if kept else [check]


def _ledger(path: Path) -> Check:
    """Read it through.

    :raises sqlite3.Error: it cannot be read.
    """
    name = path.as_posix()  # a share of Windows begins with two slashes, a drive with none
    address = f"file://{quote(name if name.startswith('/') else f'/{name}')}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_S)) as db:
        [(finding,)] = db.execute("PRAGMA integrity_check(1)").fetchall()
        if finding != "ok":
            return _damaged(path, finding)
        [(version,)] = db.execute("PRAGMA user_version").fetchall()
        if version > VERSION:
            what = "A newer version of Scenario 3D has written the ledger, so that this one orders nothing"
            return Check("jobs", False, what, "Update Scenario 3D.")
        doubts = db.execute("SELECT text FROM notes WHERE name = 'doubt'").fetchall()
        [(count, unsettled)] = db.execute("SELECT COUNT(*), COUNT(*) - COALESCE(SUM(settled), 0) FROM jobs").fetchall()
    if doubts:
        return Check("jobs", False, f"{doubts[0][0]}, so that nothing is ordered", _RESTORE)
    if not count:
        return Check("jobs", True, "none yet; the ledger is whole")
    open_jobs = f", {unsettled} of them not finished" if unsettled else ""
    return Check("jobs", True, f"{count}{open_jobs}; the ledger is whole")


def _damaged(path: Path, finding: str) -> Check:
    fix = f"Keep a copy of {path.parent}, then start again: the ledger is mended from itself and its backups."
    return Check("jobs", False, f"The ledger is damaged ({' '.join(finding.split())})", fix)


def _unreadable(error: sqlite3.Error | OSError, path: Path) -> Check:
    code = getattr(error, "sqlite_errorcode", -1) & 0xFF  # the higher bits say what kind
    if code in _IN_USE:
        return Check("jobs", True, "another process writes to the ledger right now, so that it was not read")
    if code in _INTERRUPTED and path.with_name(f"{path.name}-journal").exists():
        return Check("jobs", True, "writing to the ledger was interrupted; that is undone when it is opened next")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
        return _damaged(path, str(error))
    return Check("jobs", False, f"The ledger cannot be read ({error})", f"Check the permissions of {path}.")


def _backups(backups: Backups, kept: list[Path]) -> Check:
    whole = backups.newest_whole
    if whole != kept[0]:
        rest = f"; {whole.name} is whole" if whole else ", and none is whole"
        text = f"The newest backup, {kept[0].name}, is damaged{rest}"
        return Check("backups", False, text, f"Remove {kept[0]}, and check the disk for faults.")
    age = ago(max(0.0, time.time() - kept[0].stat().st_mtime))
    return Check("backups", True, f"{len(kept)}, the newest of which is whole and was made {age}")
