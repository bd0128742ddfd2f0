# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pictures the service has cut out for a project, and which it was asked to: no picture is paid for twice.

What was cut out is one file for all jobs. It outlives the job that has paid for it, also one that was given up while
the service was at it. Any thread; each call is one transaction.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from ..cut_out import CutOut
from ..errors import LedgerInDoubt
from ..locks import Owner
from ..values import AssetId
from .database import Database
from .job import Job, State
from .record import load

__all__ = ["CutOuts", "note_cut_out"]

_ROW: Final = "SELECT job_id, remote_id, asset_id FROM cut_outs WHERE scope = ? AND sha256 = ?"
_SENT: Final = frozenset({State.SUBMITTING, State.UNCERTAIN})


class CutOuts:
    """A part of :class:`Ledger`, which owns both.

    :param owner: this process.
    """

    def __init__(self, db: Database, owner: Owner) -> None:
        self._db, self._owner = db, owner

    def path(self, scope: str, sha256: str) -> Path:
        """Where what was cut out of a picture is kept, to be looked at, once it is there. Does not block."""
        return self._db.path.with_name("cut-outs") / f"{scope}-{sha256[:32]}.png"

    def asset(self, scope: str, sha256: str) -> AssetId | None:
        """The id of what was cut out of a picture of this project."""
        rows = self._db.execute(_ROW, (scope, sha256))
        return AssetId(rows[0][2]) if rows and rows[0][2] else None

    def is_ordered(self, scope: str, sha256: str) -> bool:
        """Whether the service has cut a picture out, or is at it, so that nobody has to pay."""
        rows = self._db.execute(_ROW, (scope, sha256))
        return bool(rows) and any(rows[0][1:])

    def remember(self, job: Job, sha256: str, asset_id: AssetId) -> None:
        """Note what was cut out of a picture."""
        with self._db.transaction() as db:
            db.execute("INSERT OR IGNORE INTO cut_outs VALUES (?, ?, ?, NULL, NULL)", (job.scope, sha256, job.id))
            db.execute("UPDATE cut_outs SET asset_id = ? WHERE scope = ? AND sha256 = ?", (asset_id, job.scope, sha256))

    def forget(self, scope: str, sha256: str) -> None:
        """Forget what was cut out of a picture: the service may no longer have it."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM cut_outs WHERE scope = ? AND sha256 = ? AND asset_id IS NOT NULL", (scope, sha256))

    def take(self, job: Job, sha256: str) -> CutOut | None:
        """Have a job order that a picture be cut out, unless another one does.

        :return: what there is of it, to be submitted if that is nothing; ``None``: another job is about to order it, or
            just has: look again soon.
        :raises LedgerInDoubt: another job may have ordered it, and nobody knows.
        """
        with self._db.transaction() as db:
            rows = db.execute(_ROW, (job.scope, sha256)).fetchall()
            job_id, remote_id, asset_id = rows[0] if rows else (job.id, None, None)
            if asset_id is not None:
                return None
            if remote_id is not None:
                return CutOut(sha256=sha256, remote_id=remote_id, is_shared=job_id != job.id)
            if job_id != job.id and self._is_about_to(db, job_id, sha256):
                return None
            db.execute("INSERT OR REPLACE INTO cut_outs VALUES (?, ?, ?, NULL, NULL)", (job.scope, sha256, job.id))
            return CutOut(sha256=sha256)

    def _is_about_to(self, db: sqlite3.Connection, job_id: str, sha256: str) -> bool:
        """Whether another job that meant to order it goes on with that by itself.

        :raises LedgerInDoubt: it may have, and waits for the user.
        """
        row = db.execute("SELECT owner, record FROM jobs WHERE id = ?", (job_id,)).fetchone()
        rival = load(row[1]) if row else None
        if rival is None:
            return False
        goes_on = not rival.is_held and row[0] is not None and self._owner.lives(row[0])
        if rival.state is State.UPLOADED:
            return goes_on
        if rival.state not in _SENT or not _may_be_cutting(rival, sha256):
            return False
        if not goes_on:
            raise LedgerInDoubt(
                f"This picture was sent to be cut out for {rival.order.name} and no answer came, so that it may be "
                "paid for: go on with that job, or cancel it, then try again."
            )
        return True


def _may_be_cutting(job: Job, sha256: str) -> bool:
    """Whether a job's present submission cuts a picture out, or may: nobody knows what a job sent that is in doubt."""
    if job.cut_out is not None:
        return job.cut_out.sha256 == sha256
    return not job.is_sendable and any(image.sha256 == sha256 for image in job.order.to_cut_out(job.assets))


def note_cut_out(db: sqlite3.Connection, job: Job) -> None:
    """Write down what is known of the picture that a job has cut out, inside the caller's transaction."""
    cut_out = job.cut_out
    if cut_out is None or cut_out.remote_id is None:
        return
    key = (job.scope, cut_out.sha256)
    if job.state is State.FAILED and not cut_out.result_ids:  # the next one begins anew
        db.execute(
            "DELETE FROM cut_outs WHERE scope = ? AND sha256 = ? AND remote_id = ? AND asset_id IS NULL",
            (*key, cut_out.remote_id),
        )
        return
    db.execute("INSERT OR IGNORE INTO cut_outs VALUES (?, ?, ?, NULL, NULL)", (*key, job.id))
    db.execute(
        "UPDATE cut_outs SET job_id = ?, remote_id = ? WHERE scope = ? AND sha256 = ? AND remote_id IS NULL "
        "AND asset_id IS NULL",
        (job.id, cut_out.remote_id, *key),
    )
