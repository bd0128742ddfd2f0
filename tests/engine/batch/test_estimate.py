# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch will cost is said before any of it is ordered."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scenario_addon.engine.batch.estimate import Estimate


@pytest.mark.parametrize(
    ("costs", "limit", "told"),
    [
        (["5", "5", "0"], None, "2 of 3 items are ordered, for 10 CU."),
        (["5", "5"], "10", "2 of 2 items are ordered, for 10 CU."),
        (["5", "5"], "9", "2 of 2 items are ordered, for 10 CU; 9 CU may be spent, and what is above is left."),
        (["5", None], "9", "2 of 2 items are ordered; the service does not say of all of them what they cost."),
    ],
)
def test_it_is_said_in_a_sentence(costs: list[str | None], limit: str | None, told: str) -> None:
    estimate = Estimate()
    for cost in costs:
        estimate.add(Decimal(cost) if cost is not None else None)
    assert estimate.told(Decimal(limit) if limit is not None else None) == told
