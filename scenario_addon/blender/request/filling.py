# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has chosen, filled in as an order: the pictures are taken and everything is checked.

Main thread only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from mathutils import Vector

from ... import engine
from ...engine.errors import InputError, PictureError
from ...engine.values import Order
from ..app.config import meshes_folder, pictures_folder
from ..delivery.homes import here
from ..form import parameters
from ..form.properties import SCENARIO_PG_scene, scene_settings
from ..form.stored import choice, number, text
from ..mesh.finish import Finish
from ..scene.bounds import triple
from ..scene.placement import Placement
from ..sources import cutting, subjects
from ..sources.originals import spot
from ..sources.pictures import Pictures, Shared
from ..sources.plan import Planned, Shot
from .reading import Form, is_in_place, replaced, request_of, shown_kind
from .several import named, seeded_orders

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ...engine.models.order import Request
    from ..studio.capture import Capture

__all__ = ["Prepared", "complete", "complete_all", "fill_in", "fill_in_all", "prepare", "prepare_all"]


@dataclass(frozen=True)
class Prepared:
    """What was asked for when Generate was pressed, but for the pictures that are still to be taken."""

    model: Model
    request: Request
    """Without pictures."""
    planned: Planned
    paths: Mapping[int, Path]
    """Files of the pictures that are there, by their number among :attr:`Planned.items`."""
    pictures: Pictures
    target: Mapping[str, Any]
    place: Placement
    """Where the mesh goes; without a box, where that comes with the pictures."""
    is_in_place: bool
    """Whether it takes the place of the objects in the pictures."""
    notes: tuple[str, ...]


def fill_in(context: bpy.types.Context, form: Form, *, output: Path | None = None) -> tuple[Order, list[str]]:
    """Take the pictures for one model and check everything. Those of selected objects have to be there.

    :param output: the folder where the mesh is kept; ``None``: where all are.
    :return: the order, and sentences that the artist should see.
    :raises InputError: with one sentence that says what to change.
    """
    return complete(_in(prepare(context, form), output), _capture(form))


def fill_in_all(
    context: bpy.types.Context, form: Form, *, output: Path | None = None
) -> tuple[list[tuple[Form, Order]], list[str]]:
    """Do the same for all models and seeds.

    :return: each order with the form of its model, and sentences that the artist should see.
    """
    prepared = [_in(one, output) for one in prepare_all(context, form)]
    return complete_all(form, prepared, [_capture(one) for one in form.forms])


def _capture(form: Form) -> Capture | None:
    capture = subjects.fresh(form.wanted) if form.wanted else None
    if form.wanted is not None and capture is None:
        raise PictureError("The pictures of the selected objects have not been taken yet: take them first.")
    return capture


def _in(prepared: Prepared, output: Path | None) -> Prepared:
    return prepared if output is None else replace(prepared, request=replace(prepared.request, folder=output))


def prepare_all(context: bpy.types.Context, form: Form) -> list[Prepared]:
    """Take the pictures that are there at once, and remember what else the form says: of each model, all for one place.

    :raises InputError: with one sentence that says what to change.
    """
    shared = Shared()
    first = prepare(context, form, shared=shared)
    others = [_noted(context, prepare(context, one, shared=shared)) for one in form.others]
    # One source and one spot, whatever each model is shown of it: what comes of them are variants of one thing.
    return [
        first,
        *(replace(one, target=first.target, place=first.place, is_in_place=first.is_in_place) for one in others),
    ]


def _noted(context: bpy.types.Context, prepared: Prepared) -> Prepared:
    """Say what is stored for a further model and cannot be used, which the tab says of the main one."""
    names = parameters.lost(scene_settings(context.scene).models, prepared.model)
    told = [f"{prepared.model.name}: {parameters.note_on(names)}"] if names else []
    return replace(prepared, notes=(*prepared.notes, *told))


def prepare(context: bpy.types.Context, form: Form, *, shared: Shared | None = None) -> Prepared:
    """Take the pictures that are there at once, and remember what else the form says, of one model.

    :param shared: what is done once for several models.
    :raises InputError: with one sentence that says what to change.
    """
    settings, model = scene_settings(context.scene), form.model
    if model is None or form.problem:
        raise PictureError(form.problem or "There is no model to ask.")
    work_folder = pictures_folder()
    work_folder.mkdir(parents=True, exist_ok=True)
    pictures = Pictures(context, work_folder, model, shared=shared)
    meshes, told = meshes_folder()
    place, is_in_place = _placement(context, settings, form)
    paths, seen, to_cut_out = _taken(pictures, form, is_cut=cutting.is_wanted(settings, model))
    request = replace(
        request_of(settings, model, form.planned),
        name=_name(context, form, model),
        folder=meshes,
        cut_out=frozenset(to_cut_out),
    )
    return Prepared(
        model=model,
        request=request,
        planned=form.planned,
        paths=paths,
        pictures=pictures,
        target={
            **here(context),
            "source": _source(form, seen, request),
            "finish": Finish.wanted_in(context.scene).to_json(),
            "asset": {"tags": text(settings.finish, "asset_tags")} if settings.finish.mark_as_asset else None,
        },
        place=place,
        is_in_place=is_in_place,
        notes=(*form.notes, *pictures.notes, *([told] if told else [])),
    )


