# SPDX-License-Identifier: GPL-3.0-or-later
"""The traffic of both origins: what was asked so far, and which faults wait for what comes."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

from .faults import Fault, Rule
from .values import Request

__all__ = ["Traffic"]


class Traffic:
    """The request log and the waiting faults. Any thread may call any method."""

    def __init__(self, *, on_request: Callable[[Request], None] | None = None) -> None:
        self.closing = threading.Event()
        """Set when the service ends."""
        self._held = threading.Event()
        self.errors: list[Exception] = []
        """Errors of the stand-in itself, never faults that were asked for."""
        self._on_request = on_request
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._rules: list[Rule] = []

    @property
    def requests(self) -> list[Request]:
        """A copy of the log, in the order of the answers."""
        with self._lock:
            return list(self._requests)

    def record(self, request: Request) -> None:
        """Log a request. Called before its answer leaves, so that a client never outruns the log."""
        with self._lock:
            self._requests.append(request)
        if self._on_request:
            self._on_request(request)

    def count(self, method: str, pattern: str) -> int:
        """How many logged requests have this method and a path the pattern is found in."""
        return sum(r.method == method and bool(re.search(pattern, r.path)) for r in self.requests)

    def plan(
        self,
        method: str,
        pattern: str,
        *,
        fault: Fault,
        times: int | None,
        after: int,
        options: dict[str, Any],
    ) -> None:
        """Let a fault wait for matching requests."""
        with self._lock:
            self._rules.append(Rule(method, re.compile(pattern), fault, times, after, options))

    def forget_faults(self) -> None:
        """No fault waits any more."""
        with self._lock:
            self._rules.clear()

    def hold(self, seconds: float) -> None:
        """Wait so long, unless everybody is let go before."""
        self._held.wait(seconds)

    def let_go(self) -> None:
        """Hold none of the connections any longer that are held now."""
        held, self._held = self._held, threading.Event()
        held.set()

    def close(self) -> None:
        """Hold nobody any more."""
        self.closing.set()
        self._held.set()

    def strike(self, *, method: str, path: str) -> Rule | None:
        """The fault this request meets, if any; the first planned wins and only it is used up."""
        with self._lock:
            return next((rule for rule in self._rules if rule.strikes(method=method, path=path)), None)
