# SPDX-License-Identifier: GPL-3.0-or-later
"""A report of items that are data already, as JSON or as a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..errors import DiskError
from ..files import whole
from .table import HEADER, table_line

__all__ = ["write_items"]


def write_items(path: Path, items: Iterable[Mapping[str, Any]], *, seconds: float) -> None:
    """Write a report, whole or not at all: a table where ``path`` ends in ``.csv``, else JSON with a line an item.

    :raises DiskError: it cannot be written.
    """
    parts = _table(items) if path.suffix.lower() == ".csv" else _json(items, seconds)
    try:
        with whole(path) as file:
            for part in parts:
                file.write(part.encode("utf-8", "backslashreplace"))
    except OSError as error:
        reason = error.strerror or error
        raise DiskError(f"The report {path} cannot be written ({reason}): choose another file.") from error


def _json(items: Iterable[Mapping[str, Any]], seconds: float) -> Iterator[str]:
    cost_cu, separator = Decimal(0), "\n  "
    yield '{\n "items": ['
    for item in items:
        cost_cu += item["cost_cu"] or 0
        yield separator + json.dumps(item, ensure_ascii=False, default=float)
        separator = ",\n  "
    yield f'\n ],\n "cost_cu": {json.dumps(float(cost_cu))},\n "seconds": {json.dumps(round(seconds, 3))}\n}}\n'


def _table(items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield HEADER
    for item in items:
        yield table_line({**item, "cost_cu": _plain(item["cost_cu"])})


def _plain(cost_cu: Decimal | None) -> float | None:
    return None if cost_cu is None else float(cost_cu)
