# SPDX-License-Identifier: GPL-3.0-or-later
"""Words become a picture, the picture a mesh, with both prices told before anything is paid."""

import pytest

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile


@pytest.mark.one_window
def test_words_become_a_picture_another_one_and_a_mesh(profile: Profile, service: QuickService) -> None:
    with Window(
        profile, "tests.gui.walk_words_first:words_first", environment=service.environment, as_it_is=True
    ) as window:
        found = window.result()
    assert found["prices"].startswith("Picture 5 CU, then mesh ")
    assert found["before"] == "IMAGE none"
    assert found["first"] == "IMAGE owl"
    assert found["shown in the editor"] == found["second"] != found["first"]
    assert found["back"] == "Back to owl"
    assert found["after back"] == "owl"
    assert found["of"] == ["owl", "owl.001"]
    assert found["differ"] == 2
    assert found["meshes"] == 1
    charged = [charge.model_id for charge in service.charges]
    assert charged[:2] == ["model_sketch-from-words"] * 2
    assert len(charged) == 3
