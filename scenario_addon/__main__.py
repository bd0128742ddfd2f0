# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m scenario_addon ...``: the command line in plain Python, with Blender's powers where bpy is installed."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys

from .engine.errors import ScenarioError


def main() -> int:
    try:
        from .engine import cli
    except ModuleNotFoundError as error:
        print(f"scenario: {error.name} is missing: pip install requests pydantic", file=sys.stderr)  # noqa: T201
        return 2
    except ScenarioError as error:
        print(f"scenario: {error.user_message}", file=sys.stderr)  # noqa: T201
        return 2
    host = None
    if importlib.util.find_spec("bpy"):
        from .blender.host import BlenderHost

        host = BlenderHost()
    return cli.main(sys.argv[1:], host=host)


if __name__ == "__main__":
    code = main()
    with contextlib.suppress(OSError):  # told already, or nobody is left to tell
        sys.stdout.flush()
        sys.stderr.flush()
    # The bpy module can crash or hang while the interpreter takes it apart; there is nothing left to do by then.
    os._exit(code)
