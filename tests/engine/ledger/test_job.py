# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of legal moves, and what a job says of itself."""

from __future__ import annotations

import itertools
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenario_addon.engine.errors import GenerationFailed, NetworkError
from scenario_addon.engine.ledger.job import MOVES, SETTLED, WORDS, Job, State, new_job
from scenario_addon.engine.values import RemoteJobId
from tests.engine.orders import sample_order

STATES = st.sampled_from(list(State))
PAID = (State.RUNNING, State.SUCCEEDED, State.DOWNLOADED, State.READY, State.IMPORTED)


def job(state: State = State.NEW, **changes: Any) -> Job:
    order = sample_order(folder=Path("/models"), **changes.pop("order", {}))
    return replace(new_job(order, scope="s"), state=state, **changes)


def reachable(start: State, *, without: State | None = None) -> set[State]:
    found, todo = {start}, [start]
    while todo:
        fresh = MOVES[todo.pop()] - found - {without}
        found |= fresh
        todo += fresh
    return found


def test_every_state_has_its_moves_and_its_words() -> None:
    assert set(MOVES) == set(WORDS) == set(State)


def test_every_state_can_be_reached_and_can_end() -> None:
    assert reachable(State.NEW) == set(State)
    assert all(reachable(state) & SETTLED for state in State)


@pytest.mark.parametrize("paid", PAID)
def test_nothing_is_paid_for_without_the_intent_in_the_ledger(paid: State) -> None:
    assert paid not in reachable(State.NEW, without=State.SUBMITTING) - reachable(State.CANCELLED)


@pytest.mark.parametrize("paid", PAID)
def test_what_is_paid_for_is_never_submitted_again(paid: State) -> None:
    assert State.SUBMITTING not in reachable(paid)


@given(STATES, STATES)
def test_only_legal_moves_are_made(here: State, there: State) -> None:
    if there in MOVES[here]:
        assert job(here).moved(there).state is there
    else:
        with pytest.raises(ValueError, match=f"from {here} to {there}"):
            job(here).moved(there)


@given(st.lists(STATES, max_size=30))
def test_a_job_only_ever_walks_along_the_table(wishes: list[State]) -> None:
    current, visited = job(), [State.NEW]
    for wish in wishes:
        if wish in MOVES[current.state]:
            current = current.moved(wish)
            visited.append(wish)
    assert current.state is visited[-1]
    assert all(after in MOVES[before] for before, after in itertools.pairwise(visited))


@pytest.mark.parametrize("state", [state for state in State if state in MOVES[state]])
def test_a_move_forgets_what_went_wrong(state: State) -> None:
    moved = job(state).delayed(NetworkError("Lost."), wait_s=9.0).moved(state)
    assert (moved.error, moved.error_kind, moved.failures, moved.wait_s) == (None, None, 0, 0.0)


def test_a_delay_counts_and_keeps_the_state() -> None:
    delayed = job(State.RUNNING).delayed(NetworkError("Lost."), wait_s=9.0).delayed(NetworkError("Again."), wait_s=None)
    assert (delayed.state, delayed.error, delayed.error_kind) == (State.RUNNING, "Again.", "NetworkError")
    assert (delayed.failures, delayed.wait_s, delayed.is_held) == (2, None, True)


def test_a_failure_keeps_the_services_hint() -> None:
    failed = job(State.RUNNING).failed(GenerationFailed("No mesh.", hint="One subject."), billed_cu=Decimal(0))
    assert (failed.state, failed.error, failed.hint) == (State.FAILED, "No mesh.", "One subject.")
    assert failed.is_settled
    assert failed.finished_at is not None


