# SPDX-License-Identifier: GPL-3.0-or-later
"""When an input of a model must be given, and when it takes effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

__all__ = ["Need", "Rule", "is_defined", "need_from"]


def is_defined(value: Any) -> bool:
    return value is not None and value != "" and value != []


@dataclass(frozen=True, slots=True)
class Need:
    """When an input must be given. ``effective`` below maps names to what would count: a value or a default."""

    always: bool = False
    if_defined: Mapping[str, str] = field(default_factory=dict[str, str])
    if_not_defined: Mapping[str, str] = field(default_factory=dict[str, str])
    values: Mapping[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]])
    any_value: bool = False
    """Whether one match of ``values`` is enough ("or"), or all have to match ("and")."""

    def reason(self, effective: Mapping[str, Any]) -> str | None:
        """Why it is needed now; ``None`` when it is not. An input nobody declared counts as never defined."""
        if self.always:
            return "it is required"
        for other, text in self.if_defined.items():
            if is_defined(effective.get(other)):
                return text or f"it is required together with {other}"
        if self.if_not_defined and not any(is_defined(effective.get(o)) for o in self.if_not_defined):
            # Several names mean "at least one of us": asking for more could refuse what the service takes.
            return next(iter(self.if_not_defined.values())) or "it is required"
        if self.values:
            hits = [effective.get(other) in allowed for other, allowed in self.values.items()]
            if any(hits) if self.any_value else all(hits):
                return f"it is required with this choice of {', '.join(self.values)}"
        return None


@dataclass(frozen=True, slots=True)
class Rule:
    """Something known of a model that its record cannot say: when a parameter takes effect.

    ``applies`` is a list of alternatives, each a set of conditions on other parameters (``pictures`` stands for how
    many pictures are given); the parameter takes effect when all conditions of one alternative hold.
    """

    parameter: str
    applies: tuple[Mapping[str, tuple[Any, ...]], ...]
    why: str
    refuse: bool = False
    """Whether setting it anyway is refused; otherwise it is just without effect."""
    values: tuple[Any, ...] | None = None
    """The only values that are restricted; ``None`` for any value but the default."""

    def holds(self, effective: Mapping[str, Any]) -> bool:
        return any(
            all(effective.get(other) in allowed for other, allowed in alternative.items())
            for alternative in self.applies
        )


def need_from(required: Any) -> Need:
    """Read ``required``: an object with one of four rules, a bare boolean, or nothing."""
    if isinstance(required, bool):
        return Need(always=required)
    rules = _mapping(required)
    conditional = _mapping(rules.get("conditional"))
    values = _mapping(conditional.get("values"))
    return Need(
        always=rules.get("always") is True,
        if_defined=_texts(rules.get("ifDefined")),
        if_not_defined=_texts(rules.get("ifNotDefined")),
        values={name: tuple(cast(list[Any], v)) if isinstance(v, list) else (v,) for name, v in values.items()},
        any_value=conditional.get("operator") == "or",
    )


def _mapping(value: Any) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _texts(value: Any) -> dict[str, str]:
    """Names with the service's sentence for each; a record may carry the names alone."""
    if isinstance(value, str):
        return {value: ""}
    if isinstance(value, list):
        return {str(name): "" for name in cast(list[Any], value)}
    return {name: text if isinstance(text, str) else "" for name, text in _mapping(value).items()}
