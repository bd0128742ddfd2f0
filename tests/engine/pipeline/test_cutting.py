# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture that the service cuts out first: one more submission of the same job, with the guarantees of a mesh."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image

from scenario_addon.engine.cut_out import CUT_OUT_MODEL
from scenario_addon.engine.errors import InputError, Rejected
from scenario_addon.engine.ledger.job import CUT_OUT_WORDS, Job, State
from scenario_addon.engine.pipeline.actions import cancel, fetch_again, retry, submit_again
from scenario_addon.engine.pipeline.budget import Budget
from scenario_addon.engine.pipeline.pricing import Prices, cut_out_price
from scenario_addon.engine.values import AssetId
from tests.engine.orders import FAST_MODEL, draw_picture, sample_order
from tests.engine.workbench import Workbench
from tests.service import Fault

CUT_OUT_CU, MESH_CU = Decimal("1.5"), Decimal("4.1")
TOTAL_CU = CUT_OUT_CU + MESH_CU
CUT_OUT = f"/generate/custom/{CUT_OUT_MODEL}"
MESH = f"/generate/custom/{FAST_MODEL}"
OTHER_VALUES = {"paint": False, "targetFaceNum": 101}


def bought(bench: Workbench) -> list[str]:
    """Which models were paid for, in order."""
    return [charge.model_id for charge in bench.service.charges]


def is_cut(job: Job) -> bool:
    return job.cut_outs_done == 1


def cutting(job: Job) -> bool:
    return job.state is State.RUNNING and job.cut_out is not None


def at(bench: Workbench, state: State, **order: Any) -> Job:
    """A job that is so far on the way to its cut-out picture."""
    return bench.carry(bench.cut_job(**order), until=lambda job: job.state is state and not job.cut_outs_done)


def day_sum(bench: Workbench) -> Decimal:
    """What the ledger says was spent, asked for by another job."""
    return bench.ledger.spent_cu(bench.new_job(), since=0.0)


# -- the way to a mesh


def test_the_mesh_is_made_of_what_was_cut_out_for_one_charge_each(bench: Workbench) -> None:
    done = bench.carry(bench.cut_job())
    assert (done.state, done.error) == (State.READY, None)
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL]
    [cut_out, mesh] = [bench.service.jobs[charge.job_id] for charge in bench.service.charges]
    [picture] = done.order.images()
    assert cut_out["metadata"]["input"]["image"] == done.assets[picture.sha256]
    assert mesh["metadata"]["input"]["image"] == done.assets[picture.asset_key] == cut_out["metadata"]["assetIds"][0]
    assert done.remote_id == mesh["jobId"]


def test_what_is_asked_of_the_service_is_the_subject_alone_without_a_shadow(bench: Workbench) -> None:
    bench.carry(bench.cut_job())
    sent = bench.service.jobs[bench.service.charges[0].job_id]["metadata"]["input"]
    assert {name: sent[name] for name in ("hdBackgroundRemoval", "shadowMode")} == {
        "hdBackgroundRemoval": False,
        "shadowMode": "",
    }


def test_what_was_cut_out_is_kept_to_be_looked_at(bench: Workbench) -> None:
    job = bench.cut_job()
    [picture] = job.order.images()
    path = bench.ledger.cut_outs.path(job.scope, picture.sha256)
    assert not path.exists()
    bench.carry(job, until=is_cut)
    with Image.open(path) as shown:
        assert (shown.mode, shown.size) == ("RGBA", (64, 48))
        assert [shown.getpixel(place)[3] for place in ((1, 1), (32, 24))] == [0, 255]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_job_says_that_its_picture_is_being_cut_out(bench: Workbench) -> None:
    job = at(bench, State.RUNNING)
    assert job.words == CUT_OUT_WORDS[State.RUNNING]
    assert bench.carry(job).words == "done"


