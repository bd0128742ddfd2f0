# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication, the file host, uploads, jobs and every fault, seen through plain HTTP."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.service import Fault, Service

from .conftest import draw_picture, send
from .upload_calls import PART_MIN_BYTES

Api = Callable[..., tuple[int, Any]]


def _basic(service: Service) -> str:
    return "Basic " + base64.b64encode(f"{service.key}:{service.secret}".encode()).decode()


def _api_of(service: Service) -> Api:
    def call_api(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        status, _, answer = send(method, service.base_url + path, body=body, auth=_basic(service))
        return status, json.loads(answer)

    return call_api


def _upload(api: Api, picture: bytes) -> dict[str, Any]:
    image = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    asset: dict[str, Any] = api("POST", "/assets", {"name": "chair.png", "image": image})[1]["asset"]
    return asset


@pytest.fixture
def api(service: Service) -> Api:
    """One call of the API; gives status and JSON."""
    return _api_of(service)


@pytest.fixture
def image(api: Api, chair: bytes) -> str:
    """The id of an uploaded picture."""
    return str(_upload(api, chair)["id"])


def _start(api: Api, image: str, **body: Any) -> str:
    status, answer = api(
        "POST", "/generate/custom/model_hunyuan-3d-v2-1", {"image": image, "targetFaceNum": 500, **body}
    )
    assert status == 200
    return str(answer["job"]["jobId"])


def _finish(api: Api, job_id: str) -> dict[str, Any]:
    api("GET", f"/jobs/{job_id}")
    job: dict[str, Any] = api("GET", f"/jobs/{job_id}")[1]["job"]
    return job


@pytest.fixture
def result(api: Api, image: str) -> dict[str, Any]:
    """The asset of a finished job."""
    job = _finish(api, _start(api, image))
    asset: dict[str, Any] = api("GET", f"/assets/{job['metadata']['assetIds'][0]}")[1]["asset"]
    return asset


@pytest.mark.parametrize("auth", [None, "Basic bm86bm8=", "Bearer token"])
def test_wrong_or_missing_credentials_are_refused(service: Service, auth: str | None) -> None:
    assert send("GET", f"{service.base_url}/teams", auth=auth)[0] == 401


def test_secrets_stay_out_of_the_representation_of_a_request(service: Service, api: Api) -> None:
    api("GET", "/teams")
    request = service.requests[-1]
    assert (request.origin, request.method, request.path, request.status) == ("api", "GET", "/v1/teams", 200)
    assert request.headers["authorization"] == _basic(service)
    assert request.headers["authorization"].split()[1] not in repr(request)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"name": "a.png"}, "Either 'image' or 'canvas' must be provided"),
        ({"name": "a.png", "image": "bm8gcGljdHVyZQ=="}, "Unhandled image format"),
        ({"name": "a.png", "image": "%%%"}, "Unhandled image format"),
        ({"image": "bm8="}, '"name" is required'),
    ],
)
def test_what_is_no_picture_is_not_taken(api: Api, body: dict[str, str], reason: str) -> None:
    status, answer = api("POST", "/assets", body)
    assert (status, answer["reason"]) == (400, reason)


def test_an_oversized_body_is_answered_413(service: Service) -> None:
    body = b" " * (10 * 1024 * 1024 + 1)
    assert send("POST", f"{service.base_url}/assets", body=body, auth=_basic(service))[0] == 413


def test_the_file_host_refuses_credentials(service: Service, result: dict[str, Any]) -> None:
    assert send("GET", result["url"], auth=_basic(service))[0] == 400
    assert send("GET", result["url"])[0] == 200


def test_a_tampered_or_expired_address_is_refused_and_a_fresh_one_works(
    service: Service, api: Api, result: dict[str, Any]
) -> None:
    assert send("GET", result["url"] + "0")[0] == 403
    assert send("GET", result["url"] + "&format=obj")[0] == 403
    service.expire_urls()
    assert send("GET", result["url"])[0] == 403
    fresh = api("GET", f"/assets/{result['id']}")[1]["asset"]["url"]
    assert send("GET", fresh)[0] == 200


