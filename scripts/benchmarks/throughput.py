# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon many items are made, in plain Python, beside straightforward scripts on the official SDK."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from environments import ROOT

from tests.engine.orders import draw_picture
from tests.service import Service

from .blenders import ProbeError

__all__ = ["Load", "Throughput", "measure"]


@dataclass(frozen=True)
class Load:
    """How much is to be made."""

    items: int
    at_once: int
    job_s: float
    """What each takes at the service, in seconds."""

    @property
    def ideal_s(self) -> float:
        """What it would take if nothing but the service took any time."""
        return math.ceil(self.items / self.at_once) * self.job_s


@dataclass(frozen=True)
class Throughput:
    seconds: float
    part: float
    """Of the ideal."""
    requests: float
    """To the API, for each item."""
    looks: float
    """How often each job was asked about."""


def measure(way: str, load: Load, *, record_s: float = 0.0) -> Throughput:
    """Make all items in a process of its own.

    :param way: see :mod:`.throughput_probe`.
    :param record_s: what the model's record says that a job takes.
    :raises ProbeError: not all of them were made.
    """
    with tempfile.TemporaryDirectory() as folder, Service(job_seconds=load.job_s) as service:
        _draw(Path(folder) / "pictures", load.items)
        paths = os.pathsep.join(map(str, (ROOT, ROOT / "scripts")))
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.throughput_probe", way, str(load.at_once), str(record_s), folder],
            env={**os.environ, **service.environment, "PYTHONPATH": paths, "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ProbeError(f"{load.items} items were not all made ({way}): {done.stderr}")
        seconds, looks = float(done.stdout), service.count("GET", r"/v1/jobs/")
        requests = sum(request.origin == "api" for request in service.requests)
    return Throughput(seconds, load.ideal_s / seconds, requests / load.items, looks / load.items)


def _draw(folder: Path, count: int) -> None:
    """Draw so many pictures, each in another colour."""
    for number in range(count):
        draw_picture(folder / f"{number:04}.png", colour=f"#{0x101010 + number * 9973:06x}")
