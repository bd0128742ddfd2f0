# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever wants to know how a batch goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..ledger.job import Job
from ..pipeline.runner import Runner
from ..report.outcome import Outcome

__all__ = ["Watcher"]


class Watcher(Protocol):
    """Called from the thread that runs the batch."""

    def changed(self, job: Job) -> None: ...

    def look(self, runner: Runner, under_way: Callable[[], Sequence[Outcome]]) -> None:
        """Look at what is under way; called several times a second."""
        ...

    def concluded(self, outcome: Outcome) -> None: ...
