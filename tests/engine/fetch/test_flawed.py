# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh that lacks something is used where there is none that lacks nothing, and what it lacks is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.values import AssetId
from tests.engine.gltf_oddities import ODDITIES, box_glb
from tests.engine.workbench import Workbench
from tests.service import Fault

SEVEN: dict[str, Any] = {
    "model_id": "model_meshy-7-img23d",
    "input_name": "image",
    "is_list": True,
    "values": {"enablePbr": True, "shouldRemesh": True, "targetPolycount": 200},
}
"""A GLB, and an OBJ with its material and four textures."""
TWO: dict[str, Any] = {
    "model_id": "model_rodin-hyper3d-v2-5",
    "input_name": "images",
    "is_list": True,
    "values": {"material": "All", "qualityMeshOption": "18K Quad"},
}
"""Two GLBs."""
CUT = ODDITIES["a cut PNG"].files["box.glb"]
TOLD = "The mesh comes without its texture base, which is cut short or damaged."


def finished(bench: Workbench, **order: Any) -> Job:
    return bench.carry(bench.job(**order), until=State.SUCCEEDED)


def serve(bench: Workbench, asset_id: AssetId, data: bytes) -> None:
    """Have the stand-in hand out something else."""
    blobs = bench.service._store.blobs
    blobs[asset_id] = type(blobs[asset_id])(blobs[asset_id].mime, data)


def serve_for(bench: Workbench, job: Job, data: bytes, *kinds: str) -> None:
    for asset_id in job.result_ids:
        if bench.service.assets[asset_id]["mimeType"] in kinds:
            serve(bench, asset_id, data)


def test_the_only_mesh_is_used_and_what_it_lacks_is_noted(bench: Workbench) -> None:
    job = finished(bench)
    serve(bench, job.result_ids[0], CUT)
    done = bench.carry(job)
    assert (done.state, done.error) == (State.READY, None)
    assert done.notice == TOLD
    assert done.file is not None
    assert done.file.path.read_bytes() == CUT
    assert bench.ledger.jobs() == [done]


def test_a_notice_that_was_there_stays(bench: Workbench) -> None:
    job = replace(finished(bench), notice="The price has risen.")
    serve(bench, job.result_ids[0], CUT)
    done = bench.carry(job)
    assert done.notice == f"The price has risen. {TOLD}"
    again = bench.carry(done.moved(State.SUCCEEDED))
    assert again.notice == done.notice


@pytest.mark.parametrize("flawed", [0, 1])
def test_of_two_meshes_the_one_that_lacks_nothing_is_taken(bench: Workbench, flawed: int) -> None:
    job = finished(bench, **TWO)
    whole = box_glb()
    for number, asset_id in enumerate(job.result_ids):
        serve(bench, asset_id, CUT if number == flawed else whole)
    done = bench.carry(job)
    assert done.file is not None
    assert (done.file.asset_id, done.notice) == (job.result_ids[1 - flawed], None)
    assert [path.read_bytes() for path in bench.output.iterdir()] == [whole]


def test_a_format_with_all_its_textures_comes_before_one_without(bench: Workbench) -> None:
    job = finished(bench, **SEVEN)
    serve_for(bench, job, CUT, "model/gltf-binary", "model/glb")
    done = bench.carry(job)
    assert done.file is not None
    assert (done.file.path.name, done.file.flaws, done.notice) == ("chair.obj", (), None)
    assert [path.name for path in bench.output.iterdir()] == [done.file.path.parent.name]
    assert ".glb" in done.other_files


@pytest.mark.parametrize("other", ["its textures are missing", "it cannot be had"])
def test_a_format_that_lacks_something_too_is_no_better(bench: Workbench, other: str) -> None:
    job = finished(bench, **SEVEN)
    serve_for(bench, job, CUT, "model/gltf-binary", "model/glb")
    if other == "it cannot be had":
        serve_for(bench, job, b"<html>", "model/obj")
    else:
        serve_for(bench, job, b"\x89PNG\r\n\x1a\ncut", "image/png")
    done = bench.carry(job)
    assert done.file is not None
    assert (done.file.path.name, done.notice) == ("chair.glb", TOLD)
    assert [path.name for path in bench.output.rglob("chair*.*")] == ["chair.glb"]
    assert done.file.path.read_bytes() == CUT


def test_a_mesh_that_never_had_textures_is_no_better(bench: Workbench) -> None:
    job = finished(bench, **TWO)
    serve(bench, job.result_ids[0], ODDITIES["a damaged normal map"].files["box.glb"])
    serve(bench, job.result_ids[1], ODDITIES["a material that is missing"].files["box.glb"])
    done = bench.carry(job)
    assert done.file is not None
    assert done.file.asset_id == job.result_ids[0]


def test_where_nothing_else_arrives_the_one_that_lacks_something_is_used_in_the_end(bench: Workbench) -> None:
    job = finished(bench, **SEVEN)
    serve_for(bench, job, CUT, "model/gltf-binary", "model/glb")
    obj = next(i for i in job.result_ids if bench.service.assets[i]["mimeType"] == "model/obj")
    bench.service.fail("GET", f"/assets/{obj}", Fault.STATUS, status=500, times=None)
    done = bench.carry(job)
    assert (done.state, done.notice) == (State.READY, TOLD)
