# SPDX-License-Identifier: GPL-3.0-or-later
"""The form in a window: folded so that the button stays in sight, and filled from presets."""

import pytest

from tests.gui.driver import WIDE, Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile

WALKS = "tests.gui.walk_form"


@pytest.mark.one_window
def test_presets_fill_the_form_in_one_step_and_the_artists_own_are_kept(
    profile: Profile, service: QuickService, picture: str
) -> None:
    arguments = {"picture": picture}
    with Window(
        profile, f"{WALKS}:presets", environment=service.environment, arguments=arguments, as_it_is=True
    ) as window:
        found = window.result()
    close = {"targetFaceNum": 400_000, "steps": 60}
    assert found["quick"] == found["again"] == {"targetFaceNum": 10_000, "steps": 15, "paint": False}
    assert found["said"].startswith("Settings: No Texture, ") and found["said"].endswith(" more")
    assert found["undone"] == {}
    assert found["close"] == found["mine"] == close
    assert (found["kept"], found["left"]) == (["mine"], [])


@pytest.mark.one_window
def test_with_eight_views_the_button_is_on_the_first_screen(
    profile: Profile, service: QuickService, picture: str
) -> None:
    walk, arguments = f"{WALKS}:many_views", {"picture": picture, "scales": [1.0, 1.5]}
    with Window(profile, walk, environment=service.environment, arguments=arguments, size=WIDE) as window:
        assert window.result() == {"1.0": [True, True], "1.5": [True, True]}
