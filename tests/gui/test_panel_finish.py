# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done after the import, set in a window by mouse and keyboard."""

import pytest

from tests.gui.driver import TALL, Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile

WALK = "tests.gui.walk_panel_finish:wishes"


@pytest.mark.one_window
def test_the_block_is_folded_away_until_somebody_wants_something(
    profile: Profile, service: QuickService, picture: str
) -> None:
    with Window(profile, WALK, environment=service.environment, arguments={"picture": picture}, size=TALL) as window:
        found = window.result()
    assert found["before"] == ["After Import: As it is"]
    assert found["said"] == ["Decimate to 20k, Smooth, Asset"]
    assert found["wanted"] == [20000, True, True]
