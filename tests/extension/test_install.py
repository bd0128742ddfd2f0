# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip in a whole Blender: it installs, and its command line answers."""

import json
from typing import TYPE_CHECKING

from tests.extension.conftest import Profile

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
    done = installed.run("--offline-mode", *DOCTOR, **service.environment)
    assert done.returncode == NO_CREDENTIALS, done.stdout + done.stderr


def test_the_doctor_finds_key_and_connection_in_order(installed: Profile, service: "Service") -> None:
    done = installed.run("--online-mode", *DOCTOR, **service.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    # Blender itself may write lines before the report.
    checks = json.loads(done.stdout[done.stdout.index("{") :])["checks"]
    assert {"key", "connection"} <= {check["name"] for check in checks if check["ok"]}
