# SPDX-License-Identifier: GPL-3.0-or-later
"""The one request that is paid for: whatever becomes of its answer, it is charged at most once."""

from __future__ import annotations

import itertools
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from scenario_addon.engine.api import http as http_module
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.pipeline.actions import retry
from scenario_addon.engine.pipeline.steps import advance
from tests.engine.proxy import Proxy, answer
from tests.engine.workbench import Workbench
from tests.service import Fault

GENERATE = "/generate/custom/"
OTHER_VALUES = {"paint": False, "targetFaceNum": 101}


def intent(bench: Workbench, **order: Any) -> Job:
    """A job with the intent to submit in the ledger and nothing sent."""
    return bench.carry(bench.job(**order), until=State.SUBMITTING)


# -- an answer that says nothing leaves the job uncertain, and it is found without paying again


@pytest.mark.parametrize(
    ("fault", "options", "charges"),
    [
        (Fault.LOST_ANSWER, {}, 1),
        (Fault.GARBAGE, {}, 1),
        (Fault.TRUNCATED, {}, 1),
        (Fault.TRUNCATED, {"bytes": 0}, 1),
        (Fault.WRONG_TYPES, {}, 1),
        (Fault.MISSING, {}, 1),
        (Fault.ENDLESS, {}, 1),
        (Fault.GZIP_BOMB, {}, 1),
        (Fault.STATUS, {"status": 500, "work": True}, 1),
        (Fault.STATUS, {"status": 502, "body": "<html>502 Bad Gateway</html>", "work": True}, 1),
        (Fault.STATUS, {"status": 504, "body": "", "work": True}, 1),
        (Fault.STATUS, {"status": 408, "work": True}, 1),
        (Fault.STATUS, {"status": 200, "body": "", "work": True}, 1),
        (Fault.STATUS, {"status": 204, "body": "", "work": True}, 1),
        (Fault.REDIRECT, {"to": "http://127.0.0.1:9/elsewhere"}, 0),
        (Fault.RESET, {}, 0),
        (Fault.REFUSED, {}, 0),
        (Fault.STATUS, {"status": 500}, 0),
        (Fault.STATUS, {"status": 503, "body": "<html>"}, 0),
    ],
    ids=str,
)
def test_an_answer_that_says_nothing_is_charged_at_most_once(
    bench: Workbench, fault: Fault, options: dict[str, Any], charges: int
) -> None:
    job = intent(bench)
    bench.service.fail("POST", GENERATE, fault, **options)
    lost = bench.step(job)
    assert lost.state is State.UNCERTAIN
    assert lost.wait_s is not None
    assert len(bench.service.charges) == charges
    end = bench.carry(lost)
    assert end.state is (State.READY if charges else State.UNCERTAIN)
    assert [charge.job_id for charge in bench.service.charges] == [end.remote_id] * charges
    assert bench.service.count("POST", f"{GENERATE}.*") == 2  # the price, and once for the job


