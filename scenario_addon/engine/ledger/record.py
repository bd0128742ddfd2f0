# SPDX-License-Identifier: GPL-3.0-or-later
"""A job as the ledger keeps it: a JSON text that a later version may know more of."""

from __future__ import annotations

import json
import logging
import sqlite3
from typing import Any, Final, cast

from pydantic import TypeAdapter, ValidationError

from ..errors import DiskError
from .job import Job

__all__ = ["columns", "dump", "insert", "load"]

log = logging.getLogger(__name__)

_JOB: Final = TypeAdapter(Job)
_NESTED: Final = ("order", "file", "cut_out")


def dump(job: Job, *, over: str | None = None) -> str:
    """Write a job as text.

    :param over: the job's record by a newer version; what is not known here stays as it is there.
    :raises DiskError: something in it is not Unicode.
    """
    try:
        text = _JOB.dump_json(job).decode()
    except ValueError as error:  # such as a file name
        raise DiskError(f"The job cannot be written down ({error}): give it another name and folder.") from error
    return text if over is None else _merged(over, text)


def load(text: Any) -> Job | None:
    """Read a job; ``None`` when it cannot be read."""
    if not isinstance(text, str):
        return None
    try:
        return _JOB.validate_json(text)
    except ValidationError as error:
        log.error("a job in the ledger cannot be read: %s", error.errors()[0]["msg"])
        return None


def _merged(theirs: str, ours: str) -> str:
    older, newer = cast("dict[str, Any]", json.loads(theirs)), cast("dict[str, Any]", json.loads(ours))
    for name in _NESTED:
        if isinstance(older.get(name), dict) and isinstance(newer.get(name), dict):
            newer[name] = {**older[name], **newer[name]}
    return json.dumps({**older, **newer})


def columns(job: Job) -> tuple[object, ...]:
    """State, remote id, whether it is settled."""
    return job.state, job.remote_id, job.is_settled


def insert(db: sqlite3.Connection, job: Job, owner: str, *, or_ignore: bool = False) -> bool:
    """Add a job's row; says whether it was.

    :param or_ignore: unless the ledger has, or ever had, a job of this id.
    """
    if or_ignore and db.execute("SELECT 1 FROM removed WHERE job_id = ?", (job.id,)).fetchone():
        return False
    added = db.execute(
        f"INSERT {'OR IGNORE ' if or_ignore else ''}INTO jobs "
        "(id, scope, owner, created_at, state, remote_id, settled, identity, record) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (job.id, job.scope, owner, job.created_at, *columns(job), job.order.identity, dump(job)),
    )
    return bool(added.rowcount)
