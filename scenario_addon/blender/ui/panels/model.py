# SPDX-License-Identifier: GPL-3.0-or-later
"""The model that is chosen, and the way to choose another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...form.wrapping import draw_sentence
from .pictures import draw_named

if TYPE_CHECKING:
    from ....engine.models.model import Model

__all__ = ["draw_model"]


def draw_model(layout: bpy.types.UILayout, model: Model | None) -> None:
    row = draw_named(layout, "Model")
    row.operator("scenario.choose_model", text=model.name if model else "Choose a Model")
    if model is not None and model.caution:
        draw_sentence(layout, model.caution.capitalize(), icon="INFO")
