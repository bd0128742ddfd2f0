# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that are started somewhere inside, as a test sees them from outside: each notes that it began."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

__all__ = ["Processes", "lives"]

_NOTE: Final = """
import os, sys
with open(sys.argv[1], "a") as log:
    log.write(f"{os.getpid()}\\n")
os.execv(sys.argv[2], sys.argv[2:])
"""


class Processes:
    """Those that are started with :attr:`command`.

    :param log: a file that is not there yet.
    :param command: what they run.
    """

    def __init__(self, log: Path, *command: str) -> None:
        self._log = log
        self.command = (sys.executable, "-c", _NOTE, str(log), *command)

    @property
    def started(self) -> list[int]:
        """Their ids, in the order in which they began."""
        return [int(line) for line in self._log.read_text().splitlines()] if self._log.exists() else []

    @property
    def living(self) -> list[int]:
        """Those that have not ended yet."""
        return [process for process in self.started if lives(process)]


def lives(process: int) -> bool:
    """Whether there is such a process, and not only its exit code. On Linux; elsewhere it is never known."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
