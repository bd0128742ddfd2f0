# SPDX-License-Identifier: GPL-3.0-or-later
"""What would be asked for to get a picture, and what that and the mesh after it cost. Main thread only.

Reading is cheap and looks at no file, for every redraw.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .... import engine
from ....engine.errors import ScenarioError
from ...app.session import session
from ...form import parameters
from ...form.chosen import chosen_models
from ...form.properties import SCENARIO_PG_scene, scene_settings
from ...form.stored import choice, number, text
from ...sources.pictures import Source
from ...sources.plan import Planned, plan
from ...sources.renders import has_render
from ..form import Bill, Form
from ..reading import request_of, source_of, unsure_what_was_ordered
from .models import chosen_model

if TYPE_CHECKING:
    import bpy

    from ....engine.models.model import Model
    from ....engine.models.order import Request

__all__ = ["prices_told", "read_making", "wish_of", "with_price_now"]

_SOMEWHERE: Final = Path("picture")
"""Stands for a picture that has not been taken yet."""
_SOME_WORDS: Final = "a thing"
"""In place of the prompt where the price is asked for, which does not depend on it."""
_ABOUT: Final = "picture"
"""What these prices are about: those of the tab are asked for beside them."""


def read_making(context: bpy.types.Context, source: Source | None = None) -> Form:
    """Read what would be asked for. Never blocks, never writes.

    :param source: where the picture comes from that is changed; ``None``: as the editor or the scene says.
    """
    settings, source = scene_settings(context.scene), source or source_of(context)
    if session.problem or not session.is_ready:
        session.load()
        return Form(None, source, problem=session.problem or "Loading.")
    wanted_id = chosen_model(settings.making)
    model = session.models.look_up(wanted_id) if wanted_id else None
    if model is None:
        return Form(None, source, problem=_why_no_model(wanted_id))
    planned = _planned(settings, model, source)
    form = Form(model, source, planned)
    try:
        form = replace(form, body=engine.draft(model, wish_of(settings, model, planned, prompt=_SOME_WORDS)))
    except ScenarioError as error:
        return replace(form, problem=_problem(context, form) or error.user_message)
    return replace(form, problem=_problem(context, form) or session.offline_reason)


def prices_told(context: bpy.types.Context, form: Form) -> tuple[Form, str]:
    """Look up what the picture costs, and the mesh that is made of it then.

    :return: the form with its price, and both as words: ``Picture 5 CU, then mesh 60 CU``.
    """
    if form.model is None or not form.body or session.offline_reason:
        return form, ""
    meshes = _meshes(scene_settings(context.scene))
    asked = [form.priced, *(mesh.priced for mesh in meshes)]
    own, *others = session.prices.look_up(*asked, about=_ABOUT)
    form = replace(form, price=own)
    if own is None:
        return form, ""
    seeds = number(scene_settings(context.scene), "seeds")
    told = [f"Picture {Bill.of([(form, 1)]).label}"]
    if meshes and None not in others:
        bill = Bill.of((replace(mesh, price=price), seeds) for mesh, price in zip(meshes, others, strict=True))
        told.append(f"then {'mesh' if bill.count == 1 else f'{bill.count} meshes'} {bill.label}")
    return form, ", ".join(told)


def with_price_now(form: Form) -> Form:
    """Give a form with the price of today. Blocks, for scripts.

    :raises ScenarioError: there is no way to the service.
    """
    (price,) = session.prices.ask_now(session.online().client, form.priced)
    return replace(form, price=price)


def wish_of(settings: SCENARIO_PG_scene, model: Model, planned: Planned, *, prompt: str = "") -> Request:
    """Make a request of what is chosen, but for the picture's file.

    :param prompt: in place of the one that is chosen.
    """
    stored = parameters.settings_of(settings.models, model.id)
    count = len(planned.items)
    words = prompt or text(settings.making, "prompt").strip()
    return engine.Request(
        images=(_SOMEWHERE,) if count else (),
        prompt=words if model.prompt is not None and words else None,
        values=parameters.values(stored, model, picture_count=count) if stored is not None else {},
    )


def _why_no_model(wanted_id: str) -> str:
    if wanted_id:
        return session.models.problem(wanted_id) or session.offline_reason or "Asking the service what it takes."
    if session.tasks.is_running("models"):
        return "Asking the service which models there are."
    return session.offline_reason or "The service lists no model that does this: press Refresh Models in the tab."


def _planned(settings: SCENARIO_PG_scene, model: Model, source: Source) -> Planned:
    """The one picture that goes in, where any does."""
    is_of_words = choice(settings.making, "work") == "WORDS"
    if model.source is None or (is_of_words and not model.source.need.always) or source.kind == "OBJECTS":
        return Planned()
    return Planned(plan(settings, model, source).images[:1])


def _problem(context: bpy.types.Context, form: Form) -> str | None:
    """Why it cannot be asked for; ``None`` when it can."""
    model, source, making = form.model, form.source, scene_settings(context.scene).making
    if doubt := unsure_what_was_ordered():
        return doubt
    assert model is not None
    if model.source is not None and model.source.need.always:
        if source.kind == "OBJECTS":
            return "A model changes one picture: choose an image, a file or a render as the source."
        if not source.is_chosen:
            return "Choose an image or a picture file as the source first."
        if source.kind == "RENDER" and not has_render(context.scene):
            return "There is no render yet: press F12, or choose another source."
    if model.prompt is not None and model.prompt.need.always and not text(making, "prompt").strip():
        return "Write what the picture is to show."
    return None


def _meshes(settings: SCENARIO_PG_scene) -> list[Form]:
    """What the chosen 3D models would be asked for, given the picture; none where one cannot be."""
    found: list[Form] = []
    planned = Planned((Source("FILE", filepath=str(_SOMEWHERE)),))
    for model_id in chosen_models(settings):
        model = session.models.look_up(model_id)
        if model is None or model.source is None:
            return []
        try:
            body = engine.draft(model, request_of(settings, model, planned, take=lambda item: _SOMEWHERE))
        except ScenarioError:
            return []
        found.append(Form(model, Source("FILE", filepath=str(_SOMEWHERE)), body=body))
    return found
