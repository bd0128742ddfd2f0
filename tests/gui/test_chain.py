# SPDX-License-Identifier: GPL-3.0-or-later
"""A model that changes each mesh once it is there is chosen in a window; the button says what both cost."""

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile


def test_what_follows_is_chosen_and_its_price_is_on_the_button(
    profile: Profile, service: QuickService, picture: str
) -> None:
    walk = "tests.gui.walk_chain:chooses_what_follows"
    with Window(profile, walk, environment=service.environment, arguments={"picture": picture}) as window:
        found = window.result()
    assert found["button"].startswith("Generate + Meshy Remesh   ")
    assert "Meshy Remesh, 2 more" in found["tab"]
    assert service.charges == []
