# SPDX-License-Identifier: GPL-3.0-or-later
"""When days and months begin, also where clocks are set forward and back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from scenario_addon.engine.account.days import day_began, day_words, moment_of, month_began

SetZone = Callable[[str], None]


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("zone", "now", "day", "month"),
    [
        ("UTC", "2026-03-01T00:00:00", "2026-03-01T00:00:00", "2026-03-01T00:00:00"),
        ("UTC", "2026-02-28T23:59:59", "2026-02-28T00:00:00", "2026-02-01T00:00:00"),
        ("Asia/Tokyo", "2026-02-28T15:00:00", "2026-02-28T15:00:00", "2026-02-28T15:00:00"),
        ("America/New_York", "2026-03-08T20:00:00", "2026-03-08T05:00:00", "2026-03-01T05:00:00"),
        ("America/New_York", "2026-03-31T20:00:00", "2026-03-31T04:00:00", "2026-03-01T05:00:00"),
        ("Europe/Berlin", "2026-10-25T22:30:00", "2026-10-24T22:00:00", "2026-09-30T22:00:00"),
    ],
    ids=["a month begins", "a month ends", "a zone ahead", "a day of 23 hours", "half a month later", "of 25 hours"],
)
def test_a_day_and_a_month_begin_at_local_midnight(
    zone: str, now: str, day: str, month: str, set_zone: SetZone
) -> None:
    set_zone(zone)
    assert (day_began(utc(now)), month_began(utc(now))) == (utc(day), utc(month))


@pytest.mark.parametrize("now", ["2026-11-01T04:30", "2026-11-01T05:30", "2026-11-01T18:00", "2026-11-02T04:59"])
def test_where_midnight_comes_twice_the_day_and_the_month_begin_at_the_first(now: str, set_zone: SetZone) -> None:
    set_zone("America/Havana")  # at one in the morning clocks go back to midnight
    assert day_began(utc(now)) == month_began(utc(now)) == utc("2026-11-01T04:00")


def test_where_there_is_no_midnight_the_day_begins_when_clocks_are_set_forward(set_zone: SetZone) -> None:
    set_zone("America/Havana")  # midnight is one in the morning
    assert day_began(utc("2026-03-08T12:00")) == utc("2026-03-08T05:00")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-15T00:00:00.000Z", "2026-12-15T00:00"),
        ("2026-12-15T02:00:00+02:00", "2026-12-15T00:00"),
        (" 2026-12-15 ", "2026-12-15T00:00"),
        ("soon", None),
        ("", None),
        (None, None),
        ("0001-01-01T00:00:00+23:00", None),
        ("9999-12-31T23:59:59Z", None),
    ],
)
def test_a_moment_is_read_from_its_text_where_it_is_one(text: str | None, moment: str | None) -> None:
    assert moment_of(text) == (utc(moment) if moment else None)


def test_a_day_is_named_where_this_computer_is(set_zone: SetZone) -> None:
    set_zone("America/New_York")
    assert day_words(utc("2026-12-15T03:00")) == "14 Dec"
    assert day_words(utc("2026-12-15T05:00"), with_year=True) == "15 Dec 2026"


@pytest.fixture
def set_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[SetZone]:
    if not hasattr(time, "tzset"):
        pytest.skip("the zone of this system cannot be set")

    def set_to(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield set_to
    monkeypatch.undo()
    time.tzset()
