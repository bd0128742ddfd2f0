# SPDX-License-Identifier: GPL-3.0-or-later
"""How many jobs may be at the service at once, learned from its refusals, and when submissions have to wait.

A refusal holds back every submission, not only the refused one. As many as the service then had of ours are allowed
from then on, and one more every minute: others may use the account too, and leave it again.
"""

from __future__ import annotations

import math
import queue
from typing import Final

from ..errors import RateLimited

__all__ = ["Throttle"]

_RAISE_S: Final = 60.0
"""After so long without a refusal, one more is tried."""


class Throttle:
    """Times are in seconds of the runner's clock. For the driver's thread, but for :meth:`hear`."""

    def __init__(self) -> None:
        self._most: int | None = None
        self._learned_at_s = 0.0
        self._closed_until_s = -math.inf
        self._told: int | None = None
        self._heard: queue.SimpleQueue[RateLimited] = queue.SimpleQueue()

    def hear(self, refusal: RateLimited) -> None:
        """Note what the service says. Any thread."""
        self._heard.put(refusal)

    def listen(self, now_s: float) -> None:
        """Heed what was said since the last time."""
        while not self._heard.empty():
            refusal = self._heard.get()
            if refusal.most_at_once is not None:
                self._told = refusal.most_at_once
            if refusal.retry_after_s is not None:
                self._close(now_s + refusal.retry_after_s)

    def _close(self, until_s: float) -> None:
        """Let nothing new begin until then."""
        self._closed_until_s = max(self._closed_until_s, until_s)

    def refused(self, now_s: float, *, others: int) -> None:
        """Learn from a submission that was refused because there are too many.

        :param others: how many of ours the service has.
        """
        self._most, self._learned_at_s = max(1, others), now_s
        if others == 0 and not self.closed_s(
            now_s
        ):  # then somebody else's are too many, and nothing of ours will make room
            self._close(now_s + _RAISE_S / 2)

    def most(self, now_s: float) -> float:
        """How many may be at the service; without end until something else is known."""
        told = self._told if self._told is not None else math.inf
        if self._most is None:
            return told
        return min(told, self._most + max(0.0, now_s - self._learned_at_s) // _RAISE_S)

    def closed_s(self, now_s: float) -> float:
        """How long nothing new may begin."""
        return max(0.0, self._closed_until_s - now_s)

    def wait_s(self, now_s: float, *, at_service: int) -> float:
        """How long the next submission has to wait, unless a job leaves the service before; 0: it may go.

        :param at_service: how many are there.
        """
        if (closed_s := self.closed_s(now_s)) > 0:
            return closed_s
        if at_service < self.most(now_s):
            return 0.0
        return _RAISE_S - max(0.0, now_s - self._learned_at_s) % _RAISE_S
