# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling a terminal, or a log file, how jobs are doing."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Mapping
from typing import Final, TextIO

from ..batch.patience import tries
from ..ledger.job import Job, State
from ..terminal.bar import Bar, open_bar
from ..text import cells, duration, fitted
from ..values import Activity, JobId
from .streams import is_live

__all__ = ["Progress", "describe"]

_REDRAW_S: Final = 0.2
_BAR: Final = 24


def describe(job: Job, activity: Activity | None, *, now: float) -> str:
    """Say what a job is doing."""
    if activity is not None and activity.text and (activity.total_bytes or job.state is not State.RUNNING):
        if activity.total_bytes is None:
            return activity.text
        done, total = activity.done_bytes / 1e6, activity.total_bytes / 1e6
        return f"{activity.text}, {done:.1f} of {total:.1f} MB"
    words = [job.words]
    if job.state is State.UNCERTAIN:
        return ", ".join([*words, _next_look(job)])
    if job.state is State.RUNNING:
        words += [f"{job.progress:.0%}"] if job.progress else []
        remaining_s = job.remaining_s(now)
        words += [f"about {duration(remaining_s)} left"] if remaining_s else []
    told = ", ".join(words)
    if job.error:
        told += f": {job.error}"
        if job.wait_s and job.wait_s >= 1 and not job.is_settled:
            told += f" Next try in {duration(job.wait_s)}{_of_how_many(job)}."
    return told


def _next_look(job: Job) -> str:
    if job.wait_s is None:
        return "not found in Scenario's list of jobs"
    return f"looking {'again ' if job.failures else ''}in {duration(job.wait_s)}{_of_how_many(job)}"


def _of_how_many(job: Job) -> str:
    """When the retries end; "" where the service says when to come."""
    most = tries(job)
    return f" ({job.failures + 1} of {most})" if most < math.inf else ""


class Progress:
    """A live line on a terminal, one line for each change elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = is_live(stream)
        self._shown_cells = 0
        self._told: dict[JobId, tuple[State, str | None, int]] = {}
        self._noticed: dict[JobId, str] = {}
        self._drawn_at = 0.0
        self._bar: Bar | None = None

    def begin(self, total: int) -> None:
        """Get ready for so many items."""
        if self._is_terminal and total > 1:
            self._bar = open_bar(self._stream, total)

    def changed(self, job: Job) -> None:
        """Say what is new of a job, if it is worth a line."""
        if job.notice and self._noticed.get(job.id) != job.notice:
            self._noticed[job.id] = job.notice
            self.line(f"{job.order.name}: {job.notice}")
        tenth = int((job.progress or 0) * 10) if not self._is_terminal else 0
        news = (job.state, job.error, tenth)
        if self._told.get(job.id) == news:
            return
        self._told[job.id] = news
        is_told_elsewhere = job.is_held or job.state is State.FAILED  # the outcome says it
        if job.state not in (State.SUBMITTING, State.DOWNLOADED) and not is_told_elsewhere:
            self.line(f"{job.order.name}: {describe(job, None, now=time.time())}")

    @property
    def is_live(self) -> bool:
        """Whether there is a line that is always up to date."""
        return self._is_terminal

    def forget(self, job_id: JobId) -> None:
        """Keep nothing of a job that is through."""
        self._told.pop(job_id, None)
        self._noticed.pop(job_id, None)

    def line(self, text: str) -> None:
        self._clear()
        self._stream.write(text + "\n")
        self._stream.flush()

    def draw(
        self, jobs: Mapping[JobId, Job], activities: Mapping[JobId, Activity], summary: str = "", count: int = 0
    ) -> None:
        """Redraw the live line.

        :param summary: how far all of it is, which stands first.
        :param count: how many items that is.
        """
        now = time.monotonic()
        if not self._is_terminal or now - self._drawn_at < _REDRAW_S:
            return
        self._drawn_at = now
        if self._bar is not None:
            self._bar.show(count, summary)
            return
        active = [job for job in jobs.values() if not job.is_settled and not job.is_held]
        if not active:
            return
        texts = [summary] if summary else []
        texts += [f"{j.order.name}: {describe(j, activities.get(j.id), now=time.time())}" for j in active]
        bar = _bar(_fraction(active[0], activities.get(active[0].id))) if len(texts) == 1 else ""
        self._show(fitted(f"{bar}{' | '.join(texts)}", shutil.get_terminal_size().columns - 1))
        self._stream.flush()

    def end(self) -> None:
        """Show nothing live any more."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def close(self) -> None:
        self._clear()
        self._stream.flush()

    def _clear(self) -> None:
        if self._bar is not None:
            self._bar.clear()
        elif self._shown_cells:
            self._show("")
            self._stream.write("\r")

    def _show(self, text: str) -> None:
        """Write over the live line, with blanks to its end: cmd.exe prints the sequences that would clear it."""
        took, self._shown_cells = self._shown_cells, cells(text)
        self._stream.write(f"\r{text}{' ' * (took - self._shown_cells)}")


def _fraction(job: Job, activity: Activity | None) -> float | None:
    if activity is not None and activity.fraction is not None:
        return activity.fraction
    if job.state is not State.RUNNING or job.submitted_at is None:
        return None
    now = time.time()
    remaining_s, elapsed_s = job.remaining_s(now), max(0.0, now - job.submitted_at)
    return elapsed_s / (elapsed_s + remaining_s) if remaining_s else job.progress


def _bar(fraction: float | None) -> str:
    if fraction is None:
        return ""
    filled = round(_BAR * min(1.0, max(0.0, fraction)))
    return f"[{'#' * filled}{'.' * (_BAR - filled)}] "
