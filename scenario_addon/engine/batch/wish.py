# SPDX-License-Identifier: GPL-3.0-or-later
"""An item on its way to a job."""

from __future__ import annotations

from dataclasses import dataclass

from ..values import Order

__all__ = ["Wish"]


@dataclass(frozen=True, slots=True)
class Wish:
    """An item that waits for its job."""

    number: int
    label: str
    order: Order
    began_s: float
