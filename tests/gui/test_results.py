# SPDX-License-Identifier: GPL-3.0-or-later
"""Many results of one picture are told apart, in a short list, at every scale."""

import pytest

from tests.gui.driver import WIDE, Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile


@pytest.mark.one_window
def test_nineteen_results_of_one_picture_are_told_apart(profile: Profile, service: QuickService, picture: str) -> None:
    walk = "tests.gui.walk_results:tells_apart"
    arguments = {"picture": picture}
    with Window(profile, walk, environment=service.environment, arguments=arguments, size=WIDE) as window:
        found = window.result()
    for said in (found["said"], *found["scales"].values()):
        assert "19" in said and "robot" in said
        assert sum("seed" in text for text in said) == 4, "six of them: one is under way, and one has failed"
    assert "13 More" in found["said"] and "3 More" in found["more"]
    assert "Hunyuan 3D 2.1, seed\N{NO-BREAK SPACE}12" in found["searched"]
    assert not any("16" in text for text in found["searched"])
