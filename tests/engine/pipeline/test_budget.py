# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be spent on a job, in a run and in a day."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import BudgetError, DiskError
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.pipeline.budget import Budget
from scenario_addon.engine.values import RemoteJobId
from tests.engine.orders import sample_order

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 3, 29, 12).timestamp()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "state")
    yield made
    made.close()


def job(quote: str | None, *, limit: str | None = None, billed: str | None = None, scope: str = "s") -> Job:
    made = new_job(sample_order(folder=Path("/m")), scope=scope, max_cost_cu=Decimal(limit) if limit else None)
    return replace(made, quote_cu=Decimal(quote) if quote else None, billed_cu=Decimal(billed) if billed else None)


def daily(limit: str, *, now: float = NOON) -> Budget:
    return Budget(day_limit_cu=Decimal(limit), now=lambda: now)


def submitted(ledger: Ledger, quote: str, *, budget: Budget | None = None, **changes: Any) -> Job:
    """A job that is in the ledger and counted."""
    made = replace(job(quote), state=State.UPLOADED)
    ledger.add(made)
    (budget or daily("1000")).book(made, ledger)
    made = replace(made.moved(State.SUBMITTING), **changes)
    ledger.save(made)
    return made


def left_today(ledger: Ledger, *, limit: str = "10", now: float = NOON) -> Decimal:
    """How much of a day's limit can still be spent."""
    return Decimal(limit) - ledger.spent_cu(job("1"), since=datetime.fromtimestamp(now).replace(hour=0).timestamp())


# -- a job, a run


def test_without_a_limit_anything_goes(ledger: Ledger) -> None:
    Budget().reserve(job("1000000"), ledger)
    Budget().reserve(job(None), ledger)
    Budget().book(job(None), ledger)


@pytest.mark.parametrize(("quote", "fits"), [("7.25", True), ("7.24", True), ("7.26", False), (None, False)])
def test_a_jobs_own_limit_is_kept_to_the_cent(ledger: Ledger, quote: str | None, fits: bool) -> None:
    if fits:
        Budget().reserve(job(quote, limit="7.25"), ledger)
    else:
        with pytest.raises(BudgetError, match=r"7\.25"):
            Budget().reserve(job(quote, limit="7.25"), ledger)


def test_jobs_share_the_limit(ledger: Ledger) -> None:
    budget = Budget(Decimal("10"))
    budget.reserve(job("4.1"), ledger)
    budget.reserve(job("4.1"), ledger)
    with pytest.raises(BudgetError, match=r"costs 4\.1 CU, and 1\.8 of 10 CU are left"):
        budget.reserve(job("4.1"), ledger)


def test_a_job_is_counted_once(ledger: Ledger) -> None:
    budget, same = Budget(Decimal("10")), job("6")
    budget.reserve(same, ledger)
    budget.reserve(same, ledger)
    budget.book(same, ledger)
    budget.reserve(job("4"), ledger)


def test_what_a_job_did_not_cost_can_be_spent(ledger: Ledger) -> None:
    budget, failed = Budget(Decimal("10")), job("10")
    budget.reserve(failed, ledger)
    budget.settle(failed)
    budget.reserve(job("10"), ledger)


def test_what_a_job_really_cost_is_counted(ledger: Ledger) -> None:
    budget, done = Budget(Decimal("10")), job("6", billed="9")
    budget.reserve(done, ledger)
    budget.settle(done)
    with pytest.raises(BudgetError, match="1 of 10 CU"):
        budget.reserve(job("2"), ledger)


def test_a_job_that_was_never_reserved_is_not_counted(ledger: Ledger) -> None:
    budget = Budget(Decimal("10"))
    budget.settle(job("6", billed="6"))
    budget.reserve(job("10"), ledger)


def test_many_workers_never_overspend_together(ledger: Ledger) -> None:
    budget = Budget(Decimal("10"))

    def try_one(_: int) -> bool:
        try:
            budget.reserve(job("1"), ledger)
        except BudgetError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_one, range(100))) == 10


# -- a day


def test_a_day_has_room_up_to_its_limit_to_the_cent(ledger: Ledger) -> None:
    budget = daily("10")
    submitted(ledger, "5.9", budget=budget)
    submitted(ledger, "4.1", budget=budget)
    with pytest.raises(BudgetError, match=r"costs 0\.01 CU, and 0 of today's 10 CU are left .* go on with it tomorrow"):
        budget.book(job("0.01"), ledger)


def test_a_day_that_is_spent_is_told_before_anything_is_sent(ledger: Ledger) -> None:
    submitted(ledger, "10")
    with pytest.raises(BudgetError, match="0 of today's 10 CU"):
        daily("10").reserve(job("1"), ledger)


def test_a_job_without_a_price_does_not_fit_into_a_limited_day(ledger: Ledger) -> None:
    with pytest.raises(BudgetError, match="does not say what this costs"):
        daily("10").book(job(None), ledger)


