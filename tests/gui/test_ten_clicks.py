# SPDX-License-Identifier: GPL-3.0-or-later
"""From a fresh profile to the best of three meshes, in ten clicks."""

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile

DROP = 1
"""Dragging the picture into the window."""


def test_three_models_on_one_picture_and_the_best_kept_take_ten_clicks(
    profile: Profile, service: QuickService, picture: str
) -> None:
    walk = "tests.gui.walk_ten_clicks:keeps_the_best"
    with Window(profile, walk, environment=service.environment, arguments={"picture": picture}) as window:
        found = window.result()
    assert found["said"].startswith("Generate 3")
    assert len(found["seen"]) == 3, "each as it came in"
    assert found["kept"] == found["wanted"] == found["seen"][:1]
    assert (found["is selected"], found["shading"]) == (True, "MATERIAL")
    assert found["left"] > 1.0, "beside the cube"
    assert found["presses"] + DROP <= 10
