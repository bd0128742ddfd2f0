# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a model's jobs take is believed from its record, until its jobs show something else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.pace.durations import Durations


def taught(durations: Durations, *takes_s: float) -> Durations:
    for time_s in takes_s:
        durations.learn(time_s - 1, time_s + 1)
    return durations


def span(durations: Durations) -> float:
    """From what one of ten takes at most to what nine of ten do, as a factor."""
    forecast = durations.forecast()
    ends = [
        next(s for s, left in zip(forecast.times_s, forecast.left, strict=True) if left < part) for part in (0.9, 0.1)
    ]
    return ends[1] / ends[0]


@pytest.mark.parametrize("median_s", [5.0, 47.0, 300.0, 1800.0])
def test_the_record_is_believed_at_first(median_s: float) -> None:
    assert Durations(median_s).forecast().median_s == pytest.approx(median_s, rel=0.1)


def test_the_records_own_spread_is_believed() -> None:
    assert span(Durations(100, 107)) < span(Durations(100, 127)) < span(Durations(100, 160))


@pytest.mark.parametrize("record_s", [0.5, 1.0, 10.0, 40.0, 400.0, 100_000.0, None])
def test_a_few_jobs_count_for_more_than_a_wrong_record(record_s: float | None) -> None:
    assert taught(Durations(record_s), 20, 21, 19).forecast().median_s == pytest.approx(20, rel=0.15)


def test_what_is_not_done_yet_shows_that_a_record_is_wrong() -> None:
    durations = Durations(5.0)
    assert durations.forecast([30.0] * 8).median_s > 25
    assert durations.forecast().median_s < 6, "nothing has ended: nothing is learnt for good"


def test_what_is_stuck_for_ever_says_little_of_the_others() -> None:
    durations = taught(Durations(20), *[20.0] * 15)
    assert durations.forecast([3600.0] * 3).median_s == pytest.approx(20, rel=0.1)
    durations.learn(7200.0, 7210.0)
    assert durations.forecast().median_s == pytest.approx(20, rel=0.1)


def test_a_service_that_has_become_slower_is_followed() -> None:
    durations = taught(Durations(20), *[20.0] * 30)
    assert taught(durations, *[60.0] * 6).forecast().median_s == pytest.approx(60, rel=0.1)


def test_a_job_that_was_looked_at_late_says_little() -> None:
    durations = taught(Durations(20), *[20.0] * 5)
    before = durations.forecast().median_s
    durations.learn(0.0, 5000.0)
    durations.learn(5.0, 90_000.0)
    assert durations.forecast().median_s == pytest.approx(before, rel=0.05)


@pytest.mark.parametrize("spread", [0.02, 0.1, 0.35])
def test_the_spread_is_learnt_too(spread: float) -> None:
    chance, durations = random.Random(1), Durations(60)
    taught(durations, *(60 * chance.lognormvariate(0, spread) for _ in range(80)))
    assert span(durations) == pytest.approx(2.72 ** (2 * 1.28 * max(spread, 0.03)), rel=0.35)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e7), st.floats(0, 1e7)), max_size=8), st.none() | st.floats(-1, 1e9))
def test_whatever_is_seen_a_forecast_falls_from_one_to_nothing(
    spans: list[tuple[float, float]], record_s: float | None
) -> None:
    durations = Durations(record_s, 3.0)
    for after_s, longer_s in spans:
        durations.learn(after_s, after_s + longer_s)
    forecast = durations.forecast(after_s for after_s, _ in spans)
    assert 0.5 < forecast.left[0] <= 1.0 + 1e-9 or not record_s or record_s < 4 or spans
    assert list(forecast.left) == sorted(forecast.left, reverse=True)
    assert 0.8 <= forecast.pause_s(0.0) <= 15.0
