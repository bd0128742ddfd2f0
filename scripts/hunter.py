# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills a process at a chosen instant of its talk with the stand-in."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.service import Request

__all__ = ["ANY", "Hunter", "Instant"]

ANY: Final = ""
"""Every request."""


@dataclass(frozen=True)
class Instant:
    """When a process is killed: after a request has been worked on, or so long after its start."""

    request: str | None
    """A regular expression for its method, path and query; ``None`` counts from the start of the process."""
    number: int = 1
    """Which of these requests it is."""
    delay_s: float = 0.0
    """How much later; at 0 the answer has not left yet."""


class Hunter:
    """Kills a process when its instant has come. Threads of the stand-in tell it of requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prey: Callable[[], None] | None = None
        self._pattern, self._left, self._delay_s = ANY, 0, 0.0

    def hunt(self, kill: Callable[[], None], instant: Instant) -> None:
        """Wait for an instant; it replaces the one before.

        :param kill: returns when the process is dead.
        """
        with self._lock:
            self._prey = kill if instant.request is not None else None
            self._pattern, self._left, self._delay_s = instant.request or ANY, instant.number, instant.delay_s
        if instant.request is None:
            threading.Timer(instant.delay_s, kill).start()

    def saw(self, request: Request) -> None:
        """The service has worked on a request; its answer leaves when this returns."""
        query = "?" + "&".join(request.query) if request.query else ""
        with self._lock:
            if self._prey is None or not re.search(self._pattern, f"{request.method} {request.path}{query}"):
                return
            self._left -= 1
            if self._left > 0:
                return
            kill, self._prey = self._prey, None
        if self._delay_s:
            threading.Timer(self._delay_s, kill).start()
        else:
            kill()
