# SPDX-License-Identifier: GPL-3.0-or-later
"""How many may be at the service is learned from its refusals, and forgotten again with time."""

from __future__ import annotations

import math

import pytest

from scenario_addon.engine.errors import RateLimited
from scenario_addon.engine.pace.throttle import Throttle


@pytest.fixture
def throttle() -> Throttle:
    return Throttle()


def refusal(*, wait_s: float | None = None, most: int | None = None) -> RateLimited:
    error = RateLimited("Too many.", status=429, retry_after_s=wait_s)
    error.most_at_once = most
    return error


def test_nothing_waits_before_anything_was_refused(throttle: Throttle) -> None:
    assert throttle.wait_s(0.0, at_service=1000) == 0
    assert throttle.most(0.0) == math.inf


def test_as_many_as_were_accepted_are_allowed_from_then_on(throttle: Throttle) -> None:
    throttle.refused(10.0, others=4)
    assert throttle.wait_s(10.0, at_service=4) > 0
    assert throttle.wait_s(10.0, at_service=3) == 0


def test_every_minute_one_more_is_tried(throttle: Throttle) -> None:
    throttle.refused(10.0, others=4)
    assert throttle.wait_s(69.0, at_service=4) == pytest.approx(1.0)
    assert throttle.wait_s(70.0, at_service=4) == 0
    assert throttle.wait_s(70.0, at_service=5) == pytest.approx(60.0)


def test_what_the_service_says_is_never_exceeded(throttle: Throttle) -> None:
    throttle.hear(refusal(most=3))
    throttle.hear(refusal())
    throttle.listen(0.0)
    assert throttle.wait_s(0.0, at_service=2) == 0
    assert throttle.wait_s(0.0, at_service=3) > 0
    throttle.refused(0.0, others=2)
    assert throttle.most(10_000.0) == 3


def test_until_it_is_open_nothing_goes(throttle: Throttle) -> None:
    throttle.hear(refusal(wait_s=30.0))
    throttle.hear(refusal(wait_s=20.0))
    throttle.listen(0.0)
    assert throttle.closed_s(10.0) == throttle.wait_s(10.0, at_service=0) == 20
    assert throttle.wait_s(30.0, at_service=0) == 0


def test_where_none_of_ours_is_there_one_is_tried_after_a_while(throttle: Throttle) -> None:
    throttle.refused(0.0, others=0)
    assert throttle.wait_s(0.0, at_service=0) == 30
    assert throttle.wait_s(30.0, at_service=0) == 0
    assert throttle.wait_s(30.0, at_service=1) > 0


def test_how_long_the_service_asks_to_wait_is_kept_to_the_letter(throttle: Throttle) -> None:
    throttle.hear(refusal(wait_s=5.0))
    throttle.listen(0.0)
    throttle.refused(0.0, others=0)
    assert throttle.wait_s(0.0, at_service=0) == 5
