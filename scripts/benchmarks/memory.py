# SPDX-License-Identifier: GPL-3.0-or-later
"""The most memory that processes have used, as Linux counts it; 0 elsewhere.

From /proc and not from getrusage: there a process begins with the peak of the one that started it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

__all__ = ["ChildPeak", "children_watched", "own_peak_mb"]

_LOOK_S: Final = 0.02
_OWN: Final = Path("/proc/self")


class ChildPeak:
    """What the largest child has used so far."""

    mb = 0.0

    def look(self) -> None:
        for listed in (_OWN / "task").glob("*/children"):
            with suppress(OSError):  # a process that ends while it is looked at
                for number in listed.read_text().split():
                    child = _OWN.parent / number
                    # Before a new process runs its own program it is still this one, and as large.
                    if (child / "cmdline").read_bytes() != (_OWN / "cmdline").read_bytes():
                        self.mb = max(self.mb, _peak_mb(child))


@contextmanager
def children_watched() -> Iterator[ChildPeak]:
    """Look after the children again and again, in a thread, as long as the context lasts."""
    peak, is_over = ChildPeak(), threading.Event()

    def watch() -> None:
        while not is_over.wait(_LOOK_S):
            peak.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        is_over.set()
        watcher.join()


def own_peak_mb() -> float:
    return _peak_mb(_OWN)


def _peak_mb(process: Path) -> float:
    """``VmHWM`` of a process, which the kernel gives in units of 1024 bytes."""
    status = process / "status"
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) * 1024e-6 if found else 0.0
