# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model begins its guessing with: the same seed gives the same result, another one another. Any thread."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..errors import InputError
from .schema import Kind

if TYPE_CHECKING:
    from ..values import Order
    from .model import Model
    from .schema import Parameter

__all__ = [
    "another_seed",
    "derived_seed",
    "maker_of",
    "seed_ending",
    "seed_of",
    "seed_parameter",
    "seeds_from",
    "unseeded",
]

_NAME: Final = "seed"
_ENDING: Final = "-seed"
"""Between the name of a result and its seed, where there are several."""
_LAST: Final = 2**31 - 1
"""Where a record names no end: more, some services cannot count to."""
_DERIVED: Final = 100_000
"""So many seeds are derived from orders: enough to differ, and short in the names of files."""


def seed_parameter(model: Model) -> Parameter:
    """Find the parameter.

    :raises InputError: the model has none: asked the same again, it may or may not give the same.
    """
    for parameter in model.parameters:
        if parameter.name.lower() == _NAME and parameter.kind is Kind.NUMBER:
            return parameter
    raise InputError(f"{model.name} has no seed: change another of its parameters, or choose another model.")


def another_seed(parameter: Parameter, seed: object) -> int:
    """Give a seed by chance, but not the one that was."""
    first, last = _range(parameter)
    found = random.randint(first, last)
    if found == seed:
        found = found + 1 if found < last else first
    return found


def seeds_from(parameter: Parameter, first: int, count: int) -> list[int]:
    """Count seeds up; after the model's last comes its first.

    :raises InputError: the model has not so many, or ``first`` is below 0, which stands for chance.
    """
    lowest, last = _range(parameter)
    if first < lowest:
        raise parameter.error(f"seeds are counted up from {lowest} or more, not from {first}")
    if first > last:  # somebody has chosen it, so the model counts further than chance goes
        last = int(parameter.maximum) if parameter.maximum is not None else first + count - 1
    size = last - lowest + 1
    if count > size:
        raise InputError(f"There are no {count:,} seeds from {lowest} to {last}: ask for fewer.")
    return [lowest + (first - lowest + number) % size for number in range(count)]


def derived_seed(parameter: Parameter, identity: str) -> int:
    """Give the seed of an order for which nobody has chosen one: the same order has the same.

    :param identity: the order's without a seed, in hex.
    """
    first, last = _range(parameter)
    return first + int(identity, 16) % min(last - first + 1, _DERIVED)


def seed_of(order: Order) -> Any:
    """Give the seed that an order asks for; ``None`` where it leaves that to the service."""
    return next((value for name, value in order.values.items() if name.lower() == _NAME), None)


def maker_of(order: Order) -> str:
    """Give what tells a result from others of the same picture: its model, and its seed where that is known."""
    seed = seed_of(order)
    return order.model_name if seed is None else f"{order.model_name}, seed {seed}"


def seed_ending(seed: int) -> str:
    """Give how a result's name ends where there are several that differ by their seeds."""
    return f"{_ENDING}{seed}"


def unseeded(order: Order) -> Order:
    """Give an order as it was before it got a seed, and a name that says so."""
    values = {name: value for name, value in order.values.items() if name.lower() != _NAME}
    return replace(order, values=values, name=re.sub(rf"{_ENDING}\d+$", "", order.name))


def _range(parameter: Parameter) -> tuple[int, int]:
    first = int(parameter.minimum) if parameter.minimum is not None else 0
    last = int(parameter.maximum) if parameter.maximum is not None else _LAST
    return max(first, 0), max(min(last, _LAST), max(first, 0))
