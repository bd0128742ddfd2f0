# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of each item until the end of a run."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from scenario_addon.engine.batch.item import Item
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.outputs.gathered import Gathered
from scenario_addon.engine.report.outcome import Outcome
from scenario_addon.engine.values import AssetId, MeshFile
from tests.engine.orders import sample_order


@pytest.fixture
def job(tmp_path: Path) -> Job:
    job = new_job(sample_order(folder=tmp_path), scope="ours")
    return replace(job, state=State.READY, billed_cu=Decimal("10.5"), submitted_at=1000.0, finished_at=1047.5)


def made(number: int, job: Job, **more: object) -> Outcome:
    file = MeshFile(Path("chair 木.glb"), 10, AssetId("asset_1"), triangles=12)
    return Outcome(number, f"{number}.png", job, 0.0, file, **more)  # type: ignore[arg-type]


def test_it_is_given_in_the_order_of_the_input_whatever_was_done_first(job: Job) -> None:
    gathered = Gathered()
    for number in range(299, -1, -1):
        gathered.note(made(number, job))
    assert [entry.label for entry in gathered.entries(None)] == [f"{number}.png" for number in range(300)]


def test_what_is_wanted_now_counts_and_what_never_came_is_passed_over(job: Job) -> None:
    gathered = Gathered()
    gathered.note(made(2, job))
    gathered.note(made(0, job))
    items = [Item(f"{n}.png", replace(job.order, name=f"new-{n}", number=n + 1)) for n in range(4)]
    assert [(entry.number, entry.name) for entry in gathered.entries(items)] == [(0, "new-0"), (2, "new-2-3")]
    assert [entry.name for entry in gathered.entries(None)] == ["chair", "chair"]


def test_price_and_time_are_the_meshs_also_where_an_earlier_run_has_paid(job: Job) -> None:
    gathered = Gathered()
    gathered.note(made(0, job, cost_cu=Decimal(0), preview=Path("chair.png")))
    [entry] = gathered.entries(None)
    assert (entry.cost_cu, entry.seconds, entry.triangles) == (Decimal("10.5"), 47.5, 12)
    assert (entry.mesh, entry.preview, entry.error) == (Path("chair 木.glb"), Path("chair.png"), None)


def test_a_clock_that_was_set_back_makes_no_time(job: Job) -> None:
    gathered = Gathered()
    gathered.note(made(0, replace(job, finished_at=900.0)))
    assert [entry.seconds for entry in gathered.entries(None)] == [None]


def test_a_failure_is_kept_with_its_words_whatever_is_in_them(job: Job) -> None:
    gathered = Gathered()
    gathered.note(Outcome(0, "0.png", replace(job, state=State.FAILED), 1.0, error="broken \udcff picture."))
    [entry] = gathered.entries(None)
    assert (entry.mesh, entry.error) == (None, "broken \\udcff picture.")