def test_a_silent_service_is_charged_once(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    job = intent(bench)
    bench.service.fail("POST", GENERATE, Fault.LOST_ANSWER, seconds=30)
    with monkeypatch.context() as hasty:
        hasty.setattr(http_module, "READ_TIMEOUT_S", 0.1)
        lost = bench.step(job)
    assert (lost.state, lost.error_kind) == (State.UNCERTAIN, "Unanswered")
    assert bench.carry(lost).state is State.READY
    assert len(bench.service.charges) == 1


@pytest.mark.parametrize("fault", [Fault.DRIP, Fault.HEADER_DRIP])
def test_an_answer_that_drips_is_lost_and_charged_once(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    job = intent(bench)
    bench.service.fail("POST", GENERATE, fault, bytes_per_s=20)
    with monkeypatch.context() as hasty:
        hasty.setattr(http_module, "ANSWER_TIMEOUT_S", 0.3)
        lost = bench.step(job)
    assert (lost.state, lost.error_kind) == (State.UNCERTAIN, "Unanswered")
    assert bench.carry(lost).state is State.READY
    assert len(bench.service.charges) == 1
    assert bench.service.count("POST", f"{GENERATE}.*") == 2  # the price, and once for the job


def test_a_service_that_never_read_it_is_not_charged(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    job = intent(bench)
    bench.service.fail("POST", GENERATE, Fault.TIMEOUT, seconds=30)
    monkeypatch.setattr(http_module, "READ_TIMEOUT_S", 0.1)
    lost = bench.step(job)
    monkeypatch.undo()
    held = bench.carry(lost)
    assert (held.state, held.is_held, bench.service.charges) == (State.UNCERTAIN, True, [])
    assert held.error is not None
    assert "may cost a second time" in held.error


# -- an answer that says no


@pytest.mark.parametrize(
    ("options", "wait_s"),
    [
        ({"body": {"reason": "Too many parallel jobs", "details": {"actionLimit": 4}}}, 30.0),
        ({"body": {"reason": "cooldown", "remainingSeconds": 517}}, 517.0),
        ({"body": {"message": "Too Many Requests"}, "headers": {"Retry-After": "12"}}, 12.0),
        ({"body": "", "headers": {"Retry-After": "0"}}, 1.0),
        ({"body": "<html>"}, 30.0),
    ],
)
def test_a_full_service_is_asked_again_after_the_wait(bench: Workbench, options: dict[str, Any], wait_s: float) -> None:
    job = intent(bench)
    bench.service.fail("POST", GENERATE, Fault.STATUS, status=429, times=2, **options)
    waiting = bench.step(job)
    assert (waiting.state, waiting.wait_s, waiting.error_kind) == (State.UPLOADED, wait_s, "RateLimited")
    assert bench.carry(waiting).state is State.READY
    assert len(bench.service.charges) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422])
def test_a_refusal_ends_the_job_with_the_services_reason(bench: Workbench, status: int) -> None:
    job = intent(bench)
    bench.service.fail("POST", GENERATE, Fault.STATUS, status=status, body={"reason": "Because of that"})
    failed = bench.step(job)
    assert (failed.state, failed.error, failed.is_paid) == (State.FAILED, "Because of that", False)
    assert bench.service.charges == []


def test_with_an_empty_account_a_job_waits_and_says_what_to_do(bench: Workbench) -> None:
    job = intent(bench)
    bench.service.fail("POST", GENERATE, Fault.STATUS, status=402, body={"reason": "Not enough creative units"})
    held = bench.step(job)
    assert (held.state, held.is_held, held.error_kind, held.is_paid) == (State.UPLOADED, True, "NoCredits", False)
    assert (held.submitted_at, bool(held.assets)) == (None, True)
    assert held.error is not None
    assert held.error.startswith("Not enough creative units. The account has no credits left: ")
    assert bench.service.charges == []
    assert advance(bench.retry(held), bench.env).error_kind == "NoCredits", "without asking again"
    assert bench.carry(retry(held, bench.env)).state is State.READY


def test_a_refused_key_keeps_the_job_for_a_better_one(bench: Workbench) -> None:
    job = intent(bench)
    bench.service.fail("POST", GENERATE, Fault.STATUS, status=401)
    held = bench.step(job)
    assert (held.state, held.is_held, held.error_kind) == (State.UPLOADED, True, "AuthError")
    assert bench.carry(bench.retry(held)).state is State.READY
    assert len(bench.service.charges) == 1


@pytest.mark.parametrize("status", [400, 404])
def test_a_picture_that_the_service_lost_is_sent_again_for_the_next_job(bench: Workbench, status: int) -> None:
    assert bench.carry(bench.job()).state is State.READY
    second = intent(bench, values=OTHER_VALUES)
    bench.service.fail("POST", GENERATE, Fault.STATUS, status=status, body={"reason": "Asset not found"})
    assert bench.step(second).state is State.FAILED
    assert bench.service.count("POST", "/assets$") == 1
    assert bench.carry(bench.job(values=OTHER_VALUES)).state is State.READY
    assert bench.service.count("POST", "/assets$") == 2


def test_a_service_that_cannot_be_reached_is_tried_less_and_less_often(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = intent(bench)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # nothing listens there: it never leaves this machine
    waits: list[float] = []
    for _ in range(4):
        job = bench.step(job)
        assert (job.state, job.error_kind) == (State.UPLOADED, "NetworkError")
        waits.append(job.wait_s or 0.0)
        job = bench.step(job)
        assert job.state is State.SUBMITTING
    assert job.failures == 4
    assert all(later > sooner for sooner, later in itertools.pairwise(waits))
    monkeypatch.delenv("HTTP_PROXY")
    assert bench.carry(job).state is State.READY
    assert len(bench.service.charges) == 1


@pytest.mark.parametrize(
    "refusal",
    [None, answer("407 Proxy Authentication Required", "Proxy-Authenticate: NTLM")],
    ids=["wants a password", "wants what is not supported"],
)
def test_a_proxy_that_keeps_back_what_is_paid_for_has_cost_nothing(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, refusal: bytes | None
) -> None:
    job = intent(bench)
    with Proxy(login=("zoe", "hush"), answers=refusal) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        job = bench.step(job)
        assert (job.state, job.error_kind) == (State.UPLOADED, "NetworkError")
        assert str(job.error).startswith(f"The proxy {proxy.address} ")
    monkeypatch.delenv("HTTP_PROXY")
    assert bench.carry(job).state is State.READY
    assert len(bench.service.charges) == 1


# -- a lost job is found, and is nobody else's


@pytest.mark.parametrize(
    "other",
    [{"values": OTHER_VALUES}, {"colour": "#123456"}],
    ids=["other values", "other picture"],
)
def test_a_job_with_another_input_is_not_ours(bench: Workbench, other: dict[str, Any]) -> None:
    bench.service.fail("POST", GENERATE, Fault.LOST_ANSWER, after=1)
    abandoned = bench.carry(bench.job(**other), until=State.UNCERTAIN)
    bench.ledger.remove(abandoned.id)
    job = intent(bench)
    bench.service.fail("POST", GENERATE, Fault.RESET)
    assert bench.carry(bench.step(job)).state is State.UNCERTAIN


def test_fractions_and_lists_are_recognized(bench: Workbench) -> None:
    job = intent(bench, values={"paint": False, "targetFaceNum": 100, "guidanceScale": 1.1})
    bench.service.fail("POST", GENERATE, Fault.LOST_ANSWER)
    assert bench.carry(bench.step(job)).state is State.READY


@pytest.mark.parametrize("created_at", ["", "yesterday", None, 7])
def test_a_date_that_cannot_be_read_is_no_reason_to_lose_a_paid_job(bench: Workbench, created_at: Any) -> None:
    job = intent(bench)
    bench.service.fail("POST", GENERATE, Fault.LOST_ANSWER)
    lost = bench.step(job)
    page = {"jobs": [{**run.record, "createdAt": created_at} for run in bench.service._runs.by_id.values()]}
    page["jobs"][0]["billing"] = {}
    bench.service.fail("GET", "/jobs$", Fault.STATUS, status=200, body=page)
    assert bench.step(lost).state is State.RUNNING


def test_trouble_while_looking_is_no_answer(bench: Workbench) -> None:
    job = intent(bench)
    bench.service.fail("POST", GENERATE, Fault.LOST_ANSWER)
    lost = bench.step(job)
    bench.service.fail("GET", "/jobs$", Fault.STATUS, status=503, times=3)
    still = bench.step(lost)
    assert (still.state, still.error_kind) == (State.UNCERTAIN, "ServerError")
    assert bench.carry(still).state is State.READY


def test_a_process_that_dies_between_intent_and_answer_is_charged_once(bench: Workbench) -> None:
    job = intent(bench)
    advance(job, bench.env)  # charged, and dead before it could write that down
    bench.ledger.close()
    bench.ledger = Ledger(bench.folder / "state")
    bench.env = replace(bench.env, ledger=bench.ledger)
    found = bench.ledger.claim(job.id)
    assert found is not None
    assert found.state is State.UNCERTAIN
    end = bench.carry(found)
    assert (end.state, end.billed_cu) == (State.READY, Decimal("4.1"))
    assert [charge.job_id for charge in bench.service.charges] == [end.remote_id]


@pytest.mark.parametrize(("age_s", "is_asked"), [(60.0, False), (121.0, True), (-3600.0, True)])
def test_a_price_holds_for_two_minutes(bench: Workbench, age_s: float, is_asked: bool) -> None:
    job = bench.carry(bench.job(max_cost_cu=Decimal(25)), until=State.UPLOADED)
    assert job.quoted_at is not None
    bench.service.set_price_factor(8)
    later = replace(bench.env, now=lambda: job.quoted_at + age_s)
    claimed = advance(job, later)
    if is_asked:
        assert (claimed.state, claimed.quote_cu, claimed.is_held) == (State.UPLOADED, Decimal("32.8"), True)
        assert claimed.notice == "The price has risen from 4.1 CU to 32.8 CU."
    else:
        assert (claimed.state, claimed.quote_cu) == (State.SUBMITTING, Decimal("4.1"))
