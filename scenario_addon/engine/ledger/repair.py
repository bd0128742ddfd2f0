# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a ledger that is hurt: mended from itself and from its backups, or held in doubt.

What cannot be read is not nothing: as long as something that was paid for may be missing, there is a doubt, and nothing
is ordered until the user has said so. Called while the ledger is being opened, by one process at a time.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ..disk.lease import held
from ..errors import DiskError
from ..locks import exclusive
from ..values import JobId, RemoteJobId
from .backups import Backups
from .database import DamagedError, Database, move_aside, translated
from .job import Job, State
from .record import dump, load

__all__ = ["open_ledger", "restore_backup", "take_over"]

log = logging.getLogger(__name__)

_UNPAID: Final = frozenset({State.NEW, State.UPLOADED})
_STATES: Final = ", ".join(f"'{state}'" for state in State)
_SPOILT: Final = f"""
    SELECT id, state, remote_id, record FROM jobs WHERE NOT COALESCE(
        typeof(record) = 'text' AND CASE WHEN json_valid(record) THEN
            json_extract(record, '$.id') = id AND json_extract(record, '$.scope') = scope
            AND json_extract(record, '$.state') = state AND json_extract(record, '$.remote_id') IS remote_id
            AND state IN ({_STATES}) AND settled IN (0, 1) AND typeof(identity) = 'text'
            AND json_type(record, '$.order.pictures') = 'array' AND json_type(record, '$.order.values') = 'object'
        ELSE 0 END, 0) AND id NOT IN (SELECT job_id FROM removed)"""
"""Jobs whose columns and record do not agree, or of which one cannot be read."""
_LOST: Final = """
    SELECT job_id FROM charges UNION SELECT job_id FROM claims WHERE job_id != ''
    EXCEPT SELECT id FROM jobs EXCEPT SELECT job_id FROM removed"""
"""Jobs that cost something and are not there, though nobody took them off the list."""
_IS_SETTLED: Final = "SELECT 1 FROM notes WHERE name = 'settled'"
"""Whether the user goes on without what was lost."""


def open_ledger(path: Path, backups: Backups) -> tuple[Database, str | None]:
    """Open a ledger, and mend it as far as that is possible.

    :return: also what the user has to know of it.
    :raises DiskError: it cannot be used.
    :raises ConfigError: it cannot be where it is, or another machine uses it.
    """
    with translated(path), held(path.parent), exclusive(path.with_name("opening.lock")):
        try:
            db, notice = Database(path), None
        except DamagedError:
            db, notice = _reopened(path, backups)
        if not db.is_newer:
            _mend(db, backups)
            _look_for_doubt(db, backups)
        return db, notice


def restore_backup(folder: Path) -> None:
    """Put the newest backup that is whole where the ledger is, which is moved aside. Nobody may have it open here.

    :raises DiskError: there is no such backup, or it cannot be written; then the ledger is as it was.
    :raises ConfigError: another machine uses it.
    """
    path, backups = folder / "ledger.sqlite3", Backups(folder / "backups")
    with translated(path), held(folder), exclusive(path.with_name("opening.lock")):
        if backups.newest_whole is None:
            raise DiskError(f"No backup of {path} is whole: what was paid for is in your Scenario project.")
        if path.exists():
            move_aside(path)
        backups.restore(path)
        db = Database(path)
        try:
            with db.transaction() as writing:
                writing.execute("DELETE FROM notes WHERE name = 'doubt'")
                _doubt_unpaid(writing, except_for=frozenset())
        finally:
            db.close()


def _reopened(path: Path, backups: Backups) -> tuple[Database, str]:
    """Put what can be had of a damaged ledger into a whole one."""
    aside = move_aside(path)
    backup = backups.restore(path)
    try:
        db = Database(path)
    except DamagedError as error:  # the new one, too
        raise OSError(str(error)) from error
    saved = _saved(aside, db)
    told = f"The ledger {path} was damaged: it is kept as {aside}, and "
    if backup is not None:
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(backup.stat().st_mtime))
        notice = f"{told}everything is as in its backup of {since}, or newer."
        with db.transaction() as writing:
            _doubt_unpaid(writing, except_for=saved)
    else:
        notice = f"{told}a new one was begun. What was paid for is in your Scenario project."
        with db.transaction() as writing:
            _note_doubt(writing, f"The ledger {path} was damaged, and there is no backup of it")
    log.warning(notice)
    return db, notice


def _saved(aside: Path, db: Database) -> frozenset[str]:
    """Take over what can still be read of a damaged file; gives the jobs that came so."""
    try:
        with closing(sqlite3.connect(aside)) as old:
            return take_over(old, db)
    except sqlite3.Error:
        return frozenset()


def take_over(
    old: sqlite3.Connection, db: Database, *, change: Callable[[Job], Job] = lambda job: job
) -> frozenset[str]:
    """Write what can be read of another ledger into this one; gives the jobs that came so.

    :param change: what is to be different about them.
    """
    taken: set[str] = set()
    with db.transaction() as writing:
        for row in _readable(old, "jobs", ("id", "scope", "owner", "created_at", "record")):
            if (job := load(row[-1])) is not None and job.id == row[0]:
                writing.execute(
                    "INSERT OR REPLACE INTO jobs (id, scope, owner, created_at, state, remote_id, settled, identity, "
                    "record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (*row[:4], *_columns(change(job))),
                )
                taken.add(job.id)
        for table, columns in _OTHERS.items():
            for row in _readable(old, table, columns):
                marks = ", ".join("?" * len(row))
                writing.execute(f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})", row)
    return frozenset(taken)


