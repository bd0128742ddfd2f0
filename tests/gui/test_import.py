# SPDX-License-Identifier: GPL-3.0-or-later
"""A model comes in as one step of the artist's own history, whatever mode the artist is in."""

import pytest

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile

WALK = "tests.gui.walk_import:comes_in_while_at_work"


@pytest.mark.parametrize("mode", ["OBJECT", "EDIT", "SCULPT", "TEXTURE_PAINT"])
def test_one_ctrl_z_takes_the_model_away_and_nothing_else(
    profile: Profile, service: QuickService, picture: str, mode: str
) -> None:
    arguments = {"picture": picture, "mode": mode}
    with Window(profile, WALK, environment=service.environment, arguments=arguments) as window:
        came, undone, undone_twice, redone, redone_twice = window.result()
    print(came, undone, undone_twice, redone, redone_twice, sep="\n")
    assert [state["models"] for state in (came, undone, undone_twice, redone, redone_twice)] == [1, 0, 0, 0, 1]
    assert {state["mode"] for state in (came, undone, redone, redone_twice)} == {mode}
    assert came["libraries"] == 0
    assert came["last"] == "SCENARIO_OT_import_result"
    if mode == "OBJECT":
        assert [state["x"] for state in (came, undone, undone_twice, redone)] == [3, 3, 0, 3]
    else:
        assert came["active"] == "Cube"
