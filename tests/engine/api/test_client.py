# SPDX-License-Identifier: GPL-3.0-or-later
"""The client against the stand-in: prices, submissions, statuses, lists and results."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.api.client import PART_BYTES, ScenarioClient, UploadTicket, placeholders
from scenario_addon.engine.api.http import Http
from scenario_addon.engine.errors import AuthError, NotFound, PictureError, ProtocolError, Rejected
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.values import AssetId, Credentials, ModelId, RemoteJobId, SourceImage
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import MakeHttp
from tests.engine.orders import FAST_MODEL, FAST_VALUES, draw_picture
from tests.engine.workbench import Workbench
from tests.service import Fault, Service

MODEL = ModelId(FAST_MODEL)
REMOTE = RemoteJobId("job_1")


@pytest.fixture
def picture(bench: Workbench) -> SourceImage:
    return draw_picture(bench.folder / "chair.png")


def told(http_to: MakeHttp, answer: Any) -> ScenarioClient:
    """A client whose every question gets this answer."""
    host = CannedHost(canned(body=json.dumps(answer).encode()))
    host.__enter__()
    return ScenarioClient(http_to(host.origin))


# -- key and models


def test_a_good_key_passes(bench: Workbench) -> None:
    bench.client.check_key()
    assert bench.service.requests[0].query == {"privacy": "public", "pageSize": "1"}


def test_a_wrong_key_is_refused(service: Service) -> None:
    wrong = ScenarioClient(Http(Credentials(service.key, "wrong", base_url=service.base_url), user_agent="tests"))
    with pytest.raises(AuthError):
        wrong.check_key()
    wrong.close()


def test_the_service_says_how_many_jobs_may_run_at_once(bench: Workbench) -> None:
    assert bench.client.parallel_jobs() == 8


@pytest.mark.parametrize(("project", "team"), [("proj_b", "team_b"), ("proj_none", "team_a"), (None, "team_a")])
def test_of_several_teams_the_projects_own_is_asked(http_to: MakeHttp, project: str | None, team: str) -> None:
    teams = {"teams": [{"id": "team_a", "projects": []}, {"id": "team_b", "projects": [{"id": "proj_b"}]}]}
    answers = [canned(body=json.dumps(body).encode()) for body in (teams, {"limits": {"parallelCustomJobs": 3}})]
    with CannedHost(*answers) as host:
        assert ScenarioClient(http_to(host.origin)).parallel_jobs(project) == 3
    assert f"/teams/{team}/limits ".encode() in host.requests[-1]


@pytest.mark.parametrize("answer", [{"teams": []}, {"teams": [{"id": "t"}]}])
def test_where_the_service_does_not_say_how_many_nobody_knows(http_to: MakeHttp, answer: Any) -> None:
    assert told(http_to, answer).parallel_jobs() is None


def test_the_service_says_which_plan_the_account_has(bench: Workbench) -> None:
    assert bench.client.plan() == "cu-pro"


@pytest.mark.parametrize("answer", [{"teams": []}, {"teams": [{"id": "t"}]}, {"teams": [{"id": "t", "plan": 7}]}])
def test_where_the_service_does_not_say_which_plan_nobody_knows(http_to: MakeHttp, answer: Any) -> None:
    assert told(http_to, answer).plan() is None


def test_all_pages_of_models_are_read(bench: Workbench) -> None:
    assert FAST_MODEL in {record.id for record in bench.client.models()}


def test_a_list_that_repeats_its_token_ends(http_to: MakeHttp) -> None:
    client = told(http_to, {"models": [{"id": "model_a"}], "nextPaginationToken": "same"})
    assert [record.id for record in client.models()] == ["model_a", "model_a"]


def test_a_list_without_end_is_given_up(http_to: MakeHttp) -> None:
    pages = (json.dumps({"models": [{"id": "model_a"}], "nextPaginationToken": str(n)}).encode() for n in count())
    with CannedHost(lambda request: canned(body=next(pages))) as host:
        client = ScenarioClient(http_to(host.origin))
        with pytest.raises(ProtocolError, match="no end"):
            list(client.models())
    assert len(host.requests) == 100


def test_an_unknown_model_is_not_found(bench: Workbench) -> None:
    with pytest.raises(NotFound):
        bench.client.model(ModelId("model_none"))


def test_an_id_cannot_leave_its_place_in_the_path(bench: Workbench) -> None:
    with pytest.raises(NotFound):
        bench.client.model(ModelId("../jobs?x=ä #"))
    assert bench.service.requests[-1].path == "/v1/models/..%2Fjobs%3Fx%3D%C3%A4%20%23"


# -- the price


def test_the_dry_run_stands_in_the_query_and_costs_nothing(bench: Workbench, picture: SourceImage) -> None:
    body = {**FAST_VALUES, "image": placeholders([picture])[picture.sha256]}
    assert bench.client.quote(MODEL, body) == Decimal("4.1")
    request = bench.service.requests[-1]
    assert (request.query, request.json(), request.status) == ({"dryRun": "true"}, body, 269)
    assert bench.service.charges == []


@pytest.mark.parametrize(
    ("stated", "cost_cu"),
    [
        (7.25, Decimal("7.25")),
        (0.1, Decimal("0.1")),
        (105, Decimal(105)),
        (0, Decimal(0)),
        ("12.5", Decimal("12.5")),
        (None, None),
        ("much", None),
        ([], None),
        (-20, None),
        ("NaN", None),
        (1e12, None),
    ],
)
def test_a_price_is_exact_or_unknown(http_to: MakeHttp, stated: Any, cost_cu: Decimal | None) -> None:
    quote = told(http_to, {"creativeUnitsCost": stated, "job": {}}).quote(MODEL, {})
    assert quote == cost_cu
    assert quote is None or str(quote) == str(cost_cu)


def test_a_price_is_asked_for_again_but_a_job_is_submitted_once(bench: Workbench, picture: SourceImage) -> None:
    asset = bench.client.upload_small(picture, picture.path.read_bytes())
    bench.service.fail("POST", "/generate/", Fault.STATUS, status=503, times=1)
    assert bench.client.quote(MODEL, {**FAST_VALUES, "image": asset}) is not None
    done = bench.client.submit(MODEL, {**FAST_VALUES, "image": asset})
    assert [(charge.job_id, charge.cost_cu) for charge in bench.service.charges] == [(done.remote_id, done.cost_cu)]
    assert "dryRun" not in bench.service.requests[-1].query


def test_a_submission_without_a_job_id_makes_no_sense(http_to: MakeHttp) -> None:
    with pytest.raises(ProtocolError, match="which job"):
        told(http_to, {"job": {}, "creativeUnitsCost": 5}).submit(MODEL, {})


# -- pictures


@pytest.mark.parametrize("name", ["chair.png", "Stuhl grün (2).png", "椅子.png", "a'b\"c.png"])
def test_a_picture_arrives_byte_for_byte(bench: Workbench, name: str) -> None:
    picture = draw_picture(bench.folder / "my pictures" / name)
    asset = bench.client.upload_small(picture, picture.path.read_bytes())
    assert bench.service.assets[asset]["metadata"]["name"] == name
    [shown] = bench.client.assets([asset])
    with bench.client.open_file(shown.url) as answer:
        assert answer.content == picture.path.read_bytes()


def test_what_is_no_picture_is_refused(bench: Workbench, picture: SourceImage) -> None:
    with pytest.raises(Rejected, match="Unhandled image format"):
        bench.client.upload_small(picture, b"not a picture")


def test_too_few_part_addresses_make_no_sense(http_to: MakeHttp, picture: SourceImage) -> None:
    with pytest.raises(ProtocolError, match="0 upload addresses for 1 parts"):
        told(http_to, {"upload": {"id": "upload_1", "parts": []}}).start_upload(picture)


def test_parts_are_put_in_the_order_of_their_numbers(http_to: MakeHttp, bench: Workbench) -> None:
    large = SourceImage(bench.folder / "x.png", "image/png", 1, 1, size_bytes=PART_BYTES + 1, sha256="")
    parts = [{"number": 2, "url": "http://b"}, {"number": 1, "url": "http://a"}]
    ticket = told(http_to, {"upload": {"id": "upload_1", "parts": parts}}).start_upload(large)
    assert ticket.part_urls == ("http://a", "http://b")


def test_a_refused_upload_says_why(http_to: MakeHttp) -> None:
    client = told(http_to, {"upload": {"id": "u", "status": "failed", "errorMessage": "Unhandled image format."}})
    with pytest.raises(PictureError, match=r"\(Unhandled image format\): choose another"):
        client.upload_result(UploadTicket("u", ()))


def test_signed_addresses_stay_out_of_reprs(bench: Workbench, picture: SourceImage) -> None:
    ticket = bench.client.start_upload(picture)
    [shown] = bench.client.assets([bench.client.upload_small(picture, picture.path.read_bytes())])
    assert "Signature" in ticket.part_urls[0]
    assert "Signature" in shown.url
    assert "Signature" not in repr(ticket) + repr(shown)


def test_our_own_log_holds_no_signed_address(bench: Workbench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="scenario_addon")
    bench.carry(bench.job())
    assert "/assets/get-bulk: 200" in caplog.text
    assert "Signature" not in caplog.text
    assert bench.service.secret not in caplog.text


# -- a job's status


@pytest.mark.parametrize(
    ("stated", "progress"),
    [(0, None), (0.0, None), (0.31, 0.31), (1, 1.0), (1.7, 1.0), (-1, None), (None, None), ("half", None), ([], None)],
)
def test_progress_of_zero_is_unknown(http_to: MakeHttp, stated: Any, progress: float | None) -> None:
    status = told(http_to, {"job": {"jobId": "job_1", "status": "queued", "progress": stated}}).job(REMOTE)
    assert status.progress == progress


@pytest.mark.parametrize("record", [{}, {"status": None}, {"status": ""}, {"status": 7}])
def test_a_job_without_a_status_makes_no_sense(http_to: MakeHttp, record: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="how the job is doing"):
        told(http_to, {"job": {"jobId": "job_1", **record}}).job(REMOTE)


@pytest.mark.parametrize("answer", [{}, [], None, 7, {"job": None}, {"job": []}, {"job": {"status": "success"}}])
def test_an_answer_without_a_job_makes_no_sense(http_to: MakeHttp, answer: Any) -> None:
    with pytest.raises(ProtocolError, match="could not be understood"):
        told(http_to, answer).job(REMOTE)


def test_a_status_is_read_in_full(http_to: MakeHttp) -> None:
    record = {
        "jobId": "job_1",
        "status": "failure",
        "metadata": {"assetIds": ["asset_1", 7, None], "error": "No mesh.", "hint": "One subject."},
        "billing": {"cuCost": 7.25, "disableRefund": True},
    }
    status = told(http_to, {"job": record}).job(REMOTE)
    assert (status.asset_ids, status.billed_cu, status.refundable) == (("asset_1",), Decimal("7.25"), False)
    assert (status.error, status.hint) == ("No mesh.", "One subject.")


@pytest.mark.parametrize("fee", ["0.75", "0"])
def test_a_job_is_billed_with_its_fees(tmp_path: Path, fee: str) -> None:
    with Service(fees={"quality-gate": Decimal(fee), "ip-detection": Decimal(2)}) as service:
        bench = Workbench(service, tmp_path)
        job = bench.carry(bench.job(), until=State.RUNNING)
        assert job.remote_id is not None
        total_cu = Decimal("6.1") + Decimal(fee)
        assert bench.client.job(job.remote_id).billed_cu == total_cu
        assert (job.quote_cu, job.billed_cu, service.charges[0].cost_cu) == (total_cu,) * 3
        bench.close()


@pytest.mark.parametrize(("disable_refund", "billed_cu"), [(False, Decimal("4.1")), (True, Decimal("5.1"))])
def test_the_fees_of_a_failed_job_are_paid_back(tmp_path: Path, disable_refund: bool, billed_cu: Decimal) -> None:
    with Service(job_polls=1, fees={"quality-gate": Decimal(1)}) as service:
        bench = Workbench(service, tmp_path)
        service.fail_job("Too dark", disable_refund=disable_refund)
        job = bench.carry(bench.job(), until=State.RUNNING)
        assert job.remote_id is not None
        status = bench.client.job(job.remote_id)
        assert (status.word, status.billed_cu, job.billed_cu) == ("failure", billed_cu, Decimal("5.1"))
        bench.close()


def test_recent_jobs_are_read_page_by_page_even_over_empty_pages(http_to: MakeHttp) -> None:
    def job(number: int) -> dict[str, Any]:
        return {"jobId": f"job_{number}", "metadata": {"input": {"image": "asset_1"}}, "createdAt": "2026-11-20"}

    pages = [
        {"jobs": [job(1), {"broken": True}], "nextPaginationToken": "a"},
        {"jobs": [], "nextPaginationToken": "b"},
        {"jobs": [job(2)], "nextPaginationToken": ""},
    ]
    with CannedHost(*(canned(body=json.dumps(page).encode()) for page in pages)) as host:
        found = list(ScenarioClient(http_to(host.origin)).recent_jobs(pages=10))
    assert [remote.id for remote in found] == ["job_1", "job_2"]
    assert b"types=custom&pageSize=100&paginationToken=b" in host.requests[2]


def test_no_more_pages_are_read_than_asked_for(http_to: MakeHttp) -> None:
    page = json.dumps({"jobs": [], "nextPaginationToken": "more"}).encode()
    with CannedHost(canned(body=page)) as host:
        assert list(ScenarioClient(http_to(host.origin)).recent_jobs(pages=3)) == []
    assert len(host.requests) == 3


# -- results


def test_many_assets_are_asked_for_in_lots(http_to: MakeHttp) -> None:
    with CannedHost(canned(body=b'{"assets": []}')) as host:
        ScenarioClient(http_to(host.origin)).assets([AssetId(f"asset_{n}") for n in range(401)])
    lots = [len(json.loads(request.split(b"\r\n\r\n", 1)[1])["assetIds"]) for request in host.requests]
    assert lots == [200, 200, 1]


def test_assets_without_an_address_are_left_out(http_to: MakeHttp) -> None:
    records = [{"id": "a", "url": "http://x/a"}, {"id": "b"}, {"id": "c", "url": ""}, {"url": "http://x/d"}, 7]
    found = told(http_to, {"assets": records}).assets([AssetId("a")])
    assert [(asset.id, asset.mime) for asset in found] == [("a", "")]


def test_a_reason_that_stands_beside_the_metadata_is_found_too(http_to: MakeHttp) -> None:
    record = {"jobId": "job_1", "status": "failed", "error": "Model generation failed"}
    assert told(http_to, {"job": record}).job(REMOTE).error == "Model generation failed"
