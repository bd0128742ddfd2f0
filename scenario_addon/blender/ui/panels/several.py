# SPDX-License-Identifier: GPL-3.0-or-later
"""How many meshes a press makes: of each model, and by which models where there are several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from ...layout.wrapping import draw_sentence
from ...request.several import seedless
from ...words.language import translated

if TYPE_CHECKING:
    from ...form.properties import SCENARIO_PG_scene
    from ...request.reading import Form

__all__ = ["draw_several"]


def draw_several(layout: bpy.types.UILayout, settings: SCENARIO_PG_scene, form: Form) -> None:
    if form.model is None:
        return
    if form.others:
        names = [one.model.name for one in form.forms if one.model is not None]
        draw_sentence(layout, f"A mesh by each: {', '.join(names)}", icon="INFO")
    if any(one.model is None for one in form.others):  # no list has it, to take its tick off
        button: Any = layout.operator("wm.context_set_string", text=translated(f"Only {form.model.name}"), icon="X")
        button.data_path, button.value = "scene.scenario.more_models", ""
    reason = seedless(form)
    if reason is not None and form.seeds == 1 and not form.others:
        return  # there is nothing to choose, and the button is to stay in sight
    row = layout.row()
    row.enabled = reason is None or form.seeds > 1  # what is too much can be taken back in any case
    row.prop(settings, "seeds")
    if reason is not None and form.problem is None:
        draw_sentence(layout, f"{reason}, so that it makes one mesh", icon="INFO", is_faint=True)