def test_each_of_several_pictures_is_cut_out_once(bench: Workbench) -> None:
    images = [
        replace(draw_picture(bench.folder / f"{c}.png", colour=c, ground="#eeeeee"), is_to_be_cut_out=is_cut)
        for c, is_cut in (("#be5a28", True), ("#285abe", True), ("#28be5a", False))
    ]
    order = sample_order(
        *images, images[0], folder=bench.output, model_id="model_yvo3d-image-to-3d", input_name="images", is_list=True
    )
    job = replace(bench.new_job(), order=replace(order, values={}))
    bench.ledger.add(job)
    done = bench.carry(job)
    assert (done.state, done.error) == (State.READY, None)
    assert bought(bench) == [CUT_OUT_MODEL] * 2 + ["model_yvo3d-image-to-3d"]
    assert done.billed_cu == sum(charge.cost_cu for charge in bench.service.charges) == day_sum(bench)


# -- what it costs


def test_the_price_of_a_cut_out_is_asked_for_by_a_dry_run(bench: Workbench) -> None:
    assert cut_out_price(bench.client) == CUT_OUT_CU
    assert bought(bench) == []


def test_the_price_of_a_job_has_its_cut_out_in_it_and_so_has_what_it_cost(bench: Workbench) -> None:
    job = bench.step(bench.cut_job())
    assert (job.state, job.quote_cu) == (State.NEW, TOTAL_CU)
    spent = [(job.state, job.counted_cu) for job in steps(bench, job)]
    assert spent[-1] == (State.READY, TOTAL_CU)
    assert [cost for _, cost in spent] == sorted(cost for _, cost in spent)
    done = bench.ledger.get(job.id)
    assert done is not None
    assert (done.billed_cu, done.quote_cu, day_sum(bench)) == (TOTAL_CU, TOTAL_CU, TOTAL_CU)


def steps(bench: Workbench, job: Job) -> list[Job]:
    seen = [job]
    while not seen[-1].is_settled:
        seen.append(bench.step(seen[-1]))
    return seen


def test_prices_are_shared_by_all_that_ask_for_the_like(bench: Workbench) -> None:
    bench.env = replace(bench.env, prices=Prices())
    for colour in ("#be5a28", "#285abe"):
        assert bench.step(bench.cut_job(colour=colour)).quote_cu == TOTAL_CU
    assert (bench.service.count("POST", CUT_OUT), bench.service.count("POST", MESH)) == (1, 1)


def test_a_limit_that_the_mesh_alone_would_keep_keeps_the_picture_from_being_cut_out(bench: Workbench) -> None:
    held = bench.carry(bench.cut_job(max_cost_cu=MESH_CU))
    assert (held.is_held, held.error_kind) == (True, "BudgetError")
    assert held.error == "It costs 5.6 CU, and at most 4.1 CU may be spent on a job."
    assert bought(bench) == []
    assert bench.carry(bench.cut_job(max_cost_cu=TOTAL_CU, colour="#123456")).state is State.READY


@pytest.mark.parametrize(("limit_cu", "is_made"), [(TOTAL_CU, True), (TOTAL_CU - 1, False)])
def test_a_days_limit_counts_the_whole_job_once(bench: Workbench, limit_cu: Decimal, is_made: bool) -> None:
    bench.env = replace(bench.env, budget=Budget(day_limit_cu=limit_cu))
    end = bench.carry(bench.cut_job())
    assert end.state is State.READY if is_made else end.error_kind == "BudgetError"
    assert bought(bench) == ([CUT_OUT_MODEL, FAST_MODEL] if is_made else [])


def test_a_runs_limit_counts_the_whole_job_once(bench: Workbench) -> None:
    bench.env = replace(bench.env, budget=Budget(2 * TOTAL_CU - 1))
    first = bench.carry(bench.cut_job())
    bench.env.budget.settle(first)
    second = bench.carry(bench.cut_job(colour="#123456"))
    assert (first.state, second.error_kind) == (State.READY, "BudgetError")
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL]


def test_a_mesh_whose_price_has_risen_beyond_the_limit_is_not_ordered_and_the_cut_out_is_kept(
    bench: Workbench,
) -> None:
    cut = bench.carry(bench.cut_job(max_cost_cu=TOTAL_CU), until=is_cut)
    bench.service.set_price_factor(3)
    held = bench.carry(replace(cut, quoted_at=None))
    assert (held.is_held, held.error_kind, held.quote_cu) == (True, "BudgetError", CUT_OUT_CU + 3 * MESH_CU)
    assert (held.billed_cu, day_sum(bench)) == (CUT_OUT_CU, CUT_OUT_CU)
    bench.service.set_price_factor(1)
    done = bench.carry(replace(retry(held, bench.env), quoted_at=None))
    assert (done.state, done.billed_cu, bought(bench)) == (State.READY, TOTAL_CU, [CUT_OUT_MODEL, FAST_MODEL])


