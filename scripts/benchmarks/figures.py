# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured: rows with a median and its spread, as a table, as JSON and as a picture."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from statistics import median
from typing import Any, Final

__all__ = ["Row", "as_json", "as_svg", "as_table"]

_WIDTH_PX: Final = 1040
_LABEL_PX: Final = 530
_NUMBER_PX: Final = 190
_BAR_PX: Final = 18


@dataclass(frozen=True)
class Row:
    """One figure of one Blender, a value for each run."""

    measurement: str
    blender: str
    case: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def figures(self) -> str:
        """``24.1 ms  (23.0 .. 25.2)``: median, lowest and highest."""
        low, high = min(self.values), max(self.values)
        return f"{_number(self.median)} {self.unit}  ({_number(low)} .. {_number(high)})"


def as_table(rows: Iterable[Row]) -> str:
    """One line for each row, under the name of its measurement."""
    lines: list[str] = []
    for name, members in _grouped(rows):
        lines += ["", f"{name}: median (lowest .. highest)"]
        blender_width, case_width = (max(len(getattr(row, name)) for row in members) for name in ("blender", "case"))
        lines += [f"  {row.blender:{blender_width}}  {row.case:{case_width}}  {row.figures}" for row in members]
    return "\n".join(lines[1:])


def as_json(rows: Iterable[Row]) -> str:
    """All values, with the machine that they are from."""
    entries: list[dict[str, Any]] = [
        {
            "measurement": row.measurement,
            "blender": row.blender,
            "case": row.case,
            "unit": row.unit,
            "median": row.median,
            "lowest": min(row.values),
            "highest": max(row.values),
            "values": row.values,
        }
        for row in rows
    ]
    machine = {"system": platform.platform(), "machine": platform.machine(), "processors": os.cpu_count()}
    return json.dumps({"machine": machine, "rows": entries}, indent=2)


def as_svg(rows: Iterable[Row]) -> str:
    """A bar for each row, its spread as a line; each unit of a measurement has a scale of its own."""
    parts, y = [], 10
    for name, members in _grouped(rows):
        y += 2 * _BAR_PX
        parts.append(f'<text x="8" y="{y}" font-weight="bold">{escape(name)}</text>')
        y += _BAR_PX // 2
        for row in members:
            longest = max(max(other.values) for other in members if other.unit == row.unit)
            parts += _bar(row, y=y, scale_px=(_WIDTH_PX - _LABEL_PX - _NUMBER_PX) / longest if longest else 0.0)
            y += _BAR_PX
    size = f'width="{_WIDTH_PX}" height="{y + 10}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""])


def _bar(row: Row, *, y: int, scale_px: float) -> list[str]:
    low, middle, high = (_LABEL_PX + scale_px * value for value in (min(row.values), row.median, max(row.values)))
    base, centre = y + _BAR_PX * 0.75, y + _BAR_PX / 2
    return [
        f'<text x="24" y="{base}">{escape(f"{row.blender}   {row.case}")}</text>',
        f'<rect x="{_LABEL_PX}" y="{y + 3}" width="{middle - _LABEL_PX:.1f}" height="{_BAR_PX - 6}" fill="#4a90d9"/>',
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{centre}" y2="{centre}" stroke="black"/>',
        f'<text x="{high + 6:.1f}" y="{base}">{escape(row.figures)}</text>',
    ]


def _grouped(rows: Iterable[Row]) -> list[tuple[str, Sequence[Row]]]:
    return [(name, list(members)) for name, members in groupby(rows, key=lambda row: row.measurement)]


def _number(value: float) -> str:
    """Three digits that mean something."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
