# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the command line share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import Shell
from tests.service import Service


@pytest.fixture
def shell(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Somebody at a terminal who has set up everything."""
    return Shell(service, tmp_path, capsys)


@pytest.fixture
def blender(tmp_path: Path) -> FakeBlender:
    """A Blender for a shell to run in."""
    return FakeBlender(tmp_path)
