# SPDX-License-Identifier: GPL-3.0-or-later
"""Prices that the service names only once it has seen the pictures: they are taken and uploaded. Main thread only."""

from __future__ import annotations

from functools import partial

import bpy

from ... import engine
from ...engine.errors import ScenarioError
from ..app.session import session
from .filling import fill_in
from .reading import Form, Source, read, source_of

__all__ = ["ask_by_itself", "ask_price"]


def ask_price(context: bpy.types.Context) -> None:
    """Take the pictures of the form, upload them, which is free, and have prices asked for with them.

    :raises ScenarioError: a picture cannot be used, or there is no way to the service.
    """
    for form in _waiting(context):
        _ask(context, form)


def ask_by_itself() -> bool:
    """Ask for the price without being told to, where the pictures cost no time: they are files already."""
    if not session.prices.wants_pictures or not _is_file(source_of(bpy.context)):
        return False
    waiting = _waiting(bpy.context)
    for form in waiting:
        try:
            _ask(bpy.context, form)
        except ScenarioError as error:  # Generate would say the same
            session.prices.give_up_pictures(form.priced, error)
    return bool(waiting)


def _waiting(context: bpy.types.Context) -> list[Form]:
    """What has a price that waits for its pictures, each of one model."""
    form = read(context)
    known = [one for one in form.forms if one.model is not None] if form.problem is None else []
    return [one for one in known if session.prices.waits_for_pictures(one.priced)]


def _ask(context: bpy.types.Context, form: Form) -> None:
    """:raises ScenarioError: a picture cannot be used, or there is no way to the service."""
    online, ledger = session.online(), session.ledger
    assert ledger is not None
    order, _ = fill_in(context, form)
    ask = partial(engine.quote_with_pictures, order, client=online.client, ledger=ledger, scope=online.scope)
    session.prices.ask_with_pictures(form.priced, ask)


def _is_file(source: Source) -> bool:
    """Whether a picture is there as a file."""
    image = bpy.data.images.get(source.image) if source.kind == "IMAGE" else None
    if image is None:
        return source.kind == "FILE"
    return image.source == "FILE" and not image.is_dirty and not image.packed_files
