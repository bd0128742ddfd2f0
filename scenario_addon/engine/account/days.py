# SPDX-License-Identifier: GPL-3.0-or-later
"""Days and months as they begin and end where this computer is. Moments are seconds since the epoch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

__all__ = ["day_began", "day_words", "moment_of", "month_began"]

_DAYS: Final = (
    *("{day} Jan", "{day} Feb", "{day} Mar", "{day} Apr", "{day} May", "{day} Jun"),
    *("{day} Jul", "{day} Aug", "{day} Sep", "{day} Oct", "{day} Nov", "{day} Dec"),
)
"""A day of each month."""
_DAYS_OF_A_YEAR: Final = (
    *("{day} Jan {year}", "{day} Feb {year}", "{day} Mar {year}", "{day} Apr {year}"),
    *("{day} May {year}", "{day} Jun {year}", "{day} Jul {year}", "{day} Aug {year}"),
    *("{day} Sep {year}", "{day} Oct {year}", "{day} Nov {year}", "{day} Dec {year}"),
)
_YEARS: Final = range(2000, 2200)


def day_began(now: float) -> float:
    """When the day of a moment began: where midnight comes twice, because clocks are set back, at the first one."""
    return datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()


def month_began(now: float) -> float:
    """When the month of a moment began, likewise."""
    return datetime.fromtimestamp(day_began(now)).replace(day=1, hour=0, minute=0, second=0, fold=0).timestamp()


def moment_of(text: str | None) -> float | None:
    """Read the moment that an ISO 8601 text names, in UTC unless it says otherwise.

    :return: ``None`` where it names none, or one that no calendar of a service needs.
    """
    try:
        read = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() if read.year in _YEARS else None


def day_words(moment: float, *, with_year: bool = False) -> str:
    """``15 Dec``, ``15 Dec 2026``: the day of a moment, where this computer is."""
    day = datetime.fromtimestamp(moment)
    return (_DAYS_OF_A_YEAR if with_year else _DAYS)[day.month - 1].format(day=day.day, year=day.year)
