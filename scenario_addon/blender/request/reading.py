# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has chosen, read as a request to the engine. Main thread only.

:func:`read` is cheap and looks at no file, for every redraw. What counts is filled in once, by ``filling``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy

from ... import engine
from ...engine.cut_out import CUT_OUT_MODEL, cut_out_body
from ...engine.errors import ScenarioError
from ...engine.models.sides import loss_by_several
from ..app.prices import Priced
from ..app.session import session
from ..chains.step import read_step
from ..form import parameters
from ..form.chosen import chosen_models
from ..form.properties import SCENARIO_PG_scene, scene_settings
from ..form.stored import choice, number, strange, text
from ..sources import cutting, subjects
from ..sources.originals import Originals, find
from ..sources.pictures import Source
from ..sources.plan import Item, Planned, plan
from ..sources.renders import has_render
from .form import Form
from .several import problem_of

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ...engine.models.order import Request
    from ...engine.values import HeldMesh, SourceMesh
    from ..app.prices import Price

    Mesh = Path | SourceMesh | Sequence[HeldMesh]

__all__ = [
    "Form",
    "Source",
    "is_in_place",
    "model_in_use",
    "read",
    "read_refining",
    "replaced",
    "request_of",
    "shown_image",
    "shown_kind",
    "source_of",
    "with_prices_now",
]

_OF_THE_SCENE: Final = ("CAMERA", "OBJECTS", "RENDER", "VIEWPORT")
"""Sources that show objects of the scene."""
_SOMEWHERE: Final = Path("picture")
"""Stands for a picture that has not been taken yet."""


def model_in_use(context: bpy.types.Context) -> Model | None:
    """The chosen model, once it is known here. Does not load the engine."""
    return session.models.in_use(chosen_models(scene_settings(context.scene))[0]) if session.is_ready else None


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
    """Read what would be asked for now, of every model that is chosen. Never blocks, never writes."""
    source = source or source_of(context)
    if session.problem:
        return Form(None, source, problem=session.problem)
    if not session.is_ready:
        session.load()
        return Form(None, source, problem="Loading.")
    settings = scene_settings(context.scene)
    first_id, *other_ids = chosen_models(settings)
    first = _read(context, settings, source, first_id, is_one_of_several=bool(other_ids))
    if first.model is None:
        return first
    if first.problem:
        others = [Form(session.models.look_up(other_id), source) for other_id in other_ids]
    else:
        read_one = partial(_read, context, settings, source, is_one_of_several=True)
        others = [_named(read_one(other_id), other_id) for other_id in other_ids]
    form = replace(first, others=tuple(others), seeds=number(settings, "seeds"))
    form = _followed(settings, form)
    form = replace(form, problem=problem_of(form), notes=_all_notes(settings, form))
    if form.problem:
        return form
    if problem := session.offline_reason:
        return replace(form, problem=problem)
    return _with_prices(settings, form)


def read_refining(context: bpy.types.Context, model_id: str, mesh: Mesh, *, with_pictures: bool) -> Form:
    """Read what would be asked of a model that changes a mesh, with the picture and the prompt that are chosen.

    :param mesh: as :class:`Request` takes it.
    :param with_pictures: whether it gets the picture, where it can do without.
    """
    source = source_of(context)
    settings = scene_settings(context.scene)
    form = _read(context, settings, source, model_id, is_one_of_several=False, mesh=mesh, with_pictures=with_pictures)
    if form.model is None or form.problem:
        return form
    names = parameters.lost(settings.models, form.model)
    form = replace(form, notes=(parameters.note_on(names),) if names else ())
    problem = session.offline_reason
    return replace(form, problem=problem) if problem else _with_prices(settings, form)


def _read(
    context: bpy.types.Context,
    settings: SCENARIO_PG_scene,
    source: Source,
    wanted_id: str,
    *,
    is_one_of_several: bool,
    mesh: Mesh | None = None,
    with_pictures: bool = True,
) -> Form:
    """Read what would be asked of one model.

    :param mesh: what it is to change.
    :param with_pictures: whether it gets the picture, where it can do without and changes a mesh.
    """
    model = session.models.look_up(wanted_id)
    if model is None:
        told = session.models.problem(wanted_id) or session.offline_reason
        return Form(None, source, problem=told or "Asking the service what this model takes.")
    planned = plan(settings, model, source)
    if is_one_of_several or mesh is not None:  # what is there is there for all: each takes of it what it can
        planned = planned.at_most(model.max_pictures)
    problem = _source_problem(context.scene, source, model)
    if mesh is not None and model.source is not None and not model.source.need.always:
        planned = planned if with_pictures and problem is None else Planned()
        problem = None
    problem = unsure_what_was_ordered() or problem
    form = Form(model, source, planned, problem=problem)
    if problem:
        return form
    try:
        if planned.shots:
            form = replace(form, wanted=subjects.wanted(context, model, planned))
        request = request_of(settings, model, planned, take=lambda picture: _SOMEWHERE)
        body = engine.draft(model, replace(request, mesh=mesh))
    except ScenarioError as error:
        form = replace(form, problem=error.user_message)
        return _named(form, wanted_id) if is_one_of_several else form
    return replace(form, body=body)


