# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done after the import, set in a window by mouse and keyboard."""

from pathlib import Path

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService, draw_figure
from tests.profile import Profile


def test_the_block_is_folded_away_until_somebody_wants_something(profile: Profile, tmp_path: Path) -> None:
    arguments = {"picture": str(draw_figure(tmp_path / "robot.png", colour="tomato"))}
    with (
        QuickService() as service,
        Window(
            profile, "tests.gui.walk_panel_finish:wishes", environment=service.environment, arguments=arguments
        ) as window,
    ):
        found = window.result()
    assert "After Import" in found["said"]
    assert found["finish"]["finish"]["triangles"] == 20000
    assert found["finish"]["finish"]["smooth"]
    assert found["finish"]["asset"] == {"tags": ""}
