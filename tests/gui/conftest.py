# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles for tests in a window: an empty one, and one in which the extension is installed and enabled."""

from pathlib import Path

import pytest

from tests.profile import Profile


@pytest.fixture
def empty_profile(whole_blender: Path, tmp_path: Path) -> Profile:
    """Factory settings, no extension."""
    return Profile(whole_blender, home=tmp_path / "home")


@pytest.fixture
def profile(installed: Profile, tmp_path: Path) -> Profile:
    """The extension installed and enabled, nothing else done yet."""
    return installed.copy(tmp_path / "home")
