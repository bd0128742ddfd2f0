# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a job's files is the mesh: for every kind of delivery that models make."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import ScenarioError
from scenario_addon.engine.fetch import results as results_module
from scenario_addon.engine.fetch.download import Destination
from scenario_addon.engine.fetch.results import NothingUsable, deliver, rank
from scenario_addon.engine.gltf.document import READABLE
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.pipeline.actions import fetch_again, try_other_file
from scenario_addon.engine.values import AssetId, JobId, ResultAsset
from tests.engine.gltf_samples import TRIANGLE, pack_glb
from tests.engine.workbench import Workbench
from tests.service import Fault

TWO_MESHES: dict[str, Any] = {
    "model_id": "model_rodin-hyper3d-v2-5",
    "input_name": "images",
    "is_list": True,
    "values": {"material": "All", "qualityMeshOption": "18K Quad"},
}
"""A shaded one and one with PBR textures, in this order."""


def finished(bench: Workbench, **order: Any) -> Job:
    return bench.carry(bench.job(**order), until=State.SUCCEEDED)


def delivered(bench: Workbench, **order: Any) -> tuple[Job, bytes]:
    """A job to its end, and the bytes of its file."""
    job = bench.carry(bench.job(**order))
    assert job.state is State.READY, job.error
    assert job.file is not None
    return job, job.file.path.read_bytes()


def result(bench: Workbench, job: Job, name: str) -> bytes:
    assert job.remote_id is not None
    return bench.service.result_bytes(job.remote_id, name)


def test_a_single_glb_is_it(bench: Workbench) -> None:
    job, data = delivered(bench)
    assert data == result(bench, job, "glb")


def test_a_thumbnail_that_comes_first_is_not_the_mesh(bench: Workbench) -> None:
    job, data = delivered(
        bench, model_id="model_rodin-hyper3d", input_name="images", is_list=True, values={"quality": "extra-low"}
    )
    assert bench.service.assets[job.result_ids[0]]["mimeType"] == "image/webp"
    assert data == result(bench, job, "glb")


def test_of_a_shaded_and_a_pbr_mesh_the_pbr_one_is_taken(bench: Workbench) -> None:
    job, data = delivered(bench, **TWO_MESHES)
    assert len(job.result_ids) == 2
    assert data == result(bench, job, "glb") != result(bench, job, "shaded")


def test_a_damaged_twin_does_not_cost_the_whole_one(bench: Workbench) -> None:
    job = finished(bench, **TWO_MESHES)
    bench.service.fail("GET", "/assets/.*1?$", Fault.GARBAGE)
    [(chosen, _), *_] = rank(bench.client.assets(job.result_ids), client=bench.client)
    assert chosen.id == job.result_ids[1]


def test_of_seven_files_the_glb_is_taken_and_the_others_are_named(bench: Workbench) -> None:
    values = {"enablePbr": True, "shouldRemesh": True, "targetPolycount": 200}
    job, data = delivered(bench, model_id="model_meshy-7-img23d", input_name="image", is_list=True, values=values)
    assert len(job.result_ids) == 7
    assert data == result(bench, job, "glb")
    assert job.other_files == (".obj",)


def test_an_fbx_is_taken_where_nothing_better_is(bench: Workbench) -> None:
    job, data = delivered(bench, model_id="model_tripo-v3-1-image-to-3d", values={"quad": True})
    assert data.startswith(b"Kaydara FBX Binary")
    assert job.file is not None
    assert job.file.path.suffix == ".fbx"


def test_a_splat_is_no_mesh(bench: Workbench) -> None:
    job = bench.carry(bench.job(model_id="model_vast-ai-triposplat", values={}))
    assert job.state is State.FAILED
    assert job.error is not None
    kept = bench.output / "chair.spz"
    assert job.error.endswith(f"no mesh that Blender can import (.spz); it is a Gaussian splat, kept in {kept}.")
    assert kept.read_bytes() == result(bench, job, "spz")
    assert (list(bench.output.iterdir()), job.kept) == ([kept], kept)
    again = bench.carry(fetch_again(job, bench.env, target={}))
    assert (again.kept, list(bench.output.iterdir())) == (kept, [kept])


def test_what_came_instead_is_told_in_few_words_without_what_deceives(bench: Workbench) -> None:
    mimes = ["image/\u202epng", *(f"image/{n}" for n in range(100))]
    assets = [ResultAsset(AssetId(f"asset_{n}"), mime, "http://127.0.0.1:9/") for n, mime in enumerate(mimes)]
    to = Destination(bench.output, "chair", JobId("job"))
    with pytest.raises(NothingUsable) as caught:
        deliver(assets, to, client=bench.client, progress=bench.seen.append)
    assert len(caught.value.user_message) < 300
    with pytest.raises(NothingUsable, match=r"\(image/png\)"):
        deliver(assets[:1], to, client=bench.client, progress=bench.seen.append)


