# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of a report that is a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from .outcome import COLUMNS

__all__ = ["HEADER", "table_line"]


def table_line(item: Mapping[str, Any]) -> str:
    """An item's line, with every column of today's."""
    return _line("" if item.get(name) is None else item[name] for name in COLUMNS)


def _line(values: Any) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow([str(value).replace("\0", "") for value in values])
    return line.getvalue()


HEADER = _line(COLUMNS)
