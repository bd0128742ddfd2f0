# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has chosen, read as a request to the engine. Main thread only.

:func:`read` is cheap and looks at no file, for every redraw; :func:`fill_in` takes the pictures, once, when it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy
from mathutils import Vector

from ... import engine
from ...engine.errors import PictureError, ScenarioError
from ...engine.text import amount
from ...engine.values import Order
from ..app.config import folder, max_cost_cu, meshes_folder
from ..app.session import session
from ..delivery.homes import here
from ..form import parameters
from ..form.properties import SCENARIO_PG_scene, scene_settings
from ..form.stored import choice, number, strange, text
from ..mesh.finish import Finish
from ..scene.bounds import triple
from ..scene.placement import Placement
from .originals import Originals, find, spot
from .pictures import Pictures, Source

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ...engine.models.order import Request
    from ..app.prices import Price

__all__ = [
    "Form",
    "Source",
    "fill_in",
    "main_view",
    "model_id",
    "model_in_use",
    "picture_count",
    "read",
    "replaced",
    "shown_image",
    "source_of",
]

_SOMEWHERE: Final = Path("picture")
"""Stands for a picture that has not been taken yet."""


@dataclass(frozen=True)
class Form:
    """What would be asked for, as far as the scene alone can say."""

    model: Model | None
    source: Source
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
        return Form(None, source, session.problem)
    if not session.is_ready:
        session.load()
        return Form(None, source, "Loading.")
    settings = scene_settings(context.scene)
    chosen_id = model_id(settings)
    model = session.models.look_up(chosen_id)
    if model is None:
        problem = session.models.problem(chosen_id) or session.offline_reason
        return Form(None, source, problem or "Asking the service what this model takes.")
    problem = unsure_what_was_ordered() or _source_problem(source, settings, model)
    form = Form(model, source, problem, notes=_notes(settings, model))
    if form.problem:
        return form
    try:
        body = engine.draft(model, _request(settings, model, source, take=lambda picture: _SOMEWHERE))
    except ScenarioError as error:
        return replace(form, problem=error.user_message)
    if problem := session.offline_reason:
        return replace(form, problem=problem, body=body)
    price = session.prices.look_up(model.id, body, pictures=picture_names(settings, model, source))
    return replace(form, body=body, price=price)


def unsure_what_was_ordered() -> str | None:
    """Why nothing may be ordered before the user has decided about it."""
    if session.doubt is None:
        return None
    return f"{session.doubt}: restore the backup, or order all the same (bpy.ops.scenario.order_all_the_same)."


def fill_in(context: bpy.types.Context, form: Form) -> tuple[Order, list[str]]:
    """Take the pictures and check everything.

    :return: the order, and sentences that the artist should see.
    :raises InputError: with one sentence that says what to change.
    """
    settings, model = scene_settings(context.scene), form.model
    if model is None or form.problem:
        raise PictureError(form.problem or "There is no model to ask.")
    work_folder = folder() / "pictures"
    work_folder.mkdir(parents=True, exist_ok=True)
    pictures = Pictures(context, work_folder)
    request = _request(settings, model, form.source, take=pictures.take)
    meshes, told = meshes_folder()
    request = replace(request, name=_name(context, form.source, model), folder=meshes)
    try:
        order, notes = engine.make_order(model, request, work_folder=work_folder, converter=pictures.convert)
        pictures.refuse_nothing(order, model)
    except PictureError as error:
        raise PictureError(pictures.in_words(error.user_message)) from error
    target = {
        **here(context),
        "placement": _placement(context, settings, form).to_json(),
        "finish": Finish.wanted_in(context.scene).to_json(),
        "asset": {"tags": text(settings.finish, "asset_tags")} if settings.finish.mark_as_asset else None,
    }
    return replace(order, target=target), [*form.notes, *map(pictures.in_words, notes), *([told] if told else [])]


def replaced(context: bpy.types.Context, form: Form) -> Originals:
    """What the result would take the place of, if it is to take the place of its source. Cheap enough for a redraw."""
    return find(context, _shown_kind(form))


def picture_count(settings: SCENARIO_PG_scene, model: Model, source: Source) -> int:
    """How many pictures would be sent."""
    return len(_pictures(settings, model, source)) + len(_views(settings, model))


