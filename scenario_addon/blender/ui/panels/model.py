# SPDX-License-Identifier: GPL-3.0-or-later
"""The model that is chosen, and the way to choose another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import bpy

from ....engine.text import clean
from ...app.session import session
from ...form.chosen import chosen_models
from ...form.properties import scene_settings
from ...layout.wrapping import draw_sentence
from ...words.language import translated
from ..previews import icon_of_file

if TYPE_CHECKING:
    from ....engine.models.model import Model

__all__ = ["draw_model"]


_LONGEST: Final = 22
"""Characters of a name that is not all that is to be read on the button."""


def draw_model(layout: bpy.types.UILayout, model: Model | None) -> None:
    """Draw a button as wide as there is room: names are long."""
    row = layout.row(align=True)
    path = session.models.thumbnail(model.id) if model else None
    text = _told(model.name if model else "Choose a Model")
    if path is not None and (icon := icon_of_file(path)):
        row.operator("scenario.choose_model", text=text, icon_value=icon)
    else:
        row.operator("scenario.choose_model", text=text, icon="MESH_MONKEY")
    row.operator("scenario.choose_model", text="", icon="DOWNARROW_HLT")
    if model is not None and model.caution:
        draw_sentence(layout, model.caution.capitalize(), icon="INFO")


def _told(name: str) -> str:
    others = len(chosen_models(scene_settings(bpy.context.scene))) - 1
    return translated(f"{clean(name, longest=_LONGEST)} and {others} more") if others else name
