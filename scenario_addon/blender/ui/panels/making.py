# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to get another picture as the source, below the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from ....engine.models.seeds import seed_of
from ...app.session import session
from ...delivery.pictured import earlier_words, maker_of_image
from ...form.properties import scene_settings
from ...form.stored import choice
from ...layout.names import draw_named
from ...request.reading import Form, shown_image
from ...words.language import translated
from .results.facts import cost_of

if TYPE_CHECKING:
    from ....engine.ledger.job import Job

__all__ = ["draw_making"]


def draw_making(layout: Any, context: bpy.types.Context, form: Form) -> None:
    """Draw how to have a picture made, and the way back from the last one."""
    if not form.source.is_chosen:
        row = draw_named(layout, "")
        row.operator_context = "INVOKE_DEFAULT"
        row.operator("scenario.make_picture", text="Words First", icon="TEXT").work = "WORDS"
    elif form.source.kind != "OBJECTS":
        draw_named(layout, "").menu("SCENARIO_MT_make_picture", text="Change Picture", icon="BRUSH_DATA")
    job = _maker(context)
    if job is not None and _has_seed(job):
        cost = cost_of(job)
        button: Any = draw_named(layout, "").operator(
            "scenario.generate_again", text=translated(f"Another   {cost}") if cost else "Another", icon="FILE_REFRESH"
        )
        button.job_id, button.new_seed = job.id, True
    if words := earlier_words(context.scene):
        draw_named(layout, "").operator("scenario.picture_back", text=translated(f"Back to {words}"), icon="LOOP_BACK")


def _maker(context: bpy.types.Context) -> Job | None:
    """The job that has made the picture that is the source; ``None`` for any other picture."""
    settings = scene_settings(context.scene)
    image = shown_image(context) or (settings.image if choice(settings, "source") == "IMAGE" else None)
    return maker_of_image(image) if image is not None else None


def _has_seed(job: Job) -> bool:
    """Whether the same asked for with another seed gives another picture."""
    model = session.models.in_use(job.order.model_id)
    told = model is not None and any(parameter.name.lower() == "seed" for parameter in model.parameters)
    return told or seed_of(job.order) is not None