# -- files that say nothing, or the wrong thing, of themselves


def relabelled(bench: Workbench, mime: str, *, file_name: str | None = None) -> tuple[str, str]:
    """What is chosen when the service calls the GLB something else: its id is right, and its suffix."""
    job = finished(bench)
    [asset_id] = job.result_ids
    record = bench.service.assets[asset_id]
    record["mimeType"] = mime
    record["metadata"]["fileName"] = file_name
    chosen = [(chosen.id, suffix) for chosen, suffix in rank(bench.client.assets([asset_id]), client=bench.client)]
    return ("False", "") if not chosen else (str(chosen[0][0] == asset_id), chosen[0][1])


@pytest.mark.parametrize(
    "mime",
    ["model/gltf-binary", "model/glb", "Model/GLTF-Binary; charset=binary", "application/octet-stream", "", "strange"],
)
def test_a_glb_is_known_by_its_name_or_its_bytes(bench: Workbench, mime: str) -> None:
    assert relabelled(bench, mime) == ("True", ".glb")


def test_a_range_that_is_ignored_does_not_matter_for_a_look(bench: Workbench) -> None:
    bench.service.fail("GET", "/assets/asset_", Fault.IGNORE_RANGE, times=None)
    assert relabelled(bench, "application/octet-stream") == ("True", ".glb")


@pytest.mark.parametrize("mime", ["image/png", "video/mp4", "text/plain"])
def test_pictures_and_texts_are_never_looked_into(bench: Workbench, mime: str) -> None:
    assert relabelled(bench, mime) == ("False", "")
    assert bench.service.requests[-1].origin == "api"


@pytest.mark.parametrize(
    ("data", "file_name", "suffix"),
    [
        (b"glTF\x02\0\0\0", None, ".glb"),
        (b"Kaydara FBX Binary  \0", None, ".fbx"),
        (b"ply\nformat ascii 1.0\n", None, ".ply"),
        (b"ply\r\nformat ascii 1.0\r\n", None, ".ply"),
        (b"# made by\n# hand\nmtllib a.mtl\n", None, ".obj"),
        (b"v 0 0 0\n", None, ".obj"),
        (b"\0\0\0", "model.STL", ".stl"),
        (b"glTF", "model.stl", ".glb"),
        (b"PK\x03\x04", "model.zip", None),
        (b"vertex", None, None),
        (b"", None, None),
    ],
)
def test_unlabelled_files_are_known_by_their_first_bytes(
    bench: Workbench, data: bytes, file_name: str | None, suffix: str | None
) -> None:
    asset = hosted(bench, data, file_name=file_name)
    assert rank([asset], client=bench.client) == ([(asset, suffix)] if suffix else [])


def hosted(bench: Workbench, data: bytes, *, file_name: str | None) -> ResultAsset:
    """A file of the stand-in without a useful type."""
    job = finished(bench)
    [asset_id] = job.result_ids
    blobs = bench.service._store.blobs
    blobs[asset_id] = type(blobs[asset_id])("application/octet-stream", data)
    record = bench.service.assets[asset_id]
    record["mimeType"] = "application/octet-stream"
    record["metadata"]["fileName"] = file_name
    [asset] = bench.client.assets([asset_id])
    return asset


def test_nothing_at_all_is_no_mesh(bench: Workbench) -> None:
    to = Destination(bench.output, "chair", JobId("job"))
    with pytest.raises(NothingUsable, match="no files at all") as nothing:
        deliver([], to, client=bench.client, progress=bench.seen.append)
    assert nothing.value.kept is None


@pytest.mark.parametrize(
    ("mimes", "best"),
    [
        (["model/obj", "model/gltf-binary"], 1),
        (["model/stl", "model/ply", "model/obj", "model/x-fbx", "model/gltf+json"], 4),
        (["model/vnd.usdz+zip", "model/stl"], 1),
        (["image/png", "model/mtl", "model/obj"], 2),
    ],
)
def test_the_best_format_is_taken_wherever_it_stands(bench: Workbench, mimes: list[str], best: int) -> None:
    assets = [ResultAsset(AssetId(f"asset_{n}"), mime, "http://127.0.0.1:9/") for n, mime in enumerate(mimes)]
    [(chosen, _), *_] = rank(assets, client=bench.client)
    assert chosen is assets[best]


