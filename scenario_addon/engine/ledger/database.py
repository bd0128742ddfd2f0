# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's file: opened, brought up to date, checked, and written to in transactions.

Knows nothing of what the tables mean. Any thread; each transaction is on disk when it ends.
"""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from ..disk.lease import lease
from ..errors import DiskError
from ..files import create, replace
from .migrations import TABLES, VERSION, migrate

__all__ = ["DamagedError", "Database", "move_aside", "translated"]

BUSY_TIMEOUT_S: Final = 30.0
_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BASIC_JOBS: Final = "SELECT id, scope, owner, state, remote_id, settled, created_at, record FROM jobs LIMIT 0"


class DamagedError(Exception):
    """The file is no ledger, or no longer a whole one."""


class Database:
    """:param path: of the file, which is made if need be; its folder exists.

    :raises DiskError: it cannot be used.
    :raises DamagedError: it has to be moved aside first.
    :raises ConfigError: it cannot be where it is, or another machine uses it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with translated(path), ExitStack() as undo:
            self._lease = lease(path.parent)
            if self._lease is not None:
                undo.callback(self._lease.release)
            self.is_new = not path.exists() or path.stat().st_size == 0
            self._db = _open(path, is_shared=self._lease is not None)
            self._file = _file_of(path)
            undo.pop_all()
        self.is_newer = self._version() > VERSION
        """Whether a later version than this one has written it: then nothing is ordered through it."""

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Execute one statement outside of a transaction; gives all its rows.

        :raises DiskError: it cannot be done.
        """
        with translated(self.path), self._lock:
            return self._db.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection, None, None]:
        """Do all of it or nothing, and nobody else meanwhile.

        :raises DiskError: it cannot be done, the file has been moved away or replaced, or another machine uses it.
        """
        with translated(self.path), self._lock:
            if self._lease is not None:
                self._lease.check()
            if _file_of(self.path) != self._file:  # what is written now would be gone
                what = f"The ledger {self.path} has been moved or replaced while it was in use"
                raise DiskError(f"{what}: put it back and start again.")
            with _atomic(self._db):
                yield self._db

    def copy(self, make: Callable[[sqlite3.Connection], None]) -> None:
        """Have a copy made of what is there, while nobody in this process writes.

        :raises DiskError: it cannot be done.
        """
        with translated(self.path), self._lock:
            make(self._db)

    def close(self) -> None:
        with self._lock:
            self._db.close()
            if self._lease is not None:
                self._lease.release()

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def translated(path: Path) -> Generator[None, None, None]:
    """Say what keeps a ledger from being used in a sentence.

    :raises DiskError: something does.
    """
    try:
        yield
    except sqlite3.Error as error:
        remedy = (
            "start again, then it is repaired from its backups"
            if is_damage(error)
            else "check the disk's space and the file's permissions"
        )
        raise DiskError(f"The ledger {path} cannot be used ({error}): {remedy}.") from error
    except OSError as error:
        reason = error.strerror or error
        raise DiskError(
            f"The ledger {path} cannot be used ({reason}): close other programs that use it, and check the "
            "folder's permissions."
        ) from error


def _open(path: Path, *, is_shared: bool) -> sqlite3.Connection:
    """Open the file.

    :param is_shared: with other machines, one after the other.
    :raises DamagedError: it has to be moved aside first.
    """
    with suppress(FileExistsError):
        create(path, is_private=True).close()
    with suppress(OSError):  # an older version's
        path.chmod(0o600)
    db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        if is_shared:  # never a journal that needs memory in common, whoever has set one
            db.execute("PRAGMA locking_mode = EXCLUSIVE")  # or a journal of that kind is read with such memory
            db.execute("PRAGMA journal_mode = DELETE")
            db.execute("PRAGMA locking_mode = NORMAL")
        db.execute(f"PRAGMA synchronous = {'EXTRA' if is_shared else 'FULL'}")
        db.execute("PRAGMA fullfsync = ON")  # or macOS leaves what was written in the disk's own memory
        with _atomic(db):
            _prepare(db, path)
    except BaseException as error:
        db.close()
        if isinstance(error, sqlite3.Error) and is_damage(error):
            raise DamagedError(str(error)) from error
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    [(finding,)] = db.execute("PRAGMA quick_check(1)").fetchall()
    if finding != "ok":
        raise DamagedError(finding)
    if version > VERSION:
        try:
            db.execute(_BASIC_JOBS)
        except sqlite3.OperationalError as error:
            raise DiskError(f"{path} was written by a newer version of Scenario 3D: update this one.") from error
        return
    try:
        migrate(db, version=version)
        for table in TABLES:
            db.execute(f"SELECT 1 FROM {table} LIMIT 0")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # no disk space, for instance
            raise
        raise DamagedError(str(error)) from error  # whole, but no ledger: tables are missing, or others in the way


def _file_of(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one that takes its name."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def move_aside(path: Path) -> Path:
    """Give the file a name that nothing has yet. What SQLite left beside it goes first: it must not meet a new file.

    :raises OSError: it cannot be moved.
    """
    names = (path.with_name(f"{path.stem}.damaged-{number}{path.suffix}") for number in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    for ending in ("-journal", "-wal", "-shm", ""):
        part = path.with_name(path.name + ending)
        if part.exists():
            replace(part, aside.with_name(aside.name + ending))
    return aside


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is at fault, not the disk or somebody else."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGE  # the higher bits say what kind


@contextmanager
def _atomic(db: sqlite3.Connection) -> Generator[None, None, None]:
    """Begin a transaction at once, so that nobody else writes meanwhile."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
