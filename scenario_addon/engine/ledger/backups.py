# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the ledger beside it, so that damage costs nothing that was paid for.

The latest copy is replaced by the next one for an hour, then another one is begun, and the oldest goes. Any thread.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from ..files import create, discard, make_private_folder, remove, replace, whole
from ..locks import exclusive

__all__ = ["Backups"]

log = logging.getLogger(__name__)

_KEPT: Final = 6
_YOUNG_S: Final = 3600.0
_NAME: Final = re.compile(r"ledger-(\d+)\.sqlite3")
_QUICK_S: Final = 0.05
_SHARE: Final = 0.05
"""Of the time, at most, goes into copies that take longer than that."""


class Backups:
    """:param folder: made with the first copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._not_before_s = 0.0

    def newest_first(self) -> list[Path]:
        try:
            found = [(int(match[1]), path) for path in self.folder.iterdir() if (match := _NAME.fullmatch(path.name))]
        except OSError:
            return []
        return [path for _, path in sorted(found, reverse=True)]

    @property
    def newest(self) -> Path | None:
        return next(iter(self.newest_first()), None)

    @property
    def newest_whole(self) -> Path | None:
        """The newest that can be restored. Reads each through until one is whole."""
        for backup in self.newest_first():
            if _is_whole(backup):
                return backup
            log.error("the backup %s is damaged, too", backup)
        return None

    @property
    def is_due(self) -> bool:
        """Whether there is time for another one: always, but for ledgers so large that copies would take their toll."""
        return time.monotonic() >= self._not_before_s

    def make(self, db: sqlite3.Connection) -> None:
        """Copy what a connection sees, whole or not at all.

        :raises OSError: it cannot be written.
        :raises sqlite3.Error: it cannot be read or written.
        """
        began_s = time.monotonic()
        make_private_folder(self.folder)
        part = self.folder / "ledger.part"
        with exclusive(self.folder / "backups.lock"):
            try:
                remove(part)  # of a process that died
                create(part, is_private=True).close()
                with closing(sqlite3.connect(part, isolation_level=None)) as copy:
                    copy.execute("PRAGMA synchronous = OFF")  # what counts is the one below
                    db.backup(copy)
                with part.open("rb+") as file:
                    os.fsync(file.fileno())
                replace(part, self._place())
            finally:
                discard(part)
        took_s = time.monotonic() - began_s
        self._not_before_s = time.monotonic() + (took_s / _SHARE if took_s > _QUICK_S else 0.0)
        for old in self.newest_first()[_KEPT:]:
            discard(old)

    def restore(self, path: Path) -> Path | None:
        """Put the newest copy that is whole where the ledger was; gives which one, ``None`` when there is none.

        :raises OSError: it cannot be written.
        """
        backup = self.newest_whole
        if backup is not None:
            with whole(path, is_private=True) as target, backup.open("rb") as source:
                shutil.copyfileobj(source, target)
        return backup

    def records(self, job_id: str) -> Iterator[str]:
        """What the copies have of a job, newest first."""
        for backup in self.newest_first():
            with suppress(sqlite3.Error), closing(_opened(backup)) as db:
                rows = db.execute("SELECT record FROM jobs WHERE id = ?", (job_id,)).fetchall()
                yield from (record for (record,) in rows)

    def _place(self) -> Path:
        """Of the next copy: in place of the newest, unless that one's predecessor is old enough."""
        newest, *older = self.newest_first() or [self.folder / "ledger-0.sqlite3"]
        if older and abs(time.time() - older[0].stat().st_mtime) < _YOUNG_S:
            return newest
        return self.folder / f"ledger-{int(newest.stem.rpartition('-')[2]) + 1}.sqlite3"


def _opened(backup: Path) -> sqlite3.Connection:
    db = sqlite3.connect(backup)
    db.execute("PRAGMA query_only = ON")
    return db


def _is_whole(backup: Path) -> bool:
    try:
        with closing(_opened(backup)) as db:
            [(finding,)] = db.execute("PRAGMA quick_check(1)").fetchall()
            db.execute("SELECT id, record FROM jobs LIMIT 1").fetchall()
    except (sqlite3.Error, ValueError):
        return False
    return finding == "ok"
