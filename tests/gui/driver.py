# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens a Blender window for a test and has a walk done in it.

A walk is what a person does in the window: a generator function in a module that is imported inside Blender
(see inside.py). A test lives outside, in pytest:

    with Window(profile, "tests.gui.walk_generate:generate", environment=service.environment) as window:
        assert window.result() == 1
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from environments import ENVS, ROOT

from tests.profile import Profile

__all__ = ["NARROW", "SCREENSHOTS", "TALL", "WHOLE_SCREEN", "WIDE", "WalkError", "Window"]

SCREENSHOTS: Final = Path(__file__).resolve().parent / "screenshots"
_START: Final = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests.gui import inside; inside.start()"
_ARGUMENTS: Final = (
    "--enable-event-simulate",
    *("--python-exit-code", "9", "--python-expr", _START),
)
WHOLE_SCREEN: Final = (1600, 900)
NARROW: Final = (640, 700)
TALL: Final = (640, 900)
WIDE: Final = (800, 900)
"""Pixels. Without a graphics card each takes its time whenever a button lights up under the mouse."""
TIMEOUT_S: Final = 150.0
_CONSOLE_TAIL_LINES: Final = 60
_CLEAN_UP_S: Final = 5.0


class WalkError(AssertionError):
    """A walk failed, or Blender did; the message holds the traceback, the console and the screenshots."""


class Window:
    """One run of Blender with a window. Leaving the context kills whatever still runs.

    :param walk: ``module:function`` of the walk.
    :param environment: added to the test's own.
    :param arguments: keyword arguments of the walk, JSON values.
    :param online: whether Blender is started so that it may go online; else it is for its preferences to say.
    :param size: of the window, in pixels: no larger than most walks need.
    :param as_it_is: the window has all editors that Blender begins with, and nothing in them is left out; else the 3D
        view alone, and in it what a walk needs.
    """

    def __init__(
        self,
        profile: Profile,
        walk: str,
        *,
        environment: Mapping[str, str] | None = None,
        arguments: Mapping[str, Any] | None = None,
        online: bool = True,
        size: tuple[int, int] = NARROW,
        as_it_is: bool = False,
    ) -> None:
        self._profile = profile
        self._walk = walk
        self._environment = dict(environment or {})
        self._arguments = dict(arguments or {})
        self._mode = ("--online-mode",) if online else ()
        self._as_it_is = as_it_is
        self._geometry = ("--window-geometry", "0", "0", *map(str, size))
        self._screenshots = SCREENSHOTS / f"{profile.executable.name}-{walk.rpartition(':')[2]}"
        self._report = profile.temporary / "report.json"
        self._console: list[str] = []
        self._news = threading.Condition()
        self._ended = False

    def __enter__(self) -> Window:
        """Start Blender; the walk begins as soon as its window is there."""
        order = {
            "walk": self._walk,
            "arguments": self._arguments,
            "report": str(self._report),
            "as_it_is": self._as_it_is,
        }
        own = {
            "GUI_WALK": json.dumps(order),
            "GUI_SCREENSHOTS": str(self._screenshots),
            # Without a graphics card, compiling the shaders anew for every profile takes most of the time.
            "MESA_SHADER_CACHE_DIR": str(ENVS / "shaders"),
            "LP_NUM_THREADS": "0",  # drawing in threads of its own is sooner done, and takes more of the processors
        }
        self._screenshots.mkdir(parents=True, exist_ok=True)
        self._report.unlink(missing_ok=True)
        self._started_s = time.monotonic()
        self._process = subprocess.Popen(
            [str(self._profile.executable), *self._mode, *self._geometry, *_ARGUMENTS],
            env={**self._profile.environment, **self._environment, **own},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        if self._process.stdout:
            self._process.stdout.close()

    def wait_until_reached(self, milestone: str, *, timeout_s: float = TIMEOUT_S) -> float:
        """Wait for the walk to say ``reached(milestone)``; give the seconds since the start of Blender.

        Every walk reaches "start" with its first step.

        :raises WalkError: the run ended or its time was up before.
        """
        line = f"[walk] {milestone}"
        self._wait(lambda: self._ended or self._says(line), f"the walk to reach {milestone!r}", timeout_s=timeout_s)
        if not self._says(line):
            self.kill()
            raise self._failure(self._reported().get("error", f"The walk ended without reaching {milestone!r}."))
        return time.monotonic() - self._started_s

    def result(self, *, timeout_s: float = TIMEOUT_S) -> Any:
        """Wait for Blender's end and give what the walk returned.

        :raises WalkError: the walk failed, Blender crashed, or the time was up.
        """
        self._wait(lambda: self._ended, "the end of Blender", timeout_s=timeout_s)
        self.kill()
        code = self._process.returncode
        report = self._reported()
        if "error" in report:
            raise self._failure(report["error"])
        if code or not report:
            raise self._failure(f"Blender ended with exit code {code}{'' if report else ' before the walk did'}.")
        return report["result"]

    def kill(self) -> None:
        """End Blender as a crash would, and then whatever it started and left behind."""
        if self._send(signal.SIGKILL):
            # Blender first: a wrapper that gave it a screen of its own then takes that away in good order.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_CLEAN_UP_S)
        for ending in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, ending)
            self._reader.join(_CLEAN_UP_S)
            if not self._reader.is_alive():  # nobody writes to the console any more
                break
        self._process.wait()

    def _send(self, signal_number: int) -> bool:
        """Send Blender itself a signal, not the wrapper that started it; False: it has not begun, or has ended."""
        process = next((line for line in self._console if line.startswith("[walk] process ")), "")
        if not process or self._ended:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process.split()[-1]), signal_number)
        return True

    def _read(self) -> None:
        """Collect the console until every process that writes to it has ended. On a thread of its own."""
        assert self._process.stdout
        for line in self._process.stdout:
            with self._news:
                self._console.append(line.rstrip())
                self._news.notify_all()

    def _watch(self) -> None:
        """Notice Blender's end: a process that it left behind may hold the console open. A thread of its own."""
        self._process.wait()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _wait(self, condition: Callable[[], bool], what: str, *, timeout_s: float) -> None:
        with self._news:
            if self._news.wait_for(condition, timeout=timeout_s):
                return
            if self._send(signal.SIGUSR1):  # for a traceback, which ends with these words if it is the walk that hangs
                self._news.wait_for(lambda: any(line.endswith(" in _step") for line in self._console), 1.0)
        self.kill()
        raise self._failure(f"{timeout_s:g} s were not enough for {what}.")

    def _says(self, line: str) -> bool:
        return line in self._console

    def _reported(self) -> dict[str, Any]:
        return json.loads(self._report.read_text(encoding="utf-8")) if self._report.exists() else {}

    def _failure(self, message: str) -> WalkError:
        tail = "\n".join(self._console[-_CONSOLE_TAIL_LINES:])
        parts = [f"{self._walk}: {message}", f"--- console of Blender\n{tail}"]
        for crash in self._profile.temporary.glob("*.crash.txt"):
            parts.append(f"--- {crash.name}\n{crash.read_text(encoding='utf-8', errors='replace')}")
        parts.append(f"--- screenshots in {self._screenshots}")
        return WalkError("\n".join(parts))
