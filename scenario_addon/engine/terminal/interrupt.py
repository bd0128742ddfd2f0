# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C, and the signals by which a system ends a program: the first one lets what is under way come to an end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

__all__ = ["Interrupted", "Interrupts"]

_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Those that the system has of them."""
_USUAL: Final = (signal.SIG_DFL, signal.default_int_handler, None)
"""Also what the program around Python has set up, as Blender does without a window: it would only be noted there."""


class Interrupted(KeyboardInterrupt):
    """It was interrupted, and what follows from it has been said."""


class Interrupts:
    """Minds the signals while it is entered. Who ignores one, as ``nohup`` does, goes on ignoring it. Main thread."""

    def __init__(self) -> None:
        self._count = 0
        self._is_gentle = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]:
                if (before := signal.getsignal(number)) in _USUAL:
                    signal.signal(number, self._handle)
                    self._before[number] = before
        return self

    def __exit__(self, *_: object) -> None:
        while self._before:
            number, before = self._before.popitem()
            signal.signal(number, signal.SIG_DFL if before is None else before)

    @contextmanager
    def gentle(self) -> Generator[None, None, None]:
        """Have the first signal only noted here, for :meth:`check`; another one ends it at once."""
        self._is_gentle = True
        try:
            yield
        finally:
            self._is_gentle = False

    @property
    def is_asked(self) -> bool:
        """Whether somebody wants it to end."""
        return self._count > 0

    def check(self) -> None:
        """Stop here if somebody wants it to end.

        :raises KeyboardInterrupt: somebody does.
        """
        if self.is_asked:
            raise KeyboardInterrupt

    def check_again(self) -> None:
        """Stop here if somebody wants it to end at once.

        What a signal raises itself can get lost: in a callback, or while something is taken apart.

        :raises KeyboardInterrupt: somebody does.
        """
        if self._count > 1:
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._count += 1
        if self._count > 1 or not self._is_gentle:
            raise KeyboardInterrupt