_OTHERS: Final = {
    "charges": ("job_id", "attempt", "scope", "at", "cu"),
    "claims": ("scope", "kind", "value", "job_id"),
    "removed": ("job_id",),
    "assets": ("scope", "sha256", "asset_id", "created_at"),
    "cut_outs": ("scope", "sha256", "job_id", "remote_id", "asset_id"),
    "notes": ("name", "text"),
}


def _readable(db: sqlite3.Connection, table: str, columns: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """Read the rows of a table up to where it is damaged, from both ends."""
    seen: set[Any] = set()
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error):
            for row in db.execute(f"SELECT rowid, {', '.join(columns)} FROM {table} ORDER BY rowid {order}"):
                if row[0] not in seen and not any(value is None for value in row[1:2]):
                    seen.add(row[0])
                    yield row[1:]


def _doubt_unpaid(db: sqlite3.Connection, *, except_for: frozenset[str]) -> None:
    """Doubt the jobs that were not ordered yet when the backup was made: they may have been since."""
    for (record,) in db.execute("SELECT record FROM jobs WHERE NOT settled").fetchall():
        job = load(record)
        if job is not None and job.id not in except_for and _is_before_its_mesh(job):
            _write(db, job.id, _in_doubt(job))


def _mend(db: Database, backups: Backups) -> None:
    """Put every job right that is not: by its own columns and record, else by what a backup has of it."""
    spoilt = db.execute(_SPOILT)
    lost = [job_id for (job_id,) in db.execute(_LOST)]
    if not spoilt and not lost:
        return
    with db.transaction() as writing:
        for job_id, state, remote_id, record in spoilt:
            job = load(record) or _from_backups(job_id, backups)
            if job is not None:
                _write(writing, job_id, _joined(job, state, remote_id))
                log.warning("job %s in the ledger was put right", job.id)
        for job_id in lost:
            job = _from_backups(job_id, backups)
            if job is not None:
                _insert(writing, _joined(job, None, _claimed(writing, job_id)))
                log.warning("job %s was missing from the ledger, and is back", job_id)


def _from_backups(job_id: str, backups: Backups) -> Job | None:
    found = next((job for record in backups.records(job_id) if (job := load(record)) and job.id == job_id), None)
    return _in_doubt(found) if found and found.cut_out and _is_before_its_mesh(found) else found


def _claimed(db: sqlite3.Connection, job_id: str) -> str | None:
    row = db.execute("SELECT value FROM claims WHERE kind = 'remote' AND job_id = ?", (job_id,)).fetchone()
    return row[0] if row else None


def _joined(job: Job, state: Any, remote_id: Any) -> Job:
    """A job with what its columns know beyond the record."""
    if job.remote_id is None and isinstance(remote_id, str) and remote_id:
        return replace(job, state=State.RUNNING, remote_id=RemoteJobId(remote_id), cut_out=None, wait_s=0.0, error=None)
    went_on = state in set(State) - _UNPAID - {State.FAILED, State.CANCELLED}
    return _in_doubt(job) if job.state in _UNPAID and went_on else job


def _in_doubt(job: Job) -> Job:
    return replace(job, state=State.UNCERTAIN, cut_out=None, wait_s=0.0, error=None, failures=0)


def _is_before_its_mesh(job: Job) -> bool:
    """Whether a job was still to order its mesh, so that one that is older than the ledger was may have done so."""
    return job.state in _UNPAID or (job.cut_out is not None and not job.is_settled)


def _look_for_doubt(db: Database, backups: Backups) -> None:
    """Note what of the past is missing and cannot be had back."""
    if db.execute("SELECT 1 FROM notes WHERE name = 'doubt'"):
        return
    has_past = "SELECT 1 FROM jobs UNION SELECT 1 FROM removed UNION SELECT 1 FROM charges LIMIT 1"
    if db.execute(has_past):
        _forget_settled(db)
    elif backups.newest is not None and not db.execute(_IS_SETTLED):
        what = "is gone" if db.is_new else "is empty"
        with db.transaction() as writing:
            _note_doubt(writing, f"The ledger {db.path} {what}, though there are backups of it in {backups.folder}")
    if db.execute(_LOST):
        with db.transaction() as writing:
            _note_doubt(writing, f"Jobs that were paid for are missing from the ledger {db.path}")


def _forget_settled(db: Database) -> None:
    """Forget that doubts were settled: a ledger that has a past again is in doubt again when it loses that."""
    if db.execute(_IS_SETTLED):
        with db.transaction() as writing:
            writing.execute("DELETE FROM notes WHERE name = 'settled'")


def _note_doubt(db: sqlite3.Connection, text: str) -> None:
    db.execute("INSERT OR IGNORE INTO notes VALUES ('doubt', ?)", (text,))


def _columns(job: Job) -> tuple[object, ...]:
    return job.state, job.remote_id, job.is_settled, job.order.identity, dump(job)


def _write(db: sqlite3.Connection, job_id: JobId | str, job: Job) -> None:
    """Set a job's row anew, whatever its columns are now."""
    db.execute(
        "UPDATE OR IGNORE jobs SET id = ?, scope = ?, state = ?, remote_id = ?, settled = ?, identity = ?, record = ? "
        "WHERE id = ?",
        (job.id, job.scope, *_columns(job), job_id),
    )


def _insert(db: sqlite3.Connection, job: Job) -> None:
    db.execute(
        "INSERT OR IGNORE INTO jobs (id, scope, created_at, state, remote_id, settled, identity, record) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (job.id, job.scope, job.created_at, *_columns(job)),
    )
