# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that runs ``entry``, as the one that started it sees it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import bpy

from .memory import allowance_bytes, confined, is_exhausted

__all__ = ["Child", "blender_with"]

log = logging.getLogger(__name__)

_ENTRY: Final = Path(__file__).with_name("entry.py")
_ARGUMENTS: Final = (
    *("--background", "--factory-startup", "--offline-mode", "-noaudio", "--disable-crash-handler"),
    *("--python-exit-code", "9", "--python"),
)
_GRACE_S: Final = 10.0
"""The child ends itself so much later than it is ended from here."""
_LAST_S: Final = 1.0
_KILLED: Final = (-9, 137)
"""As by a system that has no memory left, and as a shell around it says that."""
_TAIL_LINES: Final = 5
_TAIL_BYTES: Final = 20_000
_USER_FOLDERS: Final = ("RESOURCES", "CONFIG", "SCRIPTS", "EXTENSIONS", "DATAFILES")
"""What Blender takes from BLENDER_USER_...: without these the artist's own scripts would start, too."""
_WINDOWS_FLAGS: Final = sum(
    getattr(subprocess, name, 0)
    for name in ("CREATE_NO_WINDOW", "BELOW_NORMAL_PRIORITY_CLASS", "CREATE_NEW_PROCESS_GROUP")
)
"""Ctrl-C is for whoever started it, which decides what becomes of this one; elsewhere by a group of its own, too."""


_GROUP: Final = None if sys.platform == "win32" else 0


@dataclass(eq=False)
class Child:
    """A process that waits for an order, or works on one."""

    process: subprocess.Popen[bytes]
    console: Path
    was_ended: bool = field(default=False, init=False)
    limit_bytes: int | None = field(default=None, init=False)
    """Of its memory, once it was told what to do."""
    orders: int = field(default=0, init=False)
    """How many it was given."""
    _heard_bytes: int = field(default=0, init=False)
    """Of what it had said before the latest."""
    _took_too_much: bool = field(default=False, init=False)
    _own_code: int | None = field(default=None, init=False)
    """What it ended with, unless it was ended from here."""

    @classmethod
    def start(cls, command: Sequence[str], console: Path) -> Child:
        """Start a process.

        :raises OSError: it cannot be started.
        """
        with console.open("wb") as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(console.with_suffix("")),
                creationflags=_WINDOWS_FLAGS,
                process_group=_GROUP,
            )
        return cls(process, console)

    def tell(
        self,
        order: Mapping[str, Any],
        hear: Callable[[dict[str, Any]], None] = lambda answer: None,
        *,
        beside_bytes: int = 0,
    ) -> dict[str, Any]:
        """Hand over an order; give all the answers as one. Blocks until it is done with it, or has ended.

        :param hear: is called with each answer when it comes.
        :param beside_bytes: what others may need meanwhile, which is left to them.
        """
        self.orders += 1
        self.limit_bytes = allowance_bytes(beside_bytes)
        self._heard_bytes = self._console_bytes
        timer = threading.Timer(order["limit_s"], self.end)
        timer.daemon = True
        timer.start()
        try:
            with confined(self.process, self.limit_bytes, self._end_for_memory):
                answers = self._answers(order, hear)
        finally:
            timer.cancel()
        if not answers.pop("over", False):
            with suppress(subprocess.TimeoutExpired):  # it has said its last, and may need a moment to be gone
                self._own_code = self.process.wait(_LAST_S)
        return answers

    def _answers(self, order: Mapping[str, Any], hear: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        own_limits = {"limit_s": order["limit_s"] + _GRACE_S, "limit_bytes": self.limit_bytes}
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None and stdout is not None
        try:
            stdin.write(json.dumps({**order, **own_limits}).encode() + b"\n")
            stdin.flush()
            for line in stdout:  # among them what Blender says at its start
                with suppress(ValueError):
                    said = json.loads(line)
                    if isinstance(said, dict):
                        answers |= said
                        hear(said)
                        if "over" in said:
                            break
        except OSError as error:
            log.debug("the other Blender has gone: %s", error)
        return answers

    def end(self) -> None:
        """End the process. Any thread."""
        self.was_ended = True
        self.process.kill()

    def _end_for_memory(self) -> None:
        self._took_too_much = True
        self.process.kill()

    @property
    def wanted_too_much_memory(self) -> bool:
        """Whether it took more than it may have, or says that it got no more."""
        return self._took_too_much or is_exhausted(self._console_text())

    @property
    def ran_out_of_memory(self) -> bool:
        """The same, or whether it was ended from elsewhere, as a system does that has no memory left."""
        was_killed_by_the_system = self._own_code in _KILLED and not self.was_ended
        return self.wanted_too_much_memory or was_killed_by_the_system

    def close(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            with suppress(OSError):  # what was not written yet cannot be any more
                if stream is not None:
                    stream.close()
        self.process.kill()
        self.process.wait()

    def last_words(self) -> str:
        return " | ".join(self._console_text().splitlines()[-_TAIL_LINES:])

    @property
    def _console_bytes(self) -> int:
        try:
            return self.console.stat().st_size
        except OSError:
            return 0

    def _console_text(self) -> str:
        """The end of what it has said since the latest order."""
        try:
            with self.console.open("rb") as file:
                file.seek(max(self._heard_bytes, self._console_bytes - _TAIL_BYTES))
                return file.read().decode("utf-8", errors="replace")
        except OSError:
            return ""


def blender_with(work: str) -> tuple[str, ...]:
    """Give what starts a Blender like this one, from the ``bpy`` module in a Python that has it, too.

    :param work: the module of the Blender side that does its work, see ``entry``.
    """
    if bpy.app.binary_path:
        return (bpy.app.binary_path, *_ARGUMENTS, str(_ENTRY), "--", work)
    return (sys.executable, str(_ENTRY), work)


def _environment(nowhere: Path) -> dict[str, str]:
    """Ours, without credentials and without the artist's own scripts.

    :param nowhere: a folder that is not there, or empty.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SCENARIO_") and not k.upper().endswith("_PROXY")}
    return kept | {f"BLENDER_USER_{folder}": str(nowhere) for folder in _USER_FOLDERS}
