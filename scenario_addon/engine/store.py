# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: every job and every uploaded picture, in one SQLite file that several processes share.

A move of a job is on disk before the step that follows it. A job is carried by one owner at a time, see
:mod:`.owner`. Any thread; each call is one transaction.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from .database import Database
from .errors import DiskError, NotCarried
from .job import Job, State
from .owner import Owner
from .values import AssetId, JobId, RemoteJobId

__all__ = ["Store"]

log = logging.getLogger(__name__)

_JOB: Final = TypeAdapter(Job)
_CLAIMANT: Final = "SELECT job_id FROM claims WHERE scope = ? AND kind = ? AND value = ?"


class Store:
    """The ledger of one folder.

    :param folder: made if need be; holds ``ledger.sqlite3`` and the owners' locks.
    :raises DiskError: the folder or the file cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._owner = Owner(folder / "owners")
        except OSError as error:
            reason = error.strerror or error
            raise DiskError(
                f"{folder} cannot be used for the ledger ({reason}): set SCENARIO_STATE_DIR to a folder of yours."
            ) from error
        try:
            self._db = Database(folder / "ledger.sqlite3")
        except BaseException:
            self._owner.release()
            raise

    @property
    def path(self) -> Path:
        return self._db.path

    @property
    def notice(self) -> str | None:
        """What the user has to know of how the ledger was opened: that a damaged one was moved aside."""
        return self._db.notice

    # -- jobs

    def add(self, job: Job) -> None:
        """A new job, carried by this process."""
        with self._db.transaction() as db:
            db.execute(
                "INSERT INTO jobs (id, scope, owner, created_at, state, remote_id, settled, record) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (job.id, job.scope, self._owner.name, job.created_at, *_columns(job)),
            )
            _note_costs(db, job)

    def save(self, job: Job) -> None:
        """Write a move down, and what is now known of its costs. Only the process that carries a job may.

        :raises NotCarried: that is not this one.
        :raises DiskError: it could not be written.
        """
        with self._db.transaction() as db:
            changed = db.execute(
                "UPDATE jobs SET state = ?, remote_id = ?, settled = ?, record = ? WHERE id = ? AND owner = ?",
                (*_columns(job), job.id, self._owner.name),
            ).rowcount
            # Also for a job that is somebody else's by now, or was removed: what it costs, it costs.
            _note_costs(db, job)
        if not changed:
            raise NotCarried("This job is carried on by another process, or was removed there: leave it to that one.")

    def claim(self, job_id: JobId) -> Job | None:
        """Take a job over, unless a living process carries it. What it may have submitted is uncertain from then on.

        :return: the job as it now stands; ``None`` when it is somebody else's, gone, or cannot be read.
        """
        with self._db.transaction() as db:
            row = db.execute("SELECT owner, record FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if row is None or (row[0] not in (None, self._owner.name) and self._owner.lives(row[0])):
                return None
            return _load(row[1]) if row[0] == self._owner.name else self._taken(db, row[1])

    def rescue(self, scope: str) -> list[Job]:
        """Take over every unfinished job of a project whose process is gone. Cheap when there is none."""
        orphans = "FROM jobs WHERE scope = ? AND NOT settled AND owner IS NOT NULL"
        owners = [name for (name,) in self._db.execute(f"SELECT DISTINCT owner {orphans}", (scope,))]
        if all(self._owner.lives(name) for name in owners):
            return []
        with self._db.transaction() as db:
            rows = db.execute(f"SELECT owner, record {orphans} ORDER BY created_at, rowid", (scope,)).fetchall()
            dead = {name for name in {owner for owner, _ in rows} if not self._owner.lives(name)}
            taken = [self._taken(db, record) for owner, record in rows if owner in dead]
        return [job for job in taken if job is not None]

    def _taken(self, db: sqlite3.Connection, record: str) -> Job | None:
        """A job that nobody carries, made this process's own."""
        job = _load(record)
        if job is None:
            return None
        if job.state is State.SUBMITTING:  # its process died between the intent and the answer
            job = job.moved(State.UNCERTAIN)
        db.execute(
            "UPDATE jobs SET owner = ?, state = ?, record = ? WHERE id = ?",
            (self._owner.name, job.state, _dump(job), job.id),
        )
        return job

    def release(self, job_id: JobId) -> None:
        """Let somebody else carry it."""
        with self._db.transaction() as db:
            db.execute("UPDATE jobs SET owner = NULL WHERE id = ? AND owner = ?", (job_id, self._owner.name))

    def remove(self, job_id: JobId) -> None:
        with self._db.transaction() as db:
            db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def get(self, job_id: JobId) -> Job | None:
        rows = self._db.execute("SELECT record FROM jobs WHERE id = ?", (job_id,))
        return _load(rows[0][0]) if rows else None

    def jobs(self, *, scope: str | None = None, name: str | None = None) -> Sequence[Job]:
        """All jobs, oldest first; one that cannot be read is left out, and left alone.

        :param scope: of this project only.
        :param name: whose result is called so only. Reading a job takes far longer than finding out its name.
        """
        rows = self._db.execute(
            "SELECT record FROM jobs WHERE (? IS NULL OR scope = ?) "
            "AND (? IS NULL OR (json_valid(record) AND json_extract(record, '$.order.name') = ?)) "
            "ORDER BY created_at, rowid",
            (scope, scope, name, name),
        )
        return [job for (record,) in rows if (job := _load(record)) is not None]

    # -- what outlives a job that is taken off the list

    def claim_remote(self, job: Job, remote_id: RemoteJobId) -> bool:
        """Note which of the service's jobs belongs to a job, unless it ever belonged to another one."""
        with self._db.transaction() as db:
            return _claimed(db, job, "remote", remote_id)

    def claim_input(self, job: Job) -> bool:
        """Note which job asks the service for exactly this, unless another one ever did."""
        with self._db.transaction() as db:
            return _claimed(db, job, "input", job.input_digest)

    def share_input(self, job: Job) -> None:
        """Note that several jobs ask for exactly this, so that it is none's alone any more."""
        with self._db.transaction() as db:
            db.execute(
                "UPDATE claims SET job_id = '' WHERE scope = ? AND kind = 'input' AND value = ?",
                (job.scope, job.input_digest),
            )

    def owns_input(self, job: Job) -> bool:
        """Whether no other job of this ledger ever asked the service for exactly this."""
        rows = self._db.execute(_CLAIMANT, (job.scope, "input", job.input_digest))
        return rows == [(job.id,)]

    def book(self, job: Job, *, at: float, since: float, check: Callable[[Decimal], None]) -> None:
        """Count a job's price as spent, before it is submitted.

        :param at: seconds since the epoch.
        :param check: told what the project's other submissions since then cost or may cost; to stop it, it raises.
        """
        with self._db.transaction() as db:
            # A charge that is dated later than now counts too: a clock that was wrong must not make room.
            check(_spent_cu(db, job, since))
            db.execute(
                "INSERT OR REPLACE INTO charges (job_id, attempt, scope, at, cu) VALUES (?, ?, ?, ?, ?)",
                (job.id, job.attempt, job.scope, at, str(job.quote_cu or 0)),
            )

    def spent_cu(self, job: Job, *, since: float) -> Decimal:
        """What the other submissions of a job's project since then cost or may cost.

        :param since: seconds since the epoch.
        """
        with self._db.transaction() as db:
            return _spent_cu(db, job, since)

    # -- pictures

    def asset(self, scope: str, sha256: str) -> AssetId | None:
        """The id of a picture that was uploaded to this project before."""
        rows = self._db.execute("SELECT asset_id FROM assets WHERE scope = ? AND sha256 = ?", (scope, sha256))
        return AssetId(rows[0][0]) if rows else None

    def remember_asset(self, scope: str, sha256: str, asset_id: AssetId) -> None:
        with self._db.transaction() as db:
            db.execute("INSERT OR REPLACE INTO assets VALUES (?, ?, ?, ?)", (scope, sha256, asset_id, time.time()))

    def forget_asset(self, scope: str, sha256: str) -> None:
        with self._db.transaction() as db:
            db.execute("DELETE FROM assets WHERE scope = ? AND sha256 = ?", (scope, sha256))

    def close(self) -> None:
        self._db.close()
        self._owner.release()


