# SPDX-License-Identifier: GPL-3.0-or-later
"""``generate --mesh`` and a manifest's column ``mesh``: a mesh in, a mesh out."""

from __future__ import annotations

import json
import shutil
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from scenario_addon.engine.ledger.ledger import Ledger
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import Answer, Shell
from tests.engine.mesh_samples import REMESH, fbx_cube, glb_grid, obj_grid
from tests.service import Fault
from tests.service.mesh_files import read_mesh

pytestmark = pytest.mark.slow

FEW: Final = ("--model", REMESH, "--set", "targetPolycount=200")
UNWRAP: Final = "model_meshy-uv-unwrap"
TENCENT: Final = "model_tencent-smarttopology"


@pytest.fixture
def mesh(shell: Shell) -> Path:
    """A mesh of 800 triangles."""
    path = shell.folder / "sheet.glb"
    path.write_bytes(glb_grid(20))
    return path


def refine(shell: Shell, mesh: Path | str, *args: str | Path, **more: Any) -> Answer:
    output = () if "--output" in args else ("--output", shell.out)
    model = () if "--model" in args else FEW
    return shell("generate", "--mesh", mesh, *model, *args, *output, **more)


def made_job(shell: Shell) -> str:
    """The ledger's id of a job that has made a mesh of a picture, ``chair.glb``."""
    assert shell.generate(shell.picture("chair.png"), "--output", shell.folder / "made").code == 0
    return shell.jobs[-1].id


# -- a file


def test_a_mesh_becomes_the_mesh_that_the_service_made_of_it_for_one_charge(shell: Shell, mesh: Path) -> None:
    answer = refine(shell, mesh)
    assert answer.code == 0, answer.err
    (charge,) = shell.service.charges
    assert charge.model_id == REMESH
    assert answer.paths == [shell.out / "sheet.glb"]
    assert (shell.out / "sheet.glb").read_bytes() == shell.service.result_bytes(charge.job_id)
    assert read_mesh((shell.out / "sheet.glb").read_bytes()).faces == pytest.approx(200, rel=0.15)
    (upload,) = shell.service.uploads.values()
    assert (upload["kind"], upload["contentType"], upload["originalFileName"]) == (
        "3d",
        "model/gltf-binary",
        "sheet.glb",
    )
    assert shell.submissions[0].json() == {"model": upload["entityId"], "targetPolycount": 200}


def test_where_the_plain_name_is_taken_the_model_is_in_the_name(shell: Shell, mesh: Path) -> None:
    here = mesh.parent
    answer = refine(shell, mesh, "--output", here)
    assert answer.paths == [here / "sheet-meshy-remesh.glb"]
    assert mesh.read_bytes() == glb_grid(20)
    again = refine(shell, mesh, "--output", here)
    assert (again.code, again.paths, len(shell.service.charges)) == (0, answer.paths, 1)
    assert {path.name for path in here.glob("*.glb")} == {"sheet.glb", "sheet-meshy-remesh.glb"}


def test_its_own_result_does_not_count_as_taken(shell: Shell, mesh: Path) -> None:
    for folder in (shell.out, shell.folder / "other"):
        for _ in range(2):
            assert refine(shell, mesh, "--output", folder).paths == [folder / "sheet.glb"]
            assert {path.name for path in folder.iterdir()} == {"sheet.glb"}
    assert len(shell.service.charges) == 1


def test_several_models_each_change_the_mesh_which_is_uploaded_once(shell: Shell, mesh: Path) -> None:
    models = ("--model", REMESH, "--model", UNWRAP, "--model", "model_tripo-rigging-v1")
    answer = refine(shell, mesh, *models)
    assert answer.code == 0, answer.err
    assert shell.meshes == {"sheet-meshy-remesh.glb", "sheet-meshy-uv-unwrap.glb", "sheet-tripo-rigging-v1.glb"}
    assert shell.service.count("POST", r"/uploads$") == 1


def test_a_model_of_both_gets_the_mesh_and_the_picture(shell: Shell, mesh: Path) -> None:
    answer = refine(shell, mesh, shell.picture(), "--model", "model_meshy-7-retexture")
    assert answer.code == 0, answer.err
    body, assets = shell.submissions[0].json(), shell.service.assets
    assert {name: assets[body[name]]["kind"] for name in ("mesh", "image")} == {"mesh": "3d", "image": "image"}
    assert answer.paths == [shell.out / "sheet.glb"]


