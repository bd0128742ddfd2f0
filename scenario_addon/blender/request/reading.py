# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has chosen, read as a request to the engine. Main thread only.

:func:`read` is cheap and looks at no file, for every redraw. What counts is filled in once, by ``filling``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy

from ... import engine
from ...engine.cut_out import CUT_OUT_MODEL, cut_out_body
from ...engine.errors import ScenarioError
from ...engine.models.sides import loss_by_several
from ...engine.text import amount
from ..app.config import max_cost_cu
from ..app.session import session
from ..form import parameters
from ..form.properties import SCENARIO_PG_scene, scene_settings
from ..form.stored import choice, strange, text
from ..sources import cutting, subjects
from ..sources.originals import Originals, find
from ..sources.pictures import Source
from ..sources.plan import Item, Planned, plan
from ..sources.renders import has_render

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ...engine.models.order import Request
    from ..app.prices import Price

__all__ = [
    "Form",
    "Source",
    "is_in_place",
    "model_id",
    "model_in_use",
    "read",
    "replaced",
    "request_of",
    "shown_image",
    "shown_kind",
    "source_of",
]

_OF_THE_SCENE: Final = ("CAMERA", "OBJECTS", "RENDER", "VIEWPORT")
"""Sources that show objects of the scene."""
_SOMEWHERE: Final = Path("picture")
"""Stands for a picture that has not been taken yet."""


@dataclass(frozen=True)
class Form:
    """What would be asked for, as far as the scene alone can say."""

    model: Model | None
    source: Source
    planned: Planned = field(default_factory=Planned)
    """The pictures that would be sent."""
    wanted: subjects.Wanted | None = None
    """Those of them that are taken of the selected objects."""
    problem: str | None = None
    """Why it cannot be asked for, in one sentence; ``None`` when it can."""
    body: Mapping[str, Any] = field(default_factory=dict)
    price: Price | None = None
    """``None`` until the service has answered."""
    notes: tuple[str, ...] = ()
    """What the artist should know before anything is asked for."""

    @property
    def is_over_limit(self) -> bool:
        limit_cu = max_cost_cu()
        cost_cu = self.price.cost_cu if self.price else None
        if self.price and self.price.wants_pictures:
            return False  # the price is asked with the pictures, and the limit holds, before anything is ordered
        return limit_cu is not None and (cost_cu is None or cost_cu > limit_cu)

    @property
    def limit_question(self) -> str:
        """What to ask before the spend limit is exceeded."""
        return f"{self._price_words}, and your limit is {amount(max_cost_cu() or Decimal(0))}."

    @property
    def summary(self) -> str:
        """What would be made and what it costs, for one who does not see the form."""
        model = self.model
        what = self.source.words if model and model.source and self.source.is_chosen else "the prompt"
        return f"{model.name if model else 'The model'} makes a mesh of {what}. {self._price_words}."

    @property
    def _price_words(self) -> str:
        return "The price is not known" if self.cost_cu is None else f"It costs {amount(self.cost_cu)}"

    @property
    def cost_cu(self) -> Decimal | None:
        return self.price.cost_cu if self.price else None


def model_id(settings: SCENARIO_PG_scene) -> str:
    return text(settings, "model") or engine.DEFAULT_MODEL_ID


def model_in_use(context: bpy.types.Context) -> Model | None:
    """The chosen model, once it is known here. Does not load the engine."""
    return session.models.in_use(model_id(scene_settings(context.scene))) if session.is_ready else None


def shown_image(context: bpy.types.Context) -> bpy.types.Image | None:
    """The image in the Image Editor that this is about, if it is one."""
    space = context.space_data
    return space.image if space is not None and space.type == "IMAGE_EDITOR" else None


def source_of(context: bpy.types.Context) -> Source:
    """Find the source: in the Image Editor what it shows, elsewhere what the scene says."""
    settings = scene_settings(context.scene)
    if image := shown_image(context):
        return Source("RENDER") if image.type == "RENDER_RESULT" else Source("IMAGE", image=image.name)
    kind = choice(settings, "source")
    if kind == "IMAGE":
        return Source("IMAGE", image=settings.image.name if settings.image else "")
    return Source(kind, filepath=settings.filepath)


def read(context: bpy.types.Context, source: Source | None = None) -> Form:
    """Read what would be asked for now. Never blocks, never writes."""
    source = source or source_of(context)
    if session.problem:
        return Form(None, source, problem=session.problem)
    if not session.is_ready:
        session.load()
        return Form(None, source, problem="Loading.")
    settings = scene_settings(context.scene)
    chosen_id = model_id(settings)
    model = session.models.look_up(chosen_id)
    if model is None:
        problem = session.models.problem(chosen_id) or session.offline_reason
        return Form(None, source, problem=problem or "Asking the service what this model takes.")
    planned = plan(settings, model, source)
    problem = unsure_what_was_ordered() or _source_problem(context.scene, source, model)
    form = Form(model, source, planned, problem=problem, notes=_notes(settings, model, planned))
    if form.problem:
        return form
    try:
        if planned.shots:
            form = replace(form, wanted=subjects.wanted(context, model, planned))
        body = engine.draft(model, request_of(settings, model, planned, take=lambda picture: _SOMEWHERE))
    except ScenarioError as error:
        return replace(form, problem=error.user_message)
    if problem := session.offline_reason:
        return replace(form, problem=problem, body=body)
    return replace(form, body=body, price=_price(settings, model, body, planned))


