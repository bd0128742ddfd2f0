# SPDX-License-Identifier: GPL-3.0-or-later
"""What was spent from here, today and this month, by the ledger's own record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ..ledger.ledger import Ledger
from .days import day_began, month_began

__all__ = ["Spending", "read_spending"]


@dataclass(frozen=True, slots=True)
class Spending:
    """What the jobs of a project in a ledger cost, or may cost for all that is known, by model.

    What is cut out for a mesh counts for the model of the mesh; what came back after a failure does not count.
    """

    today: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    """By the model's name, the most first; "" for what was spent nobody knows on what."""
    this_month: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])

    @property
    def today_cu(self) -> Decimal:
        return sum(self.today.values(), Decimal(0))

    @property
    def this_month_cu(self) -> Decimal:
        return sum(self.this_month.values(), Decimal(0))


def read_spending(ledger: Ledger, scope: str, *, name_of: Callable[[str], str], now: float) -> Spending:
    """Add up since local midnight, and since the month began. Waits for the disk: for workers.

    :param name_of: gives a model's name for its id.
    :param now: seconds since the epoch.
    :raises DiskError: the ledger cannot be read.
    """

    def since(moment: float) -> dict[str, Decimal]:
        named: dict[str, Decimal] = {}
        for model_id, cost_cu in ledger.spent_by_model(scope, since=moment).items():
            name = name_of(model_id) if model_id else ""
            named[name] = named.get(name, Decimal(0)) + cost_cu
        return dict(sorted(named.items(), key=lambda entry: (-entry[1], entry[0])))

    return Spending(since(day_began(now)), since(month_began(now)))
