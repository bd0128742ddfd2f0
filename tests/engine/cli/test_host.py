# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line does with the powers of the program it runs in."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from scenario_addon.engine.host import Check, Host
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.values import Credentials
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import Shell
from tests.engine.picture_samples import encoded, write
from tests.service import Fault, Service

WITH_OBJ = ("--model", "model_meshy-7-img23d", "--set", "shouldRemesh=true", "--set", "targetPolycount=200", "--blend")
"""Settings with which the service has the mesh as GLB and as OBJ."""


@pytest.fixture
def blender(tmp_path: Path) -> FakeBlender:
    return FakeBlender(tmp_path)


@pytest.fixture
def shell(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], blender: FakeBlender) -> Shell:
    """A shell around a Blender."""
    host: Host = blender  # the protocol is kept
    return Shell(service, tmp_path, capsys, host=host)


def test_what_blender_sees_nothing_on_is_not_sent(shell: Shell, blender: FakeBlender) -> None:
    blender.sees_nothing = True
    answer = shell.generate(shell.picture())
    assert (answer.code, shell.service.charges, shell.service.count("POST", "/assets")) == (2, [], 0)
    assert "photo.png shows nothing, subject: True." in answer.err


def test_blend_writes_a_blend_beside_each_mesh(shell: Shell) -> None:
    answer, report = shell.report(shell.picture(), "--blend")
    assert answer.code == 0, answer.err
    glb, blend = shell.out / "photo.glb", shell.out / "photo.blend"
    assert answer.out == f"{glb}\t{blend}\n"
    (item,) = report["items"]
    assert blend.read_text() == f"photo.glb photo {item['job_id']} model_hunyuan-3d-v2-1"
    assert (item["glb"], item["blend"]) == (str(glb), str(blend))


def test_what_the_blend_lacks_is_told_on_standard_error(shell: Shell, blender: FakeBlender) -> None:
    blender.flaws = ("without its texture base.png, which is missing",)
    answer = shell.generate(shell.picture(), "--blend")
    assert answer.code == 0
    assert "photo.blend comes without its texture base.png, which is missing.\n" in answer.err
    assert answer.out == f"{shell.out / 'photo.glb'}\t{shell.out / 'photo.blend'}\n"


def test_the_blend_of_a_mesh_in_a_folder_of_its_own_is_where_every_other_one_is(shell: Shell) -> None:
    shell.service.fail("GET", "^/assets/", Fault.GARBAGE)  # the GLB
    arguments = (shell.picture(), shell.picture("same.png"), *WITH_OBJ, "--output", shell.out)
    for _ in range(2):
        answer = shell("generate", *arguments)
        assert answer.code == 0, answer.err
        rows = [[Path(path) for path in line.split("\t")] for line in answer.lines]
        assert {file.suffix for file, _ in rows} == {".obj"}
        assert [blend for _, blend in rows] == [shell.out / "photo.blend", shell.out / "same.blend"]
        assert len(list(shell.out.rglob("*.obj"))) == 2, "what was copied is not copied again"


def test_without_blend_none_is_written(shell: Shell) -> None:
    assert shell.generate(shell.picture()).code == 0
    assert shell.meshes == {"photo.glb"}


def test_a_blend_that_is_there_is_not_overwritten(shell: Shell) -> None:
    shell.out.mkdir()
    (shell.out / "photo.blend").write_text("a week's work")
    answer = shell.generate(shell.picture(), "--blend")
    assert answer.out == f"{shell.out / 'photo.glb'}\t{shell.out / 'photo-2.blend'}\n"
    assert (shell.out / "photo.blend").read_text() == "a week's work"


def test_a_blend_that_cannot_be_made_is_told_and_the_mesh_stays(shell: Shell, blender: FakeBlender) -> None:
    blender.refuses = "Blender could not read it."
    answer, report = shell.report(shell.picture(), "--blend")
    assert answer.code == 1
    assert answer.out == ""
    assert answer.err.endswith(": Blender could not read it.\n")
    (item,) = report["items"]
    assert (item["state"], item["blend"], item["error"]) == ("ready", None, "Blender could not read it.")
    assert Path(item["glb"]).exists()


def obj_of(shell: Shell, name: str = "photo") -> Path:
    [path] = shell.out.glob(f"{name}-*/{name}.obj")
    return path


