# SPDX-License-Identifier: GPL-3.0-or-later
"""The selected objects as the subject of pictures: which, how, and whether the pictures are there. Main thread only."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import bpy

from ...engine.models.sides import check_sides, ground, size_px
from ..app.config import pictures_folder
from ..app.session import session
from ..form.properties import scene_settings
from ..form.stored import choice, number
from ..studio.setup import VIEW, Setup
from ..studio.sides import Facing, View
from ..studio.subject import Subject, of_selection

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ..studio.capture import Capture
    from ..studio.shots import Follow, Shots
    from .plan import Planned

__all__ = ["Wanted", "close", "fresh", "shots", "take", "take_in_background", "wanted"]


@dataclass(frozen=True)
class Wanted:
    """Pictures that are to be taken. For the moment only: it holds live objects."""

    subject: Subject
    setup: Setup
    key: Hashable
    """What they show."""


def wanted(context: bpy.types.Context, model: Model, planned: Planned) -> Wanted:
    """Find what pictures have to be taken for a request. Cheap enough for a redraw.

    :param planned: with at least one shot.
    :raises PictureError: nothing with a surface is selected.
    :raises ParamError: the model does not take so many sides.
    """
    subject = of_selection(context)
    settings = scene_settings(context.scene).studio
    named = tuple(picture for picture in planned.shots if picture != VIEW)
    if named:
        check_sides(model, [*named, *planned.views])
    front, view = choice(settings, "front"), None
    if not named or front == "VIEW":
        view = View.of_viewport(_region(context))
        facing = Facing.of_view(view.matrix)
    elif front == "OBJECT":
        active = context.view_layer.objects.active
        facing = Facing.of_object((active if active in subject.objects else subject.objects[0]).matrix_world)
    else:
        facing = Facing()
    setup = Setup(
        sides=named,
        view=None if named else view,
        facing=Facing(facing.turn + number(settings, "turn")) if named else facing,
        size_px=size_px(model),
        ground=ground(model).upper(),
        look=choice(settings, "look"),
        light=choice(settings, "light"),
    )
    scene = context.scene
    key = (session.file_token, scene.name, subject.names, setup, scene.frame_current, scene.frame_subframe)
    return Wanted(subject, setup, key)


def shots() -> Shots:
    """Give what takes pictures, and remembers them."""
    if session.shots is None:
        from ..studio.shots import Shots  # lazy: numpy takes longer than enabling an add-on may
        from ..studio.studio import Studio

        session.shots = Shots(Studio(Path(bpy.app.tempdir) / "scenario-studio"))
    return session.shots


def fresh(one: Wanted) -> Capture | None:
    """Give the pictures, if they were taken and show what is there now."""
    return session.shots.fresh(one.key) if session.shots else None


def take(one: Wanted) -> Capture:
    """Take pictures and wait for them.

    :raises PictureError: there are none.
    :raises DiskError: something cannot be written.
    """
    return shots().take(one.key, one.subject, one.setup, pictures=pictures_folder())


def take_in_background(one: Wanted, follow: Follow | None = None) -> None:
    """Have pictures taken while the artist goes on.

    :param follow: is called with the outcome, on the main thread.
    :raises DiskError: a copy of the objects cannot be written.
    """
    shots().begin(one.key, one.subject, one.setup, pictures=pictures_folder(), follow=follow)


def close() -> None:
    """End what is under way, and remove every file in use."""
    if session.shots is not None:
        session.shots.close()
        session.shots = None


def _region(context: bpy.types.Context) -> bpy.types.RegionView3D:
    from ..picture.viewport import find_viewport  # lazy: numpy takes longer than enabling an add-on may

    _, _, region = find_viewport(context)
    return cast("bpy.types.RegionView3D", region.data)
