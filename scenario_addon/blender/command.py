# SPDX-License-Identifier: GPL-3.0-or-later
"""``blender --command scenario ...``: hands the arguments to the command line that every way in shares."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import bpy

from ..engine.errors import ScenarioError

__all__ = ["register", "unregister"]

_handles: list[object] = []
"""What Blender gave for the registered command: it wants the same object back to remove it."""


def _run(arguments: Sequence[str]) -> int:
    """Run the command line inside this Blender; the result is the exit code of the process."""
    from .host import BlenderHost

    try:
        from ..engine import cli
    except ScenarioError as error:  # requests is missing
        print(f"scenario: {error.user_message}", file=sys.stderr)  # noqa: T201
        return 2
    return cli.main(list(arguments), host=BlenderHost())


def register() -> None:
    """Add the command to ``blender --command``."""
    _handles.append(bpy.utils.register_cli_command("scenario", _run))


def unregister() -> None:
    """Take the command away again."""
    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())