def test_what_blender_cannot_read_is_fetched_in_another_format_for_its_blend(
    shell: Shell, blender: FakeBlender
) -> None:
    blender.unreadable = (".glb",)
    arguments = ("generate", shell.picture(), *WITH_OBJ, "--output", shell.out)
    report = shell.folder / "report.json"
    answer = shell(*arguments, "--report", report)
    assert answer.code == 0, answer.err
    blend = shell.out / "photo.blend"
    assert answer.out == f"{obj_of(shell)}\t{blend}\n"
    assert blend.read_text().startswith("photo.obj photo ")
    assert "photo.glb could not be imported: it is too modern. Another format of it is tried." in answer.err
    assert (shell.out / "photo.glb").exists(), "other programs may read it"
    [item] = json.loads(report.read_text())["items"]
    [charge] = shell.service.charges
    assert (item["cost_cu"], item["error"]) == (float(charge.cost_cu), None)
    times = {path: path.stat().st_mtime_ns for path in shell.out.rglob("*")}
    again = shell(*arguments)
    assert (again.code, again.out) == (0, answer.out)
    assert {path: path.stat().st_mtime_ns for path in shell.out.rglob("*")} == times
    assert len(shell.service.charges) == 1


def test_what_was_made_before_is_fetched_in_another_format_where_it_is_wanted_now(
    shell: Shell, blender: FakeBlender
) -> None:
    blender.unreadable = (".glb",)
    picture = shell.picture()
    assert shell("generate", picture, *WITH_OBJ[:-1], "--output", shell.folder / "before").code == 0
    report = shell.folder / "report.json"
    answer = shell("generate", picture, *WITH_OBJ, "--output", shell.out, "--report", report)
    assert answer.code == 0, answer.err
    assert answer.out == f"{obj_of(shell)}\t{shell.out / 'photo.blend'}\n"
    assert "nothing was ordered." in answer.err
    assert [item["cost_cu"] for item in json.loads(report.read_text())["items"]] == [0.0]
    assert len(shell.service.charges) == 1


def test_everybody_who_asked_for_it_gets_the_format_that_blender_can_read(shell: Shell, blender: FakeBlender) -> None:
    blender.unreadable = (".glb",)
    pictures = [shell.picture(), shell.picture("same.png"), shell.picture("other.png", colour="#204060")]
    for _ in range(2):
        answer = shell("generate", *pictures, *WITH_OBJ, "--output", shell.out)
        assert answer.code == 0, answer.err
        rows = [[Path(path) for path in line.split("\t")] for line in answer.lines]
        assert {glb.suffix for glb, _ in rows} == {".obj"}
        assert {blend for _, blend in rows} == {shell.out / f"{name}.blend" for name in ("photo", "same", "other")}
        assert len(list(shell.out.rglob("*.obj"))) == 3
        assert len(shell.service.charges) == 2


def test_where_blender_reads_no_format_that_is_told_once_all_were_tried(shell: Shell, blender: FakeBlender) -> None:
    blender.unreadable = (".glb", ".obj")
    answer = shell("generate", shell.picture(), *WITH_OBJ, "--output", shell.out)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.endswith("photo.png: photo.obj could not be imported: it is too modern.\n")
    assert (shell.out / "photo.glb").exists()
    assert obj_of(shell).exists()
    fetched = shell.service.count("GET", "^/assets/")
    assert shell("generate", shell.picture(), *WITH_OBJ, "--output", shell.out).code == 1
    assert shell.service.count("GET", "^/assets/") == fetched, "it is not fetched again in vain"
    assert len(shell.service.charges) == 1


@pytest.mark.parametrize("lasts", [True, False])
def test_another_format_that_cannot_be_had_is_waited_for_and_resumed(
    shell: Shell, blender: FakeBlender, lasts: bool
) -> None:
    blender.unreadable = (".glb",)
    shell.service.fail("GET", "^/assets/", Fault.STATUS, status=503, after=1, times=None if lasts else 2)
    arguments = ("generate", shell.picture(), *WITH_OBJ, "--output", shell.out)
    answer = shell(*arguments)
    assert answer.code == int(lasts), answer.err
    if lasts:
        assert answer.err.endswith("photo.png: Internal server error\n"), "not what is known of the other format"
        shell.service.forget_faults()
        answer = shell(*arguments)
    assert answer.out == f"{obj_of(shell)}\t{shell.out / 'photo.blend'}\n", answer.err
    assert len(shell.service.charges) == 1


def test_a_mesh_that_is_in_a_scene_already_is_left_to_the_scene(shell: Shell, blender: FakeBlender) -> None:
    assert shell("generate", shell.picture(), *WITH_OBJ[:-1], "--output", shell.out).code == 0
    ledger = Ledger(shell.state)
    [job] = ledger.jobs()
    assert ledger.claim(job.id)
    ledger.save(replace(job, order=replace(job.order, target={"scene": "Scene"}), state=State.IMPORTED))
    ledger.close()
    blender.unreadable = (".glb",)
    answer = shell("generate", shell.picture(), *WITH_OBJ, "--output", shell.out)
    assert answer.code == 1
    assert "photo.glb could not be imported" in answer.err
    assert [job.state for job in shell.jobs] == [State.IMPORTED]


