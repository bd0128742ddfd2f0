# SPDX-License-Identifier: GPL-3.0-or-later
"""What several operators need."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...engine.errors import DiskError, ScenarioError
from ..words.language import translated_report

__all__ = ["Reporting", "show_folder"]


def show_folder(folder: Path) -> None:
    """Have the system show a folder that exists.

    :raises DiskError: it cannot; Blender's own operator keeps silent about that.
    """
    if sys.platform not in ("win32", "darwin") and not shutil.which("xdg-open"):
        raise DiskError(f"This system has no program that opens folders: look into {folder} yourself.")
    try:
        bpy.ops.wm.path_open(filepath=str(folder))
    except (OSError, RuntimeError) as error:
        raise DiskError(f"The system does not open {folder} ({error}): look into it yourself.") from error


class Reporting:
    """Turns the project's errors into Blender's reports."""

    if TYPE_CHECKING:
        report: Callable[[set[str], str], None]
        """Of Blender's operators."""

    def run(self, context: bpy.types.Context) -> set[str]:
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            return self.run(context)
        except ScenarioError as error:
            return self.complain(error.user_message)

    def complain(self, text: str) -> set[str]:
        """Report why nothing is done."""
        self.report({"ERROR"}, translated_report(text))
        return {"CANCELLED"}
