# SPDX-License-Identifier: GPL-3.0-or-later
"""A new user sees the textured mesh without doing anything after Generate."""

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile


def test_a_mesh_is_seen_at_once(profile: Profile, service: QuickService, picture: str) -> None:
    walk = "tests.gui.walk_seen:looks_on"
    with Window(profile, walk, environment=service.environment, arguments={"picture": picture}) as window:
        found = window.result()
    came = found["came"]
    assert (came["name"], came["is selected"], came["shading"]) == ("robot", True, "MATERIAL")
    assert came["left"] > 1.0, "not in the cube"
    assert abs(came["looks at"][0]) < 10.0
    assert any("robot is in the scene: " in line and "beside Cube" in line for line in found["reports"])
