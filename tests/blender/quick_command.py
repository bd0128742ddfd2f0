# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as a process of its own in this Blender: its pauses are short, its pictures ``quick_pictures``.

Numbers are all that is changed, as in ``tests.limits``: what it does, and how it ends, is the code's.
"""

from __future__ import annotations

import runpy
import sys
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from tests.engine.cli.child import hurried
from tests.engine.cli.shell import Shell

__all__ = ["SIZE_PX", "quick"]

SIZE_PX: Final = 128
"""Of a picture of a side."""


def quick(shell: Shell, *args: str | Path) -> dict[str, Any]:
    """What `subprocess` is called with."""
    return hurried(shell, *args) | {"args": [sys.executable, "-m", __name__, *map(str, args)]}


def _main() -> None:
    from torture import HurriedClock

    from scenario_addon.blender.children import process
    from scenario_addon.engine import cli
    from scenario_addon.engine.models import sides

    changes: list[tuple[ModuleType, str, Any]] = [
        (process, "_ENTRY", Path(__file__).with_name("quick_entry.py")),
        (sides, "_SIZE_PX", SIZE_PX),
        (cli, "main", partial(cli.main, clock=HurriedClock())),
    ]
    for module, name, value in changes:
        setattr(module, name, value)
    runpy.run_module("scenario_addon", run_name="__main__")


if __name__ == "__main__":
    _main()
