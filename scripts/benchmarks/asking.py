# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulates, on a clock of its own, how soon a job's end is noticed and how many requests that takes.

Beside the plan of the add-on stand a plain beat, and the rule that the add-on had before it.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.values import JobId, ModelId, Order

__all__ = ["BEAT_S", "PROGRESSES", "STAGGER_S", "Beat", "Case", "Former", "Rule", "Tally", "simulate"]

BEAT_S: Final = 3.0
STAGGER_S: Final = 0.05
"""How long after each other the first jobs are ordered."""
_UPPER: Final = 0.6745
"""How many deviations three of four stay below."""

Progress = Callable[[float], float | None]
"""What the service tells of a job, by the part of its time that has passed."""


def _stuck(part: float) -> float:
    return round(min(0.95, part * 3), 2)


def _late(part: float) -> float:
    return round(max(0.0, part - 0.3) / 0.7, 2)


PROGRESSES: Final[dict[str, Progress]] = {
    "no progress": lambda part: None,
    "moving": lambda part: min(0.99, round(part, 2)),
    "after a queue": _late,
    "stuck at 0.95": _stuck,
}


class Rule(Protocol):
    """When to ask, as the pipeline is told it. Times are in seconds."""

    def pause_s(self, job: Job, now: float) -> float: ...

    def learn(self, job: Job, now: float) -> None: ...

    def sooner(self) -> Iterator[tuple[JobId, float]]: ...


class Beat:
    """Asks every three seconds, as a script does."""

    def pause_s(self, job: Job, now: float) -> float:
        return BEAT_S

    def learn(self, job: Job, now: float) -> None: ...

    def sooner(self) -> Iterator[tuple[JobId, float]]:
        return iter(())


class Former(Beat):
    """Asks seldom before the time that the record says, often around it, and less and less often after it."""

    def pause_s(self, job: Job, now: float) -> float:
        elapsed_s, expected_s = now - (job.submitted_at or 0.0), job.order.expected_s
        if expected_s is None:
            return min(10.0, 3.0 + elapsed_s / 20)
        if elapsed_s < expected_s:
            return max(2.0, min(10.0, (expected_s - elapsed_s) / 3))
        return min(15.0, 2.0 + (elapsed_s - expected_s) / 20)


@dataclass(frozen=True)
class Case:
    """What is simulated.

    :param median_s: of what jobs take, which is lognormal.
    :param record_s: what the model's record says instead; ``None``: nothing.
    :param at_once: how many are under way.
    :param unlearned: so many jobs at the beginning are not counted.
    """

    median_s: float
    spread: float = 0.35
    record_s: float | None = None
    progress: str = "no progress"
    at_once: int = 1
    jobs: int = 400
    unlearned: int = 0


@dataclass(frozen=True)
class Tally:
    delay_s: float
    """From the end of a job to when it is noticed, in the mean."""
    requests: float
    """For each job, the one after which it was known included."""
    job_s: float
    """How long a job took, in the mean."""
    whole_s: float
    """How long all of them took."""


def simulate(rule: Rule, case: Case, *, seed: int) -> Tally:
    """Carry a case's jobs through, each followed by another one. The same seed gives the same durations to any rule."""
    chance, progress = random.Random(seed), PROGRESSES[case.progress]
    takes_s = [case.median_s * math.exp(case.spread * chance.gauss(0, 1)) for _ in range(case.jobs)]
    order, waiting = _order(case), iter(range(case.jobs))
    asks: list[tuple[float, int, int]] = []
    jobs: dict[JobId, tuple[int, Job]] = {}
    due: dict[int, tuple[int, float]] = {}
    counter, requests, delays_s, now = itertools.count(), [0] * case.jobs, [0.0] * case.jobs, 0.0

    def plan(number: int, at: float) -> None:
        ticket = next(counter)
        due[number] = ticket, at
        heapq.heappush(asks, (at, ticket, number))

    def begin(now: float) -> None:
        if (number := next(waiting, None)) is not None:
            job = replace(new_job(order, scope=""), state=State.RUNNING, submitted_at=now)
            jobs[job.id] = number, job
            by_number[number] = job.id
            plan(number, now + rule.pause_s(job, now))

    by_number: dict[int, JobId] = {}
    for index in range(case.at_once):
        begin(index * STAGGER_S)
    while asks:
        now, ticket, number = heapq.heappop(asks)
        if due.get(number, (-1, 0.0))[0] != ticket:
            continue
        job_id = by_number[number]
        _, job = jobs[job_id]
        elapsed_s = now - (job.submitted_at or 0.0)
        requests[number] += 1
        if elapsed_s < takes_s[number]:
            job = replace(job, asked_at=now, progress=progress(elapsed_s / takes_s[number]))
            jobs[job_id] = number, job
            plan(number, now + rule.pause_s(job, now))
            continue
        delays_s[number] = elapsed_s - takes_s[number]
        del due[number], jobs[job_id]
        rule.learn(job, now)
        for other, wait_s in rule.sooner():
            if other in jobs and now + wait_s < due[jobs[other][0]][1]:
                plan(jobs[other][0], now + wait_s)
        begin(now)
    counted = slice(case.unlearned, None)
    return Tally(_mean(delays_s[counted]), _mean(requests[counted]), _mean(takes_s[counted]), now)


def _order(case: Case) -> Order:
    return Order(
        model_id=ModelId("model"),
        model_name="",
        pictures=(),
        values={},
        name="",
        folder=Path(),
        expected_s=case.record_s,
        expected_p75_s=None if case.record_s is None else case.record_s * math.exp(case.spread * _UPPER),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
