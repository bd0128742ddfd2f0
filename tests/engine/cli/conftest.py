# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the command line share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.cli.shell import Shell
from tests.service import Service


@pytest.fixture
def shell(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Somebody at a terminal who has set up everything."""
    return Shell(service, tmp_path, capsys)


@pytest.fixture
def minds_ctrl_c() -> Iterator[None]:
    """A program that a shell starts in the background ignores Ctrl-C, and so do those that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
