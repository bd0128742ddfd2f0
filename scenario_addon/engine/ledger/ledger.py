# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: every job and every uploaded picture, in one SQLite file that several processes share.

A move of a job is on disk before the step that follows it. A job is carried by one owner at a time, see
:mod:`.locks`. Any thread; each call is one transaction.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ..errors import DiskError, LedgerInDoubt, NotCarried
from ..files import make_private_folder
from ..locks import Owner, Turns
from ..values import AssetId, JobId, ModelId, Order, RemoteJobId
from .backups import Backups
from .claims import CLAIMANT, claimed, may_be_paid, note_costs, note_model, remote_kind, spent, spent_cu
from .cut_outs import CutOuts
from .job import Job, State
from .record import columns, dump, insert, load
from .repair import open_ledger

__all__ = ["Ledger"]

log = logging.getLogger(__name__)

_NEWER: Final = "The ledger was written by a newer version of Scenario 3D, so that nothing is ordered: update this one."


class Ledger:
    """The ledger of one folder.

    :param folder: made if need be; holds ``ledger.sqlite3``, its backups in ``backups`` and the owners' locks.
    :raises DiskError: the folder or the file cannot be used.
    :raises ConfigError: no ledger can be there, or another machine uses it.
    """

    def __init__(self, folder: Path) -> None:
        try:
            make_private_folder(folder)
            self._owner = Owner(folder / "owners")
        except OSError as error:
            reason = error.strerror or error
            raise DiskError(
                f"{folder} cannot be used for the ledger ({reason}): set SCENARIO_STATE_DIR to a folder of yours."
            ) from error
        self.sending = Turns()
        """Whose turn it is to send a picture, by project and sha256: whoever waited finds it sent."""
        self._backups = Backups(folder / "backups")
        try:
            self._db, self.notice = open_ledger(folder / "ledger.sqlite3", self._backups)
        except BaseException:
            self._owner.release()
            raise
        self.cut_outs = CutOuts(self._db, self._owner)
        self._is_changed = self._needs_backup = False

    @property
    def path(self) -> Path:
        return self._db.path

    # -- what is not known

    @property
    def doubt(self) -> str | None:
        """Why nobody knows what was ordered before, without a full stop; ``None`` when that is known."""
        if self._db.is_newer:
            return None
        rows = self._db.execute("SELECT text FROM notes WHERE name = 'doubt'")
        return rows[0][0] if rows else None

    @property
    def newest_backup(self) -> Path | None:
        return self._backups.newest

    def settle_doubts(self) -> None:
        """Note that the user knows that something may be missing, and orders all the same."""
        with self._db.transaction() as db:
            db.execute("UPDATE OR REPLACE notes SET name = 'settled' WHERE name = 'doubt'")
            db.execute(
                "INSERT OR IGNORE INTO removed SELECT job_id FROM charges UNION "
                "SELECT job_id FROM claims WHERE job_id != '' EXCEPT SELECT id FROM jobs"
            )
            unreadable = [
                job_id for job_id, record in db.execute("SELECT id, record FROM jobs") if load(record) is None
            ]
            db.executemany("INSERT OR IGNORE INTO removed VALUES (?)", [(job_id,) for job_id in unreadable])

    def check_orderable(self, order: Order | None = None, *, scope: str = "") -> None:
        """Look whether it is known what was ordered before; with an order, whether that may be in what is not.

        :raises LedgerInDoubt: it is not known.
        :raises DiskError: a newer version has written the ledger.
        """
        if self._db.is_newer:
            raise DiskError(_NEWER)
        if (doubt := self.doubt) is not None:
            raise LedgerInDoubt(f"{doubt}, so that nobody knows what was ordered: nothing is ordered.")
        if order is not None and any(
            may_be_paid(self._db, *row) for row in self._rows_of(order, scope, or_unknown=True)
        ):
            what = f"A job in the ledger {self.path} that was paid for cannot be read, and it may be this one"
            raise LedgerInDoubt(f"{what}: it is not ordered.")

    def _rows_of(self, order: Order, scope: str, *, or_unknown: bool) -> list[tuple[Any, ...]]:
        """The jobs that ask for the same, as rows of id, state, remote id and record."""
        return self._db.execute(
            "SELECT id, state, remote_id, record FROM jobs WHERE ((scope = ? AND identity IN (?, ?)) "
            "OR (? AND length(COALESCE(identity, '')) != 32)) AND id NOT IN (SELECT job_id FROM removed) "
            "ORDER BY created_at, rowid",
            (scope, *order.identities, or_unknown),
        )

    # -- jobs

    def add(self, job: Job) -> None:
        """Add a new job, carried by this process.

        :raises DiskError: it could not be written, or a newer version has written the ledger.
        """
        if self._db.is_newer:
            raise DiskError(_NEWER)
        with self._db.transaction() as db:
            insert(db, job, self._owner.name)
            note_costs(db, job)
        self._is_changed = True

    def same(self, order: Order, *, scope: str) -> Sequence[Job]:
        """The project's jobs that ask for the same as an order, oldest first."""
        return [job for *_, record in self._rows_of(order, scope, or_unknown=False) if (job := load(record))]

    def same_elsewhere(self, job: Job) -> Sequence[Job]:
        """The jobs before this one that ask its project for the same, and that other living processes carry.

        Of two that are added at once, the earlier one is the later one's twin, and not the other way round.
        """
        rows = self._db.execute(
            "SELECT owner, record FROM jobs WHERE scope = ? AND identity IN (?, ?) AND NOT settled "
            "AND owner IS NOT NULL AND owner != ? AND rowid < (SELECT rowid FROM jobs WHERE id = ?) "
            "ORDER BY created_at, rowid",
            (job.scope, *job.order.identities, self._owner.name, job.id),
        )
        return [other for owner, record in rows if (other := load(record)) and self._owner.lives(owner)]

    def save(self, job: Job, *, follower: Job | None = None) -> bool:
        """Write a move down, and what is now known of its costs. Only the process that carries a job may.

        :param follower: a job that comes of it, for this process to carry: added with it, once and never again.
        :return: whether that one is new.
        :raises NotCarried: that is not this one.
        :raises DiskError: it could not be written.
        """
        with self._db.transaction() as db:
            changed = db.execute(
                "UPDATE jobs SET state = ?, remote_id = ?, settled = ?, record = ? WHERE id = ? AND owner = ?",
                (*columns(job), self._dump(db, job), job.id, self._owner.name),
            ).rowcount
            # Also for a job that is somebody else's by now, or was removed: what it costs, it costs.
            is_submission = note_costs(db, job) or job.state is State.SUBMITTING
            is_added = bool(changed and follower and insert(db, follower, self._owner.name, or_ignore=True))
        self._is_changed, self._needs_backup = True, self._needs_backup or is_submission
        if not changed:
            raise NotCarried("This job is carried on by another process, or was removed there: leave it to that one.")
        return is_added

    def claim(self, job_id: JobId) -> Job | None:
        """Take a job over, unless a living process carries it. What it may have submitted is uncertain from then on.

        :return: the job as it now stands; ``None`` when it is somebody else's, gone, or cannot be read.
        """
        with self._db.transaction() as db:
            row = db.execute("SELECT owner, record FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if row is None or (row[0] not in (None, self._owner.name) and self._owner.lives(row[0])):
                return None
            return load(row[1]) if row[0] == self._owner.name else self._taken(db, row[1])

    def let_go(self, job_id: JobId) -> None:
        """Carry a job no more, so that any process can take it over."""
        with self._db.transaction() as db:
            db.execute("UPDATE jobs SET owner = NULL WHERE id = ? AND owner = ?", (job_id, self._owner.name))

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
        """Make a job that nobody carries this process's own."""
        job = load(record)
        if job is None:
            return None
        if job.state is State.SUBMITTING:  # its process died between the intent and the answer
            job = job.moved(State.UNCERTAIN)
        db.execute(
            "UPDATE jobs SET owner = ?, state = ?, record = ? WHERE id = ?",
            (self._owner.name, job.state, self._dump(db, job), job.id),
        )
        return job

    def _dump(self, db: sqlite3.Connection, job: Job) -> str:
        """A job's record, in which stays what a newer version knows of it."""
        if not self._db.is_newer:
            return dump(job)
        row = db.execute("SELECT record FROM jobs WHERE id = ?", (job.id,)).fetchone()
        return dump(job, over=row[0] if row and load(row[0]) else None)

    def remove(self, job_id: JobId) -> None:
        """Take a job off the ledger. What it has cost stays known.

        :raises NotCarried: it is not settled, and another living process carries it.
        """
        with self._db.transaction() as db:
            row = db.execute("SELECT owner FROM jobs WHERE id = ? AND NOT settled", (job_id,)).fetchone()
            if row and row[0] not in (None, self._owner.name) and self._owner.lives(row[0]):
                raise NotCarried("This job is carried on by another Blender or a script: remove it there.")
            note_model(db, job_id)
            db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
            db.execute("INSERT OR IGNORE INTO removed VALUES (?)", (job_id,))

    def get(self, job_id: JobId) -> Job | None:
        rows = self._db.execute("SELECT record FROM jobs WHERE id = ?", (job_id,))
        return load(rows[0][0]) if rows else None

    def jobs(self, *, scope: str | None = None) -> Sequence[Job]:
        """All jobs, oldest first; one that cannot be read is left out, and left alone.

        :param scope: of this project only.
        """
        rows = self._db.execute(
            "SELECT record FROM jobs WHERE (? IS NULL OR scope = ?) ORDER BY created_at, rowid", (scope, scope)
        )
        return [job for (record,) in rows if (job := load(record)) is not None]

    def lately_made(self, model_id: ModelId) -> Sequence[Job]:
        """The last jobs that ended with a mesh of a model, oldest first, among the last of all. Quick."""
        last = "SELECT state, record FROM jobs ORDER BY rowid DESC LIMIT 500"
        made = f"SELECT record FROM ({last}) WHERE state IN ('ready', 'imported') AND instr(record, ?) LIMIT 24"
        jobs = [load(record) for (record,) in self._db.execute(made, (model_id,))]
        return [job for job in jobs[::-1] if job is not None and job.order.model_id == model_id]

    # -- what outlives a job that is taken off the list

    def claim_remote(self, job: Job, remote_id: RemoteJobId) -> bool:
        """Note which of the service's jobs belongs to a job, unless it ever belonged to another one."""
        with self._db.transaction() as db:
            return claimed(db, job, remote_kind(job), remote_id)

    def claim_input(self, job: Job) -> bool:
        """Note which job asks the service for exactly this, unless another one ever did."""
        with self._db.transaction() as db:
            return claimed(db, job, "input", job.input_digest)

    def share_input(self, job: Job) -> None:
        """Note that several jobs ask for exactly this, so that it is none's alone any more."""
        with self._db.transaction() as db:
            db.execute(
                "UPDATE claims SET job_id = '' WHERE scope = ? AND kind = 'input' AND value = ?",
                (job.scope, job.input_digest),
            )

    def owns_input(self, job: Job) -> bool:
        """Whether no other job of this ledger ever asked the service for exactly this."""
        rows = self._db.execute(CLAIMANT, (job.scope, "input", job.input_digest))
        return rows == [(job.id,)]

    def book(self, job: Job, *, at: float, since: float, check: Callable[[Decimal], None]) -> None:
        """Count the price of a job's next submission as spent, before it is sent.

        :param at: seconds since the epoch.
        :param check: told what the project's other submissions since then cost or may cost; to stop it, it raises.
        :raises LedgerInDoubt: nobody knows what was ordered before.
        """
        self.check_orderable()
        with self._db.transaction() as db:
            # A charge that is dated later than now counts too: a clock that was wrong must not make room.
            check(spent_cu(db, job, since))
            db.execute(
                "INSERT OR REPLACE INTO charges (job_id, attempt, scope, at, cu) VALUES (?, ?, ?, ?, ?)",
                (job.id, job.submission, job.scope, at, str(job.due_cu or 0)),
            )

    def spent_cu(self, job: Job, *, since: float) -> Decimal:
        """What the other submissions of a job's project since then cost or may cost; seconds since the epoch."""
        with self._db.transaction() as db:
            return spent_cu(db, job, since)

    def spent_by_model(self, scope: str, *, since: float) -> Mapping[str, Decimal]:
        """What all submissions of a project since then cost or may cost, by the id of the model they were for."""
        with self._db.transaction() as db:
            return spent(db, scope, since, by_model=True)

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

    # -- backups

    def back_up(self) -> None:
        """Copy the ledger to its backups if anything was submitted since, and there is time for it. Never raises."""
        if self._needs_backup and self._backups.is_due:
            self._copy()

    def _copy(self) -> None:
        if self._db.is_newer:
            return
        try:
            self._db.copy(self._backups.make)
        except DiskError as error:
            log.warning("there is no new backup of the ledger: %s", error)
        else:
            self._is_changed = self._needs_backup = False

    def close(self) -> None:
        if self._is_changed:
            self._copy()
        self._db.close()
        self._owner.release()
