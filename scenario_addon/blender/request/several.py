# SPDX-License-Identifier: GPL-3.0-or-later
"""Several meshes of one press: what keeps models from being asked together, and orders that differ by their seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...engine.errors import InputError
from ...engine.inputs.seeding import seeded
from ...engine.models.seeds import derived_seed, seed_parameter, seeds_from

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ...engine.models.order import Request
    from ...engine.values import Order
    from .form import Form

__all__ = ["named", "problem_of", "seeded_orders", "seedless"]


def problem_of(form: Form) -> str | None:
    """Why not all of it can be asked for, in one sentence; ``None`` when it can."""
    problem = next((one.problem for one in form.forms if one.problem), None)
    problem = problem or (form.step.problem if form.step else None)
    return problem or _pictures_problem(form) or _seeds_problem(form)


def seedless(form: Form) -> str | None:
    """Why it cannot be made with several seeds; ``None`` where each model has one."""
    names = [one.model.name for one in form.forms if one.model is not None and not _has_seed(one.model)]
    return f"{names[0]} has no seed" if names else None


def _pictures_problem(form: Form) -> str | None:
    """Why some of the models are shown nothing of what others are."""
    blind = [one.model.name for one in form.forms if one.model is not None and one.model.source is None]
    if blind and any(one.planned.items for one in form.forms):
        return f"{blind[0]} takes no picture, as the others do: take the tick off it."
    return None


def _seeds_problem(form: Form) -> str | None:
    if form.seeds == 1:
        return None
    if told := seedless(form):
        return f"{told}, so that more than one seed means nothing to it: set Seeds to 1, or choose another model."
    for one in form.forms:
        assert one.model is not None
        try:
            _first_seeds(one.model, one.body, form.seeds)
        except InputError as error:
            return named(error, one.model, is_one_of_several=True).user_message
    return None


def named(error: InputError, model: Model, *, is_one_of_several: bool) -> InputError:
    """Give the same error, of which it is said whose it is."""
    if not is_one_of_several or model.name in error.user_message:
        return error
    return InputError(f"{model.name}: {error.user_message}")


def seeded_orders(order: Order, model: Model, request: Request, count: int) -> list[Order]:
    """Give an order so many times, each with another seed; as it is where one is wanted.

    Seeds are counted up from the one that is asked for, else from one that comes of the order: the same press is the
    same orders. All have one name: in the scene they are told apart by their labels.

    :raises InputError: the model has no seed, or not so many from there on.
    """
    made = seeded(order, model, request, count if count > 1 else None)
    return [replace(one, name=order.name) for one in made]


def _first_seeds(model: Model, body: Mapping[str, Any], count: int) -> list[int]:
    """Give the seeds, as if any were derived first where none is chosen.

    :raises InputError: there are not so many.
    """
    parameter = seed_parameter(model)
    chosen = body.get(parameter.name)
    return seeds_from(parameter, derived_seed(parameter, "0") if chosen is None else int(chosen), count)


def _has_seed(model: Model) -> bool:
    try:
        seed_parameter(model)
    except InputError:
        return False
    return True
