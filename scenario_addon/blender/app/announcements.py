# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told in Blender's status bar and info editor, whichever tab is open. Main thread only."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from ...engine.ledger.job import State
from ...engine.text import sentences, shortened

if TYPE_CHECKING:
    from ...engine.ledger.job import Job
    from ...engine.values import JobId

__all__ = ["Announcements"]

_LOUD: Final = "WARNING"
"""An ``ERROR`` opens a box under the mouse in Blender 5.2, in the middle of whatever the artist does."""
_MOST: Final = 20
"""More at once, nobody reads."""


class Announcements:
    """Sentences that wait to be told, each with Blender's word for how much it matters: ``INFO`` or ``WARNING``."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, str]] = deque(maxlen=_MOST)
        self._told: dict[JobId, str] | None = None
        """What went wrong with each job that needs the user, as far as that was looked at."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, level: str, text: str) -> None:
        self._waiting.append((level, text))

    def take(self) -> list[tuple[str, str]]:
        """Give what waits, the oldest first: it is told now."""
        waiting = list(self._waiting)
        self._waiting.clear()
        return waiting

    def look_at(self, jobs: Iterable[Job], *, is_stuck: Callable[[Job], bool]) -> None:
        """Tell of each job that has just gone wrong. What was so when Blender started is in the list, and not told."""
        problems = {job.id: said for job in jobs if (said := _problem(job, is_stuck=is_stuck))}
        for job_id, said in problems.items() if self._told is not None else ():
            if self._told.get(job_id) != said:
                self.add(_LOUD, said)
        self._told = problems


def _problem(job: Job, *, is_stuck: Callable[[Job], bool]) -> str:
    """Say what is wrong with a job that goes no further by itself, else ""."""
    name = job.order.name
    if job.state is State.FAILED:
        return sentences(f"{name} failed: {shortened(job.error or 'the service does not say why')}")
    if job.state is State.UNCERTAIN:
        return f"{name}: {job.words}."
    return sentences(f"{name}: {shortened(job.error)}") if job.error and is_stuck(job) else ""