def test_each_seed_makes_one_and_a_larger_number_makes_those_that_are_missing(shell: Shell, mesh: Path) -> None:
    model = ("--model", "model_meshy-7-retexture", "--set", "seed=7")
    picture = shell.picture()
    assert refine(shell, mesh, picture, *model, "--seeds", "2").code == 0
    assert shell.meshes == {"sheet-seed7.glb", "sheet-seed8.glb"}
    assert refine(shell, mesh, picture, *model, "--seeds", "3").code == 0
    assert len(shell.service.charges) == 3
    assert refine(shell, mesh, "--seeds", "2").code == 2


def test_a_price_needs_no_upload_and_a_limit_orders_nothing(shell: Shell, mesh: Path) -> None:
    answer = refine(shell, mesh, "--dry-run")
    assert (answer.code, answer.lines) == (0, [f"{mesh}\t5 CU", "total\t5 CU"])
    assert refine(shell, mesh, "--dry-run", "--max-cost", "4").code == 4
    assert refine(shell, mesh, "--max-cost", "4").code == 4
    assert shell.service.charges == []
    assert refine(shell, mesh, "--max-cost", "5").code == 0
    answer = refine(shell, mesh, "--dry-run")
    assert answer.lines == [f"{mesh}\t0 CU", "total\t0 CU"]


def test_the_report_says_what_became_of_it(shell: Shell, mesh: Path) -> None:
    path = shell.folder / "report.json"
    refine(shell, mesh, "--report", path)
    (item,) = json.loads(path.read_text(encoding="utf-8"))["items"]
    assert (item["image"], item["model"], item["glb"], item["cost_cu"]) == (
        str(mesh),
        REMESH,
        str(shell.out / "sheet.glb"),
        5,
    )


def test_the_same_mesh_under_another_name_is_not_paid_for_twice(shell: Shell, mesh: Path) -> None:
    refine(shell, mesh)
    copy = mesh.with_name("copy.glb")
    shutil.copy(mesh, copy)
    answer = refine(shell, copy)
    assert "nothing was ordered" in answer.err
    assert answer.paths == [shell.out / "copy.glb"]
    assert len(shell.service.charges) == 1
    assert refine(shell, copy, "--again").code == 0
    assert len(shell.service.charges) == 2


def test_formats_go_as_the_model_takes_them(shell: Shell) -> None:
    for name, data in (("a.fbx", fbx_cube()), ("b.obj", obj_grid(20))):
        (shell.folder / name).write_bytes(data)
        answer = refine(shell, shell.folder / name, "--model", TENCENT)
        assert answer.code == 0, answer.err
    assert "b.obj is sent without its materials" in answer.err
    kinds = [upload["contentType"] for upload in shell.service.uploads.values()]
    assert kinds == ["model/x-fbx", "model/obj"]


def test_quads_come_as_an_obj_with_what_belongs_to_it(shell: Shell, mesh: Path) -> None:
    (path,) = refine(shell, mesh, "--set", "topology=quad").paths
    assert path.suffix == ".obj"
    assert read_mesh(path.read_bytes()).faces == pytest.approx(200, rel=0.15)


# -- a job


@pytest.mark.parametrize("kind", ["whole", "beginning", "remote"])
def test_what_a_job_brought_is_changed_without_an_upload(shell: Shell, kind: str) -> None:
    job_id = made_job(shell)
    job = shell.jobs[-1]
    uploads = shell.uploads
    answer = refine(shell, {"whole": job_id, "beginning": job_id[:8], "remote": str(job.remote_id)}[kind])
    assert answer.code == 0, answer.err
    assert shell.uploads == uploads
    assert job.file is not None
    assert shell.submissions[-1].json()["model"] == job.file.asset_id
    assert answer.paths == [shell.out / "chair.glb"]


def test_beside_the_mesh_that_it_was_made_of_the_model_is_in_the_name(shell: Shell) -> None:
    job_id, folder = made_job(shell), shell.folder / "made"
    for _ in range(2):
        assert refine(shell, job_id, "--output", folder).paths == [folder / "chair-meshy-remesh.glb"]
    assert len(shell.service.charges) == 2


def test_a_job_of_a_job_goes_on(shell: Shell) -> None:
    job_id = made_job(shell)
    refine(shell, job_id)
    answer = refine(shell, shell.jobs[-1].id, "--model", UNWRAP)
    assert answer.paths == [shell.out / "chair-meshy-uv-unwrap.glb"]


def test_a_job_that_was_made_elsewhere_is_asked_for(shell: Shell) -> None:
    made_job(shell)
    remote_id = str(shell.jobs[-1].remote_id)
    shutil.rmtree(shell.state)
    answer = refine(shell, remote_id)
    assert answer.code == 0, answer.err
    assert answer.paths == [shell.out / f"{remote_id}.glb"]
    assert shell.uploads == 1


