# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives a job that is taken off the list: which of the service's jobs and inputs are ours, and what was spent.

Called inside the transactions of :mod:`.ledger`.
"""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Final

from .cut_outs import note_cut_out
from .database import Database
from .job import Job, State
from .record import load

__all__ = ["CLAIMANT", "claimed", "may_be_paid", "note_costs", "remote_kind", "spent_cu"]

CLAIMANT: Final = "SELECT job_id FROM claims WHERE scope = ? AND kind = ? AND value = ?"


def note_costs(db: sqlite3.Connection, job: Job) -> bool:
    """Write down what is known of a job's submission; says whether it is new that the service has it."""
    is_new = False
    if job.submission_id is not None and not (job.cut_out and job.cut_out.is_shared):
        is_new = not db.execute(CLAIMANT, (job.scope, remote_kind(job), job.submission_id)).fetchall()
        claimed(db, job, remote_kind(job), job.submission_id)
    note_cut_out(db, job)
    cost_cu = job.counted_cu - job.cut_out_spent_cu
    db.execute("UPDATE charges SET cu = ? WHERE job_id = ? AND attempt = ?", (str(cost_cu), job.id, job.submission))
    return is_new


def remote_kind(job: Job) -> str:
    """What the service's job is to a job that is carried: where its mesh is made, or where a picture is cut out."""
    return "remote" if job.cut_out is None else "cut-out"


def claimed(db: sqlite3.Connection, job: Job, kind: str, value: str) -> bool:
    """Claim what belongs to one job for ever, unless another one has it; says whether it is this one's."""
    db.execute("INSERT OR IGNORE INTO claims VALUES (?, ?, ?, ?)", (job.scope, kind, value, job.id))
    return bool(db.execute(CLAIMANT, (job.scope, kind, value)).fetchone() == (job.id,))


def may_be_paid(db: Database, job_id: str, state: str, remote_id: str | None, record: str) -> bool:
    """Whether a job that cannot be read may have been paid for."""
    if load(record) is not None:
        return False
    known = {State.NEW, State.UPLOADED, State.FAILED}
    is_charged = bool(db.execute("SELECT 1 FROM charges WHERE job_id = ?", (job_id,)))
    return state not in known or (state != State.FAILED and (remote_id is not None or is_charged))


def spent_cu(db: sqlite3.Connection, job: Job, since: float) -> Decimal:
    """What the other submissions of a job's project since then cost or may cost.

    :param since: seconds since the epoch.
    """
    rows = db.execute(  # few prices, however many jobs
        "SELECT cu, COUNT(*) FROM charges WHERE scope = ? AND at >= ? AND NOT (job_id = ? AND attempt = ?) GROUP BY cu",
        (job.scope, since, job.id, job.submission),
    )
    return sum((Decimal(cu) * count for cu, count in rows), Decimal(0))
