# SPDX-License-Identifier: GPL-3.0-or-later
"""Something that another Blender does, for whoever waits for it."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from ...engine.errors import ScenarioError
from .process import Child

__all__ = ["Errand"]

T = TypeVar("T")


class Errand(Generic[T]):
    """Any thread. It ends once, with what came of it or with an error that says why nothing did."""

    def __init__(self, name: str) -> None:
        self.name = name
        """Of what it is about, for people."""
        self.outcome: T | ScenarioError | None = None
        """``None`` while it is under way."""
        self.is_cancelled = False
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._child: Child | None = None

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def cancel(self) -> None:
        """End it. Returns at once; the outcome will be an error, unless it had come already."""
        with self._lock:
            self.is_cancelled = True
            if self._child is not None:
                self._child.end()

    def attach(self, child: Child | None) -> None:
        """Have this child ended by :meth:`cancel`."""
        with self._lock:
            self._child = child
            if child is not None and self.is_cancelled:
                child.end()

    def end(self, outcome: T | ScenarioError) -> None:
        self.outcome = outcome
        self._over.set()

    def wait(self) -> None:
        self._over.wait()

    def result(self) -> T:
        """Wait for the outcome.

        :raises ScenarioError: nothing came of it; the sentence says why.
        """
        self.wait()
        if isinstance(self.outcome, ScenarioError):
            raise self.outcome
        assert self.outcome is not None
        return self.outcome