def _price(settings: SCENARIO_PG_scene, model: Model, body: Mapping[str, Any], planned: Planned) -> Price | None:
    """What all of it costs, with the pictures that the service cuts out; ``None`` until the service has answered."""
    count = len(cutting.by_service(planned)) if cutting.is_wanted(settings, model) else 0
    each = session.prices.look_up(CUT_OUT_MODEL, cut_out_body()) if count else None
    if count and each is None:
        return None  # one at a time is asked for
    price = session.prices.look_up(model.id, body, pictures=planned.words)
    if price is None or each is None:
        return price
    total_cu = None
    if price.cost_cu is not None and each.cost_cu is not None:
        total_cu = price.cost_cu + count * each.cost_cu
    return replace(price, cost_cu=total_cu, error=price.error or each.error)


def unsure_what_was_ordered() -> str | None:
    """Why nothing may be ordered before the user has decided about it."""
    if session.doubt is None:
        return None
    return f"{session.doubt}: restore the backup, or order all the same (bpy.ops.scenario.order_all_the_same)."


def replaced(context: bpy.types.Context, form: Form) -> Originals:
    """Find what the result would take the place of, if it takes the place of anything. Cheap enough for a redraw."""
    if form.wanted is not None:
        return Originals(form.wanted.subject.names, is_selected=True)
    return find(context, shown_kind(form))


def request_of(
    settings: SCENARIO_PG_scene, model: Model, planned: Planned, *, take: Callable[[Item], Path] | None = None
) -> Request:
    """Make a request of what the form says.

    :param take: gives the file of a picture; without it there are none in the request.
    """
    stored = parameters.settings_of(settings.models, model.id)
    count = len(planned.items)
    return engine.Request(
        images=tuple(map(take, planned.images)) if take else (),
        views={view: take(item) for view, item in planned.views.items()} if take else {},
        prompt=_prompt(settings, model),
        values=parameters.values(stored, model, picture_count=count) if stored is not None else {},
    )


def _notes(settings: SCENARIO_PG_scene, model: Model, planned: Planned) -> tuple[str, ...]:
    """Sentences about stored values that nobody can use, and about what several pictures cost."""
    groups = (settings, settings.finish, settings.studio, *settings.views)
    names = [*(name for group in groups for name in strange(group)), *parameters.lost(settings.models, model)]
    loss = loss_by_several(model, len(planned.items)) if len(planned.items) > 1 else None
    said = [f"{loss[:1].upper()}{loss[1:]}."] if loss else []
    behind = cutting.has_background(planned) if cutting.wants_none(model) and not settings.cut_out else []
    said += [f"{name} has a background, and {model.name} wants none: Cut Out takes it away." for name in behind]
    return (*([parameters.note_on(names)] if names else []), *said)


def _prompt(settings: SCENARIO_PG_scene, model: Model) -> str | None:
    """What to make in words, for a model that takes some."""
    prompt = text(settings, "prompt")
    return prompt if model.prompt is not None and prompt.strip() else None


def _source_problem(scene: bpy.types.Scene, source: Source, model: Model) -> str | None:
    if model.source is None:
        return None
    if not source.is_chosen and _prompt(scene_settings(scene), model) is None:
        what = "an image" if source.kind == "IMAGE" else "a picture file"
        return f"Choose {what}, or {'another source' if model.prompt is None else 'write a prompt'}."
    if cutting.is_under_way():
        return "The background is being taken away."
    if source.kind == "RENDER" and not has_render(scene):
        return "There is no render yet: press F12, or choose another source."
    if source.kind == "CAMERA" and scene.camera is None:
        return "The scene has no camera: add one, or choose another source."
    if source.kind == "VIEWPORT" and bpy.app.background:
        return "Without a window there is no viewport: choose another source."
    return None


def is_in_place(form: Form, settings: SCENARIO_PG_scene) -> bool:
    """Whether the result takes the place of something: asked for, or because the picture shows objects."""
    placement = choice(settings, "placement")
    return placement == "SOURCE" or (placement == "AUTO" and shown_kind(form) in _OF_THE_SCENE)


def shown_kind(form: Form) -> str:
    """The kind of source that decides what a picture shows; a model of words has none of the scene."""
    return form.source.kind if form.model is not None and form.model.source is not None else "FILE"
