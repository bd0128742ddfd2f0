# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder for files in use, of this process alone, below one that other processes may use as well."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ...engine.errors import DiskError
from ...engine.locks import Owner, move_in

__all__ = ["Quarters"]


class Quarters:
    """There from the first use until it is left, and at the latest until this process ends.

    :param folder: the one that is shared.
    :param close: what is to be done before it is left, at the end of this process: it has to call :meth:`leave`.
    """

    def __init__(self, folder: Path, close: Callable[[], None]) -> None:
        self.folder: Final = folder
        self._close = close
        self._owner: Owner | None = None
        self._count = 0

    def enter(self) -> Path:
        """Give the folder.

        :raises OSError: it cannot be written.
        """
        if self._owner is None:
            self._owner = move_in(self.folder)
            atexit.register(self._close)
        return self.folder / self._owner.name

    def room(self) -> Path:
        """Make a new folder in it.

        :raises DiskError: it cannot be made.
        """
        try:
            room = self.path("")
            room.mkdir()
        except OSError as error:
            raise DiskError(f"{self.folder} cannot be written: {error.strerror or error}.") from error
        return room

    def path(self, suffix: str) -> Path:
        """Give a new name in it.

        :raises OSError: it cannot be written.
        """
        home = self.enter()
        self._count += 1
        return home / f"{self._count}{suffix}"

    def leave(self) -> None:
        """Remove it with all that is in it. It can be entered again."""
        owner, self._owner = self._owner, None
        if owner is not None:
            shutil.rmtree(self.folder / owner.name, ignore_errors=True)
            owner.release()
            atexit.unregister(self._close)
