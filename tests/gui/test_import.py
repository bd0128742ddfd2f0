# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh comes in as one step of the artist's own history, whatever mode the artist is in."""

import pytest

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile

WALK = "tests.gui.walk_import:{}"


@pytest.mark.parametrize("mode", ["OBJECT", "TEXTURE_PAINT"])  # Edit and Sculpt: test_panel_jobs
def test_one_ctrl_z_takes_the_mesh_away_and_nothing_else(
    profile: Profile, service: QuickService, picture: str, mode: str
) -> None:
    arguments = {"picture": picture, "mode": mode}
    with Window(
        profile, WALK.format("comes_in_while_at_work"), environment=service.environment, arguments=arguments
    ) as window:
        came, undone, undone_twice, redone, redone_twice = window.result()
    assert [state["meshes"] for state in (came, undone, undone_twice, redone, redone_twice)] == [1, 0, 0, 0, 1]
    assert {state["mode"] for state in (came, undone, redone, redone_twice)} == {mode}
    assert (came["libraries"], came["converted"]) == ([], ["Converted"])
    assert came["last"] == "SCENARIO_OT_import_result"
    if mode == "OBJECT":
        assert [state["x"] for state in (came, undone, undone_twice, redone)] == [3, 3, 0, 3]
    else:
        assert came["active"] == "Cube"


def test_the_panel_of_the_last_operation_places_the_mesh_anew_each_time(
    profile: Profile, service: QuickService, picture: str
) -> None:
    arguments = {"picture": picture}
    with Window(profile, WALK.format("is_adjusted"), environment=service.environment, arguments=arguments) as window:
        found = window.result()
    assert [state["degrees"] for state in found] == [[0], [45], [30], []]
    assert found[2]["converted"] == ["Converted"]
    assert found[-1]["x"] == 0


def test_where_textures_show_each_is_made_ready_before_the_mesh_is_seen(
    profile: Profile, service: QuickService, picture: str
) -> None:
    walk = WALK.format("comes_in_where_textures_show")
    with Window(profile, walk, environment=service.environment, arguments={"picture": picture}) as window:
        found = window.result()
    assert found["seen"] == [0] * len(found["seen"]) != []
    assert (found["came"]["meshes"], found["came"]["converted"]) == (1, ["Converted"])
    assert found["left"]["meshes"] == 0
