# SPDX-License-Identifier: GPL-3.0-or-later
"""What is built once for all tests of the extension."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def zips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The zips for all platforms, in the order of their names, built by the builder inside the bpy module."""
    from extension.zips import build

    return build(tmp_path_factory.mktemp("dist"))
