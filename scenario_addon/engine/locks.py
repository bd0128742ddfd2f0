# SPDX-License-Identifier: GPL-3.0-or-later
"""Who carries a job: each process holds a lock on a file of its own, which the system releases when it dies.

A lock says at once, and without a clock, whether its holder lives: a computer that slept does not lose its jobs, and
a killed process loses them immediately.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Callable, Generator, Hashable
from pathlib import Path
from typing import IO, Final

from .files import create, discard, make_private_folder, open_kept

__all__ = ["Owner", "Turns", "exclusive", "move_in"]

_PAUSE_S: Final = 0.05
_LONGEST_WAIT_S: Final = 60.0
"""Nobody holds a lock for longer than a write takes; then something is wrong with whoever does."""

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _unlock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

    def _wait_and_lock(file: IO[bytes]) -> None:
        # Not LK_LOCK, which gives up after ten tries with "Resource deadlock avoided".
        _keep_trying(lambda: _lock(file))
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        # flock, not lockf: the latter would let this same process take its own lock a second time.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)

    def _wait_and_lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


def _keep_trying(lock: Callable[[], None]) -> None:
    """Try for a while to take the lock.

    :raises OSError: somebody has held it all the time.
    """
    until_s = time.monotonic() + _LONGEST_WAIT_S
    while True:
        try:
            return lock()
        except OSError:
            if time.monotonic() > until_s:
                raise
        time.sleep(_PAUSE_S)


@contextlib.contextmanager
def exclusive(path: Path) -> Generator[None, None, None]:
    """Nobody else in here meanwhile, in this process or another; whoever dies in here lets go.

    :param path: of the lock, which is made if need be and stays.
    :raises OSError: it cannot be written.
    """
    with open_kept(path, is_private=True) as file:
        _wait_and_lock(file)
        try:
            yield
        finally:
            _unlock(file)  # before it is closed: Windows would let go of it some time later


class Turns:
    """Lets one thread at a time do what has a name, while others do what has another."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._taken: set[Hashable] = set()

    @contextlib.contextmanager
    def one(self, name: Hashable) -> Generator[None, None, None]:
        """Wait for one's turn, and have it. Blocks as long as whoever was first."""
        with self._lock:
            self._lock.wait_for(lambda: name not in self._taken)
            self._taken.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._taken.discard(name)
                self._lock.notify_all()


class Owner:
    """This process, as the ledger knows it, for as long as it lives or until :meth:`release`.

    :param folder: shared by all processes that use the ledger.
    :raises OSError: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = uuid.uuid4().hex
        make_private_folder(folder)
        self._file: IO[bytes] | None = create(self._path(self.name), is_private=True)
        _lock(self._file)

    def lives(self, name: str) -> bool:
        """Whether another owner is still there. A dead one's file is cleared away."""
        if name == self.name:
            return self._file is not None
        path = self._path(name)
        try:
            with path.open("rb+") as file:
                _lock(file)
                _unlock(file)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        with contextlib.suppress(OSError):  # a file in nobody's way
            path.unlink(missing_ok=True)
        return False

    def is_alone(self) -> bool:
        """Whether no other owner is there."""
        names = [path.stem for path in self._folder.glob("*.lock")]
        return not any(self.lives(name) for name in names if name != self.name)

    def release(self) -> None:
        if self._file is not None:
            _unlock(self._file)
            self._file.close()
            self._file = None
            discard(self._path(self.name))  # whoever looks next clears it away

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"


def move_in(folder: Path) -> Owner:
    """Make this process a folder of its own in ``folder``, named as the owner, and clear away those of the dead.

    :raises OSError: it cannot be written.
    """
    owner = Owner(folder)
    for other in folder.iterdir():
        if other.is_dir() and not owner.lives(other.name):
            shutil.rmtree(other, ignore_errors=True)
    (folder / owner.name).mkdir()
    return owner