def test_a_service_that_wants_to_see_the_picture_first_names_the_price_then(bench: Workbench) -> None:
    bench.service.fail("POST", CUT_OUT, Fault.STATUS, status=400, body={"reason": "Asset not found"})
    done = bench.carry(bench.cut_job())
    assert (done.state, done.quote_cu) == (State.READY, TOTAL_CU)


def test_a_model_that_cannot_be_had_is_told_before_anything_is_paid(bench: Workbench) -> None:
    bench.service.fail("POST", CUT_OUT, Fault.STATUS, status=404, body={"reason": "Model not found"}, times=None)
    failed = bench.carry(bench.cut_job())
    assert failed.state is State.FAILED
    assert (failed.error or "").startswith("The service cannot cut pictures out: ")
    assert bought(bench) == []
    with pytest.raises(Exception, match="cannot cut pictures out"):
        cut_out_price(bench.client)


# -- the same picture again


def test_the_same_picture_is_cut_out_once_for_all_orders_of_a_project(bench: Workbench) -> None:
    first = bench.carry(bench.cut_job())
    second = bench.carry(bench.cut_job(values=OTHER_VALUES))
    assert second.state is State.READY
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL, FAST_MODEL]
    [key] = [image.asset_key for image in first.order.images()]
    assert second.assets[key] == first.assets[key]
    assert (second.quote_cu, second.billed_cu) == (second.billed_cu, bench.service.charges[-1].cost_cu)
    assert bench.service.count("POST", "/assets$") == 1


def test_what_was_cut_out_outlives_the_job_that_paid(bench: Workbench) -> None:
    bench.ledger.remove(bench.carry(bench.cut_job()).id)
    bench.carry(bench.cut_job())
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL, FAST_MODEL]


def test_what_the_service_no_longer_has_is_cut_out_anew_for_the_next_order(bench: Workbench) -> None:
    done = bench.carry(bench.cut_job())
    [picture] = done.order.images()
    del bench.service._store.assets[done.assets[picture.asset_key]]
    assert bench.carry(bench.cut_job(values=OTHER_VALUES)).state is State.FAILED
    assert bench.carry(bench.cut_job(values=OTHER_VALUES)).state is State.READY
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL] * 2


def test_an_order_that_is_refused_for_its_settings_does_not_cost_the_cut_out(bench: Workbench) -> None:
    bench.service.fail("POST", MESH, Fault.STATUS, status=400, body={"reason": "Parameter seed is not valid"}, after=1)
    assert bench.carry(bench.cut_job()).state is State.FAILED
    assert bench.carry(bench.cut_job()).state is State.READY
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL]


def test_the_same_order_again_makes_another_mesh_of_the_same_cut_out(bench: Workbench) -> None:
    first, second = (bench.carry(bench.cut_job()) for _ in range(2))
    assert (first.state, second.state) == (State.READY, State.READY)
    assert first.remote_id != second.remote_id
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL, FAST_MODEL]


def test_two_jobs_at_once_pay_for_one_cut_out(bench: Workbench) -> None:
    jobs = [bench.cut_job(), bench.cut_job(values=OTHER_VALUES)]
    for _ in range(40):
        jobs = [job if job.is_settled else bench.step(job) for job in jobs]
    assert [job.state for job in jobs] == [State.READY] * 2
    assert sorted(bought(bench)) == sorted([CUT_OUT_MODEL, FAST_MODEL, FAST_MODEL])
    assert sum(job.billed_cu or 0 for job in jobs) == sum(charge.cost_cu for charge in bench.service.charges)
    assert day_sum(bench) == sum(charge.cost_cu for charge in bench.service.charges)


def test_a_picture_that_another_job_may_have_had_cut_out_is_not_paid_for_again(bench: Workbench) -> None:
    bench.service.fail("POST", CUT_OUT, Fault.RESET, after=1)
    lost = bench.carry(bench.cut_job())
    assert (lost.state, lost.is_held) == (State.UNCERTAIN, True)
    other = bench.carry(bench.cut_job(values=OTHER_VALUES))
    assert (other.is_held, other.error_kind) == (True, "LedgerInDoubt")
    assert "may be paid for" in (other.error or "")
    assert bought(bench) == []
    bench.ledger.save(cancel(lost, bench.env))
    assert bench.carry(retry(other, bench.env)).state is State.READY
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL]


