# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of a project's meshes and 3D jobs: what is in it, in which order, page by page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scenario_addon.engine.api.client import ScenarioClient
from scenario_addon.engine.elsewhere.recent import BEING_MADE, DONE, FAILED, Recent
from scenario_addon.engine.errors import Forbidden
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import MakeHttp


def _answers(*answers: Any) -> list[Any]:
    return [canned(body=json.dumps(answer).encode()) for answer in answers]


def _job(number: int, status: str, model: str = "model_3d", **more: Any) -> dict[str, Any]:
    told = {"input": {"modelId": model}, **more}
    return {"jobId": f"job_{number}", "status": status, "createdAt": f"2026-11-{number:02}T10:00:00Z", "metadata": told}


def _file(number: int, job: int | None = None, **more: Any) -> dict[str, Any]:
    told = {"fileName": f"mesh {number}.glb", **({"parentJobId": f"job_{job}"} if job else {})}
    return {"id": f"asset_{number}", "kind": "3d", "createdAt": f"2026-11-{number:02}T10:00:00Z", "metadata": told}


def test_meshes_and_what_is_under_way_come_newest_first_and_pictures_not_at_all(http_to: MakeHttp) -> None:
    jobs = [
        _job(9, "in-progress"),
        _job(8, "success", "model_picture", assetIds=["asset_8"]),
        _job(7, "queued", "model_picture"),
        _job(6, "failure", error="Too dark"),
        _job(3, "success", assetIds=["asset_3", "asset_4"]),
    ]
    files = [_file(5), _file(4), _file(3)]
    with CannedHost(*_answers({"jobs": jobs}, {"assets": files})) as host:
        recent = Recent(ScenarioClient(http_to(host.origin)), {"model_3d"}.__contains__)
        found = recent.more()
    assert [(made.id, made.state) for made in found] == [
        ("job_9", BEING_MADE),
        ("job_6", FAILED),
        ("asset_5", DONE),
        ("job_3", DONE),
    ]
    assert found[1].error == "Too dark" and found[3].asset_ids == ("asset_3", "asset_4")
    assert recent.is_through


def test_a_job_whose_files_are_on_two_pages_is_told_once(http_to: MakeHttp) -> None:
    first = [_file(number % 28 + 1, job=1) for number in range(50)]
    pages = ({"assets": first, "nextPaginationToken": "a"}, {"assets": [_file(1, job=1), _file(2, job=2)]})
    with CannedHost(*_answers({"jobs": []}, *pages)) as host:
        recent = Recent(ScenarioClient(http_to(host.origin)), lambda model_id: True)
        assert [made.id for made in recent.more()] == ["job_1"] and not recent.is_through
        assert [made.id for made in recent.more()] == ["job_2"] and recent.is_through
        assert recent.more() == []


@pytest.mark.parametrize("odd", [{}, {"jobId": "job_1"}, {"jobId": "job_1", "metadata": {"input": 7}}, None, 3])
def test_odd_entries_cost_nothing_else(http_to: MakeHttp, odd: Any) -> None:
    with CannedHost(*_answers({"jobs": [odd, _job(2, "queued")]}, {"assets": [odd, {"id": "asset_1"}]})) as host:
        found = Recent(ScenarioClient(http_to(host.origin)), lambda model_id: True).more()
    assert [made.id for made in found] == ["job_2", "asset_1"]


def test_a_key_that_may_not_list_is_told_so(http_to: MakeHttp) -> None:
    refused = canned(status=403, body=b'{"reason": "Scope missing."}')
    with CannedHost(refused) as host, pytest.raises(Forbidden) as error:
        Recent(ScenarioClient(http_to(host.origin)), lambda model_id: True).more()
    assert error.value.user_message == "This key may not list what was made. Scope missing."
