# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: every job and every uploaded picture, in one SQLite file that several processes share.

A move of a job is on disk before the step that follows it. A job is carried by one owner at a time, see
:mod:`.owner`. Any thread; each call is one transaction.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from .errors import DiskError, NotCarried
from .job import Job, State
from .owner import Owner
from .values import AssetId, JobId, RemoteJobId

__all__ = ["Store"]

log = logging.getLogger(__name__)

VERSION: Final = 1
BUSY_TIMEOUT_S: Final = 30.0
_TABLES: Final = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    state TEXT NOT NULL,
    remote_id TEXT,
    owner TEXT,
    created_at REAL NOT NULL,
    record TEXT NOT NULL
);
CREATE TABLE assets (
    scope TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    asset_id TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (scope, sha256)
);
"""
_JOB: Final = TypeAdapter(Job)


class Store:
    """The ledger of one folder.

    :param folder: made if need be; holds ``ledger.sqlite3`` and the owners' locks.
    :raises DiskError: the folder or the file cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ledger.sqlite3"
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._owner = Owner(folder / "owners")
        except OSError as error:
            reason = error.strerror or error
            raise DiskError(
                f"{folder} cannot be used for the ledger ({reason}): set SCENARIO_STATE_DIR to a folder of yours."
            ) from error
        try:
            self._db = self._open()
        except BaseException:
            self._owner.release()
            raise

    # -- jobs

    def add(self, job: Job) -> None:
        """A new job, carried by this process."""
        with self._transaction() as db:
            db.execute(
                "INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?)",
                (job.id, job.scope, job.state, job.remote_id, self._owner.name, job.created_at, _dump(job)),
            )

    def save(self, job: Job) -> None:
        """Write a move down. Only the process that carries a job may.

        :raises NotCarried: that is not this one.
        :raises DiskError: it could not be written.
        """
        with self._transaction() as db:
            changed = db.execute(
                "UPDATE jobs SET state = ?, remote_id = ?, record = ? WHERE id = ? AND owner = ?",
                (job.state, job.remote_id, _dump(job), job.id, self._owner.name),
            ).rowcount
        if not changed:
            raise NotCarried("This job is carried on by another process, or was removed there: leave it to that one.")

    def claim(self, job_id: JobId) -> Job | None:
        """Take a job over, unless a living process carries it. What it may have submitted is uncertain from then on.

        :return: the job as it now stands; ``None`` when it is somebody else's, gone, or cannot be read.
        """
        with self._transaction() as db:
            row = db.execute("SELECT owner, record FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if row is None or (row[0] not in (None, self._owner.name) and self._owner.lives(row[0])):
                return None
            job = _load(row[1])
            if job is None or row[0] == self._owner.name:
                return job
            if job.state is State.SUBMITTING:  # its process died between the intent and the answer
                job = job.moved(State.UNCERTAIN)
            db.execute(
                "UPDATE jobs SET owner = ?, state = ?, record = ? WHERE id = ?",
                (self._owner.name, job.state, _dump(job), job_id),
            )
        return job

    def release(self, job_id: JobId) -> None:
        """Let somebody else carry it."""
        with self._transaction() as db:
            db.execute("UPDATE jobs SET owner = NULL WHERE id = ? AND owner = ?", (job_id, self._owner.name))

    def remove(self, job_id: JobId) -> None:
        with self._transaction() as db:
            db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def get(self, job_id: JobId) -> Job | None:
        with self._translated(), self._lock:
            row = self._db.execute("SELECT record FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return _load(row[0]) if row else None

    def jobs(self, *, scope: str | None = None) -> Sequence[Job]:
        """All jobs, oldest first; one that cannot be read is left out, and left alone."""
        with self._translated(), self._lock:
            rows = self._db.execute(
                "SELECT record FROM jobs WHERE ? IS NULL OR scope = ? ORDER BY created_at, rowid",
                (scope, scope),
            ).fetchall()
        return [job for (record,) in rows if (job := _load(record)) is not None]

    def claim_remote(self, job_id: JobId, remote_id: RemoteJobId) -> bool:
        """Note which of the service's jobs belongs to a job, unless it already belongs to another one."""
        with self._transaction() as db:
            taken = db.execute("SELECT 1 FROM jobs WHERE remote_id = ? AND id != ?", (remote_id, job_id)).fetchone()
            if taken is None:
                db.execute("UPDATE jobs SET remote_id = ? WHERE id = ?", (remote_id, job_id))
        return taken is None

    # -- pictures

    def asset(self, scope: str, sha256: str) -> AssetId | None:
        """The id of a picture that was uploaded to this project before."""
        with self._translated(), self._lock:
            row = self._db.execute(
                "SELECT asset_id FROM assets WHERE scope = ? AND sha256 = ?", (scope, sha256)
            ).fetchone()
        return AssetId(row[0]) if row else None

    def remember_asset(self, scope: str, sha256: str, asset_id: AssetId) -> None:
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO assets VALUES (?, ?, ?, ?)", (scope, sha256, asset_id, time.time()))

    def forget_asset(self, scope: str, sha256: str) -> None:
        with self._transaction() as db:
            db.execute("DELETE FROM assets WHERE scope = ? AND sha256 = ?", (scope, sha256))

    def close(self) -> None:
        with self._lock:
            self._db.close()
            self._owner.release()

    def _open(self) -> sqlite3.Connection:
        with self._translated():
            db = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
            try:
                # Without a journal mode that needs shared memory, home folders on a network work too.
                db.execute("PRAGMA synchronous = FULL")
                with _atomic(db):
                    self._prepare(db)
            except BaseException:
                db.close()
                raise
            return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        # The version is read inside the transaction: two processes may be opening a new ledger at once.
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise DiskError(f"{self.path} was written by a newer version of Scenario 3D: update this one.")
        if version == 0:
            for statement in _TABLES.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection, None, None]:
        with self._translated(), self._lock, _atomic(self._db):
            yield self._db

    @contextmanager
    def _translated(self) -> Generator[None, None, None]:
        try:
            yield
        except sqlite3.Error as error:
            is_damaged = getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
            remedy = (
                "move the file away to start a new one; what was paid for is in your Scenario project"
                if is_damaged
                else "check the disk's space and the file's permissions"
            )
            raise DiskError(f"The ledger {self.path} cannot be used ({error}): {remedy}.") from error


@contextmanager
def _atomic(db: sqlite3.Connection) -> Generator[None, None, None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _dump(job: Job) -> str:
    try:
        return _JOB.dump_json(job).decode()
    except ValueError as error:  # such as a file name that is not Unicode
        raise DiskError(f"The job cannot be written down ({error}): give it another name and folder.") from error


def _load(record: str) -> Job | None:
    try:
        return _JOB.validate_json(record)
    except ValidationError as error:
        log.error("a job in the ledger cannot be read: %s", error.errors()[0]["msg"])
        return None
