# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that steps work with, against the stand-in, without any real waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from scenario_addon.engine.api.client import ScenarioClient
from scenario_addon.engine.api.http import Http
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.pipeline.budget import Budget
from scenario_addon.engine.pipeline.env import Env
from scenario_addon.engine.pipeline.runner import Runner
from scenario_addon.engine.pipeline.steps import advance
from scenario_addon.engine.values import Activity
from tests.engine.orders import credentials_of, draw_picture, sample_order
from tests.service import Service

__all__ = ["FakeClock", "Workbench", "tick_until"]

_PATIENCE_S: Final = 60.0
"""Of the machine's own clock: it may be busy with something else."""


@dataclass
class Workbench:
    """A client, a ledger and what steps need besides."""

    service: Service
    folder: Path
    limit_cu: Decimal | None = None
    pauses: list[float] = field(default_factory=list)
    """How long it would have waited, in seconds."""
    seen: list[Activity] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.credentials = credentials_of(self.service)
        self.client = ScenarioClient(Http(self.credentials, user_agent="tests", sleep=self.pauses.append))
        self.ledger = Ledger(self.folder / "state")
        self.env = Env(
            client=self.client,
            ledger=self.ledger,
            budget=Budget(self.limit_cu),
            wait=self.pauses.append,
            report=lambda job_id, activity: self.seen.append(activity) if activity else None,
        )

    @property
    def output(self) -> Path:
        """Where results go."""
        return self.folder / "meshes"

    def new_job(self, *, max_cost_cu: Decimal | None = None, colour: str = "#be5a28", **order: Any) -> Job:
        """A new job for a picture, not in the ledger yet."""
        picture = draw_picture(self.folder / f"chair {colour}.png", colour=colour)
        made = sample_order(picture, **{"folder": self.output, **order})
        return new_job(made, scope=self.credentials.scope, max_cost_cu=max_cost_cu)

    def new_cut_job(self, *, max_cost_cu: Decimal | None = None, colour: str = "#be5a28", **order: Any) -> Job:
        """The same for a picture that is to be cut out first."""
        picture = draw_picture(self.folder / f"opaque {colour}.png", colour=colour, ground="#e6e6e1")
        cut = replace(picture, is_to_be_cut_out=True)
        made = sample_order(cut, **{"folder": self.output, **order})
        return new_job(made, scope=self.credentials.scope, max_cost_cu=max_cost_cu)

    def cut_job(self, **wanted: Any) -> Job:
        """The same, in the ledger."""
        job = self.new_cut_job(**wanted)
        self.ledger.add(job)
        return job

    def job(self, **wanted: Any) -> Job:
        """A new job for a picture, in the ledger."""
        job = self.new_job(**wanted)
        self.ledger.add(job)
        return job

    def step(self, job: Job) -> Job:
        """One step, written down as the runner does."""
        after = advance(job, self.env)
        self.ledger.save(after)
        return after

    def carry(self, job: Job, *, until: Callable[[Job], bool] | State | None = None, steps: int = 60) -> Job:
        """Step until it is settled, waits for the user, or is where it is wanted; waits are skipped."""
        for _ in range(steps):
            if job.is_settled or job.wait_s is None:
                return job
            if until is not None and (job.state is until if isinstance(until, State) else until(job)):
                return job
            job = self.step(job)
        raise AssertionError(f"still {job.state} after {steps} steps: {job.error}")

    def retry(self, job: Job) -> Job:
        """What the user does to a job that waits."""
        return replace(job, wait_s=0.0)

    def close(self) -> None:
        self.ledger.close()
        self.client.close()


class FakeClock:
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += max(seconds, 0.001)


def tick_until(runner: Runner, clock: FakeClock, is_done: Callable[[], bool]) -> list[Job]:
    """Drive as a window's timer does; every change on the way."""
    changes: list[Job] = []
    end_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end_s:
        changes += runner.tick()
        if is_done():
            return changes
        clock.sleep(0.1)
        time.sleep(0)  # lets the workers in
    raise AssertionError("it never came to that")
