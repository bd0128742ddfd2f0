# SPDX-License-Identifier: GPL-3.0-or-later
"""How many meshes are read at the same time: no more than there are processors, nor than there is memory for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scenario_addon.blender.writing.places import Places, processors

GB = 10**9


class Crowd:
    """Threads that want a place, and stay until they are let go."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.inside: list[str] = []
        self.besides: dict[str, int] = {}
        self._threads: list[threading.Thread] = []
        self._leave: dict[str, threading.Event] = {}
        self._changed = threading.Condition()

    def come(self, name: str, needs_gb: float | None) -> None:
        """:param needs_gb: ``None`` for to be alone."""
        self._leave[name] = threading.Event()
        queue = self.places.waiting
        thread = threading.Thread(target=self._stay, args=(name, needs_gb), daemon=True)
        self._threads.append(thread)
        thread.start()
        while name not in self.inside and self.places.waiting == queue:
            pass

    def _stay(self, name: str, needs_gb: float | None) -> None:
        place = self.places.all() if needs_gb is None else self.places.one(int(needs_gb * GB))
        with place as beside_bytes:
            with self._changed:
                self.inside.append(name)
                self.besides[name] = beside_bytes or 0
                self._changed.notify_all()
            self._leave[name].wait()
            with self._changed:
                self.inside.remove(name)
                self._changed.notify_all()

    def end(self) -> None:
        for leave in self._leave.values():
            leave.set()

    def go(self, name: str) -> None:
        self._leave[name].set()

    def wait_for(self, *names: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: sorted(self.inside) == sorted(names), 30), self.inside


@contextmanager
def crowd(most: int, left_gb: float | None) -> Iterator[Crowd]:
    found = Crowd(Places(most, lambda: None if left_gb is None else int(left_gb * GB)))
    try:
        yield found
    finally:
        found.end()


def test_as_many_as_there_are_processors_come_in_in_their_order() -> None:
    assert processors() >= 1
    with crowd(2, None) as here:
        for name in "abcd":
            here.come(name, 1)
        here.wait_for("a", "b")
        here.go("a")
        here.wait_for("b", "c")
        here.go("b")
        here.go("c")
        here.wait_for("d")


def test_no_more_come_in_than_there_is_memory_for() -> None:
    with crowd(8, 5.0) as here:
        here.come("a", 2)
        here.come("b", 2)
        here.come("large", 3)
        here.come("small", 0.5)
        here.wait_for("a", "b")
        assert here.besides == {"a": 0, "b": 2 * GB}
        here.go("a")
        here.wait_for("b", "large")
        here.go("b")
        here.wait_for("large", "small")


def test_one_that_needs_more_than_there_is_comes_in_alone() -> None:
    with crowd(8, 1.0) as here:
        here.come("huge", 9)
        here.wait_for("huge")
        here.come("a", 0.1)
        here.go("huge")
        here.wait_for("a")


@pytest.mark.parametrize("left_gb", [None, 100.0])
def test_whoever_has_to_be_alone_is(left_gb: float | None) -> None:
    with crowd(4, left_gb) as here:
        here.come("a", 1)
        here.come("alone", None)
        here.come("b", 1)
        here.wait_for("a")
        here.go("a")
        here.wait_for("alone")
        here.go("alone")
        here.wait_for("b")
