# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that runs ``worker``, as the one that started it sees it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import bpy

__all__ = ["CHILD", "Child", "this_blender"]

log = logging.getLogger(__name__)

CHILD: Final = Path(__file__).with_name("worker.py")
_ARGUMENTS: Final = (
    *("--background", "--factory-startup", "--offline-mode", "-noaudio", "--disable-crash-handler"),
    *("--python-exit-code", "9", "--python", str(CHILD)),
)
_GRACE_S: Final = 10.0
"""The child ends itself so much later than it is ended from here."""
_TAIL_LINES: Final = 5
_USER_FOLDERS: Final = ("RESOURCES", "CONFIG", "SCRIPTS", "EXTENSIONS", "DATAFILES")
"""What Blender takes from BLENDER_USER_...: without these the artist's own scripts would start, too."""
_WINDOWS_FLAGS: Final = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(
    subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0
)


@dataclass(eq=False)
class Child:
    """A process that waits for a file, or works on it."""

    process: subprocess.Popen[bytes]
    console: Path
    was_ended: bool = field(default=False, init=False)

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
            )
        return cls(process, console)

    def tell(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Hand over the order; give all the answers as one. Blocks until the process has ended."""
        answers: dict[str, Any] = {}
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None and stdout is not None
        timer = threading.Timer(order["limit_s"], self.end)
        timer.daemon = True
        timer.start()
        try:
            own_limit_s = order["limit_s"] + _GRACE_S
            stdin.write(json.dumps({**order, "limit_s": own_limit_s}).encode() + b"\n")
            stdin.flush()
            for line in stdout:  # among them what Blender says at its start
                with suppress(ValueError):
                    said = json.loads(line)
                    answers |= said if isinstance(said, dict) else {}
        except OSError as error:
            log.debug("the converting process has gone: %s", error)
        finally:
            timer.cancel()
            self.close()
        return answers

    def end(self) -> None:
        """End the process. Any thread."""
        self.was_ended = True
        self.process.kill()

    def close(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            with suppress(OSError):  # what was not written yet cannot be any more
                if stream is not None:
                    stream.close()
        self.process.kill()
        self.process.wait()

    def last_words(self) -> str:
        with suppress(OSError):
            lines = self.console.read_text(encoding="utf-8", errors="replace").splitlines()
            return " | ".join(lines[-_TAIL_LINES:])
        return ""


def this_blender() -> tuple[str, ...]:
    """Empty without a window: there is nobody to keep waiting, and in the ``bpy`` module no Blender to start."""
    is_worth_it = bpy.app.binary_path and not bpy.app.background
    return (bpy.app.binary_path, *_ARGUMENTS) if is_worth_it else ()


def _environment(nowhere: Path) -> dict[str, str]:
    """Ours, without credentials and without the artist's own scripts.

    :param nowhere: a folder that is not there, or empty.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SCENARIO_") and not k.upper().endswith("_PROXY")}
    return kept | {f"BLENDER_USER_{folder}": str(nowhere) for folder in _USER_FOLDERS}
