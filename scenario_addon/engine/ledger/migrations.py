# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's tables, as the steps that lead from an empty file, or from an older ledger, to today's.

A step is never changed once it has been released: a further one is put behind it. Steps read records as plain JSON,
since the classes they were written from move on. A step may add tables, and columns that can be empty, but takes none
away and gives none another meaning: older versions go on reading and fetching what a newer one has written.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

__all__ = ["TABLES", "VERSION", "migrate"]

TABLES: Final = ("jobs", "assets", "claims", "charges", "removed", "notes", "cut_outs")


def migrate(db: sqlite3.Connection, *, version: int) -> None:
    """Bring a ledger up to date, inside the caller's transaction.

    :param version: what it is now; 0 for an empty file.
    """
    for step in _STEPS[version:]:
        step(db)
    db.execute(f"PRAGMA user_version = {VERSION}")


def _begin(db: sqlite3.Connection) -> None:
    """Bring to version 1: jobs, and which pictures the service has."""
    db.execute("""
        CREATE TABLE jobs (
            id TEXT PRIMARY KEY,
            scope TEXT NOT NULL,
            state TEXT NOT NULL,
            remote_id TEXT,
            owner TEXT,
            created_at REAL NOT NULL,
            record TEXT NOT NULL
        )""")
    db.execute("""
        CREATE TABLE assets (
            scope TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            asset_id TEXT NOT NULL,
            created_at REAL NOT NULL,
            PRIMARY KEY (scope, sha256)
        )""")


def _remember_what_was_paid(db: sqlite3.Connection) -> None:
    """Bring to version 2: what outlives a job off the list: the service's jobs, inputs and charges that are ours."""
    db.execute("ALTER TABLE jobs ADD COLUMN settled INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX unsettled_jobs ON jobs (scope, owner) WHERE NOT settled")
    db.execute("""
        CREATE TABLE claims (
            scope TEXT NOT NULL,
            kind TEXT NOT NULL,
            value TEXT NOT NULL,
            job_id TEXT NOT NULL,
            PRIMARY KEY (scope, kind, value)
        )""")
    db.execute("""
        CREATE TABLE charges (
            job_id TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            scope TEXT NOT NULL,
            at REAL NOT NULL,
            cu TEXT NOT NULL,
            PRIMARY KEY (job_id, attempt)
        )""")
    db.execute("CREATE INDEX charges_by_day ON charges (scope, at)")
    # Which inputs were used is not known of older jobs: pictures are uploaded anew, so that no id is shared with them.
    db.execute("DELETE FROM assets")
    for job_id, scope, state, remote_id, record in db.execute(
        "SELECT id, scope, state, remote_id, record FROM jobs"
    ).fetchall():
        with suppress(ValueError, TypeError, AttributeError):  # what cannot be read is left alone
            _carry_over(db, job_id, scope, state, remote_id, json.loads(record))


def _carry_over(
    db: sqlite3.Connection, job_id: str, scope: str, state: str, remote_id: str | None, job: dict[str, Any]
) -> None:
    is_done = state == "ready" and not job["order"].get("target")
    if is_done or state in ("imported", "failed", "cancelled"):
        db.execute("UPDATE jobs SET settled = 1 WHERE id = ?", (job_id,))
    if remote_id is not None:
        db.execute("INSERT OR IGNORE INTO claims VALUES (?, 'remote', ?, ?)", (scope, remote_id, job_id))
    cost_cu = job.get("billed_cu") or job.get("quote_cu")
    if cost_cu is not None and (remote_id is not None or state in ("submitting", "uncertain")):
        at = job.get("submitted_at") or job["created_at"]
        db.execute("INSERT INTO charges VALUES (?, 1, ?, ?, ?)", (job_id, scope, at, str(cost_cu)))


def _know_orders_by_what_they_ask_for(db: sqlite3.Connection) -> None:
    """Bring to version 3: what each order asks for, jobs off the list, and what is known of the ledger itself."""
    db.execute("ALTER TABLE jobs ADD COLUMN identity TEXT")
    db.execute("CREATE INDEX jobs_by_identity ON jobs (scope, identity)")
    db.execute("CREATE TABLE removed (job_id TEXT PRIMARY KEY)")
    db.execute("CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL)")
    for table in ("charges", "claims"):
        db.execute(
            f"INSERT OR IGNORE INTO removed SELECT job_id FROM {table} "
            "WHERE job_id != '' AND job_id NOT IN (SELECT id FROM jobs)"
        )
    for job_id, record in db.execute("SELECT id, record FROM jobs").fetchall():
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            identity = _identity(json.loads(record)["order"])
            db.execute("UPDATE jobs SET identity = ? WHERE id = ?", (identity, job_id))


def _identity(order: dict[str, Any]) -> str:
    pictures = {entry["name"]: [image["sha256"] for image in entry["images"]] for entry in order["pictures"]}
    what = [order["model_id"], pictures, dict(order["values"])]
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _know_cut_outs(db: sqlite3.Connection) -> None:
    """Bring to version 4: which pictures the service has cut out, or was asked to, and for which job."""
    db.execute("""
        CREATE TABLE cut_outs (
            scope TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            job_id TEXT NOT NULL,
            remote_id TEXT,
            asset_id TEXT,
            PRIMARY KEY (scope, sha256)
        )""")


_STEPS: Final[tuple[Callable[[sqlite3.Connection], None], ...]] = (
    _begin,
    _remember_what_was_paid,
    _know_orders_by_what_they_ask_for,
    _know_cut_outs,
)
VERSION: Final = len(_STEPS)
