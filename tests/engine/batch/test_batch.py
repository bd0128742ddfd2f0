# SPDX-License-Identifier: GPL-3.0-or-later
"""Items as they come, and what is left of them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from scenario_addon.engine.batch.batch import Item, run_items
from scenario_addon.engine.errors import InputError
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.pipeline.connection import Connection, connect
from scenario_addon.engine.pipeline.runner import Runner
from scenario_addon.engine.report.outcome import Outcome
from tests.engine.orders import FAST_VALUES, credentials_of, draw_picture, sample_order
from tests.engine.workbench import FakeClock
from tests.service import Fault, Service


@dataclass
class Notes:
    """A watcher that keeps what it is told."""

    outcomes: list[Outcome] = field(default_factory=list)
    at_once: int = 0
    """The most jobs that were known at the same time."""

    def changed(self, job: Job) -> None: ...

    def look(self, runner: Runner, under_way: Callable[[], Sequence[Outcome]]) -> None:
        self.at_once = max(self.at_once, len(runner.jobs))
        assert len(under_way()) <= len(runner.jobs)

    def concluded(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


@pytest.fixture
def connection(service: Service, tmp_path: Path) -> Iterator[Connection]:
    clock = FakeClock()
    with closing(
        connect(credentials_of(service), tmp_path / "state", workers=4, clock=clock, sleep=clock.sleep)
    ) as made:
        yield made


@pytest.fixture
def items(tmp_path: Path) -> Callable[[int], Iterator[Item]]:
    picture = draw_picture(tmp_path / "chair.png")

    def make(count: int) -> Iterator[Item]:
        for number in range(count):
            values = {**FAST_VALUES, "seed": number}
            yield Item(f"{number}", sample_order(picture, folder=tmp_path / "out", name=f"{number}", values=values))

    return make


def test_items_are_taken_when_there_is_room_and_forgotten_when_they_are_through(
    connection: Connection, items: Callable[[int], Iterator[Item]], tmp_path: Path
) -> None:
    taken, notes = [0], Notes()

    def counted() -> Iterator[Item]:
        for item in items(12):
            taken[0] += 1
            assert taken[0] <= len(notes.outcomes) + 3
            yield item

    run_items(connection, counted(), at_once=3, again=False, host=None, watcher=notes)
    assert sorted(outcome.number for outcome in notes.outcomes) == list(range(12))
    assert notes.at_once <= 3
    assert connection.runner.jobs == {}
    notes.outcomes.clear()
    gc.collect()
    ours = [thing for thing in gc.get_objects() if isinstance(thing, Job) and thing.order.folder == tmp_path / "out"]
    assert len(ours) <= 4 + 1, "the last of each worker, of the loop"


def test_what_cannot_be_made_is_told_in_its_place(
    connection: Connection, service: Service, items: Callable[[int], Iterator[Item]]
) -> None:
    bad, notes = InputError("There is no such picture."), Notes()
    some = [replace(item, error=bad if item.label == "1" else None) for item in items(3)]
    run_items(connection, some, at_once=2, again=False, host=None, watcher=notes)
    told = {outcome.number: (outcome.error, outcome.job.state) for outcome in notes.outcomes}
    assert told == {0: (None, State.READY), 1: (bad.user_message, State.FAILED), 2: (None, State.READY)}
    assert len(service.charges) == 2


@pytest.mark.parametrize("after", [1, 2, 5])
def test_what_is_through_when_it_is_stopped_is_told_as_that(
    connection: Connection, items: Callable[[int], Iterator[Item]], after: int
) -> None:
    notes = Notes()

    def check() -> None:
        if len(notes.outcomes) >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_items(connection, items(12), at_once=4, again=False, host=None, watcher=notes, check=check)
    assert after <= len(notes.outcomes) < 12
    numbers = [outcome.number for outcome in notes.outcomes]
    assert len(numbers) == len(set(numbers))
    for outcome in notes.outcomes:
        kept = connection.ledger.get(outcome.job.id)
        assert kept is not None
        assert outcome.is_done == (kept.state is State.READY)
        assert kept.state is not State.SUBMITTING


def test_what_was_begun_comes_to_where_it_can_be_left_however_often_it_is_to_stop(
    connection: Connection, service: Service, items: Callable[[int], Iterator[Item]]
) -> None:
    service.fail("POST", "/generate/", Fault.DRIP, bytes_per_s=2000, after=1)

    def check() -> None:
        if service.charges:  # its answer is on its way
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_items(connection, items(1), at_once=1, again=False, host=None, watcher=Notes(), check=check)
    assert [job.state for job in connection.ledger.jobs()] == [State.RUNNING]


def test_who_cannot_wait_for_that_ends_it_at_once(
    connection: Connection, service: Service, items: Callable[[int], Iterator[Item]]
) -> None:
    service.fail("GET", "^/assets/", Fault.TIMEOUT, seconds=120)

    def stop() -> None:
        if service.count("GET", "^/assets/") or any(job.state is State.SUCCEEDED for job in connection.ledger.jobs()):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_items(connection, items(1), at_once=1, again=False, host=None, watcher=Notes(), check=stop, hurry=stop)
    assert [job.state for job in connection.ledger.jobs()] == [State.SUCCEEDED]
    service.let_go()


def test_what_is_stopped_can_be_gone_on_with_by_others_at_once(
    connection: Connection, service: Service, items: Callable[[int], Iterator[Item]], tmp_path: Path
) -> None:
    """Also while this process lives on."""
    service.set_statuses(["in-progress"])
    notes = Notes()

    def check() -> None:
        if len(service.charges) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_items(connection, items(2), at_once=2, again=False, host=None, watcher=notes, check=check)
    for run in service._runs.by_id.values():
        run.words = ()
    clock, notes = FakeClock(), Notes()
    with closing(connect(credentials_of(service), tmp_path / "state", clock=clock, sleep=clock.sleep)) as other:
        run_items(other, items(2), at_once=2, again=False, host=None, watcher=notes)
    assert all(outcome.is_done for outcome in notes.outcomes)
    assert len(service.charges) == 2