def test_of_two_alike_the_one_that_is_not_made_of_the_other_is_taken(bench: Workbench) -> None:
    derived = ResultAsset(AssetId("b"), "model/obj", "http://127.0.0.1:9/", parent_id="a")
    original = ResultAsset(AssetId("a"), "model/obj", "http://127.0.0.1:9/", parent_id="asset_picture")
    assert rank([derived, original], client=bench.client)[0][0] is original


# -- when the best one cannot be used


MESHOPT = ["EXT_meshopt_compression"]
WITH_OBJ: dict[str, Any] = {
    "model_id": "model_meshy-7-img23d",
    "input_name": "image",
    "is_list": True,
    "values": {"enablePbr": True, "shouldRemesh": True, "targetPolycount": 200},
}


def spoil(bench: Workbench, asset_id: str, data: bytes) -> None:
    blobs = bench.service._store.blobs
    blobs[asset_id] = type(blobs[asset_id])(blobs[asset_id].mime, data)


def unreadable() -> bytes:
    return pack_glb({**TRIANGLE, "extensionsUsed": MESHOPT, "extensionsRequired": MESHOPT})


def test_the_jobs_other_glb_is_fetched_when_the_best_cannot_be_read(bench: Workbench) -> None:
    job = finished(bench, **TWO_MESHES)
    [(best, _), (other, _)] = rank(bench.client.assets(job.result_ids), client=bench.client)
    whole = bench.service._store.blobs[best.id].data
    spoil(bench, best.id, whole[: len(whole) // 2].ljust(len(whole), b"\xff"))
    done = bench.carry(job)
    assert done.state is State.READY
    assert done.file is not None
    assert (done.file.asset_id, done.other_files) == (other.id, ())
    assert [path.name for path in bench.output.iterdir()] == ["chair.glb"]


def test_the_jobs_other_format_is_fetched_when_the_glb_cannot_be_read(bench: Workbench) -> None:
    job = finished(bench, **WITH_OBJ)
    spoil(bench, job.result_ids[0], unreadable())
    done = bench.carry(job)
    assert done.state is State.READY, done.error
    assert done.file is not None
    assert (done.file.path.name, done.other_files) == ("chair.obj", ())
    assert not list(bench.output.rglob("*.part"))


def test_who_can_read_more_gets_the_best(bench: Workbench) -> None:
    job = finished(bench, **WITH_OBJ)
    spoil(bench, job.result_ids[0], unreadable())
    bench.env = replace(bench.env, readable=READABLE | set(MESHOPT))
    done = bench.carry(job)
    assert done.file is not None
    assert (done.file.path.suffix, done.other_files) == (".glb", (".obj",))


def test_without_another_the_reason_is_told_and_the_file_is_kept_under_its_name(bench: Workbench) -> None:
    job = finished(bench)
    spoil(bench, job.result_ids[0], unreadable())
    failed = bench.carry(job)
    assert (failed.state, failed.error_kind) == (State.FAILED, "DownloadError")
    [kept] = bench.output.iterdir()
    assert (kept.name, kept.read_bytes()) == ("chair.glb", unreadable())
    assert failed.error == (
        "chair.glb is compressed with meshopt, which takes Blender 5.2 or newer with meshopt's library. "
        f"What arrived is kept in {kept}."
    )


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<html>Please log in</html>", "chair.html"),
        (b'<?xml version="1.0"?><Error/>', "chair.html"),
        (b"PK\x03\x04...", "chair.zip"),
        (unreadable()[:-4], "chair.damaged.glb"),
        (b"no idea", "chair.damaged.glb"),
    ],
)
def test_what_cannot_be_used_is_called_what_it_is(bench: Workbench, data: bytes, name: str) -> None:
    job = finished(bench)
    whole = bench.service._store.blobs[job.result_ids[0]].data
    spoil(bench, job.result_ids[0], data)
    for _ in range(2):
        failed = bench.carry(job)
        assert failed.kept == bench.output / name
        assert [(path.name, path.read_bytes()) for path in bench.output.iterdir()] == [(name, data)]
        job = fetch_again(failed, bench.env, target={})
    spoil(bench, job.result_ids[0], whole)
    done = bench.carry(job)
    assert (done.state, done.kept) == (State.READY, None)
    assert [path.name for path in bench.output.iterdir()] == ["chair.glb"]


