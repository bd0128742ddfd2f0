# SPDX-License-Identifier: GPL-3.0-or-later
"""A manifest as a whole, checked row by row, before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..errors import InputError
from ..manifests.manifest import read_manifest
from ..manifests.row import Row
from ..models.model import Model
from ..models.order import Request, suggestion
from ..models.schema import shown
from ..text import legible, shortened
from ..values import VIEWS, ModelId, Order
from .checking import Checker, Common, item_name, label_of, stem_of, typed
from .seeding import seeded
from .shard import ALL, Shard
from .stock import Stock

__all__ = ["Findings", "check_manifest"]

_TOLD: Final = 100
"""So many bad rows are named; the others are counted."""
_COLUMNS: Final = ("image", "model", "name", "prompt", "mesh")


@dataclass(slots=True)
class Findings:
    """What a check has found."""

    rows: int = 0
    bad: int = 0
    ours: int = 0
    """So many of the bad ones belong to the shard."""
    told: list[str] = field(default_factory=list[str])
    """The first bad rows, a line each that begins with where it stands."""


def check_manifest(
    path: Path,
    common: Common,
    checker: Checker,
    stock: Stock,
    *,
    shard: Shard = ALL,
    seen: Callable[[int], None] = lambda rows: None,
) -> Findings:
    """Check every row of a manifest, and its pictures; what belongs to the shard goes into the stock, good or bad.

    :param seen: told after each row how many there were.
    :raises InputError: there is nothing that could be read as rows.
    """
    findings = Findings()
    for row in read_manifest(path):
        is_ours = shard.has(findings.rows)
        findings.rows += 1
        try:
            _check_cells(row)
            _reserve(row, stock)
            for label, order in list(_orders(row, path.parent, common, checker)):  # all of a row, or nothing
                stock.add(label, order, is_named="name" in row.cells, is_ours=is_ours)
        except InputError as error:
            text = shortened(legible(f"{path}:{row.place}: {error.user_message}"))
            findings.bad += 1
            if findings.bad <= _TOLD:
                findings.told.append(text)
            if is_ours:
                findings.ours += 1
                stock.refuse(*_remains(row, path, common), text)
        seen(findings.rows)
    return findings


def _check_cells(row: Row) -> None:
    """Look at what needs no model.

    :raises InputError: with one sentence that says what to change.
    """
    if row.problem is not None:
        raise InputError(row.problem)
    for name, value in row.cells.items():
        _check_text(name, value)
    for name in (*_COLUMNS, *VIEWS):
        if not isinstance(value := row.cells.get(name, ""), str):
            raise InputError(f"{name}: takes text, not {shown(value)}.")


def _check_text(name: str, value: Any) -> None:
    try:
        json.dumps([name, value], ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError(f"{shown(name)} holds half a character: write it anew.") from None
    if isinstance(value, str) and "\0" in value:
        raise InputError(f"{name} holds a NUL character: take it out.")


def _reserve(row: Row, stock: Stock) -> None:
    """Keep the name that a row gives to its mesh for it.

    :raises InputError: it is no name, or another row has it.
    """
    if (name := row.cells.get("name")) is None:
        return
    if "/" in name or "\\" in name:
        raise InputError(f"name: {name} is a path, give the name of a file without its folder and suffix.")
    if (taken := stock.reserve(name, row.place)) is not None:
        raise InputError(f"name: {name} is what row {taken} is called already, give it another name.")


def _orders(row: Row, folder: Path, common: Common, checker: Checker) -> Iterator[tuple[str, Order]]:
    """The orders of a row, one for each of its models and seeds, with what the row is called.

    :param folder: what its paths are relative to.
    :raises InputError: with one sentence that says what to change.
    """
    cells = dict(row.cells)
    image, model_id, name, prompt, mesh = (cells.pop(column, None) for column in _COLUMNS)
    views = {**common.views, **{view: folder / cells.pop(view) for view in VIEWS if view in cells}}
    given = checker.mesh(mesh or None, folder)
    request = Request(
        images=(folder / image,) if image else (),
        views=views,
        mesh=given.mesh if given is not None else None,
        prompt=prompt or common.prompt,
        folder=common.folder.absolute(),
    )
    label = given.label if given is not None else label_of(request)
    stem = name or (given.stem if given is not None else stem_of(request))
    models = (model_id,) if model_id else common.models
    for each in models:
        if (model := checker.model(each)) is not None:
            values = {**typed(model, common.settings, folder=Path()), **_values(model, cells, folder)}
            called = item_name(stem, model, among=models)
            wanted = replace(request, values=values, name=called)
            is_chosen = name is not None or len(models) > 1
            order = checker.named(checker.order(model, wanted), model, is_chosen=is_chosen)
            for seed_order in seeded(order, model, wanted, common.seeds):
                yield label, seed_order


def _values(model: Model, cells: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """What a row says of a model's parameters.

    :raises InputError: a column is none of them.
    """
    for column in cells:
        if model.parameter(column) is None:
            hint = suggestion(column, [*_COLUMNS, *VIEWS, *(parameter.name for parameter in model.parameters)])
            raise InputError(f"{column} is neither a column of a manifest nor a parameter of {model.name}{hint}.")
    return typed(model, cells, folder=folder)


def _remains(row: Row, path: Path, common: Common) -> tuple[str, Order]:
    """What can be said of a row that cannot be made: what it is called, and of which model it would be."""
    image, mesh, model, name = (_legible(row.cells.get(column)) for column in ("image", "mesh", "model", "name"))
    file = mesh or image
    label = str(path.parent / file) if file else f"{path}:{row.place}"
    model_id = ModelId(model or common.models[0])
    name = name or (Path(file).stem if file else "") or "model"
    return label, Order(
        model_id=model_id, model_name=model_id, pictures=(), values={}, name=name, folder=common.folder.absolute()
    )


def _legible(value: Any) -> str:
    return legible(value) if isinstance(value, str) else ""
