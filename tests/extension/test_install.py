# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip in a whole Blender: it installs, and its command line answers."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.profile import Profile

if TYPE_CHECKING:
    from tests.service import Service

DOCTOR = ("--command", "scenario", "doctor", "--json")
NO_CREDENTIALS = 3


def test_blender_lists_the_installed_extension_with_its_name(installed: Profile) -> None:
    done = installed.run("--command", "extension", "list")
    assert "scenario_addon" in done.stdout and "Scenario 3D" in done.stdout, done.stdout + done.stderr


def test_the_doctor_exits_with_3_when_there_are_no_credentials(installed: Profile) -> None:
    done = installed.run("--online-mode", *DOCTOR)
    assert done.returncode == NO_CREDENTIALS, done.stdout + done.stderr


def test_the_doctor_exits_with_3_when_blender_may_not_go_online(installed: Profile, service: "Service") -> None:
    done = installed.run("--offline-mode", *DOCTOR, environment=service.environment)
    assert done.returncode == NO_CREDENTIALS, done.stdout + done.stderr


def test_the_doctor_finds_key_and_connection_in_order(installed: Profile, service: "Service") -> None:
    done = installed.run("--online-mode", *DOCTOR, environment=service.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    # Blender itself may write lines before the report.
    checks = json.loads(done.stdout[done.stdout.index("{") :])["checks"]
    assert {"key", "connection"} <= {check["name"] for check in checks if check["ok"]}


def test_the_installed_extension_turns_a_picture_into_a_model_and_a_blend(
    installed: Profile, service: "Service", tmp_path: Path
) -> None:
    Image.linear_gradient("L").save(tmp_path / "ramp.png")
    generate = ("--command", "scenario", "generate", str(tmp_path / "ramp.png"), "--blend", "--output", str(tmp_path))
    done = installed.run("--online-mode", *generate, "--set", "targetFaceNum=500", environment=service.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    job = service.charges[0].job_id
    assert (tmp_path / "ramp.glb").read_bytes() == service.result_bytes(job)
    assert (tmp_path / "ramp.blend").stat().st_size > 0
    assert len(service.charges) == 1