def test_addresses_expire_by_the_clock(chair: bytes) -> None:
    with Service(url_seconds=-1) as short:
        url = _upload(_api_of(short), chair)["url"]
        assert send("GET", url)[0] == 403


@pytest.mark.parametrize(
    ("wanted", "start", "end"), [("bytes=100-", 100, None), ("bytes=10-19", 10, 20), ("bytes=-5", -5, None)]
)
def test_a_range_is_served(service: Service, result: dict[str, Any], wanted: str, start: int, end: int | None) -> None:
    whole = send("GET", result["url"])[2]
    status, headers, body = send("GET", result["url"], headers={"Range": wanted})
    assert (status, body) == (206, whole[start:end])
    assert headers["content-range"].endswith(f"/{len(whole)}")


def test_a_range_past_the_end_or_of_another_version_is_not_served(result: dict[str, Any]) -> None:
    assert send("GET", result["url"], headers={"Range": "bytes=99999999-"})[0] == 416
    changed = {"Range": "bytes=5-", "If-Range": '"other"'}
    assert send("GET", result["url"], headers=changed)[0] == 200


def test_parts_have_to_be_large_enough_and_all_there(service: Service, api: Api) -> None:
    size = PART_MIN_BYTES + 10
    form = {"fileName": "a.png", "contentType": "image/png", "kind": "image", "parts": 2, "fileSize": size}
    upload = api("POST", "/uploads", form)[1]["upload"]
    first, last = (part["url"] for part in upload["parts"])
    assert send("PUT", first, body=bytes(100))[0] == 400
    assert send("PUT", first, body=bytes(PART_MIN_BYTES), headers={"Content-MD5": "x"})[0] == 403
    assert send("PUT", first, body=bytes(PART_MIN_BYTES))[0] == 200
    action = f"/uploads/{upload['id']}/action"
    assert api("POST", action, {"action": "complete"})[0] == 400
    assert send("PUT", last, body=bytes(10))[0] == 200
    assert api("POST", action, {"action": "upload-complete"})[0] == 400
    assert api("POST", action, {"action": "complete"})[0] == 200
    states = [api("GET", f"/uploads/{upload['id']}")[1]["upload"] for _ in range(3)]
    assert [state["status"] for state in states] == ["validating", "validated", "failed"]
    assert states[-1]["errorMessage"] == "Unhandled image format"
    assert api("POST", "/uploads", form | {"parts": 3})[0] == 400


def test_a_job_moves_on_with_each_poll_and_names_its_input(service: Service, api: Api, image: str) -> None:
    service.set_statuses(["queued", "some-new-word", "success"])
    job_id = _start(api, image)
    seen = [api("GET", f"/jobs/{job_id}")[1]["job"] for _ in range(4)]
    assert [job["status"] for job in seen] == ["queued", "some-new-word", "success", "success"]
    assert [job["progress"] for job in seen] == [0.33, 0.67, 1, 1]
    assert seen[-1]["metadata"]["input"] == {
        "modelId": "model_hunyuan-3d-v2-1",
        "image": image,
        "targetFaceNum": 500,
    }


def test_a_job_can_run_by_the_clock(chair: bytes) -> None:
    with Service(job_seconds=0.0) as service:
        api = _api_of(service)
        job_id = _start(api, _upload(api, chair)["id"])
        deadline = time.monotonic() + 20
        while (job := api("GET", f"/jobs/{job_id}")[1]["job"])["status"] == "finalizing":
            assert time.monotonic() < deadline
        assert job["status"] == "success"


def test_a_picture_nothing_can_be_made_of_fails_the_job(api: Api) -> None:
    image = _upload(api, draw_picture((64, 64), ellipse=None, colour=(0, 0, 0, 0)))["id"]
    job = _finish(api, _start(api, image))
    assert job["status"] == "failure"
    assert "could not reconstruct" in job["metadata"]["error"]


def test_a_failure_without_detail_has_no_error_text(service: Service, api: Api, image: str) -> None:
    service.fail_job(None)
    job = _finish(api, _start(api, image))
    assert job["status"] == "failure"
    assert "error" not in job["metadata"]