def _columns(job: Job) -> tuple[object, ...]:
    """State, remote id, whether it is settled, record."""
    return job.state, job.remote_id, job.is_settled, _dump(job)


def _note_costs(db: sqlite3.Connection, job: Job) -> None:
    if job.remote_id is not None:
        _claimed(db, job, "remote", job.remote_id)
    db.execute("UPDATE charges SET cu = ? WHERE job_id = ? AND attempt = ?", (str(job.counted_cu), job.id, job.attempt))


def _claimed(db: sqlite3.Connection, job: Job, kind: str, value: str) -> bool:
    """Whether something that belongs to one job for ever is this one's, which it becomes if it was nobody's."""
    db.execute("INSERT OR IGNORE INTO claims VALUES (?, ?, ?, ?)", (job.scope, kind, value, job.id))
    return bool(db.execute(_CLAIMANT, (job.scope, kind, value)).fetchone() == (job.id,))


def _spent_cu(db: sqlite3.Connection, job: Job, since: float) -> Decimal:
    rows = db.execute(
        "SELECT cu FROM charges WHERE scope = ? AND at >= ? AND NOT (job_id = ? AND attempt = ?)",
        (job.scope, since, job.id, job.attempt),
    )
    return sum((Decimal(cu) for (cu,) in rows), Decimal(0))


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
