# SPDX-License-Identifier: GPL-3.0-or-later
"""Every text that an expression of the source can give, with a placeholder for each value."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

__all__ = ["alternatives", "choices_in", "is_part", "numbered", "pairs", "placeholders", "shape"]

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def placeholders(text: str) -> list[str]:
    """The names of what is put into a text, sorted."""
    return sorted(_PLACEHOLDER.findall(text))


def shape(text: str) -> str:
    """A text whatever its placeholders are called: of two with the same shape one is enough."""
    return _PLACEHOLDER.sub("{}", text)


def choices_in(function: ast.FunctionDef) -> Iterator[tuple[str, ast.IfExp]]:
    """What a function assigns once, as one of two texts."""
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target, value in pairs(node.targets[0], node.value):
                assigned.setdefault(target, []).append(value)
    for name, values in assigned.items():
        if (
            len(values) == 1
            and isinstance(value := values[0], ast.IfExp)
            and _is_told(value.body)
            and _is_told(value.orelse)
        ):
            yield name, value


def is_part(name: str, function: ast.FunctionDef) -> bool:
    """Whether a variable is only ever put into an f-string, as it is."""
    nodes = list(ast.walk(function))
    used = {node for node in nodes if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)}
    return bool(used) and used <= {node.value for node in nodes if isinstance(node, ast.FormattedValue)}


def pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for part, its in zip(target.elts, value.elts, strict=True):
            yield from pairs(part, its)


def _is_told(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_told(node.body) and _is_told(node.orelse)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def alternatives(node: ast.expr, chosen: Mapping[str, ast.IfExp]) -> Iterator[str]:
    """Every text that an expression can give, with placeholders for what is not known here."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for parts in product(*(list(alternatives(value, chosen)) for value in node.values)):
            yield "".join(parts)
    elif isinstance(node, ast.FormattedValue):
        yield from alternatives(node.value, chosen)
    elif isinstance(node, ast.Name) and node.id in chosen:
        yield from alternatives(chosen[node.id], {})
    elif isinstance(node, ast.IfExp) and (_is_told(node.body) or _is_told(node.orelse)):
        yield from alternatives(node.body, chosen)
        yield from alternatives(node.orelse, chosen)
    else:
        yield f"{{{_named(node)}}}"


def _named(node: ast.expr) -> str:
    """What the value of an expression is called."""
    match node:
        case ast.Name(id=name):
            return name.strip("_").lower()
        case ast.Attribute(
            value=owner, attr=("name" | "names" | "words" | "id" | "stem" | "label" | "strerror") as name
        ):
            return (
                name
                if isinstance(owner, ast.Name) and owner.id == "self"
                else f"{_named(owner)}_{name}".removeprefix("job_")
            )
        case ast.Attribute(attr=name):
            return name.strip("_").lower()
        case ast.Call(func=ast.Name(id="len" | "max" | "min" | "round" | "str"), args=[first, *_]):
            return "count" if ast.unparse(node.func) == "len" else _named(first)
        case ast.Call(func=ast.Attribute(attr="join")):
            return "list"
        case ast.Call(func=ast.Attribute(value=owner)):
            return _named(owner)
        case ast.Call(func=function, args=[first, *_]) if isinstance(first, ast.Name | ast.Attribute):
            return _named(first)
        case ast.Call(func=function):
            return _named(function)
        case ast.BinOp(left=left) | ast.BoolOp(values=[left, *_]):
            return _named(left)
        case ast.Subscript(value=owner):
            return _named(owner)
        case _:
            return "value"


def numbered(text: str) -> str:
    """Tell apart the placeholders that would be called the same."""
    seen: dict[str, int] = {}

    def renamed(match: re.Match[str]) -> str:
        name = match[1]
        seen[name] = seen.get(name, 0) + 1
        return f"{{{name}}}" if seen[name] == 1 else f"{{{name}{seen[name]}}}"

    return _PLACEHOLDER.sub(renamed, text)
