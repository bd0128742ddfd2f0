# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model can be asked for: its inputs as :class:`Parameter` values, read from the service's record.

A form, the command line and the request body are all made from this. A new input type gets a :class:`Kind` and an
entry in ``_CHECKS``; a type that is not known yet is kept as ``UNSUPPORTED`` and left out of every request.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, cast

from ..api.wire import InputRecord
from ..errors import ParamError
from .conditions import Need, is_defined, need_from
from .limits import Limits, limits_from
from .words.labels import fuller, label_of, labels_of_values

__all__ = ["Choice", "Kind", "Parameter", "needed_defaults", "parameter_from", "shown"]


class Kind(StrEnum):
    """The service's word for what an input takes."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    STRING = "string"
    FILE = "file"
    FILE_ARRAY = "file_array"
    NUMBER_ARRAY = "number_array"
    STRING_ARRAY = "string_array"
    MODEL = "model"
    MODEL_ARRAY = "model_array"
    INPUTS_ARRAY = "inputs_array"
    UNSUPPORTED = "unsupported"

    @property
    def is_file(self) -> bool:
        return self in (Kind.FILE, Kind.FILE_ARRAY)


_KINDS: Final = {str(kind): kind for kind in Kind}
_BACKGROUNDS: Final = ("transparent", "opaque")
_NO_BACKGROUND: Final = re.compile(
    r"background (is )?removed|transparent background|(without|no) (a )?background", re.IGNORECASE
)
"""Said of an input in words."""
_MAX_NUMBER: Final = sys.float_info.max


@dataclass(frozen=True, slots=True)
class Choice:
    value: Any
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One input of a model."""

    name: str
    """As the service spells it."""
    kind: Kind
    wire_type: str
    label: str
    description: str = ""
    placeholder: str = ""
    default: Any = None
    """``None`` means unset: left out of the request. ``0``, ``False`` and ``""`` are defaults like any other."""
    choices: tuple[Choice, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    is_whole: bool = False
    min_length: int | None = None
    """Characters of a string, items of a list."""
    max_length: int | None = None
    need: Need = field(default_factory=Need)
    group: str | None = None
    cost_impact: bool = False
    media: str | None = None
    """What a file input takes: ``image``, ``3d`` ..."""
    mask_from: str | None = None
    max_size_bytes: int | None = None
    background: str | None = None
    """What a picture is to have behind its subject: ``transparent`` or ``opaque``; ``None`` where nobody says."""
    is_prompt: bool = False
    is_color: bool = False
    is_collapsed: bool = False
    members: tuple[Parameter, ...] = ()
    """What each object of an ``inputs_array`` holds."""

    @property
    def takes_pictures(self) -> bool:
        return self.kind.is_file and self.media in (None, "image")

    @property
    def is_supported(self) -> bool:
        """Whether a value can be given here at all."""
        return self.takes_pictures if self.kind.is_file else self.kind is not Kind.UNSUPPORTED

    def read(self, text: str) -> Any:
        """A value typed by a person: JSON where it parses, the text itself otherwise, always text for strings."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return text if self.kind in (Kind.STRING, Kind.MODEL) and not isinstance(value, str) else value

    def check(self, value: Any) -> Any:
        """The value as it goes on the wire.

        :raises ParamError: wrong type, out of range, not an allowed value, too long.
        """
        check = _CHECKS.get(self.kind)
        if check is None:
            raise self.error(f"inputs of type {self.wire_type} are not supported")
        return check(self, value)

    def is_met_by(self, value: Any) -> bool:
        """Whether a value does where one must be given; an empty text does only if it is one of the choices."""
        return is_defined(value) or (value is not None and value in [choice.value for choice in self.choices])

    def error(self, problem: str) -> ParamError:
        return ParamError(f"{self.name}: {problem}.", name=self.name)


def shown(value: Any) -> str:
    """A value as a person would type it."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _listed(values: Sequence[Any]) -> str:
    words = [v if isinstance(v, str) and v else shown(v) for v in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _boolean(parameter: Parameter, value: Any) -> bool:
    if not isinstance(value, bool):
        raise parameter.error(f"takes true or false, not {shown(value)}")
    return value


def _number(parameter: Parameter, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_MAX_NUMBER <= value <= _MAX_NUMBER:
        raise parameter.error(f"takes a number, not {shown(value)}")
    whole = _has_no_fraction(value)
    if parameter.is_whole and not whole:
        raise parameter.error(f"takes a whole number, not {shown(value)}")
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        limits = [f"at least {_plain(low)}"] if low is not None else []
        limits += [f"at most {_plain(high)}"] if high is not None else []
        raise parameter.error(f"{shown(value)} is out of range, it must be {' and '.join(limits)}")
    _check_choice(parameter, value)
    return int(value) if whole else value


def _string(parameter: Parameter, value: Any) -> str:
    if not isinstance(value, str):
        hint = _hint_choices(parameter)
        raise parameter.error(f"takes text, not {shown(value)}{hint}")
    _check_choice(parameter, value)
    _check_length(parameter, len(value), "characters")
    return value


def _items(check: Callable[[Parameter, Any], Any]) -> Callable[[Parameter, Any], list[Any]]:
    def run(parameter: Parameter, value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise parameter.error(f'takes a list such as ["a", "b"] or [1, 2], not {shown(value)}')
        items = [check(parameter, item) for item in cast(Sequence[Any], value)]
        _check_length(parameter, len(items), "items")
        return items

    return run


def _number_item(parameter: Parameter, value: Any) -> int | float:
    return _number(parameter, value)


def _string_item(parameter: Parameter, value: Any) -> str:
    if not isinstance(value, str):
        raise parameter.error(f"takes a list of texts, not {shown(value)}")
    _check_choice(parameter, value)
    return value


def _object_item(parameter: Parameter, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise parameter.error(f"takes a list of objects, not {shown(value)}")
    members = {member.name: member for member in parameter.members}
    given = cast(dict[str, Any], value)
    for name in given:
        if members and name not in members:
            raise parameter.error(f"has no member {name}, only {_listed(list(members))}")
    effective = {**{m.name: m.default for m in parameter.members}, **given}
    for member in members.values():
        if not member.is_met_by(effective.get(member.name)) and (why := member.need.reason(effective)):
            raise parameter.error(f"{member.name} is missing: {why.rstrip('.')}")
    sent = {**needed_defaults(parameter.members, effective), **given}
    return {name: members[name].check(item) if name in members else item for name, item in sent.items()}


_CHECKS: Final[Mapping[Kind, Callable[[Parameter, Any], Any]]] = {
    Kind.BOOLEAN: _boolean,
    Kind.NUMBER: _number,
    Kind.STRING: _string,
    Kind.MODEL: _string,
    Kind.NUMBER_ARRAY: _items(_number_item),
    Kind.STRING_ARRAY: _items(_string_item),
    Kind.MODEL_ARRAY: _items(_string_item),
    Kind.INPUTS_ARRAY: _items(_object_item),
}


def needed_defaults(parameters: Iterable[Parameter], effective: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults that have to be sent, because their inputs must be given.

    :param effective: every parameter's value or default.
    """
    return {p.name: p.default for p in parameters if p.default is not None and p.need.reason(effective)}


def _check_choice(parameter: Parameter, value: Any) -> None:
    values = [choice.value for choice in parameter.choices]
    if values and value not in values:
        raise parameter.error(f"{shown(value)} is not one of its values, use {_listed(values)}")


def _hint_choices(parameter: Parameter) -> str:
    return f", use {_listed([c.value for c in parameter.choices])}" if parameter.choices else ""


def _check_length(parameter: Parameter, length: int, unit: str) -> None:
    low, high = parameter.min_length, parameter.max_length
    if high is not None and length > high:
        raise parameter.error(f"has {length} {unit}, at most {high} are allowed")
    if low is not None and length < low:
        raise parameter.error(f"has {length} {unit}, at least {low} are needed")


def _plain(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def _has_no_fraction(number: int | float) -> bool:
    return isinstance(number, int) or number.is_integer()


# There is no integer type on the wire, and records seldom carry a step: these names are never fractions.
_WHOLE_NAME: Final = re.compile(r"(seed|count|num|steps?|limit|tokens?|faces?|target|resolution|size)$", re.IGNORECASE)
_WHOLE_SPAN: Final = 1000
"""A range this wide between whole limits is a count of something."""


def _is_whole(record: InputRecord, limits: Limits) -> bool:
    default = record.default
    defaults = cast(list[Any], default) if isinstance(default, list) else [default]
    stated = [*defaults, limits.minimum, limits.maximum, *(record.allowed_values or [])]
    numbers = [n for n in stated if isinstance(n, int | float) and not isinstance(n, bool)]
    if not all(_has_no_fraction(n) for n in numbers):
        return False
    if record.step is not None:
        return record.step >= 1 and record.step.is_integer()
    low, high = limits.minimum, limits.maximum
    wide = low is not None and high is not None and high - low >= _WHOLE_SPAN
    return bool(record.allowed_values) or wide or bool(_WHOLE_NAME.search(record.name))


def parameter_from(
    record: InputRecord,
    *,
    labels: Mapping[str, Any] | None = None,
    known: InputRecord | None = None,
    known_labels: Mapping[str, Any] | None = None,
    collapsed: bool = False,
) -> Parameter:
    """Read one input.

    :param labels: display names of its allowed values, by the value as text (``uiConfig.selects``).
    :param known: the same input in the record that ships with this, which explains what the service's does not.
    :param known_labels: those of its values.
    """
    told = known or InputRecord(name=record.name, type=record.type)
    kind, limits = _KINDS.get(record.type, Kind.UNSUPPORTED), limits_from(record)
    found = Parameter(
        name=record.name,
        kind=kind,
        wire_type=record.type,
        label=label_of(record.name, record.label, told.label),
        description=fuller(record.description or record.hint or "", told.description or ""),
        placeholder=record.placeholder or "",
        default=record.default,
        choices=_choices(record, labels or {}, known_labels or {}),
        minimum=limits.minimum,
        maximum=limits.maximum,
        step=record.step,
        is_whole=_is_whole(record, limits),
        min_length=limits.min_length,
        max_length=limits.max_length,
        need=need_from(record.required),
        group=record.group,
        cost_impact=bool(record.cost_impact),
        media=(record.kind or "image") if kind.is_file else None,
        mask_from=record.mask_from,
        max_size_bytes=record.max_size,
        background=_background(record),
        is_prompt=bool(record.prompt),
        is_color=bool(record.color),
        is_collapsed=collapsed,
        members=tuple(parameter_from(member) for member in record.inputs),
    )
    return replace(found, default=_usable_default(found))


def _background(record: InputRecord) -> str | None:
    """What is to be behind the subject: as its own field has it, or as its description says."""
    if record.background_behavior in _BACKGROUNDS:
        return record.background_behavior
    words = f"{record.description or ''} {record.hint or ''}"
    return "transparent" if _NO_BACKGROUND.search(words) else None


def _choices(record: InputRecord, labels: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[Choice, ...]:
    """Values may be empty (``""`` for "no pose"); labels may be incomplete."""
    values = record.allowed_values or ()
    return tuple(map(Choice, values, labels_of_values(values, labels, known)))


def _usable_default(parameter: Parameter) -> Any:
    """The default as it goes on the wire; ``None`` for one that contradicts the rest of the record."""
    if parameter.default is None or parameter.kind not in _CHECKS:
        return parameter.default
    try:
        return parameter.check(parameter.default)
    except ParamError:
        return None
