# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model begins its guessing with: the same seed gives the same result, another one another. Any thread."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from ..errors import InputError
from .schema import Kind

if TYPE_CHECKING:
    from .model import Model
    from .schema import Parameter

__all__ = ["another_seed", "seed_parameter", "seeds_from"]

_NAME: Final = "seed"
_LAST: Final = 2**31 - 1
"""Where a record names no end: more, some services cannot count to."""


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

    :raises InputError: the model has not so many.
    """
    lowest, last = _range(parameter)
    size = last - lowest + 1
    if count > size:
        raise InputError(f"There are no {count:,} seeds from {lowest} to {last}: ask for fewer.")
    return [lowest + (first - lowest + number) % size for number in range(count)]


def _range(parameter: Parameter) -> tuple[int, int]:
    first = int(parameter.minimum) if parameter.minimum is not None else 0
    last = int(parameter.maximum) if parameter.maximum is not None else _LAST
    return max(first, 0), max(min(last, _LAST), max(first, 0))
