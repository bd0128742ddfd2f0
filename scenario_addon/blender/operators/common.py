# SPDX-License-Identifier: GPL-3.0-or-later
"""What several operators need."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import bpy

from ...engine.errors import ScenarioError

__all__ = ["Reporting"]


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
            self.report({"ERROR"}, error.user_message)
            return {"CANCELLED"}
