# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that do one task after another for a driver that never waits for them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Final

__all__ = ["Workers"]

_MOST: Final = 32


class Workers:
    """Grows with what is under way, since a task may take as long as a download. Methods are for the driver's thread.

    :param count: how many there are in any case, once there is something to do.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def hand_out(self, task: Callable[[], None], *, under_way: int) -> None:
        """Have a task done.

        :param under_way: how many tasks are, this one included.
        """
        if len(self._threads) < self._count or len(self._threads) <= under_way < _MOST:
            # Daemon threads: quitting Blender must not wait for a request to end.
            thread = threading.Thread(target=self._work, name="scenario-worker", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._tasks.put(task)

    def dismiss(self) -> list[threading.Thread]:
        """Hand out nothing more; gives the threads, which end when they have done what they were given."""
        threads, self._threads = self._threads, []
        for _ in threads:
            self._tasks.put(None)
        return threads

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
