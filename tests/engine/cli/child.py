# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as a process of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

from tests.engine.cli.shell import Shell

__all__ = ["ROOT", "command", "hurried"]

ROOT: Final = Path(__file__).parents[3]
_HURRIED: Final = """
import sys
from scenario_addon.engine.cli import main
from torture import HurriedClock
sys.exit(main(sys.argv[1:], clock=HurriedClock()))
"""


def command(shell: Shell, *args: str | Path, **environment: str) -> dict[str, Any]:
    """What `subprocess` is called with."""
    inherited = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "HOME") if name in os.environ}
    return {
        "args": [sys.executable, "-m", "scenario_addon", *map(str, args)],
        "env": {**inherited, **shell.environment, "PYTHONPATH": str(ROOT), **environment},
        "cwd": shell.folder,
        "text": True,
        "encoding": "utf-8",
    }


def hurried(shell: Shell, *args: str | Path, **environment: str) -> dict[str, Any]:
    """The same of a command line whose pauses are short."""
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "scripts")))
    called = command(shell, *args, PYTHONPATH=paths, **environment)
    return called | {"args": [sys.executable, "-c", _HURRIED, *map(str, args)]}