def _followed(settings: SCENARIO_PG_scene, form: Form) -> Form:
    """Add what is to follow, whichever model makes the mesh."""
    step = read_step(settings, has_picture=all(one.planned.items for one in form.forms))
    first, *others = (replace(one, step=step) for one in form.forms)
    return replace(first, others=tuple(others))


def _named(form: Form, wanted_id: str) -> Form:
    """Have the problem of one of several models say whose it is."""
    name = form.model.name if form.model is not None else wanted_id
    if form.problem is None or name in form.problem:
        return form
    return replace(form, problem=f"{name}: {form.problem}")


def _with_prices(settings: SCENARIO_PG_scene, form: Form) -> Form:
    """Look up what all of it costs, with the pictures that the service cuts out."""
    cuts = _cuts(settings, form)
    prices = session.prices.look_up(*_priced(form, cuts))
    found, each = prices[: len(cuts)], prices[len(cuts)] if any(cuts) else None
    step = form.step
    if step is not None:
        last = prices[-1]  # it sees the mesh only when it is asked to change it
        step = replace(step, price=replace(last, wants_pictures=False) if last is not None else None)
    forms = [
        _with_cuts(replace(one, price=price, step=step), known, each)
        for one, price, known in zip(form.forms, found, cuts, strict=True)
    ]
    return replace(forms[0], others=tuple(forms[1:]))


def with_prices_now(context: bpy.types.Context, form: Form) -> Form:
    """Give a form with the prices of today, which are in no redraw of a script. Blocks.

    :raises ScenarioError: there is no way to the service.
    """
    settings = scene_settings(context.scene)
    session.prices.ask_now(session.online().client, *_priced(form, _cuts(settings, form)))
    return _with_prices(settings, form)


def _cuts(settings: SCENARIO_PG_scene, form: Form) -> list[list[cutting.Cut]]:
    """For each model the pictures that the service cuts out."""
    return [
        cutting.by_service(one.planned) if one.model and cutting.is_wanted(settings, one.model) else []
        for one in form.forms
    ]


def _priced(form: Form, cuts: Sequence[Sequence[cutting.Cut]]) -> list[Priced]:
    """What has a price: what each model is asked for, what cuts pictures out, where any are, and what follows."""
    cut_out = [Priced(CUT_OUT_MODEL, cut_out_body())] if any(cuts) else []
    return [*(one.priced for one in form.forms), *cut_out, *([form.step.priced] if form.step else [])]


def _with_cuts(form: Form, cuts: Sequence[cutting.Cut], each: Price | None) -> Form:
    """Add what it costs to have pictures cut out."""
    price = form.price
    if not cuts or price is None:
        return form
    if each is None:
        return replace(form, price=None)
    if price.cost_cu is None or each.cost_cu is None:
        return replace(form, price=replace(price, cost_cu=None, error=price.error or each.error))
    cut_outs = dict.fromkeys((cut.picture for cut in cuts), each.cost_cu)
    return replace(form, price=replace(price, cost_cu=price.cost_cu + sum(cut_outs.values())), cut_outs=cut_outs)


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


def _all_notes(settings: SCENARIO_PG_scene, form: Form) -> tuple[str, ...]:
    """Sentences about stored values that nobody can use, and about what the pictures are for the models, each once."""
    groups = (settings, settings.finish, settings.studio, *settings.views)
    names = [name for group in groups for name in strange(group)]
    if form.model is not None:  # those of further models are looked at once they are asked: it takes too long here
        names += parameters.lost(settings.models, form.model)
    said = [note for one in form.forms if one.model for note in _notes(settings, one.model, one.planned)]
    return tuple(dict.fromkeys([*([parameters.note_on(names)] if names else []), *said]))


def _notes(settings: SCENARIO_PG_scene, model: Model, planned: Planned) -> list[str]:
    """Sentences about what the pictures are for a model."""
    loss = loss_by_several(model, len(planned.items)) if len(planned.items) > 1 else None
    said = [f"{loss[:1].upper()}{loss[1:]}."] if loss else []
    behind = cutting.has_background(planned) if cutting.wants_none(model) and not settings.cut_out else []
    said += [f"{name} has a background, and {model.name} wants none: Cut Out takes it away." for name in behind]
    return said


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
