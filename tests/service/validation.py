# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the body of a generate call against a model's inputs, with the error texts Joi would write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from .values import Json

__all__ = ["InvalidBodyError", "clean_body"]

_ASSET_ID: Final = re.compile(r"asset_[A-Za-z0-9_-]+")
_ARRAY_ITEM: Final = {
    "file_array": "file",
    "string_array": "string",
    "number_array": "number",
    "model_array": "string",
    "inputs_array": "object",
}
_KNOWN_SCALARS: Final = ("boolean", "file", "model", "number", "string")


class InvalidBodyError(ValueError):
    """The body is refused; the text says why."""


def clean_body(body: Any, *, inputs: list[Json], asset: Callable[[str], Json | None] | None) -> Json:
    """The body as the service takes it: checked, without what it drops silently.

    :param inputs: the model's parameter schema.
    :param asset: finds an asset's record; ``None`` in a dry run, where any well-formed id will do.
    :raises InvalidBodyError: the first thing that is wrong.
    """
    if not isinstance(body, dict):
        raise InvalidBodyError('"value" must be of type object')
    by_name = {entry["name"]: entry for entry in inputs}
    # A dryRun in the body means nothing to the service, and a lone id where a list belongs is lost.
    taken = {
        name: value
        for name, value in body.items()
        if name != "dryRun" and not (isinstance(value, str) and by_name.get(name, {}).get("type") == "file_array")
    }
    _check_members(taken, inputs=inputs, prefix="")
    for name, value in taken.items():
        if asset and by_name[name]["type"] in ("file", "file_array"):
            _check_assets(value if isinstance(value, list) else [value], entry=by_name[name], asset=asset)
    return taken


def _check_members(values: Json, *, inputs: list[Json], prefix: str) -> None:
    by_name = {entry["name"]: entry for entry in inputs}
    effective = {entry["name"]: entry["default"] for entry in inputs if "default" in entry} | values
    for entry in inputs:
        if not _is_defined(values.get(entry["name"])) and "default" not in entry:
            _check_absence(entry, effective, label=prefix + entry["name"])
    for name, value in values.items():
        if name not in by_name:
            raise InvalidBodyError(f'"{prefix}{name}" is not allowed')
        _check_value(value, by_name[name], label=prefix + name)


def _check_absence(entry: Json, effective: Json, *, label: str) -> None:
    rules = entry.get("required") or {}
    if rules is True or (rules and rules.get("always")):
        raise InvalidBodyError(f'"{label}" is required')
    if not rules:
        return
    conditional = rules.get("conditional")
    if conditional:
        matches = [effective.get(other) in allowed for other, allowed in conditional["values"].items()]
        if (any if conditional.get("operator") == "or" else all)(matches):
            raise InvalidBodyError(f'"{label}" is required')
    for other, message in rules.get("ifDefined", {}).items():
        if _is_defined(effective.get(other)):
            raise InvalidBodyError(message)
    others = rules.get("ifNotDefined", {})
    if others and not any(_is_defined(effective.get(other)) for other in others):
        raise InvalidBodyError(next(iter(others.values())))


def _check_value(value: Any, entry: Json, *, label: str) -> None:
    kind = entry["type"]
    if kind in _ARRAY_ITEM:
        _check_array(value, entry, label=label)
    elif kind in _KNOWN_SCALARS:
        _check_scalar(value, entry, kind=kind, label=label)
        _check_allowed([value], entry, label=label)


def _check_array(value: Any, entry: Json, *, label: str) -> None:
    if not isinstance(value, list):
        raise InvalidBodyError(f'"{label}" must be an array')
    least, most = entry.get("minLength", 0), entry.get("maxLength", len(value))
    if len(value) < least:
        raise InvalidBodyError(f'"{label}" must contain at least {least} items')
    if len(value) > most:
        raise InvalidBodyError(f'"{label}" must contain less than or equal to {most} items')
    item_kind = _ARRAY_ITEM[entry["type"]]
    for index, item in enumerate(value):
        item_label = f"{label}[{index}]"
        if item_kind == "object":
            if not isinstance(item, dict):
                raise InvalidBodyError(f'"{item_label}" must be of type object')
            _check_members(item, inputs=entry.get("inputs", []), prefix=f"{item_label}.")
        else:
            limits: Json = {name: entry[name] for name in ("min", "max", "step") if name in entry}
            _check_scalar(item, limits, kind=item_kind, label=item_label)
    _check_allowed(value, entry, label=label)


def _check_scalar(value: Any, entry: Json, *, kind: str, label: str) -> None:
    if kind == "boolean":
        if not isinstance(value, bool):
            raise InvalidBodyError(f'"{label}" must be a boolean')
    elif kind == "number":
        _check_number(value, entry, label=label)
    elif not isinstance(value, str):
        raise InvalidBodyError(f'"{label}" must be a string')
    elif kind == "file" and not _ASSET_ID.fullmatch(value):
        raise InvalidBodyError(f'"{label}" must be an asset id')
    elif len(value) > entry.get("maxLength", len(value)):
        most = entry["maxLength"]
        raise InvalidBodyError(f'"{label}" length must be less than or equal to {most} characters long')
    elif len(value) < entry.get("minLength", 0):
        raise InvalidBodyError(f'"{label}" length must be at least {entry["minLength"]} characters long')


def _check_number(value: Any, entry: Json, *, label: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidBodyError(f'"{label}" must be a number')
    if entry.get("step") == 1 and value != int(value):
        raise InvalidBodyError(f'"{label}" must be an integer')
    if value < entry.get("min", value):
        raise InvalidBodyError(f'"{label}" must be greater than or equal to {entry["min"]}')
    if value > entry.get("max", value):
        raise InvalidBodyError(f'"{label}" must be less than or equal to {entry["max"]}')


def _check_allowed(values: Iterable[Any], entry: Json, *, label: str) -> None:
    allowed = entry.get("allowedValues")
    if allowed is not None and not all(value in allowed for value in values):
        raise InvalidBodyError(f'"{label}" must be one of [{", ".join(map(str, allowed))}]')


def _check_assets(ids: list[str], *, entry: Json, asset: Callable[[str], Json | None]) -> None:
    for asset_id in ids:
        record = asset(asset_id)
        if record is None:
            raise InvalidBodyError(f"Asset {asset_id} not found")
        if record["kind"] != entry["kind"]:
            raise InvalidBodyError(f'"{entry["name"]}" must be an asset of kind {entry["kind"]}')
        if record["properties"]["size"] > entry.get("maxSize", record["properties"]["size"]):
            raise InvalidBodyError(f'"{entry["name"]}" must not be larger than {entry["maxSize"]} bytes')


def _is_defined(value: Any) -> bool:
    return value is not None and value != "" and value != []
