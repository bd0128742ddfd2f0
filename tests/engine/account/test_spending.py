# SPDX-License-Identifier: GPL-3.0-or-later
"""What was spent today and this month, by model."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.account.spending import Spending, read_spending
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.pipeline.budget import Budget
from scenario_addon.engine.values import ModelId, RemoteJobId
from tests.engine.orders import sample_order

NOON = datetime(2026, 3, 29, 12).timestamp()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "state")
    yield made
    made.close()


def spend(ledger: Ledger, model: str, cost: str, *, at: float = NOON, scope: str = "s", **changes: Any) -> Job:
    """A job that was submitted at a moment."""
    order = replace(sample_order(folder=Path("/m")), model_id=ModelId(model))
    job = replace(new_job(order, scope=scope), state=State.UPLOADED, quote_cu=Decimal(cost))
    ledger.add(job)
    Budget(now=lambda: at).book(job, ledger)
    job = replace(job.moved(State.SUBMITTING, remote_id=RemoteJobId(f"r_{job.id}")), **changes)
    ledger.save(job)
    return job


def read(ledger: Ledger, *, now: float = NOON, scope: str = "s") -> Spending:
    return read_spending(ledger, scope, name_of=str.title, now=now)


def as_dict(text: str) -> dict[str, Decimal]:
    return {name: Decimal(cost) for name, _, cost in (part.rpartition(" ") for part in text.split(", "))}


def test_nothing_was_spent_before_the_first_job(ledger: Ledger) -> None:
    assert read(ledger) == Spending({}, {})
    assert read(ledger).today_cu == read(ledger).this_month_cu == 0


def test_it_is_added_up_by_model_the_most_first(ledger: Ledger) -> None:
    for model, cost in (("rodin", "2.5"), ("pixal", "7.25"), ("rodin", "2.5")):
        spend(ledger, model, cost)
    found = read(ledger)
    assert list(found.today.items()) == [("Pixal", Decimal("7.25")), ("Rodin", Decimal(5))]
    assert (found.today_cu, found.this_month_cu) == (Decimal("12.25"), Decimal("12.25"))


def test_a_day_and_a_month_begin_at_their_first_midnight(ledger: Ledger) -> None:
    for at, model in (
        (datetime(2026, 2, 28, 23, 59, 59), "february"),
        (datetime(2026, 3, 1), "first"),
        (datetime(2026, 3, 28, 23, 59, 59), "eve"),
        (datetime(2026, 3, 29), "midnight"),
    ):
        spend(ledger, model, "3", at=at.timestamp())
    found = read(ledger)
    assert set(found.today) == {"Midnight"}
    assert set(found.this_month) == {"First", "Eve", "Midnight"}


def test_projects_do_not_see_each_others_spending(ledger: Ledger) -> None:
    spend(ledger, "pixal", "3")
    spend(ledger, "pixal", "4", scope="other")
    assert read(ledger).today == as_dict("Pixal 3")
    assert read(ledger, scope="other").today == as_dict("Pixal 4")
    assert read(ledger, scope="third").today == {}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"state": State.RUNNING}, "Pixal 4"),
        ({"state": State.RUNNING, "billed_cu": Decimal("3.1")}, "Pixal 3.1"),
        ({"state": State.UNCERTAIN, "remote_id": None}, "Pixal 4"),
        ({"state": State.FAILED, "billed_cu": Decimal(0)}, None),
        ({"state": State.FAILED, "billed_cu": Decimal(4)}, "Pixal 4"),
        ({"state": State.FAILED, "remote_id": None}, None),
    ],
    ids=["running", "billed", "in doubt", "refunded", "not refunded", "refused"],
)
def test_what_came_back_does_not_count(ledger: Ledger, changes: dict[str, Any], told: str | None) -> None:
    spend(ledger, "pixal", "4", **changes)
    assert read(ledger).today == (as_dict(told) if told else {})


def test_a_job_that_is_off_the_list_goes_on_counting_for_its_model(ledger: Ledger) -> None:
    ledger.remove(spend(ledger, "pixal", "4").id)
    assert read(ledger).today == as_dict("Pixal 4")


def test_what_a_record_that_cannot_be_read_cost_is_nobodys_and_counts(ledger: Ledger) -> None:
    job = spend(ledger, "pixal", "4")
    with closing(sqlite3.connect(ledger.path)) as db, db:
        db.execute("UPDATE jobs SET record = 'torn' WHERE id = ?", (job.id,))
    assert read(ledger).today == {"": Decimal(4)}


def test_it_is_what_a_limit_for_a_day_counts(ledger: Ledger) -> None:
    for model, cost in (("rodin", "2.5"), ("pixal", "7.25")):
        spend(ledger, model, cost)
    ledger.remove(spend(ledger, "tripo", "0.25").id)
    other = new_job(sample_order(folder=Path("/m")), scope="s")
    assert read(ledger).today_cu == ledger.spent_cu(other, since=datetime(2026, 3, 29).timestamp()) == 10
