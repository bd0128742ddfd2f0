# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's file: opened, brought up to date, checked; a damaged one is moved aside and a new one begun.

Knows nothing of what the tables mean. Any thread; each transaction is on disk when it ends.
"""

from __future__ import annotations

import itertools
import logging
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from .errors import DiskError
from .migrations import TABLES, VERSION, migrate
from .owner import exclusive

__all__ = ["Database"]

log = logging.getLogger(__name__)

BUSY_TIMEOUT_S: Final = 30.0
_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class _DamagedError(Exception):
    """The file is no ledger, or no longer a whole one."""


class Database:
    """:param path: of the file, which is made if need be; its folder exists.

    :raises DiskError: it cannot be used, or a newer version wrote it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice: str | None = None
        """What the user has to know of how it was opened."""
        self._lock = threading.Lock()
        with self._translated(), exclusive(path.with_name("opening.lock")):
            # One process at a time: nobody else moves aside what this one has just begun.
            try:
                self._db = _open(path)
            except _DamagedError:
                aside = _move_aside(path)
                self._db = _open(path)
                self.notice = (
                    f"The ledger {path} was damaged: it is kept as {aside}, and a new one was begun. "
                    "What was paid for is in your Scenario project."
                )
                log.warning(self.notice)

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """One statement outside of a transaction, with all its rows.

        :raises DiskError: it cannot be done.
        """
        with self._translated(), self._lock:
            return self._db.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection, None, None]:
        """All of it or nothing, and nobody else meanwhile.

        :raises DiskError: it cannot be done.
        """
        with self._translated(), self._lock, _atomic(self._db):
            yield self._db

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _translated(self) -> Generator[None, None, None]:
        try:
            yield
        except _DamagedError as error:  # the new one, too
            raise DiskError(f"The ledger {self.path} cannot be used ({error}): check the disk.") from error
        except sqlite3.Error as error:
            remedy = (
                "start again, then it is moved aside and a new one begun; what was paid for is in your Scenario project"
                if _is_damage(error)
                else "check the disk's space and the file's permissions"
            )
            raise DiskError(f"The ledger {self.path} cannot be used ({error}): {remedy}.") from error
        except OSError as error:
            reason = error.strerror or error
            raise DiskError(
                f"The ledger {self.path} cannot be used ({reason}): close other programs that use it, and check the "
                "folder's permissions."
            ) from error


def _open(path: Path) -> sqlite3.Connection:
    """:raises _DamagedError: it has to be moved aside first."""
    db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        # Without a journal mode that needs shared memory, home folders on a network work too.
        db.execute("PRAGMA synchronous = FULL")
        with _atomic(db):
            _prepare(db, path)
    except BaseException as error:
        db.close()
        if isinstance(error, sqlite3.Error) and _is_damage(error):
            raise _DamagedError(str(error)) from error
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise DiskError(f"{path} was written by a newer version of Scenario 3D: update this one.")
    [(finding,)] = db.execute("PRAGMA quick_check(1)").fetchall()
    if finding != "ok":
        raise _DamagedError(finding)
    try:
        migrate(db, version=version)
        for table in TABLES:
            db.execute(f"SELECT 1 FROM {table} LIMIT 0")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # no disk space, for instance
            raise
        raise _DamagedError(str(error)) from error  # whole, but no ledger: tables are missing, or others in the way


def _move_aside(path: Path) -> Path:
    """Give the file a name that nothing has yet. What SQLite left beside it goes first: it must not meet a new file."""
    names = (path.with_name(f"{path.stem}.damaged-{number}{path.suffix}") for number in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    for ending in ("-journal", "-wal", "-shm", ""):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside


def _is_damage(error: sqlite3.Error) -> bool:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGE  # the higher bits say what kind


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
