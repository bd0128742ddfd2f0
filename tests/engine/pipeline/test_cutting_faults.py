# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault at every request of a picture that is cut out: it ends well or says what to do, and is paid for once."""

from __future__ import annotations

import re
from typing import Final

import pytest

from scenario_addon.engine.api import http as http_module
from scenario_addon.engine.cut_out import CUT_OUT_MODEL
from scenario_addon.engine.fetch import endless as endless_module
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.pipeline.actions import retry, submit_again
from tests.engine.orders import FAST_MODEL
from tests.engine.troubles import CELLS, UNREACHABLE, Cell, End, Step, Trouble
from tests.engine.workbench import Workbench
from tests.service import Fault

pytestmark = pytest.mark.slow

MOST_BYTES: Final = 1_000_000
CUT_OUT: Final = f"/generate/custom/{CUT_OUT_MODEL}"
LOST: Final = ("POST", CUT_OUT, Fault.LOST_ANSWER, 1, {})
STEPS: Final = (
    Step("price", "POST", CUT_OUT),
    Step("submit", "POST", CUT_OUT, after=1),
    Step("look", "GET", "/v1/jobs$", first=LOST, is_paid=True),
    Step("poll", "GET", "/v1/jobs/", is_paid=True),
    Step("results", "POST", "/v1/assets/get-bulk", is_paid=True),
    Step("download", "GET", "^/assets/", is_paid=True, is_at_host=True),
)
TROUBLES: Final = tuple(
    trouble
    for trouble in {cell.trouble.name: cell.trouble for cell in CELLS}.values()
    if trouble.fault != UNREACHABLE and not trouble.is_slow
)
PAIRS: Final = [
    (step, trouble)
    for step in STEPS
    for trouble in TROUBLES
    if not (step.is_at_host and trouble.fault is Fault.WRONG_TYPES) and (not trouble.at or step.name in trouble.at)
]


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "MOST_ANSWER_BYTES", MOST_BYTES)
    monkeypatch.setattr(endless_module, "MOST_BYTES", MOST_BYTES)


@pytest.mark.parametrize(
    ("step", "trouble"), [pytest.param(*pair, id=f"{pair[0].name}-{pair[1].name}") for pair in PAIRS]
)
def test_a_picture_whose_cutting_out_meets_a_fault_is_paid_for_once(
    bench: Workbench, step: Step, trouble: Trouble
) -> None:
    plan(bench, step, trouble)
    job = bench.carry(bench.cut_job(), steps=100)
    bench.service.forget_faults()
    if step.name == "submit":
        check_submission(bench, job, Cell(step, trouble, lasts=False).end)
    if step.is_at_host:
        assert job.state is State.READY
    if job.state is not State.READY:
        check_sentence(job.error or "")
        job = go_on(bench, job)
    assert (job.state, job.error) == (State.READY, None)
    assert [charge.model_id for charge in bench.service.charges] == [CUT_OUT_MODEL, FAST_MODEL]


def plan(bench: Workbench, step: Step, trouble: Trouble) -> None:
    if step.first is not None:
        method, path, fault, after, options = step.first
        bench.service.fail(method, path, fault, after=after, **options)
    assert isinstance(trouble.fault, Fault)
    options = {**trouble.options, **({"to": "http://127.0.0.1:9/"} if "to" in trouble.options else {})}
    bench.service.fail(step.method, step.path, trouble.fault, after=step.after, **options)


def check_submission(bench: Workbench, job: Job, end: End) -> None:
    """It ends as the submission of a mesh would."""
    charges = len(bench.service.charges)
    match end:
        case End.DELIVERED:
            assert (job.state, charges) == (State.READY, 2)
        case End.HELD:
            assert (job.state, job.is_held, charges) == (State.UPLOADED, True, 0)
        case End.REFUSED:
            assert (job.state, charges) == (State.FAILED, 0)
        case End.LOST:
            assert (job.state, job.is_held, charges) == (State.UNCERTAIN, True, 0)
        case _:
            raise AssertionError(end)


def go_on(bench: Workbench, job: Job) -> Job:
    """What the user does: try again, submit again what never arrived, or order anew what was refused."""
    if job.state is State.FAILED:
        return bench.carry(bench.cut_job())
    assert job.is_held
    bench.env.budget.empty = None
    job = submit_again(job, bench.env) if job.state is State.UNCERTAIN else retry(job, bench.env)
    bench.ledger.save(job)
    return bench.carry(job)


def check_sentence(told: str) -> None:
    assert 15 < len(told) < 400, told
    assert not re.search(r"Traceback|Errno|Error\(|HTTPConnection|[<>{}]|None|unexpected", told), told
