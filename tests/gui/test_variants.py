# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes of one picture are compared in their place, side by side, and one is kept; each is one step back."""

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile


def test_the_best_of_three_is_kept(profile: Profile, service: QuickService, picture: str) -> None:
    walk = "tests.gui.walk_variants:compares"
    with Window(profile, walk, environment=service.environment, arguments={"picture": picture}) as window:
        found = window.result()
    assert found["came"] == [3]
    assert "3 of 3" in found["said"]
    assert found["next"] == [1], "after the last comes the first"
    assert found["row"] == [1, 2, 3]
    assert found["kept"] == [[1], 1]
    assert found["undone"] == [[1, 2, 3], 3]
