# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything put together, opened and closed."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

import scenario_addon
from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.pipeline import runner
from scenario_addon.engine.pipeline.connection import connect
from scenario_addon.engine.pipeline.env import Env
from scenario_addon.engine.pipeline.steps import advance
from tests.engine.orders import credentials_of, draw_picture, sample_order
from tests.engine.workbench import FakeClock, tick_until
from tests.service import Service


def test_a_connection_makes_a_mesh(service: Service, state_dir: Path, tmp_path: Path) -> None:
    connection = connect(credentials_of(service), state_dir, clock=FakeClock())
    order = sample_order(draw_picture(tmp_path / "chair.png"), folder=tmp_path)
    job = new_job(order, scope=connection.scope)
    connection.runner.add(job)
    [done] = connection.runner.run([job.id])
    assert done.state is State.READY
    assert (
        service.requests[0].headers["user-agent"].startswith(f"scenario-addon/{scenario_addon.__version__} Python/3.")
    )
    connection.close()


def test_how_long_jobs_took_is_known_to_the_next_run(service: Service, state_dir: Path, tmp_path: Path) -> None:
    order, scope = sample_order(draw_picture(tmp_path / "chair.png"), folder=tmp_path), credentials_of(service).scope
    ledger = Ledger(state_dir)
    for number in range(6):
        times = {"submitted_at": 1e9, "asked_at": 1e9 + 198 + number, "finished_at": 1e9 + 200 + number}
        ledger.add(replace(new_job(order, scope=scope), state=State.READY, **times))
    ledger.close()
    clock = FakeClock()
    connection = connect(credentials_of(service), state_dir, clock=clock)
    job = new_job(order, scope=scope)
    connection.runner.add(job)
    tick_until(connection.runner, clock, lambda: connection.runner.jobs[job.id].state is State.RUNNING)
    assert (connection.runner.due_in_s(job.id) or 0) > 12, "nothing is done within the first few seconds"
    connection.close()


def test_opening_sends_nothing(service: Service, state_dir: Path) -> None:
    connect(credentials_of(service), state_dir).close()
    assert service.requests == []


def test_the_limit_is_for_all_jobs_together(service: Service, state_dir: Path, tmp_path: Path) -> None:
    connection = connect(credentials_of(service), state_dir, limit_cu=Decimal(5), clock=FakeClock())
    picture = draw_picture(tmp_path / "chair.png")
    jobs = [new_job(sample_order(picture, folder=tmp_path), scope=connection.scope) for _ in range(2)]
    for job in jobs:
        connection.runner.add(job)
    ends = connection.runner.run([job.id for job in jobs])
    assert sorted(end.error_kind or "" for end in ends) == ["", "BudgetError"]
    assert len(service.charges) == 1
    connection.close()


def test_the_days_limit_is_for_all_connections_together(service: Service, state_dir: Path, tmp_path: Path) -> None:
    picture, ends = draw_picture(tmp_path / "chair.png"), []
    for _ in range(2):
        connection = connect(credentials_of(service), state_dir, day_limit_cu=Decimal(5), clock=FakeClock())
        job = new_job(sample_order(picture, folder=tmp_path), scope=connection.scope)
        connection.runner.add(job)
        ends += connection.runner.run([job.id])
        connection.close()
    assert [end.error_kind for end in ends] == [None, "BudgetError"]
    assert len(service.charges) == 1


def test_a_failed_jobs_refund_can_be_spent_again(service: Service, state_dir: Path, tmp_path: Path) -> None:
    connection = connect(credentials_of(service), state_dir, day_limit_cu=Decimal(5), clock=FakeClock())
    picture, kinds = draw_picture(tmp_path / "chair.png"), []
    service.fail_job("No subject.")
    service.fail_job("No subject.", disable_refund=True)
    for _ in range(3):
        job = new_job(sample_order(picture, folder=tmp_path), scope=connection.scope)
        connection.runner.add(job)
        kinds += [end.error_kind for end in connection.runner.run([job.id])]
    assert kinds == ["GenerationFailed", "GenerationFailed", "BudgetError"]
    connection.close()


def test_a_folder_that_cannot_be_used_is_told(service: Service, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(DiskError, match="SCENARIO_STATE_DIR"):
        connect(credentials_of(service), tmp_path / "state")


def ended(*names: str) -> None:
    """Wait for threads to end."""
    for thread in [thread for thread in threading.enumerate() if thread.name in names]:
        thread.join(10)
        assert not thread.is_alive()


def test_closing_while_a_step_is_under_way_loses_nothing(service: Service, state_dir: Path, tmp_path: Path) -> None:
    connection = connect(credentials_of(service), state_dir, clock=FakeClock())
    job = new_job(sample_order(draw_picture(tmp_path / "chair.png"), folder=tmp_path), scope=connection.scope)
    connection.runner.add(job)
    connection.runner.tick()
    connection.close()
    ended("scenario-worker", "scenario-closing")
    again = connect(credentials_of(service), state_dir, clock=FakeClock())
    again.runner.adopt(scope=again.scope, retry=True)
    assert again.runner.run([job.id])[0].state is State.READY
    assert len(service.charges) == 1
    again.close()


@pytest.mark.parametrize("is_shared", [False, True], ids=["alone", "with another on its ledger"])
def test_a_step_under_way_keeps_its_job_until_it_has_ended(
    service: Service, state_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_shared: bool
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(job: Job, env: Env) -> Job:
        begun.set()
        assert go.wait(10)
        return advance(job, env)

    connection = connect(credentials_of(service), state_dir, clock=FakeClock())
    job = new_job(sample_order(draw_picture(tmp_path / "chair.png"), folder=tmp_path), scope=connection.scope)
    connection.runner.add(job)
    monkeypatch.setattr(runner, "advance", slow)
    connection.runner.tick()
    assert begun.wait(10)
    if is_shared:
        elsewhere = replace(credentials_of(service), project_id="another")
        connect(elsewhere, state_dir, ledger=connection.ledger).close(connection)
    else:
        connection.close()
    monkeypatch.undo()
    again = connect(credentials_of(service), state_dir, clock=FakeClock())
    assert again.runner.adopt(scope=again.scope, retry=True) == []
    go.set()
    ended("scenario-closing")
    [taken] = again.runner.adopt(scope=again.scope, retry=True)
    assert taken.quote_cu is not None, "what the step did is known"
    assert again.runner.run([job.id])[0].state is State.READY
    assert len(service.charges) == 1
    again.close()


def test_the_key_shows_in_no_repr(service: Service, state_dir: Path) -> None:
    connection = connect(credentials_of(service), state_dir)
    assert service.key not in repr(connection)
    assert service.secret not in repr(connection)
    connection.close()