def test_a_job_of_elsewhere_has_to_fit_as_well(shell: Shell, mesh: Path) -> None:
    wide = ("--model", "model_pixal3d", "--set", "decimationTarget=60000", "--set", "resolution=1024")
    shell("generate", shell.picture("chair.png"), *wide, "--output", shell.folder)
    job = shell.jobs[-1]
    ours = refine(shell, job.id, "--model", UNWRAP)
    shutil.rmtree(shell.state)
    elsewhere = refine(shell, str(job.remote_id), "--model", UNWRAP)
    for answer in (ours, elsewhere):
        assert (answer.code, "faces and Meshy UV Unwrap takes 44,000" in answer.err) == (2, True)
    assert len(shell.submissions) == 1


def test_a_job_whose_file_was_not_fetched_yet_is_asked_for_its_files(shell: Shell) -> None:
    shell.service.fail("GET", r"^/assets/", Fault.STATUS, times=None, status=500)
    shell.generate(shell.picture("chair.png"), "--timeout", "5")
    shell.service.forget_faults()
    (job,) = shell.jobs
    assert job.file is None
    assert job.result_ids
    answer = refine(shell, job.id)
    assert answer.code == 0, answer.err
    assert shell.submissions[-1].json()["model"] in job.result_ids


def test_of_a_job_in_several_formats_the_one_is_given_that_the_model_takes(shell: Shell) -> None:
    model = ("--model", "model_meshy-7-img23d", "--set", "shouldRemesh=true", "--set", "targetPolycount=500")
    shell("generate", shell.picture("chair.png"), *model, "--output", shell.folder)
    job = shell.jobs[-1]
    assert job.file is not None
    assert job.file.path.suffix == ".glb"
    for model_id, mime in ((REMESH, "model/gltf-binary"), (TENCENT, "model/obj")):
        answer = refine(shell, job.id, "--model", model_id)
        assert answer.code == 0, answer.err
        (asset_id,) = (value for value in shell.submissions[-1].json().values() if str(value).startswith("asset_"))
        assert shell.service.assets[asset_id]["mimeType"] == mime


def test_quads_of_a_job_are_an_obj_for_the_next(shell: Shell, mesh: Path) -> None:
    refine(shell, mesh, "--set", "topology=quad")
    answer = refine(shell, shell.jobs[-1].id, "--model", TENCENT)
    assert answer.code == 0, answer.err
    refused = refine(shell, shell.jobs[0].id, "--model", UNWRAP)
    assert (refused.code, refused.err.strip()) == (
        2,
        "scenario: sheet is OBJ and Meshy UV Unwrap takes GLB: export it as that first.",
    )


def test_a_job_that_is_none_or_has_no_mesh_is_refused(shell: Shell) -> None:
    shell.service.fail_job("Too dark")
    shell.generate(shell.picture("dark.png"))
    first = shell.jobs[0]
    made_job(shell)
    for text, told in (
        ("0123456789abcdef", "There is neither a file nor a job 0123456789abcdef: check the path, or see `jobs`."),
        ("job_unknown", "The service knows no job job_unknown: check the id, or see `jobs`."),
        (first.id, f"The job {first.id} (dark) has brought no mesh (failed): choose another one."),
        (str(first.remote_id), f"The job {first.remote_id} (dark) has brought no mesh (failed): choose another one."),
        ("nothing-there", "nothing-there does not exist: check the path."),
    ):
        answer = refine(shell, text)
        assert answer.code == 2
        assert told in answer.err
    assert len(shell.submissions) == 2


