# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing to make."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ScenarioError
from ..values import Order

__all__ = ["Item"]


@dataclass(frozen=True, slots=True)
class Item:
    label: str
    """What the user called it: the picture's path as given."""
    order: Order
    error: ScenarioError | None = None
    """Why it cannot be made, where that is known before anything is ordered."""
