# SPDX-License-Identifier: GPL-3.0-or-later
"""From one version to the next, off and on again, and from a repository of one's own, in a whole Blender."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from extension.zips import build, index, this_platform

from scenario_addon.engine.ledger.job import State
from tests.engine.orders import FAST_MODEL
from tests.extension.desk import ADDON, HURRY, Desk, settle
from tests.extension.zips import later, served
from tests.profile import Profile

if TYPE_CHECKING:
    from tests.service import Service

VALUES: Final = f"""
import addon_utils, bpy, json
saved = bpy.context.preferences.addons["{ADDON}"].preferences
[version] = [m.bl_info["version"] for m in addon_utils.modules(refresh=True) if m.__name__ == "{ADDON}"]
warned = addon_utils._extensions_warnings_get().get("{ADDON}", [])
values = saved.api_key, saved.api_secret, saved.keep_files, saved.max_cost
print("found", json.dumps([version, warned, *values]))
"""
ORDER_AND_DIE: Final = f"""
import bpy, os
from {ADDON}.engine.api.client import ScenarioClient
ScenarioClient.job = lambda *_: os._exit(0)
bpy.context.scene.scenario.model = {{model!r}}
bpy.ops.scenario.generate(filepath={{picture!r}})
"""
OFF_AND_ON: Final = f"""
import bpy
print("off and on", flush=True)
for _ in range(10):
    bpy.ops.preferences.addon_disable(module="{ADDON}")
    bpy.ops.preferences.addon_enable(module="{ADDON}")
bpy.ops.preferences.addon_disable(module="{ADDON}")
print("left", [name for name in dir(bpy.types) if name.startswith("SCENARIO_")], hasattr(bpy.types.Scene, "scenario"))
bpy.ops.wm.save_userpref()
"""
FORGET_BLENDERS_OWN: Final = """
import bpy
repositories = bpy.context.preferences.extensions.repos
[own] = [repository for repository in repositories if repository.module == "blender_org"]
repositories.remove(own)
"""
"""No repository on the internet is asked. Saved by what comes after it."""
ENABLE: Final = f"""
import bpy
bpy.ops.preferences.addon_enable(module="{ADDON}")
"""


def found(desk: Desk, *command: str, before: str = "") -> list[Any]:
    """What Blender has of the extension: version, policies that it breaks, key, secret, folder, limit."""
    said = desk.script(before + VALUES, *command).stdout
    [line] = [line for line in said.splitlines() if line.startswith("found ")]
    return json.loads(line.removeprefix("found "))


def test_a_higher_version_keeps_key_settings_and_unfinished_jobs(
    desk: Desk, extension_zip: Path, tmp_path: Path
) -> None:
    values = [desk.service.key, desk.service.secret, str(desk.output), 33.0]
    desk.script(HURRY + settle(*values) + ORDER_AND_DIE.format(model=FAST_MODEL, picture=str(desk.picture)))
    [job] = desk.ledger()
    assert (job.state, len(desk.service.charges)) == (State.RUNNING, 1)

    desk.profile.install(later(extension_zip, tmp_path))
    assert desk.ledger() == [job]
    assert found(desk, "--command", "scenario", "resume", before=HURRY) == [[99, 0, 0], [], *values]
    [mesh] = desk.output.glob("*.glb")
    assert mesh.read_bytes() == desk.service.result_bytes(desk.service.charges[0].job_id)
    assert len(desk.service.charges) == 1


def test_disabled_it_is_out_of_the_way_and_enabled_again_it_has_the_key(desk: Desk) -> None:
    """Ten times, in silence. Blender itself forgets the other settings of whatever is disabled."""
    values = [desk.service.key, desk.service.secret, "", 50.0]
    said = desk.script(settle(*values) + OFF_AND_ON)
    lines = [line for line in said.stdout.splitlines() if not re.match(r"\d\d:\d\d\.\d+ ", line)]  # Blender's own log
    assert lines[lines.index("off and on") + 1] == "left [] False", said.stdout
    assert "scenario" not in said.stderr and "Error" not in said.stderr
    refused = desk.profile.run("--command", "scenario", "jobs")
    assert refused.returncode == 1, refused.stdout
    assert found(desk, before=ENABLE) == [[0, 1, 0], [], *values]


def test_every_blender_builds_the_same_bytes(extension_zip: Path, tmp_path: Path) -> None:
    [archive] = build(tmp_path, platforms=[this_platform()])
    assert archive.read_bytes() == extension_zip.read_bytes()


def test_blender_finds_installs_and_updates_it_from_a_repository_of_ones_own(
    whole_blender: Path, zips: list[Path], service: Service, tmp_path: Path
) -> None:
    """Of the five zips, the one for this machine; its doctor finds key and connection in order."""
    subscriber, shop = Profile(whole_blender, home=tmp_path / "home"), tmp_path / "shop"
    shop.mkdir()

    def online(*command: str, script: str = "") -> str:
        arguments = ("--online-mode", "--python-exit-code", "9", "--python-expr", script, "--command", *command)
        done = subscriber.run(*arguments, environment=service.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def installed() -> str:
        [manifest] = subscriber.home.rglob("ours/scenario_addon/blender_manifest.toml")
        [line] = [line for line in manifest.read_text(encoding="utf-8").splitlines() if line.startswith("version = ")]
        return line

    for path in zips:
        (shop / path.name).symlink_to(path)
    index([shop / path.name for path in zips])
    with served(shop) as address:
        add = ("extension", "repo-add", "--name", "Ours", "--url", f"{address}/index.json", "ours")
        online(*add, script=FORGET_BLENDERS_OWN)
        online("extension", "install", "--sync", "--enable", "scenario_addon")
        assert installed() == 'version = "0.1.0"'
        index([later(path, shop) for path in zips])
        online("extension", "update", "--sync")
        assert installed() == 'version = "99.0.0"'
    report = online("scenario", "doctor", "--json")
    assert {"key", "connection"} <= {
        check["name"] for check in json.loads(report[report.index("{") :])["checks"] if check["ok"]
    }
