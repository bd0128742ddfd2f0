# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pieces of work off the main thread: a price, the model list, a test of the key."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...engine.errors import ProtocolError, ScenarioError

__all__ = ["Tasks"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Task:
    number: int
    done: Callable[[Any], None]
    must_end: bool


class Tasks:
    """Runs each in a thread of its own. Of two of one name only the later one's result counts. Main thread only.

    :param note: is told the name and the result of each before anybody else is.
    """

    def __init__(self, note: Callable[[str, Any], None] | None = None) -> None:
        self._note = note
        self._numbers = itertools.count()
        self._latest: dict[str, _Task] = {}
        self._results: queue.SimpleQueue[tuple[str, int, Any]] = queue.SimpleQueue()

    def run(self, name: str, work: Callable[[], Any], done: Callable[[Any], None], *, must_end: bool = False) -> None:
        """Do ``work`` in a thread, then ``done`` with its result, or its :class:`ScenarioError`, on the main thread.

        :param work: must not touch Blender.
        :param must_end: :meth:`drop` waits for it, so it must not take long: nothing that goes online.
        """
        number = next(self._numbers)
        self._latest[name] = _Task(number, done, must_end)
        # A daemon: quitting Blender never waits for the network.
        threading.Thread(target=self._work, args=(name, number, work), name=f"scenario-{name}", daemon=True).start()

    def is_running(self, name: str) -> bool:
        return name in self._latest

    @property
    def any_running(self) -> bool:
        return bool(self._latest)

    def collect(self) -> bool:
        """Hand over the results that are there; says whether there were any."""
        came = False
        while not self._results.empty():
            came = self._hand_over(*self._results.get()) or came
        return came

    def wait(self, name: str) -> None:
        """Block until a task has ended, and hand over its result."""
        while self.is_running(name):
            self._hand_over(*self._results.get())

    def drop(self) -> None:
        """Forget everything that is running, but for what has to end: that is waited for."""
        for name in [name for name, task in self._latest.items() if task.must_end]:
            self.wait(name)
        self._latest.clear()

    def _hand_over(self, name: str, number: int, result: Any) -> bool:
        """Hand a result over, unless nobody wants it any more."""
        task = self._latest.get(name)
        if task is None or task.number != number:
            return False
        del self._latest[name]
        if self._note is not None:
            self._note(name, result)
        task.done(result)
        return True

    def _work(self, name: str, number: int, work: Callable[[], Any]) -> None:
        try:
            result = work()
        except ScenarioError as error:
            result = error
        except Exception:  # the border of a thread: whoever waits for it must hear of it
            log.exception("%s broke", name)
            result = ProtocolError("Something unexpected happened; see the system console.")
        self._results.put((name, number, result))
