# SPDX-License-Identifier: GPL-3.0-or-later
"""What a script asks for this once, in place of what the artist has chosen, which is there again afterwards.

Main thread only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...engine.errors import InputError
from ..form import parameters
from ..form.properties import SCENARIO_PG_scene

if TYPE_CHECKING:
    from ...engine.models.model import Model

__all__ = ["chosen", "read_parameters", "with_parameters"]


@contextmanager
def chosen(settings: SCENARIO_PG_scene, **wanted: str | int | None) -> Iterator[None]:
    """Have settings hold other values meanwhile.

    :param wanted: by the settings' names; ``None`` is not wanted.
    :raises InputError: one is none of its choices.
    """
    before = {name: getattr(settings, name) for name, value in wanted.items() if value is not None}
    try:
        for name in before:
            try:
                setattr(settings, name, wanted[name])
            except TypeError as error:
                choices = ", ".join(item.identifier for item in settings.bl_rna.properties[name].enum_items)  # pyright: ignore[reportAttributeAccessIssue]
                raise InputError(f"{wanted[name]} is no {name}: choose one of {choices}.") from error
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)


@contextmanager
def with_parameters(settings: SCENARIO_PG_scene, model: Model, text: str) -> Iterator[None]:
    """Have a model's parameters hold other values meanwhile.

    :param text: a JSON object, by the service's names; "" for none.
    :raises InputError: it is no such object, or a value is none that the model takes.
    """
    wanted = read_parameters(text, model)
    stored = parameters.settings_of(settings.models, model.id)
    if not wanted or stored is None:
        yield
        return
    before = parameters.values(stored, model)
    try:
        parameters.assign(stored, model, wanted)
        yield
    finally:
        parameters.reset(stored, model)
        parameters.assign(stored, model, before)


def read_parameters(text: str, model: Model) -> Mapping[str, Any]:
    """Read a JSON object of parameters by the service's names; "" for none.

    :raises InputError: it is no such object, or names what the model does not have.
    """
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f'The parameters are no JSON: write them as {{"steps": 30}}. {error}.') from error
    if not isinstance(found, dict):
        raise InputError('The parameters are no JSON object: write them as {"steps": 30}.')
    known = {parameter.name for parameter in parameters.drawable(model)}
    strange = sorted(name for name in found if name not in known)
    if strange:
        raise InputError(f"{strange[0]} is not a parameter of {model.name}: it has {', '.join(sorted(known))}.")
    return found
