# SPDX-License-Identifier: GPL-3.0-or-later
"""The models that change a mesh, by what they do: for a job's mesh, and in the form itself."""

from __future__ import annotations

from typing import Any

import bpy

from ...words.language import translated
from ..lazy import session

__all__ = ["register", "unregister"]


def _draw_models(layout: Any, operator: str, *, has_quads: bool = False, **values: str) -> None:
    """Draw an entry for each model, under what it does.

    :param has_quads: whether there is another for those that make quads when they are told to.
    :param values: of the operator, beside the model.
    """
    from .opening import with_quads  # lazy: it takes longer than enabling an add-on may

    kinds = session.models.refiners_by_kind() if session.is_ready else {}
    layout.operator_context = "INVOKE_DEFAULT"
    for kind, models in kinds.items():
        layout.label(text=str(kind))
        for model in models:
            entries = {model.name: values}
            if has_quads and (quads := with_quads(model, kind)):
                entries[f"{model.name}, {translated('Quads')}"] = {**values, "parameters": quads}
            for text, held in entries.items():
                button = layout.operator(operator, text=text)
                button.model = model.id
                for name, value in held.items():
                    setattr(button, name, value)
    if not kinds:
        is_coming = session.tasks.is_running("models")
        told = "Asking the service which models there are" if is_coming else "The service lists no model for that"
        layout.label(text=told, icon="INFO")


class SCENARIO_MT_refine_result(bpy.types.Menu):
    """Have a model change this mesh"""

    bl_idname = "SCENARIO_MT_refine_result"
    bl_label = "Refine"

    def draw(self, context: bpy.types.Context) -> None:
        _draw_models(self.layout, "scenario.refine", has_quads=True, job_id=session.menu_job_id)


class SCENARIO_MT_refine_models(bpy.types.Menu):
    bl_idname = "SCENARIO_MT_refine_models"
    bl_label = "Model"

    def draw(self, context: bpy.types.Context) -> None:
        _draw_models(self.layout, "scenario.refine_model")


register, unregister = bpy.utils.register_classes_factory((SCENARIO_MT_refine_result, SCENARIO_MT_refine_models))
