# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of JSON for each event, appended to a file: for looking up in the morning what happened at night."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ..errors import DiskError
from ..ledger.job import Job
from ..values import JobId
from .outcome import Outcome

__all__ = ["EventLog"]

_SIGNED: Final = re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]*")
"""An address with a query, in which a signature may be."""


class EventLog:
    """Ids, states, costs and errors; never credentials or signed addresses.

    :raises DiskError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._told: dict[JobId, tuple[str, str | None]] = {}
        try:
            self._file = path.open("a", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise self._failure(error) from error

    def write(self, event: str, **data: Any) -> None:
        """Append an event.

        :raises DiskError: it cannot be written.
        """
        now = datetime.now().astimezone().isoformat(timespec="milliseconds")
        cleaned = {name: _SIGNED.sub(r"\1", v) if isinstance(v, str) else v for name, v in data.items()}
        try:
            self._file.write(json.dumps({"time": now, "event": event, **cleaned}, ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise self._failure(error) from error

    def changed(self, job: Job) -> None:
        """Append what is new of a job, if anything is.

        :raises DiskError: it cannot be written.
        """
        news = (str(job.state), job.error)
        if self._told.get(job.id) == news:
            return
        self._told[job.id] = news
        self.write(
            "job",
            job_id=job.id,
            remote_id=job.remote_id,
            name=job.order.name,
            state=str(job.state),
            cost_cu=float(job.billed_cu) if job.billed_cu is not None else None,
            error=job.error,
        )

    def concluded(self, outcome: Outcome) -> None:
        """Append what became of an item.

        :raises DiskError: it cannot be written.
        """
        self._told.pop(outcome.job.id, None)
        self.write("item", number=outcome.number, **outcome.data(), note=outcome.note)

    def close(self) -> None:
        """Close the file.

        :raises DiskError: something could not be written.
        """
        try:
            self._file.close()
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> DiskError:
        return DiskError(f"The log {self.path} cannot be written ({error.strerror or error}): make room for it.")
