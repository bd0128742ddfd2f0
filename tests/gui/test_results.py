# SPDX-License-Identifier: GPL-3.0-or-later
"""Many results of one picture are told apart, in a short list, at every scale."""

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile


def test_nineteen_results_of_one_picture_are_told_apart(profile: Profile, service: QuickService, picture: str) -> None:
    walk = "tests.gui.walk_results:tells_apart"
    with Window(profile, walk, environment=service.environment, arguments={"picture": picture}) as window:
        found = window.result()
    assert "19" in found["said"] and "robot" in found["said"]
