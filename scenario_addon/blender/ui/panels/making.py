# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to get another picture as the source, below the one that is chosen."""

from __future__ import annotations

from typing import Any

import bpy

from ...delivery.pictured import earlier_words
from ...layout.names import draw_named
from ...request.reading import Form

__all__ = ["draw_making"]


def draw_making(layout: Any, context: bpy.types.Context, form: Form) -> None:
    """Draw how to have a picture made, and the way back from the last one."""
    if not form.source.is_chosen:
        row = draw_named(layout, "")
        row.operator_context = "INVOKE_DEFAULT"
        row.operator("scenario.make_picture", text="Words First", icon="TEXT").work = "WORDS"
    elif form.source.kind != "OBJECTS":
        draw_named(layout, "").menu("SCENARIO_MT_make_picture", text="Change Picture", icon="BRUSH_DATA")
    if words := earlier_words(context.scene):
        draw_named(layout, "").operator("scenario.picture_back", text=f"Back to {words}", icon="LOOP_BACK")
