# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences in a window: what is left is told, and where things are kept can be seen, chosen and opened."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.gui.driver import TALL, Window
from tests.profile import Profile
from tests.service import Service

WALK = "tests.gui.walk_preferences:chooses_folders"
OWN_FOLDER = {"SCENARIO_STATE_DIR": "", "XDG_DATA_HOME": ""}
"""The state goes where it goes on a user's computer."""


@pytest.mark.one_window
def test_what_is_left_where_meshes_are_kept_and_what_doctor_finds_can_be_seen(
    profile: Profile, service: Service, tmp_path: Path
) -> None:
    service.team.granted_cu, service.team.period_end = Decimal(1241), "2099-12-15T12:00:00.000Z"
    environment, chosen = service.environment | OWN_FOLDER, tmp_path / "meshes"
    with Window(profile, WALK, environment=environment, arguments={"folder": str(chosen)}, size=TALL) as window:
        found = window.result()
    usual, copied = Path(found["as installed"]), found.pop("copied")
    named = set(found.pop("named"))
    assert "second Blender" in found.pop("looked at while Blender goes on")
    assert {"graphics card", "second Blender", "WebP", "jobs", "file host", "clock"} <= named
    assert f"ok    ledger: ~{str(usual.parent).removeprefix(str(profile.home))}" in copied
    assert not any(part in copied for part in (service.secret, service.key, str(profile.home), "Sandbox"))
    assert usual.is_relative_to(profile.home)
    assert "extensions" not in usual.parts
    assert found == {
        "left": [
            "Team Sandbox, project Sandbox Project, plan cu-pro",
            "1,240 CU left until 15 Dec 2099",
            "Nothing spent today",
            "Nothing spent this month",
        ],
        "as installed": str(usual),
        "made": True,
        "beside the .blend": f"This file is not saved yet, so that the mesh is kept in {usual}.",
        "chosen": str(chosen),
        "to be mended": [],
    }
