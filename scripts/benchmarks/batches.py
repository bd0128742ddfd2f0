# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch takes by itself, in plain Python: its memory, side by side for few and for many items."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from environments import ROOT

from tests.engine.orders import draw_picture
from tests.service import Service

from .blenders import ProbeError

__all__ = ["AT_ONCE", "PYTHON", "peak_mb"]

AT_ONCE: Final = 8
PYTHON: Final = f"Python {platform.python_version()}"


def peak_mb(items: int) -> float:
    """The most memory that a process takes which makes so many items.

    :raises ProbeError: not all of them were made.
    """
    with tempfile.TemporaryDirectory() as folder, Service(job_polls=1) as service:
        draw_picture(Path(folder) / "picture.png")
        done = _probe([str(items), str(AT_ONCE), folder], service)
    if done.returncode:
        raise ProbeError(f"{items} items were not all made: {done.stderr}")
    return float(done.stdout)


def _probe(arguments: Sequence[str], service: Service) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "scripts")))
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.batch_probe", *arguments],
        env={**os.environ, **service.environment, "PYTHONPATH": paths, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )
