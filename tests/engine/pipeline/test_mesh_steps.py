# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of an order that begins with a mesh: uploaded once, or not at all; found again when an answer is lost."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from scenario_addon.engine.errors import MeshError
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.pipeline.pricing import price_of
from scenario_addon.engine.values import HeldMesh, PictureInput
from tests.engine.mesh_samples import glb_grid, mesh_file, mesh_order
from tests.engine.orders import draw_picture
from tests.engine.workbench import Workbench
from tests.service import Fault


def mesh_job(bench: Workbench, mesh: Any = None, **order: Any) -> Job:
    """A job for a mesh, in the ledger."""
    source = mesh if mesh is not None else mesh_file(bench.folder / "sheet.glb", glb_grid(20))
    job = new_job(mesh_order(source, folder=bench.output, **order), scope=bench.credentials.scope)
    bench.ledger.add(job)
    return job


def held(bench: Workbench) -> HeldMesh:
    """What the service has of a job before."""
    done = bench.carry(bench.job())
    assert done.file is not None
    return HeldMesh(asset_id=done.file.asset_id, name="chair", job_id=done.id)


def uploads(bench: Workbench) -> int:
    return bench.service.count("POST", r"/uploads$")


def test_a_mesh_goes_up_in_parts_and_becomes_another(bench: Workbench) -> None:
    done = bench.carry(mesh_job(bench))
    assert done.state is State.READY
    assert done.file is not None
    assert done.remote_id is not None
    assert done.file.path.read_bytes() == bench.service.result_bytes(done.remote_id)
    assert any(activity.text == "uploading sheet.glb" for activity in bench.seen)


def test_one_file_is_uploaded_once_for_all_orders(bench: Workbench) -> None:
    first = bench.carry(mesh_job(bench))
    second = bench.carry(mesh_job(bench, values={"targetPolycount": 300}))
    copy = mesh_file(bench.folder / "copy.glb", glb_grid(20))
    third = bench.carry(mesh_job(bench, copy, model_id="model_meshy-uv-unwrap", values={}))
    assert [job.state for job in (first, second, third)] == [State.READY] * 3
    assert uploads(bench) == 1


def test_large_ones_go_up_in_several_parts(bench: Workbench) -> None:
    data = glb_grid(20)
    length = len(data) + 9_000_000
    large = data[:8] + length.to_bytes(4, "little") + data[12:] + bytes(9_000_000)
    done = bench.carry(mesh_job(bench, mesh_file(bench.folder / "large.glb", large)))
    assert done.state is State.READY
    assert bench.service.count("PUT", "/uploads/") == 2
    (upload,) = bench.service.uploads.values()
    assert bench.service.asset_bytes(upload["entityId"]) == large


def test_what_the_service_has_is_not_uploaded(bench: Workbench) -> None:
    mesh = held(bench)
    done = bench.carry(mesh_job(bench, mesh))
    assert done.state is State.READY
    assert uploads(bench) == 0
    assert done.request[1]["model"] == mesh.asset_id


def test_the_price_needs_no_upload(bench: Workbench) -> None:
    file = mesh_order(mesh_file(bench.folder / "sheet.glb"), folder=bench.output)
    assert price_of(file, bench.client) == 5
    assert price_of(mesh_order(held(bench), folder=bench.output), bench.client) == 5
    assert uploads(bench) == 0


@pytest.mark.parametrize("change", ["gone", "changed"])
def test_a_file_that_is_not_what_it_was_is_not_sent(bench: Workbench, change: str) -> None:
    job = mesh_job(bench)
    path = bench.folder / "sheet.glb"
    if change == "gone":
        path.unlink()
    else:
        path.write_bytes(glb_grid(21))
    failed = bench.carry(job)
    assert (failed.state, failed.error_kind) == (State.FAILED, MeshError.__name__)
    assert bench.service.charges == []


def test_a_mesh_that_the_service_cannot_take_in_fails_the_job_unpaid(bench: Workbench) -> None:
    spoiled = glb_grid().replace(b'"componentType":5126', b'"componentType":9999', 1)
    file = mesh_file(bench.folder / "sheet.glb")
    file.path.write_bytes(spoiled)
    job = bench.carry(
        mesh_job(bench, replace(file, sha256=hashlib.sha256(spoiled).hexdigest(), size_bytes=len(spoiled)))
    )
    assert job.state is State.FAILED
    assert job.error == "The service cannot use the uploaded mesh (Unhandled 3D format): choose another one."
    assert bench.service.charges == []


@pytest.mark.parametrize("kind", ["file", "held"])
def test_a_lost_answer_is_found_and_not_ordered_again(bench: Workbench, kind: str) -> None:
    mesh = held(bench) if kind == "held" else None
    before = len(bench.service.charges)
    bench.service.fail("POST", r"/generate/custom/model_meshy-remesh$", Fault.LOST_ANSWER, after=1)
    done = bench.carry(mesh_job(bench, mesh))
    assert done.state is State.READY
    assert len(bench.service.charges) == before + 1


@pytest.mark.parametrize("kind", ["file", "held", "both"])
def test_two_of_the_same_whose_answers_are_lost_each_get_their_own(bench: Workbench, kind: str) -> None:
    mesh = held(bench) if kind == "held" else mesh_file(bench.folder / "sheet.glb", glb_grid(20))
    more: dict[str, Any] = {}
    if kind == "both":
        picture = draw_picture(bench.folder / "style.png")
        more = {
            "model_id": "model_meshy-7-retexture",
            "input_name": "mesh",
            "pictures": (PictureInput("image", is_list=False, images=(picture,)),),
            "values": {},
        }
    before = len(bench.service.charges)
    jobs = [bench.carry(mesh_job(bench, mesh, **more), until=State.SUBMITTING) for _ in range(2)]
    if kind == "both":
        assert uploads(bench) == 1, "the pictures tell them apart"
    elif kind == "file":
        assert uploads(bench) == 2
    bench.service.fail("POST", r"/generate/custom/", Fault.LOST_ANSWER, times=2)
    lost = [bench.step(job) for job in jobs]
    assert [job.state for job in lost] == [State.UNCERTAIN] * 2
    done = [bench.carry(job) for job in lost]
    assert [job.state for job in done] == [State.READY] * 2
    assert done[0].remote_id != done[1].remote_id
    assert len(bench.service.charges) == before + 2


def test_a_mesh_that_the_service_has_lost_is_uploaded_anew_the_next_time(bench: Workbench) -> None:
    job = bench.carry(mesh_job(bench), until=State.SUBMITTING)
    bench.service._store.assets.clear()
    failed = bench.carry(job)
    assert failed.state is State.FAILED
    assert bench.service.charges == []
    assert bench.carry(mesh_job(bench)).state is State.READY
    assert uploads(bench) == 2


def test_what_the_service_does_not_have_costs_nothing(bench: Workbench) -> None:
    mesh = held(bench)
    bench.service._store.assets.clear()
    before = len(bench.service.charges)
    failed = bench.carry(mesh_job(bench, mesh))
    assert failed.state is State.FAILED
    assert failed.error is not None
    assert "not found" in failed.error
    assert len(bench.service.charges) == before
