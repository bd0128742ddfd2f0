# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh that has come in is made of 5,000 quads by a model, in four clicks, and stands where it stood."""

import pytest

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile


@pytest.mark.one_window
def test_a_mesh_is_made_of_quads_in_four_clicks(profile: Profile, service: QuickService, picture: str) -> None:
    walk, arguments = "tests.gui.walk_refine:refines", {"picture": picture, "faces": 5000}
    with Window(profile, walk, environment=service.environment, arguments=arguments) as window:
        found = window.result()
    assert found["presses"] <= 4
    assert found["says"] == f"robot: {found['before']['polygons']:,} triangles, nothing is uploaded"
    assert (found["model"], found["refined"]) == ("model_meshy-remesh", "Retopology")
    assert found["cost"] == found["price"]
    source, result = found["before"], found["after"]
    assert (source["is_seen"], result["is_seen"], result["has_texture"]) == (False, True, True)
    assert (source["sides"], result["sides"]) == ([3], [4])
    assert result["polygons"] == pytest.approx(5000, rel=0.05)
    height = source["high"][2] - source["low"][2]
    assert result["low"] == pytest.approx(source["low"], abs=height / 100)
    assert result["high"] == pytest.approx(source["high"], abs=height / 100)
    assert len(service.charges) == 2


@pytest.mark.one_window
def test_a_mesh_of_the_scene_is_refined_above_the_limit_once_that_is_agreed(
    profile: Profile, service: QuickService
) -> None:
    walk = "tests.gui.walk_refine:refines_own"
    with Window(profile, walk, environment=service.environment, arguments={"faces": 2000}) as window:
        found = window.result()
    assert found["says"] == "Planet: 18,960 triangles, exported with its textures"
    assert found["before the answer"] == 0
    assert found["faces"] == pytest.approx(2000, rel=0.1)
    assert found["target"] == {"kind": "Retopology", "objects": ["Planet"], "job_id": None}
