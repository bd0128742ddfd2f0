# SPDX-License-Identifier: GPL-3.0-or-later
"""When a job will be done, as far as anybody can tell, and when it is asked about."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.pace.forecast import Forecast, beyond


def lognormal(median_s: float, spread: float) -> Forecast:
    times_s = [math.exp(step / 20) for step in range(180)]
    return Forecast(times_s, [beyond(math.log(time_s / median_s) / spread) for time_s in times_s])


def asks(forecast: Forecast, until_s: float) -> list[float]:
    """When a job is asked about that takes so long."""
    at_s: list[float] = [0.0]
    while at_s[-1] < until_s:
        at_s.append(at_s[-1] + forecast.pause_s(at_s[-1], is_first=len(at_s) == 1))
    return at_s[1:]


def test_a_job_is_asked_about_seldom_at_first_and_often_around_its_end() -> None:
    pauses = [lognormal(100, 0.2).pause_s(elapsed_s) for elapsed_s in (1, 50, 80, 100)]
    assert pauses == sorted(pauses, reverse=True)
    assert pauses[0] > 3 * pauses[-1]


def test_the_density_follows_the_root_of_the_hazard_rate() -> None:
    steady = Forecast([1.0, 100.0, 101.0, 200.0], [1.0, 0.99, 0.9, 0.9 * 0.99**4])
    rates = [math.log(1 / 0.99) / 99, -4 * math.log(0.99) / 99]
    long, short = (Forecast(steady.times_s, steady.left).pause_s(at_s, part=0.01) for at_s in (2.0, 120.0))
    assert long == short == 0.8  # what is asked too often is bounded
    long, short = (steady.pause_s(at_s, part=0.2) for at_s in (2.0, 120.0))
    assert long / short == pytest.approx(math.sqrt(rates[1] / rates[0]), rel=0.01)


def test_a_surer_end_takes_fewer_requests() -> None:
    counts = [len(asks(lognormal(120, spread), 120)) for spread in (0.6, 0.35, 0.15, 0.05)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < counts[0] / 2


@settings(deadline=None)
@given(st.floats(0, 1e6), st.floats(2, 5e3), st.floats(0.03, 1.5), st.floats(0.5, 1.5), st.booleans())
def test_a_pause_is_neither_hectic_nor_endless(
    elapsed_s: float, median_s: float, spread: float, part: float, is_first: bool
) -> None:
    pause_s = lognormal(median_s, spread).pause_s(elapsed_s, part=part, is_first=is_first)
    assert 0.8 <= pause_s <= 60.0 + 1e-6
    assert pause_s <= max(15.0, elapsed_s / 40 + 1e-6)


def test_what_is_told_of_an_end_is_believed_as_far_as_it_is_exact() -> None:
    vague = lognormal(100, 0.5)
    assert vague.told(60, 0.03, 0.1, since_s=20).median_s == pytest.approx(60, rel=0.1)
    sure = lognormal(100, 0.05)
    assert sure.told(60, 0.8, 0.1, since_s=20).median_s == pytest.approx(100, rel=0.1)


def test_an_end_that_has_passed_is_believed_no_more() -> None:
    told = lognormal(100, 0.35).told(40, 0.03, 0.1, since_s=30)
    assert told.pause_s(39.0) < 3 < told.pause_s(60.0)


@settings(deadline=None)
@given(st.floats(0, 1e5), st.floats(1, 1e5), st.floats(0.03, 3))
def test_a_forecast_only_ever_falls(since_s: float, end_s: float, spread: float) -> None:
    told = lognormal(60, 0.3).told(end_s, spread, 0.1, since_s=since_s)
    assert list(told.left) == sorted(told.left, reverse=True)
    assert 0.8 <= told.pause_s(since_s) <= 60.0
