# SPDX-License-Identifier: GPL-3.0-or-later
"""One row of a manifest as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Row"]


@dataclass(frozen=True, slots=True)
class Row:
    place: int
    """The line where it begins, or, in a JSON list, its number from 1."""
    cells: Mapping[str, Any]
    """What is given, by column or key; texts as typed where the file knows nothing else."""
    problem: str | None = None
    """Why it cannot be read, as a sentence; then it has no cells."""
