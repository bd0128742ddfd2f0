# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs back off together: what one is told holds for all, and the account's limit is found and kept to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.pipeline.runner import Runner
from tests.engine.workbench import FakeClock, Workbench
from tests.service import Fault, Request, Service

GENERATE = "/generate/custom/"


@pytest.fixture
def sent_at(clock: FakeClock) -> list[tuple[float, int]]:
    """When submissions were answered by the runner's clock, and how."""
    return []


@pytest.fixture
def service(clock: FakeClock, sent_at: list[tuple[float, int]]) -> Iterator[Service]:
    def look(request: Request) -> None:
        if "/generate/" in request.path and "dryRun" not in request.query:
            sent_at.append((clock.now_s, request.status))

    with Service(job_polls=3, on_request=look, parallel_jobs=2) as running:
        yield running


@pytest.fixture
def unlimited(clock: FakeClock, sent_at: list[tuple[float, int]], tmp_path: Path) -> Iterator[Workbench]:
    """Against a service that holds nobody to a limit."""

    def look(request: Request) -> None:
        if "/generate/" in request.path and "dryRun" not in request.query:
            sent_at.append((clock.now_s, request.status))

    with Service(job_polls=3, on_request=look) as running:
        workbench = Workbench(running, tmp_path / "unlimited")
        yield workbench
        workbench.close()


def jobs_of(bench: Workbench, runner: Runner, count: int) -> list[Job]:
    jobs = [bench.new_job(colour=f"#{number:02x}58be") for number in range(count)]
    for job in jobs:
        runner.add(job)
    return jobs


def test_the_accounts_limit_is_found_and_kept_to(
    bench: Workbench, clock: FakeClock, sent_at: list[tuple[float, int]]
) -> None:
    runner = Runner(bench.env, workers=4, clock=clock)
    jobs = jobs_of(bench, runner, 10)
    ended = runner.run([job.id for job in jobs])
    assert {job.state for job in ended} == {State.READY}
    assert len(bench.service.charges) == 10
    refused = [at for at, status in sent_at if status == 429]
    assert refused, "or the limit was never met"
    assert len(refused) <= 8, "as many as were on their way when the first was refused, and few after that"
    assert clock.now_s < 200, "room is used when it is there, not half a minute later"


def test_a_429_to_one_holds_all_submissions_for_as_long_as_the_service_asks(
    unlimited: Workbench, clock: FakeClock, sent_at: list[tuple[float, int]]
) -> None:
    runner = Runner(unlimited.env, workers=1, clock=clock)
    unlimited.service.fail("POST", GENERATE, Fault.STATUS, after=6, status=429, headers={"Retry-After": "500"})
    jobs = jobs_of(unlimited, runner, 6)
    assert {job.state for job in runner.run([job.id for job in jobs])} == {State.READY}
    [refused_at] = [at for at, status in sent_at if status == 429]
    before = [at for at, status in sent_at if status != 429 and at <= refused_at]
    later = [at for at, status in sent_at if status != 429 and at > refused_at]
    assert len(before) + len(later) == 6
    assert min(later) >= refused_at + 500
    assert len(unlimited.service.charges) == 6


def test_what_is_claimed_while_all_are_held_back_is_not_left_in_doubt(unlimited: Workbench, clock: FakeClock) -> None:
    """A process that dies meanwhile has surely not ordered it."""
    runner = Runner(unlimited.env, workers=4, clock=clock)
    unlimited.service.fail(
        "POST", GENERATE, Fault.STATUS, after=6, status=429, headers={"Retry-After": "500"}, times=None
    )
    jobs = jobs_of(unlimited, runner, 6)
    waiting: set[State] = set()

    def look() -> None:
        states = {job.state for job in unlimited.ledger.jobs()}
        if 100 < clock.now_s < 400 and State.NEW not in states:  # on a busy machine a picture may still go up
            waiting.update(states)
        if clock.now_s > 400:
            unlimited.service.forget_faults()

    runner.run([job.id for job in jobs], on_look=look)
    assert waiting == {State.UPLOADED}
    assert len(unlimited.service.charges) == 6


def test_a_429_at_the_price_holds_submissions_too(
    unlimited: Workbench, clock: FakeClock, sent_at: list[tuple[float, int]]
) -> None:
    runner = Runner(unlimited.env, workers=1, clock=clock)
    unlimited.service.fail("POST", GENERATE, Fault.STATUS, status=429, headers={"Retry-After": "300"})
    jobs = jobs_of(unlimited, runner, 3)
    runner.run([job.id for job in jobs])
    assert min(at for at, _ in sent_at) >= 300
