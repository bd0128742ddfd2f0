# SPDX-License-Identifier: GPL-3.0-or-later
"""What a group of jobs may cost together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from scenario_addon.engine.budget import Budget
from scenario_addon.engine.errors import BudgetError
from scenario_addon.engine.job import Job, new_job
from tests.engine.orders import sample_order


def job(quote: str | None, *, limit: str | None = None, billed: str | None = None) -> Job:
    made = new_job(sample_order(folder=Path("/m")), scope="s", max_cost_cu=Decimal(limit) if limit else None)
    return replace(made, quote_cu=Decimal(quote) if quote else None, billed_cu=Decimal(billed) if billed else None)


def test_without_a_limit_anything_goes() -> None:
    Budget().reserve(job("1000000"))
    Budget().reserve(job(None))


@pytest.mark.parametrize(("quote", "fits"), [("7.25", True), ("7.24", True), ("7.26", False), (None, False)])
def test_a_jobs_own_limit_is_kept_to_the_cent(quote: str | None, fits: bool) -> None:
    if fits:
        Budget().reserve(job(quote, limit="7.25"))
    else:
        with pytest.raises(BudgetError, match=r"7\.25"):
            Budget().reserve(job(quote, limit="7.25"))


def test_jobs_share_the_limit() -> None:
    budget = Budget(Decimal("10"))
    budget.reserve(job("4.1"))
    budget.reserve(job("4.1"))
    with pytest.raises(BudgetError, match=r"costs 4\.1 CU, and 1\.8 of 10 CU are left"):
        budget.reserve(job("4.1"))


def test_a_job_is_counted_once() -> None:
    budget, same = Budget(Decimal("10")), job("6")
    budget.reserve(same)
    budget.reserve(same)
    budget.reserve(job("4"))


def test_what_a_job_did_not_cost_can_be_spent() -> None:
    budget, failed = Budget(Decimal("10")), job("10")
    budget.reserve(failed)
    budget.settle(failed)
    budget.reserve(job("10"))


def test_what_a_job_really_cost_is_counted() -> None:
    budget, done = Budget(Decimal("10")), job("6", billed="9")
    budget.reserve(done)
    budget.settle(done)
    with pytest.raises(BudgetError, match="1 of 10 CU"):
        budget.reserve(job("2"))


def test_a_job_that_was_never_reserved_is_not_counted() -> None:
    budget = Budget(Decimal("10"))
    budget.settle(job("6", billed="6"))
    budget.reserve(job("10"))


def test_many_workers_never_overspend_together() -> None:
    budget = Budget(Decimal("10"))

    def try_one(_: int) -> bool:
        try:
            budget.reserve(job("1"))
        except BudgetError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_one, range(100))) == 10