def test_when_all_are_unusable_the_best_ones_reason_is_told(bench: Workbench) -> None:
    job = finished(bench, **TWO_MESHES)
    for asset_id in job.result_ids:
        spoil(bench, asset_id, unreadable())
    failed = bench.carry(job)
    assert failed.error is not None
    assert "The job's other meshes cannot be used either. What arrived is kept in" in failed.error
    assert [path.name for path in bench.output.iterdir()] == ["chair.glb"]


def test_where_all_were_refused_there_is_no_other(bench: Workbench) -> None:
    job = finished(bench)
    to = Destination(bench.output, "chair", job.id)
    assets = bench.client.assets(job.result_ids)
    with pytest.raises(NothingUsable, match="and there is no other"):
        deliver(assets, to, client=bench.client, progress=bench.seen.append, refused=job.result_ids)


def test_a_splat_that_does_not_arrive_whole_is_kept_as_what_it_is(bench: Workbench) -> None:
    job = finished(bench, model_id="model_vast-ai-triposplat", values={})
    for asset_id in job.result_ids:
        spoil(bench, asset_id, b"<html>Please log in</html>")
    failed = bench.carry(job)
    assert (failed.state, failed.error_kind) == (State.FAILED, "DownloadError")
    [kept] = bench.output.iterdir()
    assert (kept.name, failed.kept) == ("chair.html", kept)
    assert str(kept) in str(failed.error)


def test_what_cannot_be_given_its_name_is_kept_all_the_same(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Path:
        raise OSError(errno.EIO, "Input/output error")

    job = finished(bench)
    whole = bench.service._store.blobs[job.result_ids[0]].data
    spoil(bench, job.result_ids[0], unreadable())
    with monkeypatch.context() as broken:
        broken.setattr(results_module, "publish", refuse)
        failed = bench.carry(job)
    assert failed.state is State.FAILED
    [kept] = bench.output.iterdir()
    assert (failed.kept, kept.read_bytes()) == (kept, unreadable())
    assert str(kept) in str(failed.error)
    spoil(bench, job.result_ids[0], whole)
    assert bench.carry(fetch_again(failed, bench.env, target={})).state is State.READY
    assert [path.name for path in bench.output.iterdir()] == ["chair.glb"]


# -- when one door is closed


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        (Fault.STATUS, {"status": 404}),
        (Fault.STATUS, {"status": 403}),
        (Fault.STATUS, {"status": 400}),
        (Fault.STATUS, {"status": 500}),
        (Fault.STATUS, {"status": 200, "body": {"assets": []}}),
        (Fault.RESET, {}),
        (Fault.GARBAGE, {}),
    ],
    ids=str,
)
def test_where_all_files_at_once_are_never_handed_out_each_is_asked_for(
    bench: Workbench, fault: Fault, options: dict[str, Any]
) -> None:
    job = finished(bench, **WITH_OBJ)
    bench.service.fail("POST", "get-bulk", fault, times=None, **options)
    done = bench.carry(job)
    assert done.state is State.READY, done.error
    assert bench.service.count("POST", "get-bulk") <= 12
    assert sum(bench.pauses) < 30


def test_of_files_that_are_handed_out_in_part_the_rest_is_asked_for(bench: Workbench) -> None:
    job = finished(bench, **WITH_OBJ)
    some = {"assets": [bench.service.assets[job.result_ids[-1]]]}
    bench.service.fail("POST", "get-bulk", Fault.STATUS, status=200, body=some, times=None)
    waits = []
    while job.state is State.SUCCEEDED:
        job = bench.step(job)
        waits.append(job.wait_s or 0)
    assert len(waits) == 4
    assert sum(waits) < 15
    assert job.file is not None
    assert job.file.path.suffix == ".glb"


def test_a_file_that_cannot_be_had_does_not_cost_the_others(bench: Workbench) -> None:
    job = finished(bench, **WITH_OBJ)
    bench.service.fail("GET", f"^/assets/{job.result_ids[0]}", Fault.STATUS, status=403, body="<Error/>", times=None)
    done = bench.carry(job)
    assert done.state is State.READY
    assert done.file is not None
    assert done.file.path.suffix == ".obj"


def test_files_that_cannot_be_looked_into_are_judged_by_their_names_in_the_end(bench: Workbench) -> None:
    asset = hosted(bench, b"glTF\x02\0\0\0", file_name="chair.GLB")
    bench.service.fail("GET", f"^/assets/{asset.id}", Fault.STATUS, status=404, body="<Error/>", times=None)
    with pytest.raises(ScenarioError):
        rank([asset], client=bench.client)
    assert rank([asset], client=bench.client, is_last_try=True) == [(asset, ".glb")]


