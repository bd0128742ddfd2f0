# SPDX-License-Identifier: GPL-3.0-or-later
"""From a fresh profile to the best of three meshes, in ten clicks; and what one may think better of afterwards."""

import pytest

from tests.gui.driver import TALL, Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile

DROP = 1
"""Dragging the picture into the window."""


@pytest.mark.timeout(400)
@pytest.mark.one_window
def test_three_models_on_one_picture_and_the_best_kept_take_ten_clicks(
    profile: Profile, service: QuickService, picture: str
) -> None:
    walk = "tests.gui.walk_ten_clicks:keeps_the_best"
    with Window(
        profile, walk, environment=service.environment, arguments={"picture": picture}, size=TALL, as_it_is=True
    ) as window:
        found = window.result(timeout_s=300)
    assert found["dropped"] == {"source": "FILE", "file": picture, "ordered": 0}
    assert found["said"].startswith("Generate 3   ")
    assert "Hunyuan 3D 2.1, Pixal3D, Rodin Gen-1" in " ".join(found["tab"])
    assert found["before"] == 0
    seen, every = found["seen"], sorted(found["seen"])
    assert len(seen) == 3, "each as it came in"
    assert (found["first"], found["shading"]) == (seen[:1], "MATERIAL")
    assert (found["shown"], found["spots"], found["things"]) == (seen[-1:], 1, 1)
    assert "robot" in found["names"]
    assert abs(found["looks at"][0]) < 10.0, "at the mesh"
    assert any("robot is in the scene: " in line and "beside Cube" in line for line in found["reports"])
    assert "3 of 3" in found["list"]
    assert found["next"] == seen[:1], "after the last comes the first"
    assert found["kept"] == [seen[:1], seen[:1]]
    assert found["is selected"]
    assert found["left"] > 1.0, "beside the cube"
    assert found["presses"] + DROP <= 10
    assert found["compared"] == {
        "taken back": [seen[:1], every],
        "row": [every, every],
        "kept": [seen[:1], seen[:1]],
        "undone": [every, every],
    }
    assert found["sheet"]["at once"] == []
    assert found["sheet"]["shown"].startswith("Contact Sheet ")
    assert len(service.charges) == 3
