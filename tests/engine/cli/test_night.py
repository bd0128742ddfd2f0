# SPDX-License-Identifier: GPL-3.0-or-later
"""A night: many items that nobody watches, and everything that can happen to them. It adds up to the last unit."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from tests.engine.cli.shell import QuickClock, Shell
from tests.limits import LONG
from tests.service import Fault, Request, Service

OUTAGE_S: Final = 600.0
PATIENCE_MIN: Final = 20
"""Twice as long as the outage: what is stuck is looked at for all of it, in each run."""
PRICE_CU: Final = Decimal("4.1")


@dataclass
class Night:
    """What happens when, by the number of submissions."""

    failing: frozenset[int]
    stuck: frozenset[int]
    outage_at: int
    empty_at: int
    service: Service = field(init=False)
    submitted: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def saw(self, request: Request) -> None:
        """Called when a request has been worked on."""
        if request.method != "POST" or "/generate/" not in request.path or "dryRun" in request.query:
            return
        if request.status != 200:
            return
        with self._lock:
            self.submitted += 1
            if self.submitted in self.failing:
                self.service.fail_job("No subject.", disable_refund=True)
            if self.submitted in self.stuck:
                runs = reversed(self.service._runs.by_id.values())
                sound = next(run for run in runs if not (run.ended or run.words or run.failure))
                sound.words = ("in-progress",)
            if self.submitted == self.empty_at:
                self.service.fail("POST", "/generate/", Fault.STATUS, status=402, times=None)


class NightClock(QuickClock):
    """Runs fast, and brings the outage and its end."""

    def __init__(self, night: Night) -> None:
        super().__init__()
        self.night = night
        self.began_s: float | None = None
        self.is_over = False

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        service = self.night.service
        if self.began_s is None and self.night.submitted >= self.night.outage_at:
            self.began_s = self.now_s
            for method in ("GET", "POST", "PUT"):
                service.fail(method, "", Fault.STATUS, status=503, times=None)
        if self.began_s is not None and not self.is_over and self.now_s >= self.began_s + OUTAGE_S:
            self.is_over = True
            service.forget_faults()


@pytest.fixture(params=[60, pytest.param(1000, marks=[LONG, pytest.mark.timeout(1500)])])
def count(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def night(count: int) -> Night:
    failures = min(20, count // 10)
    return Night(
        failing=frozenset(range(3, 3 + 2 * failures, 2)),
        stuck=frozenset(count // 10 + more for more in (0, 4, 8)),
        outage_at=count // 5,
        empty_at=count // 2,
    )


@pytest.fixture
def service(night: Night) -> Iterator[Service]:
    with Service(job_polls=1, on_request=night.saw) as running:
        night.service = running
        yield running


def costs(report: dict[str, Any]) -> Decimal:
    return sum((Decimal(str(item["cost_cu"] or 0)) for item in report["items"]), Decimal(0))


def run(shell: Shell, pictures: list[Path], clock: QuickClock) -> tuple[int, dict[str, Any], str]:
    answer, report = shell.report(*pictures, "--jobs", "8", "--timeout", str(PATIENCE_MIN), clock=clock)
    assert costs(report) == Decimal(str(report["cost_cu"])) == sum(c.cost_cu for c in shell.service.charges)
    assert len(report["items"]) == len(pictures)
    assert [item["image"] for item in report["items"]] == [str(picture) for picture in pictures]
    assert "Traceback" not in answer.err
    return answer.code, report, answer.err.splitlines()[-1]


@pytest.mark.slow
def test_a_night_adds_up_to_the_last_unit(shell: Shell, night: Night, count: int) -> None:
    pictures = [shell.picture(f"{number}.png", colour=f"#{number:06x}") for number in range(count)]
    clock = NightClock(night)

    code, report, told = run(shell, pictures, clock)

    assert code == 4, "the account was empty in the middle"
    assert clock.is_over
    states = Counter(item["state"] for item in report["items"])
    assert states["running"] == 3
    assert f"{count} of {count}" in told
    assert "3 still being made" in told
    unsure = states["uncertain"]
    assert unsure <= 8, "no more than were on their way when the outage began"

    shell.service.forget_faults()
    code, report, told = run(shell, pictures, QuickClock())

    assert code == 1
    states = Counter(item["state"] for item in report["items"])
    assert (states["ready"], states["running"], states["uncertain"]) == (count - 3 - unsure, 3, unsure)
    assert "3 still being made" in told

    for job in shell.service._runs.by_id.values():
        job.words = ()
    for job in shell.jobs:
        if job.is_in_doubt and not job.is_settled:
            shell("resume", "--submit-again", job.id)
    code, report, told = run(shell, pictures, QuickClock())

    assert code == 0, told
    assert {item["state"] for item in report["items"]} == {"ready"}
    assert len(list(shell.out.glob("*.glb"))) == count
    failed = len(night.failing)
    assert len(shell.service.charges) == count + failed
    assert Decimal(str(report["cost_cu"])) == (count + failed) * PRICE_CU
    assert report["seconds"] > clock.now_s