def test_resume_makes_a_missing_blend_and_pays_nothing(shell: Shell) -> None:
    shell.generate(shell.picture())
    (shell.out / "photo.glb").rename(shell.out / "elsewhere")
    shutil.copy(shell.out / "elsewhere", shell.out / "photo.glb")
    answer = shell.generate(shell.picture(), "--blend", "--resume")
    assert answer.out == f"{shell.out / 'photo.glb'}\t{shell.out / 'photo.blend'}\n"
    assert shell.generate(shell.picture(), "--blend", "--resume").out == answer.out
    assert len(shell.service.charges) == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_that_are_stored_on_their_side_are_turned_and_that_is_said(shell: Shell, kind: str) -> None:
    tags = Image.Exif()
    tags[0x0112] = 8
    answer = shell.generate(write(shell.folder, encoded(kind, exif=tags), "phone.img"))
    assert answer.code == 0, answer
    assert "phone: phone.img was turned upright and converted to a 200 x 140 px PNG for this model.\n" in answer.err
    (asset,) = [record for record in shell.service.assets.values() if record["metadata"].get("name")]
    assert asset["metadata"]["name"] == "phone.png"


def test_pictures_that_the_service_does_not_take_are_converted_and_that_is_said(shell: Shell) -> None:
    (shell.folder / "scan.bmp").write_bytes(b"BM" + bytes(64))
    answer, report = shell.report(shell.folder / "scan.bmp")
    assert answer.code == 0, answer.err
    assert "scan: scan.bmp was converted to a 200 x 140 px PNG for this model.\n" in answer.err
    assert report["items"][0]["image"] == str(shell.folder / "scan.bmp")
    assert answer.paths == [shell.out / "scan.glb"]
    assert list(shell.folder.glob("*.png")) == []


def test_pictures_that_blender_cannot_read_either_are_refused(shell: Shell, blender: FakeBlender) -> None:
    blender.refuses = "scan.bmp cannot be read by Blender: save it as PNG."
    (shell.folder / "scan.bmp").write_bytes(b"BM" + bytes(64))
    answer = shell.generate(shell.folder / "scan.bmp")
    assert (answer.code, answer.err) == (2, f"scenario: {blender.refuses}\n")


def test_without_leave_to_go_online_nothing_is_sent(shell: Shell, blender: FakeBlender) -> None:
    blender.online_access = False
    for command in (["generate", shell.picture()], ["resume"]):
        answer = shell(*command)
        assert answer.code == 3
        assert "start it with --online-mode" in answer.err
    assert shell.service.requests == []


def test_without_leave_to_go_online_the_models_that_are_known_are_shown(shell: Shell, blender: FakeBlender) -> None:
    blender.online_access = False
    answer = shell("models")
    assert answer.code == 0
    assert "model_pixal3d" in answer.out
    assert "--online-mode" in answer.err
    assert shell.service.requests == []


def test_what_an_older_version_kept_with_the_extension_is_found(shell: Shell, blender: FakeBlender) -> None:
    shell.generate(shell.picture())
    blender.former_folder = shell.folder / "extension"
    shell.state.rename(blender.former_folder)
    answer = shell.generate(shell.picture())
    assert (answer.code, answer.paths) == (0, [shell.out / "photo.glb"]), answer.err
    assert f"Jobs and meshes of an earlier version were moved to {shell.state}" in answer.err
    assert len(shell.service.charges) == 1
    shutil.rmtree(blender.former_folder)
    assert [job.order.name for job in shell.jobs] == ["photo"]


def test_doctor_tells_what_blender_lacks(shell: Shell, blender: FakeBlender) -> None:
    blender.found = [Check("glTF importer", False, "numpy is missing", "Install numpy.")]
    answer = shell("doctor")
    assert answer.code == 1
    assert "FAIL  glTF importer: numpy is missing\n      Install numpy.\n" in answer.out


def test_doctor_asks_nobody_without_leave_to_go_online(shell: Shell, blender: FakeBlender) -> None:
    blender.online_access = False
    answer = shell("doctor")
    assert answer.code == 3
    assert "FAIL  online access: off\n      Allow it.\n" in answer.out
    assert shell.service.requests == []


def test_a_key_entered_in_blender_is_used_where_the_environment_has_none(shell: Shell, blender: FakeBlender) -> None:
    service = shell.service
    blender.saved = Credentials(service.key, service.secret, None, service.base_url)
    bare = shell.without("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET")
    assert shell("models", environment=bare).code == 0
    assert service.count("GET", r"/models$") == 1