def test_a_job_that_is_held_before_it_pays_does_not_keep_others_from_it(bench: Workbench) -> None:
    first = at(bench, State.SUBMITTING)
    bench.service.fail("POST", CUT_OUT, Fault.STATUS, status=402, body={"reason": "Not enough creative units"})
    assert bench.carry(first).is_held
    bench.env.budget.empty = None
    assert bench.carry(bench.cut_job(values=OTHER_VALUES)).state is State.READY
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL]


def test_what_a_cancelled_job_has_paid_for_is_the_next_ones(bench: Workbench) -> None:
    running = at(bench, State.RUNNING)
    bench.ledger.save(cancel(running, bench.env))
    done = bench.carry(bench.cut_job())
    assert (done.state, done.billed_cu) == (State.READY, MESH_CU)
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL]
    assert day_sum(bench) == TOTAL_CU


# -- what goes wrong


@pytest.mark.parametrize("is_refundable", [True, False])
def test_a_cut_out_that_fails_is_told_in_one_sentence_and_nothing_more_is_ordered(
    bench: Workbench, is_refundable: bool
) -> None:
    bench.service.fail_job("The provider found no subject.", "Try a plain ground.", disable_refund=not is_refundable)
    failed = bench.carry(bench.cut_job())
    assert (failed.state, failed.error_kind, failed.hint) == (State.FAILED, "GenerationFailed", "Try a plain ground.")
    assert failed.error == "opaque #be5a28.png could not be cut out: The provider found no subject."
    assert bought(bench) == [CUT_OUT_MODEL]
    assert failed.billed_cu == day_sum(bench) == (0 if is_refundable else CUT_OUT_CU)
    assert bench.carry(bench.cut_job()).state is State.READY
    assert bought(bench) == [CUT_OUT_MODEL] * 2 + [FAST_MODEL]


def test_a_mesh_that_fails_has_cost_what_its_picture_did(bench: Workbench) -> None:
    cut = bench.carry(bench.cut_job(), until=is_cut)
    bench.service.fail_job("Too dark.")
    failed = bench.carry(cut)
    assert (failed.state, failed.error, failed.billed_cu) == (State.FAILED, "Too dark.", CUT_OUT_CU)
    assert day_sum(bench) == CUT_OUT_CU


def test_a_picture_of_which_nothing_is_left_is_not_sent_to_the_model(bench: Workbench) -> None:
    job = at(bench, State.RUNNING)
    job = bench.carry(job, until=lambda job: job.cut_out is not None and bool(job.cut_out.result_ids))
    assert job.cut_out is not None
    path = bench.folder / "nothing.png"
    Image.new("RGBA", (64, 48)).save(path)
    blob = bench.service._store.blobs[job.cut_out.result_ids[0]]
    bench.service._store.blobs[job.cut_out.result_ids[0]] = replace(blob, data=path.read_bytes())
    failed = bench.carry(job)
    assert failed.state is State.FAILED
    assert (failed.error or "").startswith("opaque #be5a28.png could not be cut out: Nothing is left of it")
    again = bench.carry(bench.cut_job())
    assert (again.state, bought(bench)) == (State.FAILED, [CUT_OUT_MODEL])


def test_a_copy_that_cannot_be_had_does_not_keep_the_mesh_from_being_made(bench: Workbench) -> None:
    bench.service.fail("GET", "^/assets/", Fault.GARBAGE, times=4)
    job = bench.carry(bench.cut_job())
    assert job.state is State.READY
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL]


def test_an_account_that_is_empty_is_told_and_nothing_is_ordered_until_it_is_filled(bench: Workbench) -> None:
    job = at(bench, State.SUBMITTING)
    bench.service.fail("POST", CUT_OUT, Fault.STATUS, status=402, body={"reason": "Not enough creative units"})
    held = bench.carry(job)
    assert (held.state, held.is_held, held.error_kind) == (State.UPLOADED, True, "NoCredits")
    assert (bought(bench), day_sum(bench)) == ([], 0)
    assert bench.carry(retry(held, bench.env)).state is State.READY
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL]


