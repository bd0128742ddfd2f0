# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests in a window share: profiles, empty and with the extension in them, a stand-in, and a picture."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gui.quick_service import QuickService, draw_figure
from tests.profile import Profile


@pytest.fixture
def empty_profile(whole_blender: Path, tmp_path: Path) -> Profile:
    """Factory settings, no extension."""
    return Profile(whole_blender, home=tmp_path / "home")


@pytest.fixture
def profile(installed: Profile, tmp_path: Path) -> Profile:
    """The extension installed and enabled, nothing else done yet."""
    return installed.copy(tmp_path / "home")


@pytest.fixture
def service() -> Iterator[QuickService]:
    """A stand-in that is soon done."""
    with QuickService() as running:
        yield running


@pytest.fixture
def picture(tmp_path: Path) -> str:
    """A picture to make a mesh of."""
    return str(draw_figure(tmp_path / "robot.png", colour="tomato"))
