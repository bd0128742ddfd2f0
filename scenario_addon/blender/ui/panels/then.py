# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to a mesh by itself once it is there: by which model, and with which settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...form import parameters
from ...form.folds import differences, draw_fold, heading
from ...layout.names import draw_named
from ...layout.wrapping import draw_sentence

if TYPE_CHECKING:
    from ...chains.step import Step
    from ...form.properties import SCENARIO_PG_scene
    from ...layout.names import Columns

__all__ = ["THEN", "draw_then"]

THEN = "Then"


def draw_then(layout: Any, settings: SCENARIO_PG_scene, step: Step | None, columns: Columns) -> None:
    """Draw which model it is, and the way to choose another or none."""
    row = draw_named(layout, THEN, columns).row(align=True)
    row.operator_context = "INVOKE_DEFAULT"
    row.operator("scenario.choose_then", text=step.name if step else "Nothing", icon="MODIFIER")
    if step is None:
        return
    none = row.operator("wm.context_set_string", text="", icon="X")
    none.data_path, none.value = "scene.scenario.then", ""
    if step.model is None:
        return
    if step.price is not None and step.price.cost_cu is None:
        draw_sentence(layout, f"What {step.name} costs is told once the mesh is there.", icon="INFO")
    stored, drawable = parameters.settings_of(settings.models, step.model.id), parameters.drawable(step.model)
    if stored is None or not drawable:
        return
    changed = differences(stored, step.model, picture_count=0)
    _, body = draw_fold(layout, "then", heading(step.name, changed))
    if body is not None:
        parameters.draw(body, stored, step.model, drawable, picture_count=0)