def test_an_empty_file_without_a_type_is_no_mesh(bench: Workbench) -> None:
    asset = hosted(bench, b"", file_name=None)
    bench.service.fail("GET", f"^/assets/{asset.id}", Fault.STATUS, status=416, body="", times=None)
    assert rank([asset], client=bench.client) == []


def test_of_two_meshes_that_cannot_be_looked_into_one_is_taken_in_the_end(bench: Workbench) -> None:
    job = finished(bench, **TWO_MESHES)
    assets = bench.client.assets(job.result_ids)
    bench.service.fail("GET", f"^/assets/{job.result_ids[0]}", Fault.STATUS, status=404, body="<Error/>", times=None)
    with pytest.raises(ScenarioError):
        rank(assets, client=bench.client)
    [(first, _), _] = rank(assets, client=bench.client, is_last_try=True)
    assert first.id != job.result_ids[0]


def test_what_blender_cannot_read_is_fetched_in_another_format(bench: Workbench) -> None:
    job = bench.carry(finished(bench, **WITH_OBJ))
    assert job.file is not None
    other = bench.carry(try_other_file(job, bench.env))
    assert (other.state, other.other_files, len(bench.service.charges)) == (State.READY, (), 1)
    assert other.file is not None
    assert other.file.path.suffix == ".obj"
    assert job.file.path.exists()


def test_where_the_other_format_is_no_better_the_first_file_stays(bench: Workbench) -> None:
    job = bench.carry(finished(bench, **WITH_OBJ))
    [obj] = [i for i in job.result_ids if bench.service.assets[i]["mimeType"] == "model/obj"]
    spoil(bench, obj, b"")
    again = bench.carry(try_other_file(job, bench.env))
    assert (again.state, again.file, again.other_files) == (State.READY, job.file, ())


def test_a_broken_connection_is_no_reason_to_take_less(bench: Workbench) -> None:
    job = finished(bench, **WITH_OBJ)
    bench.service.fail("GET", f"^/assets/{job.result_ids[0]}", Fault.RESET, times=None)
    waiting = bench.step(job)
    assert (waiting.state, waiting.error_kind) == (State.SUCCEEDED, "Unanswered")
    assert waiting.wait_s


# -- addresses that expire


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_whatever_a_host_says_to_an_old_address_a_new_one_is_asked_for(bench: Workbench, status: int) -> None:
    job = finished(bench)
    bench.service.fail("GET", "^/assets/asset_", Fault.STATUS, status=status, body="<Error/>")
    assert bench.carry(job).state is State.READY
    assert bench.service.count("GET", "/v1/assets/") == 1


def test_an_expired_address_is_asked_for_again_and_the_rest_follows(bench: Workbench) -> None:
    job = finished(bench)
    bench.service.fail("GET", "/assets/asset_", Fault.TRUNCATED, bytes=500)
    bench.service.fail("GET", "/assets/asset_", Fault.STATUS, status=403, body="<Error/>", after=0)
    done = bench.carry(job)
    assert done.state is State.READY
    assert done.file is not None
    assert done.file.path.read_bytes() == result(bench, done, "glb")
    assert bench.service.count("GET", "/v1/assets/") == 1


def test_all_addresses_expiring_between_two_steps_does_not_matter(bench: Workbench) -> None:
    job = finished(bench)
    bench.service.expire_urls()
    assert bench.carry(job).state is State.READY


def test_a_host_that_refuses_every_address_is_tried_again_later(bench: Workbench) -> None:
    job = finished(bench)
    bench.service.fail("GET", "^/assets/", Fault.STATUS, status=403, body="<Error/>", times=None)
    waiting = bench.step(job)
    assert (waiting.state, waiting.error_kind) == (State.SUCCEEDED, "NetworkError")
    assert waiting.wait_s


def test_the_files_of_a_text_format_come_along(bench: Workbench, tmp_path: Path) -> None:
    values = {"enablePbr": True, "shouldRemesh": True, "targetPolycount": 200}
    job = finished(bench, model_id="model_meshy-7-img23d", input_name="image", is_list=True, values=values)
    bench.service.assets[job.result_ids[0]]["mimeType"] = "model/vnd.usdz+zip"
    done = bench.carry(job)
    assert done.file is not None
    assert done.file.path.name == "chair.obj"
    names = {path.name for path in done.file.path.parent.iterdir()}
    assert names == {"chair.obj", "model.mtl", "base_color.png", "metallic.png", "roughness.png", "normal.png"}
