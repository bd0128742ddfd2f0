# SPDX-License-Identifier: GPL-3.0-or-later
"""In a window, the same render and the same view are the same order, whenever Generate is pressed."""

from pathlib import Path

import pytest

from tests.gui.driver import Window
from tests.profile import Profile
from tests.service import Service

WALK = "tests.gui.walk_same_picture:takes_pictures"


@pytest.mark.one_window
def test_the_same_source_is_the_same_order_later_until_something_changes(
    profile: Profile, service: Service, tmp_path: Path
) -> None:
    arguments = {"sources": ["RENDER", "VIEWPORT"], "blend": str(tmp_path / "saved meanwhile.blend")}
    with Window(profile, WALK, environment=service.environment, arguments=arguments) as window:
        found = window.result()
    assert [*found] == arguments["sources"]
    for taken in found.values():
        for first, second, changed in taken.values():
            assert first == second
            assert first != changed
