# SPDX-License-Identifier: GPL-3.0-or-later
"""The models that change a mesh, by what they do: for a job's mesh, and in the form itself."""

from __future__ import annotations

from typing import Any

import bpy

from ..lazy import session

__all__ = ["register", "unregister"]


def _draw_models(layout: Any, operator: str, **values: str) -> None:
    """Draw an entry for each model, under what it does.

    :param values: of the operator, beside the model.
    """
    from .opening import grouped  # lazy: it takes longer than enabling an add-on may

    kinds = grouped() if session.is_ready else []
    layout.operator_context = "INVOKE_DEFAULT"
    for kind, models in kinds:
        layout.label(text=str(kind))
        for model in models:
            button = layout.operator(operator, text=model.name)
            button.model = model.id
            for name, value in values.items():
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
        _draw_models(self.layout, "scenario.refine", job_id=session.menu_job_id)


class SCENARIO_MT_refine_models(bpy.types.Menu):
    bl_idname = "SCENARIO_MT_refine_models"
    bl_label = "Model"

    def draw(self, context: bpy.types.Context) -> None:
        _draw_models(self.layout, "scenario.refine_model")


register, unregister = bpy.utils.register_classes_factory((SCENARIO_MT_refine_result, SCENARIO_MT_refine_models))
