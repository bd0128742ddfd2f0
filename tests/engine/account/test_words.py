# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left and what was spent, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import pytest

from scenario_addon.engine.account.account import Account
from scenario_addon.engine.account.spending import Spending
from scenario_addon.engine.account.words import (
    left_words,
    line,
    owner_words,
    price_words,
    shortfall,
    spent_words,
)

NOW: Final = datetime(2026, 11, 27, 12).timestamp()
END: Final = "2026-12-15T12:00:00.000Z"


def account(left: str | None = "1240", end: str | None = END, **more: Any) -> Account:
    return Account(credits_left_cu=None if left is None else Decimal(left), period_end=end, **more)


def spent(**costs: float) -> Mapping[str, Decimal]:
    return {name: Decimal(str(cost)) for name, cost in costs.items()}


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (account(), "1,240 CU left until 15 Dec"),
        (account(end=None), "1,240 CU left"),
        (account(end="2026-11-01T00:00:00Z"), "1,240 CU left"),
        (account(end="2027-11-15T12:00:00Z"), "1,240 CU left until 15 Nov 2027"),
        (account("0"), "0 CU left until 15 Dec"),
        (account("7.25"), "7.25 CU left until 15 Dec"),
        (account("1234567.899"), "1,234,567.89 CU left until 15 Dec"),
        (account("12E+2"), "1,200 CU left until 15 Dec"),
        (account(None), ""),
    ],
)
def test_what_is_left_is_told_with_its_end(known: Account, told: str) -> None:
    assert left_words(known, now=NOW) == told


def test_the_year_is_told_where_there_is_room() -> None:
    assert left_words(account(), now=NOW, with_year=True) == "1,240 CU left until 15 Dec 2026"


@pytest.mark.parametrize(
    ("known", "today", "told"),
    [
        (account(), spent(Pixal3D=41), "1,240 CU left until 15 Dec, 41 spent today"),
        (account(), {}, "1,240 CU left until 15 Dec"),
        (account(None), spent(Pixal3D=31, Rodin=10.5), "41.5 CU spent today"),
        (Account(), {}, ""),
    ],
)
def test_one_line_says_what_is_known(known: Account, today: Mapping[str, Decimal], told: str) -> None:
    assert line(known, Spending(today, today), now=NOW) == told


@pytest.mark.parametrize(
    ("costs", "told"),
    [
        ({}, "Nothing spent today"),
        (spent(Pixal3D=31, Rodin=10), "Spent today 41 CU: Pixal3D 31, Rodin 10"),
        (spent(Pixal3D=1100) | {"": Decimal(100)}, "Spent today 1,200 CU: Pixal3D 1,100, others 100"),
        ({"": Decimal(3)}, "Spent today 3 CU: others 3"),
        (
            spent(a=8, b=7, c=6, d=5, e=4, f=3, g=2, h=1),
            "Spent today 36 CU: a 8, b 7, c 6, d 5, e 4, f 3, others 3",
        ),
    ],
)
def test_what_was_spent_is_told_by_model(costs: Mapping[str, Decimal], told: str) -> None:
    assert spent_words("today", costs) == told


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (account(team="Atelier", project="Chairs", plan="cu-pro"), "Team Atelier, project Chairs, plan cu-pro"),
        (account(plan="cu-pro"), "Plan cu-pro"),
        (account(), ""),
    ],
)
def test_whose_it_is_is_told_as_far_as_it_is_known(known: Account, told: str) -> None:
    assert owner_words(known) == told


def test_a_price_is_told_beside_what_is_left() -> None:
    assert price_words(Decimal("105.0"), account()) == "105 CU of 1,240 left"
    assert price_words(Decimal(105), account(None)) == ""


@pytest.mark.parametrize(
    ("cost", "left", "told"),
    [
        ("105", "60", "More than the 60 CU that are left until 15 Dec"),
        ("105", "1", "More than the 1 CU that is left until 15 Dec"),
        ("60.01", "60", "More than the 60 CU that are left until 15 Dec"),
        ("60", "60", ""),
        ("60", None, ""),
    ],
)
def test_a_price_above_what_is_left_is_told(cost: str, left: str | None, told: str) -> None:
    assert shortfall(Decimal(cost), account(left), now=NOW) == told
