# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``min``, ``max``, ``minLength`` and ``maxLength`` of an input bound: its values, its length or its items.

The service documents ``min`` and ``max`` for numbers and arrays without saying of what. A list of texts, models or
files has no other measure than its items. A list of numbers has two: they bound its values, unless its own default
denies that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

from ..api.wire import InputRecord

__all__ = ["Limits", "limits_from"]

_NUMBERS: Final = "number_array"
_OTHER_LISTS: Final = frozenset({"string_array", "model_array", "inputs_array", "file_array"})


@dataclass(frozen=True, slots=True)
class Limits:
    minimum: float | None = None
    """Of a number, or of each in a list."""
    maximum: float | None = None
    min_length: int | None = None
    """Characters of a string, items of a list."""
    max_length: int | None = None


def limits_from(record: InputRecord) -> Limits:
    if _counts_items(record):
        return Limits(min_length=_whole(record.min), max_length=_whole(record.max))
    return Limits(record.min, record.max, record.min_length, record.max_length)


def _counts_items(record: InputRecord) -> bool:
    """Whether ``min`` and ``max`` bound the number of items."""
    if record.min_length is not None or record.max_length is not None:
        return False
    bounds = [bound for bound in (record.min, record.max) if bound is not None]
    if not bounds or not all(bound >= 0 and bound.is_integer() for bound in bounds):
        return False
    return record.type in _OTHER_LISTS or (record.type == _NUMBERS and _says_items(record))


def _says_items(record: InputRecord) -> bool:
    """Whether the default of a list of numbers has values that the bounds forbid.

    One that is empty though ``min`` is not 0 says that nothing is set yet, where some must be. Without any, a single
    allowed value would be no choice.
    """
    default = record.default
    if not isinstance(default, list):
        return record.min is not None and record.min == record.max
    if not default:
        return record.min is not None and record.min >= 1
    low, high = record.min, record.max
    numbers = [n for n in cast(list[Any], default) if isinstance(n, int | float)]
    return not all((low is None or n >= low) and (high is None or n <= high) for n in numbers)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)
