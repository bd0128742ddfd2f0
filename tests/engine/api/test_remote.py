# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's own jobs and files, whoever started or sent them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scenario_addon.engine.api.client import ScenarioClient
from scenario_addon.engine.errors import NotFound
from scenario_addon.engine.values import AssetId, RemoteJobId
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import MakeHttp
from tests.engine.workbench import Workbench


def test_meshes_of_models_are_listed_with_their_job_and_a_picture(bench: Workbench) -> None:
    job = bench.carry(bench.job())
    image = next(iter(job.assets.values()))
    (mesh,) = bench.client.recent_meshes(pages=1)
    assert (mesh.id, mesh.job_id, mesh.model_id) == (job.result_ids[0], job.remote_id, job.order.model_id)
    assert (mesh.kind, mesh.mime, mesh.parent_id) == ("3d", "model/gltf-binary", image)
    assert mesh.picture_urls and mesh.made_at == pytest.approx(job.created_at, abs=60)
    assert mesh.project_id and mesh.author_id
    assert bench.client.file(mesh.id) == bench.client.files([mesh.id, AssetId("asset_none")])[0]
    assert [file.name for file in bench.client.files([image])] == ["chair #be5a28.png"]


def test_a_job_is_told_with_whoever_started_it_and_what_was_asked_for(bench: Workbench) -> None:
    job = bench.carry(bench.job())
    assert job.remote_id is not None
    remote = bench.client.whole_job(job.remote_id)
    assert (remote.id, remote.model_id, remote.status.asset_ids) == (job.remote_id, job.order.model_id, job.result_ids)
    assert remote.input["targetFaceNum"] == 100 and remote.project_id and remote.author_id
    assert list(bench.client.recent_jobs(pages=1)) == [remote]
    with pytest.raises(NotFound):
        bench.client.whole_job(RemoteJobId("job_none"))


def test_meshes_are_asked_for_page_by_page_as_they_are_taken(http_to: MakeHttp) -> None:
    pages = [{"assets": [{"id": "a"}, {"no": "id"}], "nextPaginationToken": "more"}, {"assets": [{"id": "b"}]}]
    with CannedHost(*(canned(body=json.dumps(page).encode()) for page in pages)) as host:
        meshes = ScenarioClient(http_to(host.origin)).recent_meshes(pages=9)
        assert next(meshes).id == "a" and len(host.requests) == 1
        assert [mesh.id for mesh in meshes] == ["b"]
    assert b"types=img23d%2C3d23d%2Ctxt23d&sortBy=createdAt&sortDirection=desc HTTP" in host.requests[0]
    assert b"paginationToken=more" in host.requests[1]


@pytest.mark.parametrize(
    "odd", [{}, {"metadata": 7, "kind": [], "ownerId": {}, "createdAt": 9, "thumbnail": "x"}, {"createdAt": "soon"}]
)
def test_what_the_service_does_not_say_of_a_file_is_not_known(http_to: MakeHttp, odd: dict[str, Any]) -> None:
    with CannedHost(canned(body=json.dumps({"asset": {"id": "a", **odd}}).encode())) as host:
        file = ScenarioClient(http_to(host.origin)).file(AssetId("a"))
    assert (file.job_id, file.kind, file.project_id, file.made_at, file.picture_urls) == (None, None, None, None, ())


@pytest.mark.parametrize("model_id", [None, 7, ["model_x"], ""])
def test_a_job_of_no_model_that_is_told_has_none(http_to: MakeHttp, model_id: Any) -> None:
    job = {"jobId": "job_1", "status": "success", "createdAt": "x", "metadata": {"input": {"modelId": model_id}}}
    with CannedHost(canned(body=json.dumps({"job": job}).encode())) as host:
        remote = ScenarioClient(http_to(host.origin)).whole_job(RemoteJobId("job_1"))
    assert (remote.model_id, remote.made_at, remote.project_id) == (None, None, None)
