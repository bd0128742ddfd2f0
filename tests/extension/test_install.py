# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip in a whole Blender: it installs, its command line answers, and what was paid for outlives it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.engine.cli.shell import Shell
from tests.engine.ledger.test_database import write_version_1
from tests.extension.desk import HURRIED, OWN_FOLDER, Desk
from tests.profile import Profile

if TYPE_CHECKING:
    from tests.service import Service

DOCTOR = ("--command", "scenario", "doctor", "--json")
NO_CREDENTIALS = 3
SAVE_A_BOX = """
import bpy
bpy.ops.wm.read_homefile(use_empty=True)
bpy.ops.mesh.primitive_cube_add(size=1, location=(3, -2, 1))
bpy.context.object.name = "Crate"
bpy.context.object.scale, bpy.context.object.rotation_euler.z = (2, 1, 0.5), 0.5
bpy.ops.wm.save_as_mainfile(filepath={blend!r})
"""
MEASURE = """
import bpy
[crate] = bpy.context.scene.objects
print("measured", crate.name, *(round(x, 3) for x in (*crate.dimensions, crate.rotation_euler.z, *crate.location)))
"""
LOOK_AT_JOBS = """
from bl_ext.user_default.scenario_addon.blender.app.session import session
session.load_now()
print(len(session.jobs), *session.notices.values())
"""


def test_blender_lists_the_installed_extension_with_its_name(installed: Profile) -> None:
    done = installed.run("--command", "extension", "list")
    assert "scenario_addon" in done.stdout and "Scenario 3D" in done.stdout, done.stdout + done.stderr


def test_the_doctor_exits_with_3_when_there_are_no_credentials(installed: Profile) -> None:
    done = installed.run("--online-mode", *DOCTOR)
    assert done.returncode == NO_CREDENTIALS, done.stdout + done.stderr


@pytest.mark.one_window
def test_the_doctor_exits_with_3_when_blender_may_not_go_online(installed: Profile, service: "Service") -> None:
    done = installed.run("--offline-mode", *DOCTOR, environment=service.environment)
    assert done.returncode == NO_CREDENTIALS, done.stdout + done.stderr


def test_the_installed_extension_makes_mesh_blend_and_preview_of_an_object_and_puts_the_mesh_where_that_stands(
    installed: Profile, service: "Service", tmp_path: Path
) -> None:
    blend, kit = tmp_path / "room.blend", tmp_path / "kit.blend"
    made = installed.run("--background", "--python-expr", SAVE_A_BOX.format(blend=str(blend)))
    assert blend.exists(), made.stdout + made.stderr
    generate = (*HURRIED, "--command", "scenario", "generate", "--from-blend", str(blend), "--object", "Crate")
    more = ("--blend", "--preview", "--blend-all", str(kit), "--output", str(tmp_path), "--set", "targetFaceNum=500")
    done = installed.run("--online-mode", *generate, *more, environment=service.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    paths = [tmp_path / name for name in ("Crate.glb", "Crate.blend", "Crate-preview.png")]
    assert done.stdout.splitlines()[-1] == "\t".join(map(str, paths))
    [charge] = service.charges
    assert paths[0].read_bytes() == service.result_bytes(charge.job_id)
    assert paths[1].stat().st_size > 0
    with Image.open(paths[2]) as preview:
        assert preview.size == (512, 512)
    seen = installed.run("--background", str(kit), "--python-expr", MEASURE)
    assert "measured Crate 2.0 1.0 0.5 0.5 3.0 -2.0 0.75" in seen.stdout, seen.stdout + seen.stderr


@pytest.fixture
def shell(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The command line in this process, for what need not be the installed one's; its state is elsewhere."""
    return Shell(desk.service, tmp_path / "elsewhere", capsys)


def listed(shell: Shell, state: Path) -> list[dict[str, Any]]:
    """What the command line says of the jobs in a folder."""
    return json.loads(shell("jobs", "--json", environment={"SCENARIO_STATE_DIR": str(state)}).out)


def content(folder: Path) -> dict[Path, bytes]:
    """What is kept, byte for byte; the files of SQLite that come and go with a connection are not."""
    return {
        path.relative_to(folder): path.read_bytes()
        for name in ("ledger.sqlite3", "backups", "meshes")
        for path in ([folder / name] if (folder / name).is_file() else (folder / name).rglob("*"))
        if path.is_file()
    }


def secrets_in(folder: Path, service: "Service") -> list[Path]:
    """The files that hold the key or its secret."""
    words = (service.key.encode(), service.secret.encode())
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if any(word in path.read_bytes() for word in words)]


def test_removing_the_extension_leaves_ledger_backups_meshes_no_key_and_it_goes_on_once_installed_again(
    desk: Desk, shell: Shell, extension_zip: Path
) -> None:
    kept = {path for path in desk.profile.home.rglob("*") if path.is_file()}
    desk.generate(desk.output)
    desk.generate_in_blender()
    charged, state = len(desk.service.charges), desk.state
    jobs = listed(shell, state)
    assert secrets_in(desk.profile.home, desk.service) == [desk.user_folder / "credentials.json"]
    assert (charged, len(jobs)) == (2, 2)
    before = content(state)
    folders = {path.parts[0] for path in before}
    assert folders == {"ledger.sqlite3", "backups", "meshes"}, before

    done = desk.profile.run("--command", "extension", "remove", "scenario_addon", environment=OWN_FOLDER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not desk.extension.exists()
    assert not desk.user_folder.exists()
    assert content(state) == before
    assert secrets_in(desk.profile.home, desk.service) == []
    new = {path for path in desk.profile.home.rglob("*") if path.is_file()} - kept - {*state.rglob("*")}
    assert not [path for path in new if "__pycache__" not in path.parts], "but what Blender itself leaves"

    desk.profile.install(extension_zip)
    assert desk.jobs() == jobs
    desk.generate(desk.output)
    assert len(desk.service.charges) == charged
    assert [path.name for path in desk.output.iterdir()] == ["ramp.glb"]


def test_what_an_older_version_kept_with_the_extension_is_moved_out_once(desk: Desk, shell: Shell) -> None:
    old = desk.user_folder
    assert shell.generate(desk.picture, "--output", old / "files").code == 0
    mesh = (old / "files" / "ramp.glb").read_bytes()
    write_version_1(old / "ledger.sqlite3", *shell.jobs)

    look = ("--background", "--python-exit-code", "9", "--python-expr", LOOK_AT_JOBS)
    first, second = desk.run(*look), desk.run(*look)
    told = [(done.stdout + done.stderr).count("were moved to") for done in (first, second)]
    assert told == [1, 0], first.stdout + first.stderr
    state = desk.state
    assert not state.is_relative_to(old)
    assert (state / "meshes" / "ramp.glb").read_bytes() == mesh
    assert not list(old.rglob("*.glb"))
    [job] = listed(shell, state)
    assert Path(job["glb"]) == state / "meshes" / "ramp.glb"
    assert len(desk.service.charges) == 1
