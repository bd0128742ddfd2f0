# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever searches Blender's menus for the extension finds what it does."""

from tests.gui.driver import Window
from tests.profile import Profile
from tests.service import Service


def test_the_search_of_all_menus_finds_it(profile: Profile, service: Service) -> None:
    with Window(profile, "tests.gui.walk_menus:searches_the_menus", environment=service.environment) as window:
        assert window.result() == {"source": "OBJECTS"}