def test_the_seven_files_of_a_run_descend_from_each_other(api: Api, image: str) -> None:
    body = {"image": [image], "shouldRemesh": True, "targetPolycount": 1000}
    _, answer = api("POST", "/generate/custom/model_meshy-7-img23d", body)
    job = _finish(api, answer["job"]["jobId"])
    ids = job["metadata"]["assetIds"]
    glb, obj, *rest = api("POST", "/assets/get-bulk", {"assetIds": ids})[1]["assets"]
    assert len(rest) == 5
    assert (glb["metadata"]["parentId"], obj["metadata"]["parentId"]) == (image, glb["id"])
    assert {asset["metadata"]["parentId"] for asset in rest} == {obj["id"]}
    assert rest[1]["source"] == "3d:texture:albedo"
    assert rest[1]["metadata"]["type"] == "3d-texture-albedo"


def test_a_model_above_the_plan_is_refused(api: Api, image: str) -> None:
    status, answer = api("POST", "/generate/custom/model_hitem-sparc-3d-2-1", {"images": [image]})
    assert (status, answer["reason"]) == (403, "Model model_hitem-sparc-3d-2-1 requires the Enterprise plan")


def test_thumbnails_need_no_signature(service: Service, api: Api, result: dict[str, Any]) -> None:
    model = api("GET", "/models/model_pixal3d")[1]["model"]
    for url in (result["thumbnail"]["url"], model["thumbnail"]["url"]):
        assert send("GET", url)[2].startswith(b"\x89PNG")


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.RESET, Fault.TIMEOUT, Fault.LOST_ANSWER])
def test_a_broken_connection_charges_only_when_the_answer_is_what_got_lost(
    service: Service, api: Api, image: str, fault: Fault
) -> None:
    service.fail("POST", r"/generate/custom/.*", fault, seconds=0.05)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        _start(api, image)
    assert len(service.charges) == len(service.jobs) == (1 if fault is Fault.LOST_ANSWER else 0)
    assert service.requests[-1].status == 0
    _start(api, image)


def test_a_fault_lets_the_first_requests_pass_and_strikes_so_often(service: Service, api: Api) -> None:
    service.fail("GET", r"/teams$", Fault.STATUS, times=2, after=1, status=503, headers={"Retry-After": "2"})
    assert [api("GET", "/teams")[0] for _ in range(4)] == [200, 503, 503, 200]
    assert service.count("GET", r"/teams$") == 4


def test_an_error_status_can_come_from_a_job_that_runs_all_the_same(service: Service, api: Api, image: str) -> None:
    service.fail("POST", r"/generate/", Fault.STATUS, status=502, body={"message": "Bad gateway"}, work=True)
    assert api("POST", "/generate/custom/model_pixal3d", {"image": image})[0] == 502
    assert len(service.charges) == 1


def test_answers_can_be_garbage_empty_or_of_wrong_types(service: Service, api: Api) -> None:
    service.fail("GET", r"/teams$", Fault.GARBAGE)
    with pytest.raises(json.JSONDecodeError):
        api("GET", "/teams")
    service.fail("GET", r"/teams$", Fault.MISSING)
    assert api("GET", "/teams") == (200, {})
    service.fail("GET", r"/teams$", Fault.WRONG_TYPES)
    assert api("GET", "/teams")[1]["teams"]["0"]["id"] == 7


def test_a_download_can_break_off_drip_and_ignore_its_range(service: Service, result: dict[str, Any]) -> None:
    whole = send("GET", result["url"])[2]
    service.fail("GET", r"/assets/", Fault.TRUNCATED, bytes=1000)
    with pytest.raises(http.client.IncompleteRead) as broken:
        send("GET", result["url"])
    assert broken.value.partial == whole[:1000]
    service.fail("GET", r"/assets/", Fault.IGNORE_RANGE)
    assert send("GET", result["url"], headers={"Range": "bytes=1000-"})[::2] == (200, whole)
    service.fail("GET", r"/assets/", Fault.DRIP, bytes_per_s=len(whole) * 10)
    start_s = time.monotonic()
    assert send("GET", result["url"])[2] == whole
    assert time.monotonic() - start_s > 0.05


