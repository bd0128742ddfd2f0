# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user does to a job, beside what the runner carries on by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from scenario_addon.engine.errors import AlreadyOrdered, DiskError, InputError, LedgerInDoubt
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.pipeline.actions import allow_price, is_under_way, retry, submit_again, write_down
from tests.engine.workbench import Workbench


@pytest.fixture
def other(bench: Workbench) -> Iterator[Ledger]:
    """Another process with the same ledger."""
    with closing(Ledger(bench.folder / "state")) as ledger:
        yield ledger


def again(job: Job) -> Job:
    """Another job for the same."""
    return new_job(job.order, scope=job.scope)


def test_what_another_process_is_making_waits_for_the_user(bench: Workbench, other: Ledger) -> None:
    other.add(theirs := bench.new_job())
    mine = write_down(again(theirs), bench.env)
    assert (mine.is_held, mine.error_kind) == (True, AlreadyOrdered.__name__)
    assert bench.carry(retry(mine, bench.env)).state is State.READY
    assert len(bench.service.charges) == 1


def test_who_means_it_orders_what_another_process_is_making(bench: Workbench, other: Ledger) -> None:
    other.add(theirs := bench.new_job())
    assert write_down(again(theirs), bench.env, again=True).error is None


def test_what_another_process_has_made_or_never_ordered_is_not_under_way(bench: Workbench, other: Ledger) -> None:
    theirs = bench.new_job()
    other.add(theirs)
    other.save(replace(theirs, wait_s=None, error="No"))
    assert write_down(again(theirs), bench.env).error is None


def test_of_two_processes_that_order_the_same_at_once_one_makes_it(bench: Workbench) -> None:
    mine, results = bench.new_job(), list[Job]()

    class Slow(Ledger):
        """Another process, which is overtaken between writing its job down and looking for others."""

        def add(self, job: Job) -> None:
            super().add(job)
            results.append(write_down(mine, bench.env))

    with closing(Slow(bench.folder / "state")) as ledger:
        results.append(write_down(again(mine), replace(bench.env, ledger=ledger)))
    assert sorted(job.is_held for job in results) == [False, True]


def test_what_a_dead_process_was_making_is_in_nobodys_way(bench: Workbench) -> None:
    theirs = bench.new_job()
    with closing(Ledger(bench.folder / "state")) as ledger:
        ledger.add(theirs)
    assert write_down(again(theirs), bench.env).error is None


def test_the_same_for_another_project_is_something_else(bench: Workbench, other: Ledger) -> None:
    theirs = replace(bench.new_job(), scope="another")
    other.add(theirs)
    assert write_down(new_job(theirs.order, scope="mine"), bench.env).error is None


def test_a_ledger_in_doubt_has_an_order_wait_for_the_user(bench: Workbench) -> None:
    with closing(sqlite3.connect(bench.ledger.path, isolation_level=None)) as db:
        db.execute("INSERT INTO notes VALUES ('doubt', 'The ledger is gone')")
    job = write_down(bench.new_job(), bench.env)
    assert (job.is_held, job.error_kind) == (True, LedgerInDoubt.__name__)
    assert job.error is not None and job.error.endswith("Try again to order it all the same.")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"wait_s": None, "error": "No"}, False),
        ({"wait_s": None, "submitted_at": 1.0}, True),
        ({"wait_s": None, "state": State.SUBMITTING}, True),
        ({"wait_s": None, "state": State.UNCERTAIN}, True),
        ({"state": State.RUNNING}, True),
        ({"state": State.READY}, False),
        ({"state": State.IMPORTED}, False),
        ({"state": State.FAILED}, False),
        ({"state": State.CANCELLED}, False),
    ],
)
def test_only_what_is_on_its_way_is_under_way(bench: Workbench, changes: dict[str, object], expected: bool) -> None:
    assert is_under_way(replace(bench.new_job(target={"scene": "Scene"}), **changes)) is expected  # pyright: ignore[reportArgumentType]


def test_a_price_above_the_limit_is_paid_once_the_user_agrees(bench: Workbench) -> None:
    held = bench.carry(bench.job(max_cost_cu=Decimal("0.5")))
    assert held.is_held and bench.service.charges == []
    allowed = allow_price(held, bench.env)
    assert bench.carry(allowed).state is State.READY
    assert [charge.cost_cu for charge in bench.service.charges] == [held.quote_cu]


def test_agreeing_to_a_price_is_no_blank_cheque(bench: Workbench) -> None:
    held = bench.carry(bench.job(max_cost_cu=Decimal("0.5")))
    bench.service.set_price_factor(2)
    risen = bench.carry(replace(allow_price(held, bench.env), quoted_at=None))
    assert risen.is_held and bench.service.charges == []


def test_there_is_no_price_to_agree_to_before_it_is_known(bench: Workbench) -> None:
    with pytest.raises(InputError, match="no price"):
        allow_price(bench.job(), bench.env)


def test_an_order_that_was_found_meanwhile_is_not_submitted_again(bench: Workbench) -> None:
    job = bench.carry(bench.job(), until=State.RUNNING)
    assert submit_again(job, bench.env) is job


def test_a_job_without_a_file_takes_the_folder_of_the_day(bench: Workbench) -> None:
    job = bench.carry(bench.job(), until=State.SUCCEEDED)
    job = retry(job.delayed(DiskError("Full"), wait_s=None), bench.env, folder=bench.folder / "elsewhere")
    made = bench.carry(job)
    assert made.file is not None and made.file.path.parent == bench.folder / "elsewhere"
    assert len(bench.service.charges) == 1


def test_a_file_that_is_here_stays_where_it_is(bench: Workbench) -> None:
    made = bench.carry(bench.job())
    assert retry(made, bench.env, folder=Path("/elsewhere")).order.folder == made.order.folder
