# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh takes the place of what the viewport shows, and is turned in the panel of the last operation afterwards."""

import pytest

from tests.gui.driver import TALL, Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile

WALK = "tests.gui.walk_placing:replaces_what_is_seen"


def test_a_mesh_takes_the_cubes_place_and_each_change_of_the_last_operation_places_it_anew(
    profile: Profile, service: QuickService
) -> None:
    arguments = {"location": [2.0, 1.0, 1.0]}
    with Window(profile, WALK, environment=service.environment, arguments=arguments, size=TALL) as window:
        result = window.result()
    assert "Placement: In place of Cube" in result["said"]
    assert [one["degrees"] for one in result["found"]] == pytest.approx([90, 45, 30, 90], abs=0.01)
    for one in result["found"]:
        assert one["is cube hidden"]
    first, last = result["found"][0], result["found"][-1]
    for one in (first, last):
        assert one["base"] == pytest.approx([2, 1, 0], abs=0.01)
        assert one["largest"] == pytest.approx(2, abs=0.01)
