# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder on a network, for one machine at a time: a file says which one, and is written anew as long as it lives.

The locks of a network's file systems are not relied upon between machines. All processes of one machine share its
turn; the last one gives it back. A machine that was cut off or switched off loses its turn once it has shown no sign of
life for two minutes by the clock of the file server, and notices that before it writes again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import ConfigError, DiskError
from ..files import create, discard, make_private_folder, write_whole
from ..locks import Owner, exclusive
from ..text import clean
from .kinds import Trust, file_system
from .machine import Machine, this_machine

__all__ = ["BEAT_S", "STALE_S", "WATCH_S", "Lease", "held", "lease"]

BEAT_S: Final = 10.0
"""Between two signs of life."""
STALE_S: Final = 120.0
"""Longer than file servers keep what a machine that is cut off holds there."""
WATCH_S: Final = 2.5 * BEAT_S
"""For so long it is looked on before a turn is taken: where the age of a file says nothing, a sign of life does."""
SETTLE_S: Final = 2.0
"""Longer than a write takes: after it, of several machines that take a turn at once, all see the same one's name."""
_TRIES: Final = 3
_LENGTH: Final = 512
"""Bytes of the file."""
_LONGEST_NAME: Final = 100


def lease(folder: Path) -> Lease | None:
    """Get this machine's turn with a folder that holds a ledger; ``None`` where it needs none.

    :raises ConfigError: no ledger can be there, or it is another machine's turn.
    :raises OSError: the folder cannot be written.
    """
    found = file_system(folder)
    if found.trust is Trust.LOCAL:
        return None
    if found.trust is Trust.NONE:
        raise ConfigError(
            f"The ledger cannot be kept in {folder}, {found}, where what was paid for could get lost: set "
            "SCENARIO_STATE_DIR to a folder on a local disk, one for each machine."
        )
    return Lease(folder)


@contextmanager
def held(folder: Path) -> Generator[None, None, None]:
    """Hold this machine's turn meanwhile, where it needs one.

    :raises ConfigError: as :func:`lease` does.
    :raises OSError: the folder cannot be written.
    """
    mine = lease(folder)
    try:
        yield
    finally:
        if mine is not None:
            mine.release()


@dataclass(frozen=True, slots=True)
class _Sign:
    """What is in the file: whose turn it is, and something that is new with each sign of life."""

    machine: str
    name: str
    token: str


class Lease:
    """This process's share in its machine's turn, until :meth:`release`. Any thread.

    :param sleep: how to pause while another machine's turn is taken.
    :raises ConfigError: it is another machine's turn.
    :raises OSError: the folder cannot be written.
    """

    def __init__(
        self, folder: Path, *, machine: Machine | None = None, sleep: Callable[[float], None] | None = None
    ) -> None:
        self._folder, self._me = folder, machine or this_machine()
        self._path, tenants = folder / "machine.json", folder / "tenants" / self._me.id
        self._lock, self._ended = threading.Lock(), threading.Event()
        make_private_folder(tenants.parent)
        self._tenant = Owner(tenants)
        self._guard = tenants / "turn.guard"
        """Of this machine alone: whoever waits for another one's must not keep it from showing that it lives."""
        try:
            with exclusive(self._guard):
                self._take(sleep or time.sleep)
        except BaseException:
            self._tenant.release()
            raise
        threading.Thread(target=self._beat, name="scenario-lease", daemon=True).start()

    def check(self) -> None:
        """Look whether it is still this machine's turn.

        :raises DiskError: it is not.
        :raises OSError: that cannot be found out.
        """
        sign = self._read()
        if sign is None or sign.machine != self._me.id:
            who = f"is used on {sign.name} now" if sign is not None else "may have been used on another machine"
            raise DiskError(f"The ledger in {self._folder} {who}, since this machine was cut off from it: start again.")

    def refresh(self) -> None:
        """Show a sign of life, if it is still this machine's turn.

        :raises OSError: it cannot be written.
        """
        with self._lock:
            if not self._ended.is_set():
                with exclusive(self._guard):
                    self._renew()

    def release(self) -> None:
        """Give it back. The last process of a machine gives back its turn."""
        with self._lock:
            if self._ended.is_set():
                return
            self._ended.set()
            with suppress(OSError), exclusive(self._guard):
                if self._is_mine() and self._tenant.is_alone():
                    discard(self._path)
            self._tenant.release()

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_S):
            with suppress(OSError):  # the next one may get through
                self.refresh()

    def _take(self, sleep: Callable[[float], None]) -> None:
        for _ in range(_TRIES):
            sign = self._read()
            if sign is None:
                if self._is_begun():
                    return
            elif sign.machine == self._me.id:
                return self._renew()
            else:
                self._outlast(sign, sleep)
                write_whole(self._path, self._content(), is_private=True)
                sleep(SETTLE_S)
        raise self._taken_by("another machine")

    def _is_begun(self) -> bool:
        """Begin this machine's turn, unless another one does in the same instant."""
        try:
            with create(self._path, is_private=True) as file:
                file.write(self._content())
        except FileExistsError:
            return False
        self._clear_away()
        return True

    def _clear_away(self) -> None:
        """Clear away what machines left that have not been here for long."""
        mine = self._guard.parent
        with suppress(OSError):
            for other in mine.parent.iterdir():
                if mine.stat().st_mtime - other.stat().st_mtime > STALE_S:
                    shutil.rmtree(other, ignore_errors=True)

    def _outlast(self, sign: _Sign, sleep: Callable[[float], None]) -> None:
        """Make sure that whoever has the turn shows no sign of life.

        :raises ConfigError: it may live.
        """
        if self._age_s() < STALE_S:
            raise self._taken_by(sign.name)
        sleep(WATCH_S)
        if self._read() != sign:
            raise self._taken_by(sign.name)

    def _taken_by(self, name: str) -> ConfigError:
        return ConfigError(
            f"The ledger in {self._folder}, which is on a network disk, is used on {name}: end Blender and scripts "
            "there, wait two minutes if they were cut off, or set SCENARIO_STATE_DIR to a folder on a local disk here."
        )

    def _age_s(self) -> float:
        """How long ago the file was written, by the clock that dates files there."""
        now = self._path.with_name(f".{uuid.uuid4().hex}.now")
        try:
            with create(now, is_private=True) as file:
                file.write(b"now")
            return now.stat().st_mtime - self._path.stat().st_mtime
        except FileNotFoundError:  # it has just been given back
            return 0.0
        finally:
            discard(now)

    def _is_mine(self) -> bool:
        sign = self._read()
        return sign is not None and sign.machine == self._me.id

    def _renew(self) -> None:
        if self._is_mine():
            with self._path.open("r+b") as file:  # in place and of one length: whoever reads meanwhile reads it whole
                file.write(self._content())
                file.flush()
                os.fsync(file.fileno())

    def _content(self) -> bytes:
        data = {"machine": self._me.id, "name": self._me.name, "token": uuid.uuid4().hex}
        return json.dumps(data).encode().ljust(_LENGTH)

    def _read(self) -> _Sign | None:
        """Read the file; ``None`` where there is none. What makes no sense is somebody's whom nobody knows."""
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            data = json.loads(raw)
            return _Sign(str(data["machine"]), clean(str(data["name"]), longest=_LONGEST_NAME), str(data["token"]))
        except (ValueError, KeyError, TypeError):
            return _Sign("", "another machine", hashlib.sha256(raw).hexdigest())
