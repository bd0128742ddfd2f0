# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk of somebody who has installed the extension: a whole Blender, the stand-in, a picture."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scenario_addon.engine.ledger.ledger import Ledger
from tests.engine.orders import FAST_MODEL
from tests.profile import Profile

if TYPE_CHECKING:
    from scenario_addon.engine.ledger.job import Job
    from tests.service import Service

__all__ = ["ADDON", "HURRIED", "HURRY", "KEYLESS", "OWN_FOLDER", "Desk", "settle"]

ADDON: Final = "bl_ext.user_default.scenario_addon"
KEYLESS: Final = {"SCENARIO_SDK_API_KEY": "", "SCENARIO_SDK_API_SECRET": ""}
"""The key is in the preferences."""
OWN_FOLDER = {"SCENARIO_STATE_DIR": "", "XDG_DATA_HOME": ""}
"""The state goes where it goes on a user's computer."""
HURRY: Final = f"""
from {ADDON}.engine.models import sides
from {ADDON}.engine.pace import forecast
for module, limits in ((forecast, {{"_LEAST_S": 0.05, "_MOST_S": 0.05}}), (sides, {{"_SIZE_PX": 128}})):
    assert limits.keys() <= vars(module).keys()
    vars(module).update(limits)
"""
"""Run in Blender, it is asked about jobs almost without a pause, and pictures that are taken are small."""
HURRIED: Final = ("--python-exit-code", "9", "--python-expr", HURRY)
"""The same, before a command."""
GENERATE_IN_BLENDER = """
import bpy
bpy.context.scene.scenario.model = {model!r}
assert bpy.ops.scenario.generate(filepath={picture!r}) == {{"FINISHED"}}
"""
SETTLE = """
import bpy
saved = bpy.context.preferences.addons[{addon!r}].preferences
saved.api_key, saved.api_secret, saved.keep_files, saved.max_cost = {values!r}
bpy.ops.wm.save_userpref()
"""


def settle(*values: str | float) -> str:
    """Give the script that enters key and secret, the folder for meshes and the limit in the preferences."""
    return SETTLE.format(addon=ADDON, values=values)


@dataclass(frozen=True)
class Desk:
    """A user's Blender with the extension, the stand-in, and a picture."""

    profile: Profile
    service: Service
    picture: Path
    output: Path

    @property
    def extension(self) -> Path:
        return self.profile.home / "blender" / "extensions" / "user_default" / "scenario_addon"

    @property
    def user_folder(self) -> Path:
        """The extension's own, which Blender makes and removes with it."""
        return self.profile.home / "blender" / "extensions" / ".user" / "user_default" / "scenario_addon"

    @property
    def state(self) -> Path:
        """Where the ledger is, wherever this system keeps a user's data."""
        [ledger] = self.profile.home.rglob("ledger.sqlite3")
        return ledger.parent

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        done = self.profile.run(
            "--online-mode", *arguments, environment={**self.service.environment, **OWN_FOLDER, **environment}
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def script(self, text: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a script in Blender, which has the key from its preferences, and a command after it."""
        return self.run("--background", "--python-exit-code", "9", "--python-expr", text, *command, **KEYLESS)

    def generate(self, output: Path, **environment: str) -> None:
        line = (*HURRIED, "--command", "scenario", "generate", str(self.picture), "--model", FAST_MODEL)
        self.run(*line, "--set", "paint=false", "--output", str(output), **environment)

    def generate_in_blender(self) -> None:
        """With the key entered in the preferences, and the meshes kept with the record of the jobs."""
        generate = GENERATE_IN_BLENDER.format(model=FAST_MODEL, picture=str(self.picture))
        self.script(HURRY + settle(self.service.key, self.service.secret, "", 50.0) + generate)

    def ledger(self) -> list[Job]:
        """Every job, as the file has it."""
        ledger = Ledger(self.state)
        try:
            return list(ledger.jobs())
        finally:
            ledger.close()

    def jobs(self) -> list[dict[str, Any]]:
        said = self.run("--command", "scenario", "jobs", "--json").stdout
        return json.loads(said[said.index("[") : said.rindex("]") + 1])
