# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose job is it that the service lists? A lost submission is found, and is nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import InputError, NetworkError, ServerError
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.pipeline import pricing as pricing_module
from scenario_addon.engine.pipeline.actions import cancel, retry, submit_again
from scenario_addon.engine.pipeline.runner import Runner
from scenario_addon.engine.pipeline.steps import advance
from scenario_addon.engine.values import AssetId
from tests.engine.workbench import Workbench
from tests.service import Fault, Service

GENERATE = "/generate/custom/"


@pytest.fixture
def known_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that knows a picture by its content: sent again, it gets the id it had."""
    upload, ids = pricing_module.upload, dict[str, AssetId]()

    def known(client: Any, image: Any, **more: Any) -> AssetId:
        if image.sha256 not in ids:
            ids[image.sha256] = upload(client, image, **more)
        return ids[image.sha256]

    monkeypatch.setattr(pricing_module, "upload", known)


def intent(bench: Workbench, **order: Any) -> Job:
    """A job with the intent to submit in the ledger and nothing sent."""
    return bench.carry(bench.job(**order), until=State.SUBMITTING)


def lost(bench: Workbench, fault: Fault = Fault.LOST_ANSWER, **order: Any) -> Job:
    """A job whose answer was lost: with RESET it never arrived."""
    job = intent(bench, **order)
    bench.service.fail("POST", GENERATE, fault)
    return bench.step(job)


def date_back(bench: Workbench, hours: float) -> None:
    """Make what the service has older."""
    for run in bench.service._runs.by_id.values():
        run.record["createdAt"] = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


# -- the same picture with the same settings


def test_what_was_asked_for_before_is_asked_for_with_a_picture_of_its_own(bench: Workbench) -> None:
    first, second, third = (bench.carry(bench.job()) for _ in range(3))
    assert len({job.input_digest for job in (first, second, third)}) == 3
    assert bench.service.count("POST", "/assets$") == 3


def test_other_settings_share_the_picture(bench: Workbench) -> None:
    first = bench.carry(bench.job())
    second = bench.carry(bench.job(values={"paint": False, "targetFaceNum": 101}))
    assert first.assets == second.assets
    assert bench.service.count("POST", "/assets$") == 1


def test_a_picture_is_sent_once_for_a_job_that_is_tried_again(bench: Workbench) -> None:
    bench.carry(bench.job())
    job = intent(bench)
    bench.service.fail("POST", GENERATE, Fault.STATUS, status=429, times=3)
    assert bench.carry(bench.step(job)).state is State.READY
    assert bench.service.count("POST", "/assets$") == 2


@pytest.mark.parametrize("is_dismissed", [False, True])
@pytest.mark.usefixtures("known_pictures")
def test_an_earlier_jobs_mesh_is_not_taken_even_if_that_job_was_dismissed(bench: Workbench, is_dismissed: bool) -> None:
    first = bench.carry(bench.job())
    if is_dismissed:
        bench.ledger.remove(first.id)
    second = lost(bench, Fault.RESET)
    assert second.assets == first.assets
    held = bench.carry(second)
    assert (held.state, held.is_held, held.remote_id) == (State.UNCERTAIN, True, None)


@pytest.mark.usefixtures("known_pictures")
def test_an_old_ones_mesh_is_not_taken_after_a_dismissal_while_it_was_uncertain(bench: Workbench) -> None:
    first = lost(bench)
    bench.ledger.remove(first.id)
    date_back(bench, hours=25)
    assert bench.carry(lost(bench, Fault.RESET)).state is State.UNCERTAIN


def test_with_pictures_of_its_own_a_job_finds_its_mesh_whoever_was_dismissed(bench: Workbench) -> None:
    first = lost(bench)
    bench.ledger.remove(first.id)
    assert bench.carry(lost(bench, Fault.RESET)).state is State.UNCERTAIN
    found = bench.carry(lost(bench), until=State.RUNNING)
    assert found.remote_id == bench.service.charges[-1].job_id


# -- twins


@pytest.mark.parametrize("unique", [True, False])
def test_the_same_order_twice_makes_two_jobs_with_two_charges(
    bench: Workbench, request: pytest.FixtureRequest, unique: bool
) -> None:
    if not unique:
        request.getfixturevalue("known_pictures")
    first = bench.carry(bench.job(), until=State.RUNNING)
    second = lost(bench)
    assert (second.assets == first.assets) is not unique
    found = bench.carry(second, until=State.RUNNING)
    assert found.remote_id not in (None, first.remote_id)
    assert len(bench.service.charges) == 2


@pytest.mark.parametrize("unique", [True, False])
def test_a_job_that_never_arrived_does_not_take_its_twins(
    bench: Workbench, request: pytest.FixtureRequest, unique: bool
) -> None:
    if not unique:
        request.getfixturevalue("known_pictures")
    first = bench.carry(bench.job(), until=State.RUNNING)
    held = bench.carry(lost(bench, Fault.RESET))
    assert (held.state, held.remote_id) == (State.UNCERTAIN, None)
    assert bench.carry(first).state is State.READY
    assert len(bench.service.charges) == 1


@pytest.mark.parametrize("unique", [True, False])
def test_a_twin_that_is_just_being_submitted_keeps_its_own_job(
    bench: Workbench, request: pytest.FixtureRequest, unique: bool
) -> None:
    if not unique:
        request.getfixturevalue("known_pictures")
    lost, twin = intent(bench), intent(bench)
    bench.service.fail("POST", GENERATE, Fault.RESET)
    lost = bench.step(lost)
    answered = advance(twin, bench.env)  # the service has started it; the ledger does not know yet
    lost = bench.step(lost)
    assert (lost.state, lost.remote_id) == (State.UNCERTAIN, None)
    bench.ledger.save(answered)
    assert bench.carry(lost).state is State.UNCERTAIN
    assert bench.carry(answered).state is State.READY


@pytest.mark.parametrize("unique", [True, False])
def test_two_lost_twins_find_a_job_each(bench: Workbench, request: pytest.FixtureRequest, unique: bool) -> None:
    if not unique:
        request.getfixturevalue("known_pictures")
    jobs = [intent(bench), intent(bench)]
    bench.service.fail("POST", GENERATE, Fault.LOST_ANSWER, times=2)
    lost = [bench.step(job) for job in jobs]
    ends = [bench.carry(job) for job in lost]
    assert {end.remote_id for end in ends} == {charge.job_id for charge in bench.service.charges}
    assert len(bench.service.charges) == 2


def test_twins_that_come_to_the_intent_together_get_a_picture_each(bench: Workbench) -> None:
    twins = [bench.carry(bench.job(), until=State.UPLOADED) for _ in range(2)]
    assert twins[0].assets == twins[1].assets
    digests = {bench.step(twin).input_digest for twin in twins}
    assert len(digests) == 2


def test_two_machines_with_one_key_find_their_own(tmp_path: Path) -> None:
    with Service() as service:
        machines = [Workbench(service, tmp_path / name) for name in ("here", "there")]
        found = [machine.carry(lost(machine), until=State.RUNNING) for machine in machines]
        assert [job.remote_id for job in found] == [charge.job_id for charge in service.charges]
        assert machines[0].carry(lost(machines[0], Fault.RESET)).state is State.UNCERTAIN
        for machine in machines:
            machine.close()


@pytest.mark.usefixtures("known_pictures")
def test_of_two_machines_equal_jobs_the_nearest_in_time_is_taken(bench: Workbench) -> None:
    bench.carry(bench.job())
    job = lost(bench)
    mine, other = bench.service.charges[-1].job_id, "job_of_another_machine"
    record = bench.service.jobs[mine]
    later = (datetime.now(UTC) + timedelta(minutes=9)).isoformat()
    page = {"jobs": [{**record, "jobId": other, "createdAt": later}, record]}
    bench.service.fail("GET", "/jobs$", Fault.STATUS, status=200, body=page)
    assert bench.step(job).remote_id == mine


# -- clocks


@pytest.mark.parametrize("hours", [-24 * 365, -25, 0, 25, 24 * 365])
def test_no_clock_keeps_a_job_with_pictures_of_its_own_from_being_found(bench: Workbench, hours: float) -> None:
    job = lost(bench)
    date_back(bench, hours)
    assert bench.carry(job, until=State.RUNNING).state is State.RUNNING


@pytest.mark.parametrize(("hours", "is_ours"), [(0, True), (23, True), (-23, True), (25, False), (24 * 365, False)])
@pytest.mark.usefixtures("known_pictures")
def test_an_old_job_with_an_input_that_others_share_is_not_ours(bench: Workbench, hours: float, is_ours: bool) -> None:
    bench.carry(bench.job())
    job = lost(bench)
    date_back(bench, hours)
    assert (bench.carry(job, until=State.RUNNING).state is State.RUNNING) is is_ours


@pytest.mark.parametrize(("hours", "is_ours"), [(0, True), (25, False)])
def test_without_pictures_time_has_to_fit(bench: Workbench, hours: float, is_ours: bool) -> None:
    job = bench.new_job()
    prompt = replace(job.order, pictures=(), values={"prompt": "a chair"})
    job = replace(job, order=prompt, state=State.UNCERTAIN, submitted_at=bench.env.now(), quote_cu=Decimal(1))
    bench.ledger.add(job)
    assert bench.ledger.claim_input(job)
    made_at = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
    record = {"jobId": "job_1", "status": "queued", "createdAt": made_at, "metadata": {"input": {"prompt": "a chair"}}}
    bench.service.fail("GET", "/jobs$", Fault.STATUS, status=200, body={"jobs": [record]})
    assert (bench.step(job).remote_id == "job_1") is is_ours


# -- what the user may say


def test_after_patient_looking_it_waits_for_the_user(bench: Workbench) -> None:
    held = bench.carry(lost(bench, Fault.RESET))
    assert (held.state, held.is_held) == (State.UNCERTAIN, True)
    assert held.error == (
        "No answer came when this was ordered, and it is not in Scenario's list of jobs: perhaps it never arrived. "
        "Look again, or submit it again, which may cost a second time."
    )
    assert bench.service.count("GET", "/jobs$") == 8


def test_looking_again_is_one_look(bench: Workbench, runner: Runner) -> None:
    held = bench.carry(lost(bench, Fault.RESET))
    before = bench.service.count("GET", "/jobs$")
    held = bench.carry(retry(held, bench.env))
    assert (held.is_held, bench.service.count("GET", "/jobs$")) == (True, before + 1)
    (again,) = runner.adopt(scope=held.scope, retry=True)
    (told,) = runner.run([again.id])
    assert (told.is_held, bench.service.count("GET", "/jobs$")) == (True, before + 2)


def test_looking_again_never_submits(bench: Workbench) -> None:
    held = bench.carry(lost(bench, Fault.RESET))
    before = bench.service.count("POST", GENERATE)
    for _ in range(3):
        held = bench.carry(retry(held, bench.env))
    assert (held.state, held.is_held) == (State.UNCERTAIN, True)
    assert bench.service.count("POST", GENERATE) == before


def test_submitting_again_makes_the_mesh(bench: Workbench, runner: Runner) -> None:
    held = bench.carry(lost(bench, Fault.RESET))
    runner.ask(held, submit_again)
    [end] = runner.run([held.id])
    assert (end.state, end.attempt) == (State.READY, 2)
    assert len(bench.service.charges) == 1


def test_submitting_again_looks_once_more_before(bench: Workbench, runner: Runner) -> None:
    held = replace(lost(bench), wait_s=None)
    bench.ledger.save(held)
    runner.ask(held, submit_again)
    [end] = runner.run([held.id])
    assert (end.state, end.attempt) == (State.READY, 1)
    assert len(bench.service.charges) == 1


@pytest.mark.parametrize("error", [ServerError("No.", status=503), NetworkError("Away.")])
def test_without_a_last_look_nothing_is_submitted_again(
    bench: Workbench, runner: Runner, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away(**options: Any) -> list[Any]:
        raise error

    held = bench.carry(lost(bench, Fault.RESET))
    monkeypatch.setattr(bench.client, "recent_jobs", away)
    runner.ask(held, submit_again)
    [still] = runner.run([held.id])
    assert (still.state, still.is_held, still.attempt) == (State.UNCERTAIN, True, 1)
    assert bench.service.charges == []


def test_an_answer_that_is_lost_twice_is_found_all_the_same(bench: Workbench) -> None:
    held = bench.carry(lost(bench, Fault.RESET))
    again = bench.carry(submit_again(held, bench.env), until=State.SUBMITTING)
    bench.service.fail("POST", GENERATE, Fault.LOST_ANSWER)
    assert bench.carry(bench.step(again)).state is State.READY
    assert len(bench.service.charges) == 1


@pytest.mark.parametrize("state", [state for state in State if state is not State.UNCERTAIN])
def test_only_what_is_in_doubt_can_be_submitted_again(bench: Workbench, state: State) -> None:
    with pytest.raises(InputError, match="ordered without an answer"):
        submit_again(replace(bench.job(), state=state), bench.env)


def test_what_is_cancelled_in_doubt_goes_on_counting_as_spent(bench: Workbench) -> None:
    job = bench.step(lost(bench, Fault.RESET))
    cancelled = cancel(job, bench.env)
    bench.ledger.save(cancelled)
    assert cancelled.state is State.CANCELLED
    assert bench.ledger.spent_cu(bench.new_job(), since=0.0) == Decimal("4.1")