def _taken(pictures: Pictures, form: Form, *, is_cut: bool) -> tuple[dict[int, Path], list[Path], list[Path]]:
    """Take the pictures that are there at once.

    :return: what is to be sent of them, what they are as they were taken, and those that the service is to cut out.

    :raises InputError: one cannot be taken, or it has to be cut out at a price that nobody has seen.
    """
    paths, seen, to_cut_out = dict[int, Path](), list[Path](), list[Path]()
    known = cutting.by_service(form.planned) if is_cut else []
    for place, item in enumerate(form.planned.items):
        if isinstance(item, Shot):
            continue
        path = pictures.take(item)
        seen.append(path)
        one = cutting.cut(item, path) if is_cut else None
        if one is not None and one.result is None:
            to_cut_out.append(path)
            if one not in known and not bpy.app.background:
                raise PictureError(f"The service has to cut {path.name} out: look at the price, and press again.")
        if one is not None and one.result is not None:
            path = one.result
            pictures.name(path, item)
        paths[place] = path
    return paths, seen, to_cut_out


def complete_all(
    form: Form, prepared: Sequence[Prepared], captures: Sequence[Capture | None]
) -> tuple[list[tuple[Form, Order]], list[str]]:
    """Check everything, of all models and seeds, now that all pictures are there.

    :param captures: for each model the pictures of the selected objects, where there are to be any.
    :return: each order with the form of its model, and sentences that the artist should see.
    :raises InputError: with one sentence that says what to change, and of which model.
    """
    orders: list[tuple[Form, Order]] = []
    notes: list[str] = []
    for one, ready, capture in zip(form.forms, prepared, captures, strict=True):
        try:
            order, said = complete(ready, capture)
            orders += [(one, made) for made in seeded_orders(order, ready.model, ready.request, form.seeds)]
        except InputError as error:
            raise named(error, ready.model, is_one_of_several=bool(form.others)) from error
        notes += said
    return _at_one_spot(orders), list(dict.fromkeys(notes))


def complete(prepared: Prepared, capture: Capture | None) -> tuple[Order, list[str]]:
    """Check everything of one model, now that all pictures are there.

    :param capture: the pictures of the selected objects, where there are to be any.
    :return: the order, and sentences that the artist should see.
    :raises InputError: with one sentence that says what to change.
    """
    planned, pictures, place = prepared.planned, prepared.pictures, prepared.place
    shots = capture.pictures if capture is not None else {}
    files = [
        shots[item.picture] if isinstance(item, Shot) else prepared.paths[number]
        for number, item in enumerate(planned.items)
    ]
    count = len(planned.images)
    views = dict(zip(planned.views, files[count:], strict=True))
    request = replace(prepared.request, images=tuple(files[:count]), views=views)
    try:
        order, notes = engine.make_order(
            prepared.model, request, work_folder=pictures_folder(), converter=pictures.convert
        )
        pictures.refuse_nothing(order, prepared.model)
    except PictureError as error:
        raise PictureError(pictures.in_words(error.user_message)) from error
    if capture is not None and prepared.is_in_place:
        taken = capture.placement()
        place = replace(place, location=taken.location, turn=taken.turn, box=taken.box, replaces=taken.replaces)
    warnings: Sequence[str] = capture.warnings if capture is not None else ()
    target = {**prepared.target, "placement": place.to_json()}
    return replace(order, target=target), [*prepared.notes, *warnings, *map(pictures.in_words, notes)]


def _at_one_spot(orders: Sequence[tuple[Form, Order]]) -> list[tuple[Form, Order]]:
    """Have all stand where the first one does: a box that is turned another way has its middle a little aside."""
    location = orders[0][1].target["placement"]["location"]

    def moved(order: Order) -> Order:
        return replace(order, target={**order.target, "placement": {**order.target["placement"], "location": location}})

    return [(form, moved(order)) for form, order in orders]


def _source(form: Form, seen: Sequence[Path], request: Request) -> str:
    """Say what was shown, whatever becomes of it for a model: what is made of the same are variants of one thing."""
    if form.wanted is not None:
        return f"objects {', '.join(sorted(form.wanted.subject.names))}"
    return f"picture {seen[0]}" if seen else f"words {request.prompt}"


def _name(context: bpy.types.Context, form: Form, model: Model) -> str:
    """What the result is called."""
    from ..picture.capture import picture_name

    source = form.source
    if form.wanted is not None:
        return f"{form.wanted.subject.name} mesh"
    if model.source is None or not source.is_chosen:
        return text(scene_settings(context.scene), "prompt").strip()[:40] or model.name
    if source.kind == "IMAGE":
        return picture_name(bpy.data.images[source.image])
    if source.kind == "FILE":
        return Path(bpy.path.abspath(source.filepath)).stem or "model"
    return context.scene.name


def _placement(context: bpy.types.Context, settings: SCENARIO_PG_scene, form: Form) -> tuple[Placement, bool]:
    """Where the result goes, as of now, and whether it takes the place of the objects that pictures are taken of."""
    origin = choice(settings, "origin")
    if not is_in_place(form, settings):
        is_fixed = choice(settings, "placement") == "ORIGIN"
        point = Vector() if is_fixed else context.scene.cursor.location
        height = number(settings, "height")
        return Placement(triple(point), height=height, origin=origin, steps_aside=not is_fixed), False
    how = Placement(
        triple(context.scene.cursor.location),
        height=number(settings, "height"),
        origin=origin,
        stretch=settings.stretch,
        hide_source=settings.hide_source,
    )
    if form.wanted is not None:
        return how, True
    originals = replaced(context, form)
    place = spot(context, shown_kind(form), originals) if originals.names else None
    if place is None:
        return replace(how, stretch=False, hide_source=False, steps_aside=True), False
    is_meant = originals.is_selected or choice(settings, "placement") == "SOURCE"
    return replace(place, origin=origin, stretch=how.stretch, hide_source=how.hide_source and is_meant), False