def test_a_day_begins_at_local_midnight(ledger: Ledger) -> None:
    evening = datetime(2026, 3, 28, 23, 59, 59).timestamp()
    submitted(ledger, "10", budget=daily("10", now=evening))
    with pytest.raises(BudgetError):
        daily("10", now=evening + 0.5).book(job("1"), ledger)
    daily("10", now=evening + 1.5).book(job("10"), ledger)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of this system cannot be set")
def test_where_midnight_comes_twice_what_is_spent_between_counts(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Havana")
        time.tzset()
        early = datetime(2026, 11, 1, 0, 30).timestamp()  # clocks go back to midnight half an hour later
        submitted(ledger, "6", budget=daily("10", now=early))
        with pytest.raises(BudgetError):
            daily("10", now=early + 3600).book(job("6"), ledger)
    time.tzset()


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({}, "5.9"),
        ({"state": State.UNCERTAIN}, "5.9"),
        ({"state": State.RUNNING, "remote_id": RemoteJobId("r")}, "5.9"),
        ({"state": State.RUNNING, "remote_id": RemoteJobId("r"), "billed_cu": Decimal("3.1")}, "6.9"),
        ({"state": State.FAILED, "remote_id": RemoteJobId("r"), "billed_cu": Decimal(0)}, "10"),
        ({"state": State.FAILED, "remote_id": RemoteJobId("r"), "billed_cu": Decimal("4.1")}, "5.9"),
        ({"state": State.UPLOADED}, "10"),
        ({"state": State.FAILED}, "10"),
        ({"state": State.CANCELLED}, "10"),
        ({"state": State.CANCELLED, "remote_id": RemoteJobId("r")}, "5.9"),
    ],
    ids=[
        "sent", "in doubt", "running", "billed", "refunded", "not refunded", "not started", "refused",
        "cancelled before", "cancelled while running",
    ],
)  # fmt: skip
def test_what_was_really_billed_counts(ledger: Ledger, changes: dict[str, Any], left: str) -> None:
    done = submitted(ledger, "4.1")
    ledger.save(replace(done, **changes))
    assert left_today(ledger) == Decimal(left)


def test_a_dismissed_job_goes_on_counting(ledger: Ledger) -> None:
    ledger.remove(submitted(ledger, "4.1").id)
    assert left_today(ledger) == Decimal("5.9")


def test_a_second_attempt_counts_besides_the_first(ledger: Ledger) -> None:
    first = submitted(ledger, "4.1", state=State.UNCERTAIN)
    second = first.moved(State.UPLOADED, attempt=2)
    ledger.save(second)
    with pytest.raises(BudgetError):
        daily("8").book(second, ledger)
    daily("8.2").book(second, ledger)
    assert left_today(ledger) == Decimal("1.8")


def test_other_projects_have_days_of_their_own(ledger: Ledger) -> None:
    submitted(ledger, "10")
    daily("10").book(job("10", scope="other"), ledger)


def test_a_clock_that_was_ahead_makes_no_room(ledger: Ledger) -> None:
    submitted(ledger, "10", budget=daily("10", now=NOON + 400 * 86400))
    with pytest.raises(BudgetError):
        daily("10").book(job("1"), ledger)


def test_what_cannot_be_written_down_is_not_allowed(ledger: Ledger) -> None:
    ledger.close()
    with pytest.raises(DiskError):
        Budget().book(job("1"), ledger)


def test_threads_and_ledgers_never_overspend_a_day_together(ledger: Ledger, tmp_path: Path) -> None:
    ledgers = [ledger, *(Ledger(tmp_path / "state") for _ in range(3))]

    def try_one(number: int) -> bool:
        try:
            daily("10").book(job("1"), ledgers[number % 4])
        except BudgetError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_one, range(60))) == 10
    for other in ledgers[1:]:
        other.close()


_SPENDER = """
import sys
from decimal import Decimal
from pathlib import Path
from scenario_addon.engine.pipeline.budget import Budget
from scenario_addon.engine.errors import BudgetError
from scenario_addon.engine.ledger.ledger import Ledger
from tests.engine.pipeline.test_budget import job
ledger, spent = Ledger(Path(sys.argv[1])), 0
print("ready", flush=True)
sys.stdin.readline()
for _ in range(30):
    try:
        Budget(day_limit_cu=Decimal(20)).book(job("1"), ledger)
        spent += 1
    except BudgetError:
        pass
print(spent)
"""


def test_processes_never_overspend_a_day_together(ledger: Ledger) -> None:
    command = [sys.executable, "-c", _SPENDER, str(ledger.path.parent)]
    options: dict[str, Any] = {"cwd": ROOT, "stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    began = time.time()
    processes = [subprocess.Popen(command, **options) for _ in range(3)]
    assert [process.stdout.readline() for process in processes if process.stdout] == ["ready\n"] * 3
    spent = [int(process.communicate("go\n")[0]) for process in processes]
    assert sum(spent) == 20
    assert ledger.spent_cu(job("1"), since=began - 1) == 20
