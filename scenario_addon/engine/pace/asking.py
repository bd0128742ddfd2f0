# SPDX-License-Identifier: GPL-3.0-or-later
"""When to ask the service about each running job: seldom in vain, and soon after its end.

What one job shows counts for all others of its model at once: when the first ones end, those that began with them are
asked about right away.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ..cut_out import CUT_OUT_MODEL
from ..errors import ScenarioError
from ..ledger.job import Job
from ..values import JobId, ModelId
from .durations import Durations
from .forecast import Forecast
from .progress import Course, Trust

__all__ = ["Asking", "Recall"]

log = logging.getLogger(__name__)

Recall = Callable[[ModelId], Iterable[Job]]
"""Gives jobs of a model that ended well before, oldest first. Called by worker threads."""

_DOUBT: Final = 0.1
"""The chance that a job's progress says nothing this time, however right it was for others."""
_JITTER: Final = (0.85, 1.15)
_FIRST: Final = 8
"""So many jobs teach much."""
_SOONER_S: Final = 0.5
"""What it has to save."""


def _nothing(model_id: ModelId) -> Iterable[Job]:
    return ()


class Asking:
    """Shared by all jobs of a runner. Any thread.

    :param recall: what is known of a model's earlier jobs; asked once for each model.
    """

    def __init__(self, recall: Recall = _nothing, *, chance: random.Random | None = None) -> None:
        self._recall = recall
        self._chance = chance or random.Random()
        self._lock = threading.Lock()
        self._habits: dict[ModelId, _Habit] = {}
        self._watched: dict[JobId, _Watched] = {}
        self._gone: queue.SimpleQueue[JobId] = queue.SimpleQueue()
        self._sooner: queue.SimpleQueue[tuple[JobId, float]] = queue.SimpleQueue()

    def pause_s(self, job: Job, now: float) -> float:
        """How long to wait before a running job is asked about, which is not done yet, in seconds. Worker thread.

        :param now: seconds since the epoch.
        """
        habit, elapsed_s = self._habit(job), _elapsed_s(job, now)
        with self._lock:
            self._sweep()
            watched = self._watched.get(job.id)
            is_first = watched is None or watched.habit is not habit
            if watched is None or watched.habit is not habit:
                watched = self._watched[job.id] = _Watched(habit)
            watched.asked_s, watched.asked_at = elapsed_s, now
            watched.course.note(elapsed_s, job.progress)
            forecast = watched.told(habit.durations.forecast(self._alive_s(habit, besides=watched)))
            pause_s = forecast.pause_s(elapsed_s, part=self._chance.uniform(*_JITTER), is_first=is_first)
            watched.next_at = now + pause_s
            return pause_s

    def learn(self, job: Job, now: float) -> None:
        """Heed that a job has been seen to be done well. Worker thread.

        :param job: as it was before, with the time when it was not done yet.
        :param now: seconds since the epoch.
        """
        habit = self._habit(job)
        with self._lock:
            self._sweep()
            watched = self._watched.pop(job.id, None)
            if job.cut_out is not None and job.cut_out.is_shared:  # another one has ordered it before
                return
            before = habit.durations.forecast()
            after_s, by_s = _span_s(job, now)
            habit.durations.learn(after_s, by_s)
            if watched is not None and after_s > 0:
                habit.trust.learn(watched.course, (after_s + by_s) / 2)
            habit.learnt += 1
            if habit.learnt <= _FIRST or habit.durations.forecast().differs(before):
                self._hasten(habit, now)

    def forget(self, job_id: JobId) -> None:
        """Watch a job no more. Does not block."""
        self._gone.put(job_id)

    def sooner(self) -> Iterator[tuple[JobId, float]]:
        """Which jobs are to be asked about earlier than was said, and how long until then. Does not block."""
        while not self._sooner.empty():
            yield self._sooner.get()

    def _habit(self, job: Job) -> _Habit:
        """What is known of a job's model; the ledger is read without keeping anybody else waiting."""
        model_id = job.order.model_id if job.cut_out is None else CUT_OUT_MODEL
        if (known := self._habits.get(model_id)) is not None:
            return known
        habit = _Habit(Durations(job.expected_s, None if job.cut_out else job.order.expected_p75_s))
        try:
            for earlier in self._recall(model_id):
                if earlier.asked_at is not None and earlier.finished_at is not None:
                    habit.durations.learn(*_span_s(earlier, earlier.finished_at))
        except ScenarioError as error:
            log.warning("how long earlier jobs took is not known: %s", error)
        with self._lock:
            return self._habits.setdefault(model_id, habit)

    def _alive_s(self, habit: _Habit, *, besides: _Watched | None = None) -> list[float]:
        return [one.asked_s for one in self._watched.values() if one.habit is habit and one is not besides]

    def _hasten(self, habit: _Habit, now: float) -> None:
        forecast = habit.durations.forecast(self._alive_s(habit))
        for job_id, watched in self._watched.items():
            if watched.habit is habit:
                self._bring_forward(job_id, watched, forecast, now)

    def _bring_forward(self, job_id: JobId, watched: _Watched, forecast: Forecast, now: float) -> None:
        pause_s = watched.told(forecast).pause_s(watched.asked_s, part=self._chance.uniform(*_JITTER))
        at = max(now, watched.asked_at + pause_s)
        if at < watched.next_at - _SOONER_S:
            watched.next_at = at
            self._sooner.put((job_id, at - now))

    def _sweep(self) -> None:
        while not self._gone.empty():
            self._watched.pop(self._gone.get(), None)


class _Habit:
    """What is known of a model."""

    def __init__(self, durations: Durations) -> None:
        self.durations, self.trust = durations, Trust()
        self.learnt = 0
        """How many jobs have ended."""


class _Watched:
    """A job that was not done when it was asked about last."""

    def __init__(self, habit: _Habit) -> None:
        self.habit, self.course = habit, Course()
        self.asked_s = self.asked_at = self.next_at = 0.0
        """How long it had taken then, when that was, and when it is asked about next."""

    def told(self, forecast: Forecast) -> Forecast:
        """What is forecast for any job of the model, as this one's own progress has it."""
        told = self.habit.trust.best(self.course)
        return forecast if told is None else forecast.told(*told, _DOUBT, since_s=self.asked_s)


def _elapsed_s(job: Job, now: float) -> float:
    return max(0.0, now - (job.created_at if job.submitted_at is None else job.submitted_at))


def _span_s(job: Job, done_at: float) -> tuple[float, float]:
    """How long a job took, as far as that is known: longer than the one, at most the other."""
    asked_s = 0.0 if job.asked_at is None else _elapsed_s(job, job.asked_at)
    return asked_s, max(asked_s, _elapsed_s(job, done_at))
