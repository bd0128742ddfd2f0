# SPDX-License-Identifier: GPL-3.0-or-later
"""Who carries a job: each process holds a lock on a file of its own, which the system releases when it dies.

A lock says at once, and without a clock, whether its holder lives: a computer that slept does not lose its jobs, and
a killed process loses them immediately.
"""

from __future__ import annotations

import contextlib
import sys
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import IO

__all__ = ["Owner", "exclusive"]

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _wait_and_lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # for ten seconds, then it is an OSError
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        # flock, not lockf: the latter would let this same process take its own lock a second time.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _wait_and_lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


@contextlib.contextmanager
def exclusive(path: Path) -> Generator[None, None, None]:
    """Nobody else in here meanwhile, in this process or another; whoever dies in here lets go.

    :param path: of the lock, which is made if need be and stays.
    :raises OSError: it cannot be written.
    """
    with path.open("ab") as file:
        _wait_and_lock(file)
        yield


class Owner:
    """This process, as the ledger knows it, for as long as it lives or until :meth:`release`.

    :param folder: shared by all processes that use the ledger.
    :raises OSError: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = uuid.uuid4().hex
        folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] | None = self._path(self.name).open("wb")
        _lock(self._file)

    def lives(self, name: str) -> bool:
        """Whether another owner is still there. A dead one's file is cleared away."""
        if name == self.name:
            return self._file is not None
        path = self._path(name)
        try:
            with path.open("rb+") as file:
                _lock(file)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        path.unlink(missing_ok=True)
        return False

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            # Windows does not remove a file that somebody is looking at; whoever looks next clears it away.
            with contextlib.suppress(OSError):
                self._path(self.name).unlink()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"