def picture_names(settings: SCENARIO_PG_scene, model: Model, source: Source) -> str:
    """Tells apart the pictures that would be sent, as far as that is known without taking them."""
    pictures = (*_pictures(settings, model, source), *_views(settings, model).values())
    return str([picture if isinstance(picture, Source) else picture.name_full for picture in pictures])


def main_view(model: Model) -> str | None:
    """The view that the source shows, for a model with named views."""
    return next((view for view, parameter in model.views.items() if parameter == model.source), None)


def _request(
    settings: SCENARIO_PG_scene,
    model: Model,
    source: Source,
    *,
    take: Callable[[Source | bpy.types.Image], Path],
) -> Request:
    """Make a request of what the form says.

    :param take: gives the file of a picture.
    """
    stored = parameters.settings_of(settings.models, model.id)
    count = picture_count(settings, model, source)
    return engine.Request(
        images=tuple(take(picture) for picture in _pictures(settings, model, source)),
        views={view: take(image) for view, image in _views(settings, model).items()},
        prompt=_prompt(settings, model),
        values=parameters.values(stored, model, picture_count=count) if stored is not None else {},
    )


def _pictures(settings: SCENARIO_PG_scene, model: Model, source: Source) -> list[Source | bpy.types.Image]:
    """The main picture, and the further ones of a model that takes a list."""
    if model.source is None:
        return []
    takes_list = model.max_pictures != 1 and not model.views
    further = [entry.image for entry in settings.views if entry.image and not text(entry, "name")]
    return [*([source] if source.is_chosen else []), *(further if takes_list else [])]


def _views(settings: SCENARIO_PG_scene, model: Model) -> dict[str, bpy.types.Image]:
    """The slots that are filled and that this model has, but for the one that the source fills."""
    main = main_view(model)
    filled = {text(entry, "name"): entry.image for entry in settings.views if entry.image}
    return {view: image for view, image in filled.items() if view in model.views and view != main}


def _notes(settings: SCENARIO_PG_scene, model: Model) -> tuple[str, ...]:
    """A sentence about stored values that nobody can use."""
    groups = (settings, settings.finish, *settings.views)
    names = [*(name for group in groups for name in strange(group)), *parameters.lost(settings.models, model)]
    return (parameters.note_on(names),) if names else ()


def _prompt(settings: SCENARIO_PG_scene, model: Model) -> str | None:
    """What to make in words, for a model that takes some."""
    prompt = text(settings, "prompt")
    return prompt if model.prompt is not None and prompt.strip() else None


def _source_problem(source: Source, settings: SCENARIO_PG_scene, model: Model) -> str | None:
    if model.source is None:
        return None
    if not source.is_chosen and _prompt(settings, model) is None:
        what = "an image" if source.kind == "IMAGE" else "a picture file"
        return f"Choose {what}, or {'another source' if model.prompt is None else 'write a prompt'}."
    if source.kind == "RENDER" and not any(image.type == "RENDER_RESULT" for image in bpy.data.images):
        return "There is no render yet: render first, or choose another source."
    if source.kind == "VIEWPORT" and bpy.app.background:
        return "Without a window there is no viewport: choose another source."
    return None


def _name(context: bpy.types.Context, source: Source, model: Model) -> str:
    """What the result is called."""
    from ..picture.capture import picture_name

    if model.source is None or not source.is_chosen:
        return text(scene_settings(context.scene), "prompt").strip()[:40] or model.name
    if source.kind == "IMAGE":
        return picture_name(bpy.data.images[source.image])
    if source.kind == "FILE":
        return Path(bpy.path.abspath(source.filepath)).stem or "model"
    return f"Render of {context.scene.name}" if source.kind == "RENDER" else "Viewport"


def _placement(context: bpy.types.Context, settings: SCENARIO_PG_scene, form: Form) -> Placement:
    """Where the result goes, as of now."""
    placement, origin = choice(settings, "placement"), choice(settings, "origin")
    if placement == "SOURCE":
        originals = replaced(context, form)
        place = spot(context, _shown_kind(form), originals) if originals.names else None
        if place is not None:
            return replace(place, origin=origin, stretch=settings.stretch, hide_source=settings.hide_source)
    point = Vector() if placement == "ORIGIN" else context.scene.cursor.location
    return Placement(location=triple(point), height=number(settings, "height"), origin=origin)


def _shown_kind(form: Form) -> str:
    """The kind of source that decides what a picture shows; a model of words has none of the scene."""
    return form.source.kind if form.model is not None and form.model.source is not None else "FILE"
