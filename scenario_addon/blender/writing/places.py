# SPDX-License-Identifier: GPL-3.0-or-later
"""How many meshes are read at the same time: as many as there are processors, and memory for what they will need."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from ..children.memory import allowance_bytes

__all__ = ["Places", "processors"]

_LOOK_S: Final = 1.0
"""How often it is looked how much memory there is: other programs take it, and give it back."""
_EVERYTHING: Final = 1 << 62
"""What somebody needs who has to be alone."""


def processors() -> int:
    """Give how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Places:
    """Lets in one after the other, in the order in which they come. Any thread.

    :param most: at the same time.
    :param left_bytes: gives how much memory there is for all of them; ``None`` where nobody knows.
    """

    def __init__(self, most: int, left_bytes: Callable[[], int | None] = allowance_bytes) -> None:
        self.most = most
        self._left_bytes = left_bytes
        self._changed = threading.Condition()
        self._waiting: list[object] = []
        self._taken: dict[object, int] = {}

    @contextmanager
    def one(self, needs_bytes: int) -> Iterator[int]:
        """Wait for a place; gives what those beside will need at most. Where nobody is, there always is one."""
        with self._entered(needs_bytes, lambda: self._fits(needs_bytes)) as beside_bytes:
            yield beside_bytes

    @contextmanager
    def all(self) -> Iterator[None]:
        """Wait until nobody is there, and let nobody else in."""
        with self._entered(_EVERYTHING, lambda: not self._taken):
            yield

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._waiting)

    def _fits(self, needs_bytes: int) -> bool:
        if not self._taken:
            return True
        if _EVERYTHING in self._taken.values():
            return False
        left_bytes = self._left_bytes()
        return len(self._taken) < self.most and (
            left_bytes is None or needs_bytes + sum(self._taken.values()) <= left_bytes
        )

    @contextmanager
    def _entered(self, needs_bytes: int, fits: Callable[[], bool]) -> Iterator[int]:
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while not (self._waiting[0] is ticket and fits()):
                    self._changed.wait(_LOOK_S)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
            beside_bytes = sum(self._taken.values())
            self._taken[ticket] = needs_bytes
        try:
            yield beside_bytes
        finally:
            with self._changed:
                del self._taken[ticket]
                self._changed.notify_all()
