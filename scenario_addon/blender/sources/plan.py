# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pictures a request would have, as far as that is known without taking them. Main thread only; cheap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import bpy

from ...engine.models.sides import sides_taken, usual_sides
from ...engine.values import VIEWS
from ..form.stored import text
from ..studio.setup import VIEW
from .pictures import Source

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ..form.properties import SCENARIO_PG_picture, SCENARIO_PG_scene

__all__ = ["Planned", "Shot", "chosen_sides", "main_view", "plan", "slot"]


@dataclass(frozen=True)
class Shot:
    """A picture of the selected objects, from a side's name or :data:`VIEW`."""

    picture: str


Item = Source | bpy.types.Image | Shot


@dataclass(frozen=True)
class Planned:
    """The pictures of a request."""

    images: tuple[Item, ...] = ()
    """The one, or those of a model that takes a list."""
    views: Mapping[str, Item] = field(default_factory=dict[str, Item])
    """By the side that each shows, for a model with named views."""

    @property
    def items(self) -> tuple[Item, ...]:
        return (*self.images, *self.views.values())

    @property
    def shots(self) -> tuple[str, ...]:
        """The pictures that have to be taken of the selected objects."""
        return tuple(item.picture for item in self.items if isinstance(item, Shot))

    def at_most(self, count: int | None) -> Planned:
        """Give the first so many of them, for a model that takes no more; ``None``: all."""
        return self if count is None else replace(self, images=self.images[: max(0, count - len(self.views))])

    @property
    def words(self) -> str:
        """Tells apart what would be sent, as far as that is known."""
        return str([item.name_full if isinstance(item, bpy.types.Image) else item for item in self.items])


def plan(settings: SCENARIO_PG_scene, model: Model, source: Source) -> Planned:
    """Find the pictures that would be sent.

    :param source: where the main picture comes from.
    """
    if model.source is None:
        return Planned()
    if source.kind == "OBJECTS":
        return _of_objects(settings, model)
    main = (source,) if source.is_chosen else ()
    if model.views:
        filled = _filled(settings)
        main_one = main_view(model)
        return Planned(main, {view: filled[view] for view in model.views if view in filled and view != main_one})
    return Planned((*main, *(_further(settings) if model.max_pictures != 1 else ())))


def chosen_sides(settings: SCENARIO_PG_scene, model: Model) -> tuple[str, ...]:
    """Give the sides from which the selected objects are shown; none for the artist's own view.

    Those that the artist has chosen and the model takes; else, all around where the model is shown that without a loss.
    """
    chosen = tuple(side for side in sides_taken(model) if side in settings.sides)
    usual = usual_sides(model)
    has_view = not bpy.app.background and len(usual) == 1 and not model.views
    return chosen or (() if has_view else usual)


def main_view(model: Model) -> str | None:
    """The view that the source shows, for a model with named views."""
    return next((view for view, parameter in model.views.items() if parameter == model.source), None)


def slot(entry: SCENARIO_PG_picture) -> Source | bpy.types.Image | None:
    """Give the picture in a slot; ``None`` for an empty one."""
    if entry.image is not None:
        return entry.image
    path = text(entry, "filepath")
    return Source("FILE", filepath=path) if path else None


def _of_objects(settings: SCENARIO_PG_scene, model: Model) -> Planned:
    """Pictures of the selected objects, but for the sides that the artist has other pictures of."""
    filled, sides = _filled(settings), chosen_sides(settings, model)
    if model.views:
        shown = [view for view in VIEWS if view in model.views and (view in sides or view in filled)]
        return Planned((), {view: filled.get(view, Shot(view)) for view in shown})
    if model.max_pictures == 1:  # slots belong to other models
        return Planned(tuple(Shot(side) for side in sides or (VIEW,)))
    return Planned((*(filled.get(side, Shot(side)) for side in sides or (VIEW,)), *_further(settings)))


def _filled(settings: SCENARIO_PG_scene) -> dict[str, Any]:
    """The pictures in the slots of named sides."""
    found = {text(entry, "name"): slot(entry) for entry in settings.views}
    return {name: item for name, item in found.items() if name and item is not None}


def _further(settings: SCENARIO_PG_scene) -> list[Any]:
    """The pictures in the slots without a side."""
    found = [slot(entry) for entry in settings.views if not text(entry, "name")]
    return [item for item in found if item is not None]
