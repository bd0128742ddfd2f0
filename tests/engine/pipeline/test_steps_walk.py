# SPDX-License-Identifier: GPL-3.0-or-later
"""Any run of luck at all: a job walks the table of moves, and is never paid for twice without the user's word."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.ledger.job import MOVES, Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.pipeline.budget import Budget
from scenario_addon.engine.pipeline.env import Env
from scenario_addon.engine.pipeline.steps import advance
from tests.engine.fickle import FickleService
from tests.engine.orders import draw_picture, sample_order


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Job, Ledger]]:
    folder = tmp_path_factory.mktemp("walk")
    ledger = Ledger(folder)
    yield new_job(sample_order(draw_picture(folder / "chair.png"), folder=folder), scope="s"), ledger
    ledger.close()


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_luck_whatever_pays_twice_or_leaves_the_table(start: tuple[Job, Ledger], data: st.DataObject) -> None:
    template, ledger = start
    job = new_job(template.order, scope=uuid4().hex, max_cost_cu=Decimal(10))  # nothing is known of its project
    ledger.add(job)
    service = FickleService(data.draw)
    env = Env(client=service, ledger=ledger, budget=Budget(), wait=lambda pause_s: None)  # type: ignore[arg-type]
    for _ in range(data.draw(st.integers(1, 25))):
        if job.is_settled or job.state is State.DOWNLOADED:
            break
        after = advance(job, env)
        assert after.state is job.state or after.state in MOVES[job.state]
        assert after.wait_s is None or 0.0 <= after.wait_s <= 3600.0
        assert (after.error is None) == (after.error_kind is None)
        ledger.save(after)
        assert ledger.get(after.id) == after
        job = after
    assert len(service.charged) <= 1
    assert job.remote_id in (None, *service.charged)
    assert job.is_paid or not service.charged
    ledger.remove(job.id)
