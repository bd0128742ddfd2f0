# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the extension share: the zips, built once, and somebody who has installed one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.extension.desk import Desk

if TYPE_CHECKING:
    from tests.profile import Profile
    from tests.service import Service


@pytest.fixture(scope="session")
def zips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The zips for all platforms, in the order of their names, built by the builder inside the bpy module."""
    from extension.zips import build

    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture
def desk(installed: Profile, service: Service, tmp_path: Path) -> Desk:
    """A Blender in which nothing was made yet."""
    Image.linear_gradient("L").save(tmp_path / "ramp.png")
    return Desk(installed.copy(tmp_path / "home"), service, tmp_path / "ramp.png", tmp_path / "out")
