# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture that was asked for, as an order: the picture that goes in is taken, and everything is checked.

Main thread only.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy

from .... import engine
from ....engine.errors import PictureError
from ...app.config import meshes_folder, pictures_folder
from ...delivery.homes import here
from ...form.properties import scene_settings
from ...form.stored import text
from ...sources.pictures import Pictures
from ...sources.plan import Shot
from ..submission import Filled, filled
from .reading import wish_of

if TYPE_CHECKING:
    from ...sources.pictures import Source
    from ..form import Form

__all__ = ["fill_in_making"]

_LONGEST: Final = 40
"""Of a name that is made of words."""


def fill_in_making(context: bpy.types.Context, form: Form, *, output: Path | None = None) -> Filled:
    """Take the picture that goes in, and see whether the same is being made.

    :param output: the folder where the picture is kept; ``None``: where all results are.
    :raises InputError: with one sentence that says what to change.
    """
    model, settings = form.model, scene_settings(context.scene)
    if model is None or form.problem:
        raise PictureError(form.problem or "There is no model to ask.")
    work_folder = pictures_folder()
    work_folder.mkdir(parents=True, exist_ok=True)
    pictures = Pictures(context, work_folder, model)
    files = tuple(pictures.take(item) for item in form.planned.images if not isinstance(item, Shot))
    folder, told = meshes_folder()
    prompt = text(settings.making, "prompt").strip()
    request = replace(
        wish_of(settings, model, form.planned),
        images=files,
        name=_name(context, form.source) if files else prompt[:_LONGEST].strip() or model.name,
        folder=output or folder,
    )
    try:
        order, notes = engine.make_order(model, request, work_folder=work_folder, converter=pictures.convert)
        pictures.refuse_nothing(order, model)
    except PictureError as error:
        raise PictureError(pictures.in_words(error.user_message)) from error
    source = f"picture {files[0]}" if files else f"words {prompt}"
    of_image = form.source.image if files and form.source.kind == "IMAGE" else ""
    order = replace(order, target={**here(context), "source": source, "of_image": of_image})
    said = [*pictures.notes, *([told] if told else []), *map(pictures.in_words, notes)]
    return filled(form, [(form, order)], said)


def _name(context: bpy.types.Context, source: Source) -> str:
    """What the result is called: as what it was made of."""
    from ...picture.capture import picture_name  # lazy: what works on pixels takes longer than enabling an add-on may

    if source.kind == "IMAGE":
        return picture_name(bpy.data.images[source.image])
    if source.kind == "FILE":
        return Path(bpy.path.abspath(source.filepath)).stem or "picture"
    return context.scene.name
