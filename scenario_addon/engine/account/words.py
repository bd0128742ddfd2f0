# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left and what was spent, in words for people. Moments are seconds since the epoch."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from ..text import amount, grouped
from .account import Account
from .days import day_words
from .spending import Spending

__all__ = ["left_words", "line", "owner_words", "price_words", "shortfall", "spent_words"]

_FAR_S: Final = 300 * 86_400.0
"""A day that is further off is told with its year."""
_NAMED: Final = 6
"""So many models are told apart."""


def owner_words(account: Account) -> str:
    """``Team Atelier, project Chairs, plan cu-pro``: as far as it is told, else ""."""
    parts = {
        f"team {account.team}": account.team,
        f"project {account.project}": account.project,
        f"plan {account.plan}": account.plan,
    }
    text = ", ".join(words for words, name in parts.items() if name)
    return text[:1].upper() + text[1:]


def left_words(account: Account, *, now: float, with_year: bool = False) -> str:
    """``1,240 CU left until 15 Dec``; "" where it is not told."""
    if account.credits_left_cu is None:
        return ""
    left, end = grouped(account.credits_left_cu), _end(account, now=now, with_year=with_year)
    return f"{left} CU left until {end}" if end else f"{left} CU left"


def spent_words(when: str, spent: Mapping[str, Decimal]) -> str:
    """``Spent today 41 CU: Pixal3D 31, Rodin Gen-1 10``.

    :param when: ``today``.
    :param spent: by model, the most first.
    """
    if not spent:
        return f"Nothing spent {when}"
    named = [(name, cost_cu) for name, cost_cu in spent.items() if name][:_NAMED]
    total_cu = sum(spent.values(), Decimal(0))
    parts = [f"{name} {grouped(cost_cu)}" for name, cost_cu in named]
    if other_cu := total_cu - sum((cost_cu for _, cost_cu in named), Decimal(0)):
        parts.append(f"others {grouped(other_cu)}")
    return f"Spent {when} {grouped(total_cu)} CU: {', '.join(parts)}"


def line(account: Account, spending: Spending, *, now: float) -> str:
    """``1,240 CU left until 15 Dec, 41 spent today``; "" where nothing is known and nothing was spent."""
    left, today_cu = left_words(account, now=now), spending.today_cu
    if not today_cu:
        return left
    return f"{left}, {grouped(today_cu)} spent today" if left else f"{grouped(today_cu)} CU spent today"


def price_words(cost_cu: Decimal, account: Account) -> str:
    """``105 CU of 1,240 left``; "" where it is not told what is left."""
    return "" if account.credits_left_cu is None else f"{amount(cost_cu)} of {grouped(account.credits_left_cu)} left"


def shortfall(cost_cu: Decimal, account: Account, *, now: float) -> str:
    """``More than the 60 CU that are left until 15 Dec``; "" where it is not, or nobody knows."""
    left_cu = account.credits_left_cu
    if left_cu is None or cost_cu <= left_cu:
        return ""
    left, end = grouped(left_cu), _end(account, now=now)
    are = "is" if left_cu == 1 else "are"
    return f"More than the {left} CU that {are} left until {end}" if end else f"More than the {left} CU that {are} left"


def _end(account: Account, *, now: float, with_year: bool = False) -> str:
    """Until when it holds; "" for an end that nobody knows, or that is over."""
    end = account.ends_at
    if end is None or end <= now:
        return ""
    return day_words(end, with_year=with_year or end - now > _FAR_S)
