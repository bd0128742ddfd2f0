# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job's own progress says about its end is believed as far as it was right before."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.pace.progress import Course, Trust, Way


def course(*points: tuple[float, float | None]) -> Course:
    made = Course()
    for elapsed_s, progress in points:
        made.note(elapsed_s, progress)
    return made


def test_no_progress_says_nothing() -> None:
    assert Trust().best(course((10, None), (20, 0.0), (30, 0.01))) is None


def test_progress_is_extrapolated_from_the_order_on_and_from_its_own_beginning() -> None:
    made = course((60, 0.1), (70, 0.3))
    assert made.ends_s == {Way.WHOLE: pytest.approx(70 / 0.3), Way.PACE: pytest.approx(105)}


def test_what_stands_still_says_nothing_new() -> None:
    moved = course((10, 0.5), (19, 0.95))
    before = dict(moved.ends_s)
    moved.note(60, 0.95)
    assert moved.ends_s == before


def test_what_falls_back_begins_again() -> None:
    made = course((10, 0.2), (20, 0.8), (30, 0.1), (40, 0.3))
    assert made.ends_s[Way.PACE] == pytest.approx(75)


def test_the_way_that_was_right_is_believed() -> None:
    trust = Trust()
    for _ in range(4):  # a third of the time in a queue
        trust.learn(course((40, 0.1), (60, 0.4), (80, 0.7)), 100.0)
    found = trust.best(course((40, 0.1), (60, 0.4)))
    assert found is not None
    assert found[0] == pytest.approx(100)
    assert found[1] < 0.15


def test_progress_that_runs_to_its_end_and_stays_there_loses_its_trust() -> None:
    trust, stuck = Trust(), course((5, 0.3), (10, 0.6), (16, 0.95))
    first = trust.best(stuck)
    for _ in range(4):
        trust.learn(stuck, 100.0)
    last = trust.best(stuck)
    assert first is not None
    assert last is not None
    assert last[1] > 1 > first[1]


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-10, 1e6), st.none() | st.floats(-1, 2)), max_size=9), st.floats(0.1, 1e6))
def test_whatever_is_reported_gives_an_end_or_none(points: list[tuple[float, float | None]], end_s: float) -> None:
    made, trust = course(*points), Trust()
    trust.learn(made, end_s)
    found = trust.best(made)
    assert found is None or (found[0] > 0 and 0 < found[1] < 10)