def test_a_file_comes_before_a_job_of_that_name_and_a_job_before_a_folder(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = made_job(shell)[:10]
    monkeypatch.chdir(shell.folder)
    Path(start).mkdir()
    assert refine(shell, start).paths == [shell.out / "chair.glb"]
    Path(start).rmdir()
    Path(start).write_bytes(glb_grid(20))
    assert refine(shell, start).paths == [shell.out / f"{start}.glb"]


def test_a_job_that_is_under_way_has_no_mesh_yet(shell: Shell) -> None:
    shell.service.set_statuses(["queued"] * 10_000)
    assert shell.generate(shell.picture("chair.png"), "--timeout", "1").code == 1
    (job,) = shell.jobs
    for text, told in ((job.id[:8], "(being made)"), (str(job.remote_id), "(being made)")):
        answer = refine(shell, text)
        assert (answer.code, told in answer.err) == (2, True)
    shutil.rmtree(shell.state)
    answer = refine(shell, str(job.remote_id))
    assert (answer.code, "is still being made: try again when it is done" in answer.err) == (2, True)
    assert len(shell.submissions) == 1


def test_the_ledger_is_read_once_for_all_rows(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = made_job(shell)
    read: list[object] = []
    before = Ledger.jobs
    monkeypatch.setattr(Ledger, "jobs", lambda self, **more: read.append(self) or before(self, **more))
    manifest = shell.folder / "rows.csv"
    starts = [job_id[:length] for length in range(6, 30)]
    rows = "".join(f"{start},{REMESH},n{start},200\n" for start in starts)
    manifest.write_text("mesh,model,name,targetPolycount\n" + rows, encoding="utf-8")
    answer = shell("batch", manifest, "--output", shell.out, "--dry-run")
    assert (answer.code, len(answer.lines)) == (0, len(starts) + 1)
    assert len(read) < len(starts) / 2


def test_a_start_that_several_jobs_have_is_refused(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count()
    monkeypatch.setattr("uuid.uuid4", lambda: UUID(f"ab{next(numbers):030d}"))
    for name in ("a.png", "b.png"):
        shell.generate(shell.picture(name, colour="#2858be" if name == "a.png" else "#be5a28"))
    answer = refine(shell, "ab")
    assert (answer.code, "ab may be 2 jobs" in answer.err) == (2, True)
    assert refine(shell, shell.jobs[0].id).code == 0


def test_a_job_of_another_project_is_not_given(shell: Shell) -> None:
    job_id = made_job(shell)
    other = {**shell.environment, "SCENARIO_PROJECT_ID": "proj_other"}
    answer = refine(shell, job_id, environment=other)
    assert (answer.code, "belongs to another key or project" in answer.err) == (2, True)


# -- before anything is paid


@pytest.mark.parametrize(
    ("data", "args", "told"),
    [
        (b"", (), "sheet.glb is empty: export it again, or choose another mesh."),
        (b"glTF", (), "sheet.glb is not a GLB file; export it again, or choose another mesh."),
        (glb_grid()[:-100], (), "it is not whole"),
        (b"\x89PNG\r\n\x1a\n", (), "sheet.glb is a picture, not a mesh"),
        (glb_grid(150), ("--model", UNWRAP), "sheet.glb has 45,000 faces and Meshy UV Unwrap takes 44,000"),
        (glb_grid(), ("--model", TENCENT), "sheet.glb is GLB and Tencent Smart Topology takes FBX or OBJ"),
        (glb_grid(), ("--model", "model_pixal3d"), "Pixal3D takes no mesh"),
        (glb_grid(), ("--model", "model_meshy-7-retexture"), "image is missing"),
        (glb_grid(), ("--model", REMESH, "--set", "model=x.glb"), "model: the mesh that is changed is no parameter"),
        (glb_grid(), ("--model", REMESH, "--set", "targetPolycount=1"), "targetPolycount: 1 is out of range"),
        (glb_grid(), ("--model", REMESH, "--prompt", "x"), "takes no prompt"),
        (glb_grid(), ("--model", REMESH, "--from-blend", "a.blend"), "--from-blend needs Blender"),
    ],
)
def test_what_cannot_be_changed_is_refused_before_anything_is_sent(
    shell: Shell, mesh: Path, data: bytes, args: tuple[str, ...], told: str
) -> None:
    mesh.write_bytes(data)
    answer = refine(shell, mesh, *args)
    assert answer.code == 2
    assert told in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    assert (shell.uploads, shell.submissions) == (0, [])


def test_the_model_has_to_be_chosen(shell: Shell, mesh: Path) -> None:
    answer = shell("generate", "--mesh", mesh)
    assert (answer.code, "add --model ID" in answer.err) == (2, True)
    answer = shell("generate", "--model", REMESH)
    assert (answer.code, "--mesh FILE_OR_JOB" in answer.err) == (2, True)
    answer = shell("generate", shell.picture(), "--model", REMESH)
    assert (answer.code, "takes no picture" in answer.err) == (2, True)


def test_a_blend_is_no_mesh_to_send_and_goes_with_none(shell: Shell, mesh: Path, blender: FakeBlender) -> None:
    shell.host = blender
    answer = refine(shell, mesh, "--from-blend", "a.blend")
    assert (answer.code, "and --mesh changes a mesh: give one of them" in answer.err) == (2, True)


def test_without_credentials_a_bad_mesh_is_said_first(shell: Shell, mesh: Path) -> None:
    refine(shell, mesh, "--dry-run")
    lost = shell.without("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET")
    assert refine(shell, mesh, environment=lost).code == 3
    assert refine(shell, "0123abcd", environment=lost).code == 3
    answer = shell("generate", "--mesh", mesh, "--model", "model_pixal3d", environment=lost)
    assert (answer.code, "takes no mesh" in answer.err) == (2, True)


def test_a_mesh_that_the_service_does_not_like_costs_nothing(shell: Shell, mesh: Path) -> None:
    job_id = made_job(shell)
    assert len(shell.service.charges) == 1
    shell.service.fail("POST", rf"/generate/custom/{REMESH}", Fault.STATUS, after=1, status=400)
    answer = refine(shell, job_id)
    assert answer.code == 1
    assert len(shell.service.charges) == 1


def test_a_mesh_that_cannot_be_taken_in_fails_its_item(shell: Shell, mesh: Path) -> None:
    spoiled = glb_grid().replace(b'"mode":4', b'"mode":1')
    mesh.write_bytes(spoiled)
    answer = refine(shell, mesh)
    assert answer.code == 2


def test_in_blender_it_is_the_same(shell: Shell, mesh: Path, blender: FakeBlender) -> None:
    shell.host = blender
    answer = refine(shell, mesh, shell.picture(), "--model", "model_meshy-7-retexture", "--blend")
    assert answer.code == 0, answer.err
    assert shell.meshes == {"sheet.glb", "sheet.blend"}


# -- a manifest


def test_rows_of_a_manifest_begin_with_meshes_and_jobs_too(shell: Shell, mesh: Path) -> None:
    job_id = made_job(shell)
    manifest = shell.folder / "rows.csv"
    rows = [
        "mesh,image,model,name,targetPolycount",
        f"sheet.glb,,{REMESH},,200",
        f"{job_id[:12]},,{REMESH},few,300",
        "sheet.glb,chair.png,model_meshy-7-retexture,red,",
    ]
    manifest.write_text("\n".join(rows) + "\n", encoding="utf-8")
    report = shell.folder / "report.json"
    answer = shell("batch", manifest, "--output", shell.out, "--report", report)
    assert answer.code == 0, answer.err
    assert shell.meshes == {"sheet.glb", "few.glb", "red.glb"}
    items = json.loads(report.read_text(encoding="utf-8"))["items"]
    assert [item["image"] for item in items] == [str(mesh), job_id[:12], str(mesh)]
    again = shell("batch", manifest, "--output", shell.out)
    assert (again.code, len(shell.service.charges)) == (0, 4)
    assert shell.meshes == {"sheet.glb", "few.glb", "red.glb"}


def test_bad_meshes_of_a_manifest_are_all_named(shell: Shell, mesh: Path) -> None:
    manifest = shell.folder / "rows.jsonl"
    (shell.folder / "none.glb").write_bytes(b"")
    rows = [
        {"mesh": "sheet.glb", "model": REMESH},
        {"mesh": "none.glb", "model": REMESH},
        {"mesh": "not there.glb", "model": REMESH},
        {"mesh": "0123abcd", "model": REMESH},
        {"mesh": 5, "model": REMESH},
        {"mesh": "sheet.glb", "model": "model_pixal3d"},
        {"mesh": "sheet.glb", "model": TENCENT},
    ]
    manifest.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    answer = shell("batch", manifest, "--output", shell.out)
    assert answer.code == 2
    lines = [line for line in answer.err.splitlines() if line.startswith(f"{manifest}:")]
    assert [int(line.removeprefix(f"{manifest}:").split(":")[0]) for line in lines] == [2, 3, 4, 5, 6, 7]
    assert shell.submissions == []


# -- what is told of models


def test_models_tells_what_each_begins_with(shell: Shell) -> None:
    listed = {model["id"]: model["takes"] for model in json.loads(shell("models", "--json").out)}
    assert listed[REMESH] == ["mesh"]
    assert listed["model_pixal3d"] == ["pictures"]
    assert "words" in listed["model_rodin-hyper3d"]
    line = next(line for line in shell("models").lines if line.startswith(REMESH))
    assert "  mesh  " in line


def test_a_model_is_shown_with_what_it_takes_of_meshes(shell: Shell) -> None:
    answer = shell("models", TENCENT)
    assert "Mesh: FBX or OBJ, at most 100,000 faces, at most 52.4 MB" in answer.out
    assert "not supported" not in answer.out
    data = json.loads(shell("models", TENCENT, "--json").out)
    assert data["mesh_limits"] == {"formats": ["fbx", "obj"], "max_bytes": 52_428_800, "max_faces": 100_000}
    assert all(parameter["supported"] for parameter in data["parameters"])
    assert json.loads(shell("models", "model_pixal3d", "--json").out)["mesh_limits"] is None
