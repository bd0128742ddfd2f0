# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line in a process of its own that takes less time and tells how much memory it took at most.

    python -m tests.engine.cli.measured FILE NAME=SECONDS... -- ARGUMENT...

``NAME`` is a limit of ``scenario_addon.engine.api.http``. ``FILE`` gets the peak in bytes; nothing where the system
does not tell it. A parent cannot measure this: what it learns of a child includes its own memory at the start.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

__all__ = ["peak_bytes"]


def peak_bytes() -> int | None:
    """How much memory this process has held at most; ``None`` where nobody tells."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text())
        return int(found[1]) * 1024 if found else None
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return None


def main(arguments: list[str]) -> int:
    from scenario_addon.engine import cli
    from scenario_addon.engine.api import http

    told = Path(arguments[0])
    limits, command = arguments[1 : arguments.index("--")], arguments[arguments.index("--") + 1 :]
    for name, _, value in (limit.partition("=") for limit in limits):
        assert hasattr(http, name)
        setattr(http, name, float(value) if "_S" in name[-2:] else int(value))
    code = cli.main(command)
    peak = peak_bytes()
    told.write_text(str(peak) if peak is not None else "")
    return code


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
