# SPDX-License-Identifier: GPL-3.0-or-later
"""The same order several times, each with another seed: counted up, so that the same command is the same orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..models.model import Model
from ..models.order import Request, with_value
from ..models.seeds import derived_seed, seed_ending, seed_parameter, seeds_from
from ..names import ended_name
from ..values import Order

__all__ = ["MOST_SEEDS", "seeded"]

MOST_SEEDS: Final = 64
"""Of one picture and model: nobody looks through more, and a slip of the finger is not paid for."""


def seeded(order: Order, model: Model, request: Request, count: int | None) -> Iterator[Order]:
    """Give an order so many times, each under a name that ends with its seed; as it is where ``count`` is ``None``.

    The first seed is the request's, or else comes of what is asked for.

    :raises InputError: the model has no seed, or not so many from there on.
    """
    if count is None:
        yield order
        return
    parameter = seed_parameter(model)
    if request.values.get(parameter.name) is not None:
        first = int(order.values[parameter.name])
    else:  # what the model takes anyway may be in the order all the same
        first = derived_seed(parameter, with_value(order, model, parameter, None).identity)
    for seed in seeds_from(parameter, first, count):
        name = ended_name(order.name, seed_ending(seed), order.folder)
        yield replace(with_value(order, model, parameter, seed), name=name)
