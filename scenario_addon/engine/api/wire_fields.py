# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fields of the service's records are made of: lists that forgive, texts that are shown, amounts."""

from __future__ import annotations

import logging
from contextlib import suppress
from decimal import Decimal
from typing import Annotated, Any, Final, TypeVar, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from ..text import clean, legible

__all__ = ["MOST_CU", "Amount", "Capability", "Each", "Fees", "FileName", "Label", "Objects", "Prose"]

log = logging.getLogger(__name__)

T = TypeVar("T")

_MOST_ENTRIES: Final = 2_000
"""Of a list; the longest that the service is asked for has 500."""
_LONGEST_NAME: Final = 1_000
"""Characters of a file's name; no disk takes more."""
MOST_CU: Final = 1_000_000_000
"""Of an amount that is believed."""
_FINEST_CU: Final = Decimal("0.000001")


def _each(value: Any, handler: ValidatorFunctionWrapHandler) -> list[Any]:
    """Keep the entries that can be read; what is no list at all counts as missing."""
    if not isinstance(value, list):
        return handler(value)
    entries = cast(list[Any], value)
    kept: list[Any] = []
    reason = "too many"
    for item in entries[:_MOST_ENTRIES]:
        try:
            kept.extend(handler([item]))
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
    if left_out := len(entries) - len(kept):
        log.warning("left out an entry of the service's answer, one of %d: %s", left_out, reason)
    return kept


Each = Annotated[list[T], WrapValidator(_each)]


def _objects(value: Any) -> Any:
    """Keep the members that are objects."""
    if not isinstance(value, dict):
        return value
    members = cast(dict[str, Any], value)
    return {name: members[name] for name in members if isinstance(members[name], dict)}


Objects = Annotated[dict[str, dict[str, Any]], BeforeValidator(_objects)]


def _cleaned(longest: int) -> BeforeValidator:
    return BeforeValidator(lambda value: clean(value, longest=longest) if isinstance(value, str) else value)


Label = Annotated[str, _cleaned(200)]
"""A name or a word that is shown."""
Prose = Annotated[str, _cleaned(4_000)]
"""Sentences that are shown."""
FileName = Annotated[
    str, BeforeValidator(lambda value: legible(value[:_LONGEST_NAME]) if isinstance(value, str) else value)
]


def _rounded(value: Decimal) -> Decimal:
    """An amount without a tail that nobody pays, however it was computed."""
    if not value:
        return Decimal(0)
    tail = value.as_tuple().exponent
    return value.quantize(_FINEST_CU).normalize() if isinstance(tail, int) and tail < -6 else value


Amount = Annotated[Decimal, Field(ge=0, le=MOST_CU), AfterValidator(_rounded)]
"""Compute Units. What is negative or absurd counts as not told: it must never make room in a limit."""
_AMOUNT: Final = TypeAdapter[Decimal](Amount, config=ConfigDict(allow_inf_nan=False))


def _amounts(value: Any) -> Any:
    """Keep the members that are amounts."""
    if not isinstance(value, dict):
        return value
    kept: dict[str, Decimal] = {}
    for name, member in cast(dict[str, Any], value).items():
        with suppress(ValidationError):
            kept[name] = _AMOUNT.validate_python(member)
    return kept


Fees = Annotated[dict[str, Amount], BeforeValidator(_amounts)]


def _capability(value: Any) -> Any:
    return cast(dict[str, Any], value).get("type") if isinstance(value, dict) else value


Capability = Annotated[str, BeforeValidator(_capability)]
"""A word, or an object with a type."""