@pytest.mark.parametrize(
    ("state", "remote_id", "is_paid"),
    [
        (State.NEW, None, False),
        (State.UPLOADED, None, False),
        (State.SUBMITTING, None, True),
        (State.UNCERTAIN, None, True),
        (State.CANCELLED, None, False),
        (State.FAILED, None, False),
        (State.FAILED, "job_1", True),
        (State.CANCELLED, "job_1", True),
    ],
)
def test_what_may_have_been_charged_counts_as_paid(state: State, remote_id: RemoteJobId | None, is_paid: bool) -> None:
    assert job(state, remote_id=remote_id).is_paid is is_paid


@pytest.mark.parametrize(
    ("state", "changes", "counted_cu"),
    [
        (State.NEW, {}, "0"),
        (State.UPLOADED, {}, "0"),
        (State.SUBMITTING, {}, "4.1"),
        (State.UNCERTAIN, {}, "4.1"),
        (State.UNCERTAIN, {"quote_cu": None}, "0"),
        (State.RUNNING, {"remote_id": "job_1"}, "4.1"),
        (State.RUNNING, {"remote_id": "job_1", "billed_cu": Decimal("3.5")}, "3.5"),
        (State.FAILED, {}, "0"),
        (State.FAILED, {"remote_id": "job_1", "billed_cu": Decimal(0)}, "0"),
    ],
)
def test_what_may_have_been_charged_is_counted(state: State, changes: dict[str, Any], counted_cu: str) -> None:
    assert job(state, **{"quote_cu": Decimal("4.1"), **changes}).counted_cu == Decimal(counted_cu)


def test_the_digest_names_exactly_what_is_asked_for() -> None:
    one, other = job(), job(order={"values": {"paint": False, "targetFaceNum": 101}})
    assert one.input_digest == job(State.RUNNING).input_digest
    assert one.input_digest != other.input_digest
    assert one.input_digest != job(order={"model_id": "model_other"}).input_digest


def test_a_clock_that_jumps_gives_no_absurd_time_left() -> None:
    jumped = job(State.RUNNING, progress=0.5, submitted_at=0.0, order={"expected_s": 60.0})
    assert jumped.remaining_s(1_800_000_000.0) is None
    assert jumped.remaining_s(-1_800_000_000.0) == pytest.approx(30.0)


def test_a_file_is_all_that_is_wanted_outside_a_scene() -> None:
    assert job(State.READY).is_settled
    assert not job(State.READY, order={"target": {"scene": "Scene"}}).is_settled


@pytest.mark.parametrize(
    ("progress", "expected_s", "elapsed_s", "remaining_s"),
    [
        (None, None, 30.0, None),
        (None, 120.0, 30.0, 90.0),
        (None, 120.0, 150.0, None),
        (0.04, None, 30.0, None),
        (0.25, None, 30.0, 90.0),
        (0.5, 120.0, 30.0, 60.0),
        (1.0, 120.0, 30.0, 0.0),
        (0.5, None, -5.0, 0.0),
    ],
)
def test_the_time_left_is_an_honest_guess(
    progress: float | None, expected_s: float | None, elapsed_s: float, remaining_s: float | None
) -> None:
    running = job(State.RUNNING, progress=progress, submitted_at=1000.0, order={"expected_s": expected_s})
    assert running.remaining_s(1000.0 + elapsed_s) == (pytest.approx(remaining_s) if remaining_s is not None else None)


@given(
    st.none() | st.floats(0, 1),
    st.none() | st.floats(1, 4000),
    st.floats(-100, 10_000),
)
def test_the_time_left_is_never_negative(progress: float | None, expected_s: float | None, elapsed_s: float) -> None:
    left_s = job(State.RUNNING, progress=progress, submitted_at=1000.0, order={"expected_s": expected_s}).remaining_s(
        1000.0 + elapsed_s
    )
    assert left_s is None or left_s >= 0


@pytest.mark.parametrize("state", [state for state in State if state is not State.RUNNING])
def test_only_a_running_job_has_time_left(state: State) -> None:
    assert job(state, progress=0.5, submitted_at=1.0, order={"expected_s": 60.0}).remaining_s(2.0) is None