def test_a_picture_that_is_refused_fails_the_job_and_is_sent_anew_for_the_next(bench: Workbench) -> None:
    bench.service.fail("POST", CUT_OUT, Fault.STATUS, status=400, body={"reason": "Parameter image"}, after=1)
    failed = bench.carry(bench.cut_job())
    assert (failed.state, failed.error_kind) == (State.FAILED, Rejected.__name__)
    assert (failed.error or "").startswith("opaque #be5a28.png could not be cut out: ")
    assert bench.carry(bench.cut_job()).state is State.READY
    assert bench.service.count("POST", "/assets$") == 2


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.GARBAGE, Fault.TRUNCATED])
@pytest.mark.parametrize("which", [CUT_OUT, MESH])
def test_a_lost_answer_is_found_and_nothing_is_paid_twice(bench: Workbench, fault: Fault, which: str) -> None:
    bench.service.fail("POST", which, fault, after=1)
    done = bench.carry(bench.cut_job())
    assert (done.state, done.billed_cu) == (State.READY, TOTAL_CU)
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL]


def test_a_lost_answer_is_found_where_the_service_leaves_out_what_is_empty(bench: Workbench) -> None:
    bench.service.fail("POST", CUT_OUT, Fault.LOST_ANSWER, after=1)
    lost = at(bench, State.UNCERTAIN)
    [run] = bench.service._runs.by_id.values()
    del run.record["metadata"]["input"]["shadowMode"]
    assert bench.carry(lost).state is State.READY
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL]


def test_a_cut_out_that_never_arrived_is_held_and_submitted_again_only_by_the_user(bench: Workbench) -> None:
    bench.service.fail("POST", CUT_OUT, Fault.RESET, after=1)
    lost = bench.carry(bench.cut_job())
    assert (lost.state, lost.is_held, lost.words) == (State.UNCERTAIN, True, CUT_OUT_WORDS[State.UNCERTAIN])
    assert (lost.counted_cu, day_sum(bench)) == (CUT_OUT_CU, CUT_OUT_CU), "it may have cost that, and no mesh"
    again = submit_again(lost, bench.env)
    bench.ledger.save(again)
    done = bench.carry(again)
    assert (done.state, done.attempt, done.billed_cu) == (State.READY, 2, TOTAL_CU)
    assert bought(bench) == [CUT_OUT_MODEL, FAST_MODEL]


def test_a_picture_that_was_sent_to_be_cut_out_before_is_sent_under_an_id_of_its_own(bench: Workbench) -> None:
    bench.service.fail_job("Not today.")
    bench.carry(bench.cut_job())
    bench.service.fail("POST", CUT_OUT, Fault.RESET, after=1)
    lost = bench.carry(bench.cut_job())
    assert (lost.state, bought(bench)) == (State.UNCERTAIN, [CUT_OUT_MODEL]), "the failed one is not taken for it"


# -- what the user does


def test_a_job_that_is_cancelled_while_its_picture_is_cut_out_has_no_mesh_to_fetch(bench: Workbench) -> None:
    cancelled = cancel(at(bench, State.RUNNING), bench.env)
    assert (cancelled.state, cancelled.billed_cu, cancelled.is_in_doubt) == (State.CANCELLED, CUT_OUT_CU, False)
    with pytest.raises(InputError):
        fetch_again(cancelled, bench.env, target={})


def test_a_cut_out_in_doubt_that_is_given_up_may_have_cost_its_price(bench: Workbench) -> None:
    bench.service.fail("POST", CUT_OUT, Fault.LOST_ANSWER, after=1)
    uncertain = at(bench, State.UNCERTAIN)
    given_up = cancel(uncertain, bench.env)
    assert (given_up.billed_cu, given_up.is_in_doubt) == (CUT_OUT_CU, True)


def test_an_asset_of_a_former_record_is_still_its_picture(bench: Workbench) -> None:
    job = bench.carry(bench.job(), until=State.UPLOADED)
    [picture] = job.order.images()
    assert job.assets == {picture.asset_key: AssetId(job.order.body(job.assets)["image"])}
