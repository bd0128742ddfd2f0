# SPDX-License-Identifier: GPL-3.0-or-later
"""What outlives a job that is taken off the list: which of the service's jobs and inputs are ours, and what was spent.

Called inside the transactions of :mod:`.ledger`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from ..values import JobId
from .cut_outs import note_cut_out
from .database import Database
from .job import Job, State
from .record import load

__all__ = ["CLAIMANT", "claimed", "may_be_paid", "note_costs", "note_model", "remote_kind", "spent", "spent_cu"]

CLAIMANT: Final = "SELECT job_id FROM claims WHERE scope = ? AND kind = ? AND value = ?"
_MODEL: Final = "CASE WHEN json_valid(record) THEN json_extract(record, '$.order.model_id') END"
_WITH_MODELS: Final = (
    "charges LEFT JOIN jobs ON jobs.id = charges.job_id LEFT JOIN notes ON name = 'model ' || charges.job_id"
)
"""Of a job that is off the list, a note says which model it was for."""


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


def note_model(db: sqlite3.Connection, job_id: JobId) -> None:
    """Write down which model a job is for that cost something, before it is taken off the list."""
    db.execute(
        f"INSERT OR IGNORE INTO notes SELECT 'model ' || id, {_MODEL} FROM jobs "
        f"WHERE id = ? AND {_MODEL} IS NOT NULL AND id IN (SELECT job_id FROM charges)",
        (job_id,),
    )


def spent_cu(db: sqlite3.Connection, job: Job, since: float) -> Decimal:
    """What the other submissions of a job's project since then cost or may cost.

    :param since: seconds since the epoch.
    """
    return sum(spent(db, job.scope, since, but_for=job).values(), Decimal(0))


def spent(
    db: sqlite3.Connection, scope: str, since: float, *, but_for: Job | None = None, by_model: bool = False
) -> Mapping[str, Decimal]:
    """What the submissions of a project since then cost or may cost.

    :param since: seconds since the epoch.
    :param but_for: a job whose present submission is left out.
    :param by_model: by the model's id, which takes a look at each job; under "" what nobody knows of, or all.
    """
    model, tables = (f"COALESCE({_MODEL}, text, '')", _WITH_MODELS) if by_model else ("''", "charges")
    rows = db.execute(  # few prices, however many jobs
        f"SELECT {model} AS model, cu, COUNT(*) FROM {tables} WHERE charges.scope = ? AND at >= ? "
        "AND NOT (charges.job_id = ? AND attempt = ?) GROUP BY model, cu",
        (scope, since, but_for.id if but_for else "", but_for.submission if but_for else 0),
    )
    found: dict[str, Decimal] = {}
    for model_id, cu, count in rows:
        found[model_id] = found.get(model_id, Decimal(0)) + Decimal(cu) * count
    return {model_id: cost_cu for model_id, cost_cu in found.items() if cost_cu}
