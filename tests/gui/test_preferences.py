# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences in a window: where things are kept can be seen, chosen and opened."""

from pathlib import Path

from tests.gui.driver import Window
from tests.profile import Profile
from tests.service import Service

WALK = "tests.gui.walk_preferences:chooses_folders"
OWN_FOLDER = {"SCENARIO_STATE_DIR": "", "XDG_DATA_HOME": ""}
"""The state goes where it goes on a user's computer."""


def test_where_meshes_are_kept_can_be_opened_and_chosen(profile: Profile, service: Service, tmp_path: Path) -> None:
    environment, chosen = service.environment | OWN_FOLDER, tmp_path / "meshes"
    with Window(profile, WALK, environment=environment, arguments={"folder": str(chosen)}) as window:
        found = window.result()
    usual = Path(found["as installed"])
    assert usual.is_relative_to(profile.home)
    assert "extensions" not in usual.parts
    assert found == {
        "as installed": str(usual),
        "made": True,
        "beside the .blend": f"This file is not saved yet, so that the mesh is kept in {usual}.",
        "chosen": str(chosen),
    }
