# SPDX-License-Identifier: GPL-3.0-or-later
"""What people are told that a job costs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from scenario_addon.engine.account.costs import told_cu
from scenario_addon.engine.ledger.job import new_job
from tests.engine.orders import sample_order


@pytest.mark.parametrize(
    ("billed", "quote", "told"),
    [(None, None, None), (None, 4, 4), (3, 4, 3), (0, 4, 0)],
    ids=["nobody knows", "a price", "billed", "paid back"],
)
def test_what_was_billed_counts_before_the_price(billed: int | None, quote: int | None, told: int | None) -> None:
    costs = {"billed_cu": billed, "quote_cu": quote}
    known = {name: Decimal(cost) for name, cost in costs.items() if cost is not None}
    assert told_cu(replace(new_job(sample_order(folder=Path("/m")), scope="s"), **known)) == told