def test_the_headers_of_an_answer_can_drip(service: Service, result: dict[str, Any]) -> None:
    whole = send("GET", result["url"])[2]
    service.fail("GET", r"/assets/", Fault.HEADER_DRIP, bytes_per_s=2_000)
    start_s = time.monotonic()
    assert send("GET", result["url"])[2] == whole
    assert time.monotonic() - start_s > 0.05


def test_a_body_can_come_again_and_again(service: Service, result: dict[str, Any]) -> None:
    whole = send("GET", result["url"])[2]
    service.fail("GET", r"/assets/", Fault.ENDLESS)
    parts = urlsplit(result["url"])
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in answer.headers
    assert answer.read(len(whole) * 30 + 10) == whole * 30 + whole[:10]
    connection.close()


def test_an_answer_can_be_a_bomb(service: Service, api: Api) -> None:
    plain = api("GET", "/teams")[1]
    service.fail("GET", r"/teams$", Fault.GZIP_BOMB, bytes=10_000_000)
    _, headers, packed = send("GET", f"{service.base_url}/teams", auth=_basic(service))
    assert (headers["content-encoding"], len(packed) < 100_000) == ("gzip", True)
    unpacked = gzip.decompress(packed)
    assert len(unpacked) > 10_000_000
    assert json.loads(unpacked) == plain


def test_an_endless_answer_is_let_go_when_the_service_ends() -> None:
    start_s = time.monotonic()
    with Service() as service:
        service.fail("GET", r"/teams$", Fault.ENDLESS)
        connection = http.client.HTTPConnection(urlsplit(service.base_url).netloc, timeout=20)
        connection.request("GET", "/v1/teams", headers={"Authorization": _basic(service)})
        connection.getresponse().read(10)
    connection.close()
    assert time.monotonic() - start_s < 10


def test_fees_stand_beside_the_main_action(chair: bytes) -> None:
    with Service(job_polls=1, fees={"quality-gate": Decimal("1.25")}) as service:
        api = _api_of(service)
        body = {"image": _upload(api, chair)["id"], "targetFaceNum": 500}
        model = "/generate/custom/model_hunyuan-3d-v2-1"
        main_cu = api("POST", f"{model}?dryRun=true", body)[1]["costDetails"]["custom-generation"]
        service.fail_job("Too dark")
        for dry in ("?dryRun=true", ""):
            price = api("POST", f"{model}{dry}", body)[1]
            assert price["creativeUnitsCost"] == main_cu + 1.25
            assert price["costDetails"] == {"custom-generation": main_cu, "quality-gate": 1.25}
        (job_id,) = service.jobs
        assert service.charges[0].cost_cu == Decimal(str(main_cu)) + Decimal("1.25")
        assert price["job"]["billing"] == {"cuCost": main_cu, "cuDiscount": 0, "cuCostDetails": {"quality-gate": 1.25}}
        job = api("GET", f"/jobs/{job_id}")[1]["job"]
        assert (job["status"], job["billing"]["cuCost"]) == ("failure", main_cu)
        assert job["billing"]["cuCostDetails"] == {"quality-gate": 0}


def test_an_answer_can_redirect_and_its_clock_be_wrong(service: Service, result: dict[str, Any]) -> None:
    service.fail("GET", r"/assets/", Fault.REDIRECT, to="http://127.0.0.1:9/elsewhere")
    status, headers, _ = send("GET", result["url"])
    assert (status, headers["location"]) == (302, "http://127.0.0.1:9/elsewhere")
    service.fail("GET", r"/assets/", Fault.CLOCK_SKEW, hours=-30)
    skewed = send("GET", result["url"])[1]["date"]
    assert skewed != send("GET", result["url"])[1]["date"]


def test_a_held_connection_is_let_go_when_the_service_ends() -> None:
    start_s = time.monotonic()
    with Service() as service:
        service.fail("GET", r"/teams$", Fault.TIMEOUT, seconds=60)
        connection = http.client.HTTPConnection(urlsplit(service.base_url).netloc, timeout=20)
        connection.request("GET", "/v1/teams")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        connection.getresponse()
    connection.close()
    assert time.monotonic() - start_s < 10
