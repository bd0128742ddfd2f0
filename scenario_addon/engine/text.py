# SPDX-License-Identifier: GPL-3.0-or-later
"""Amounts and times for people."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["amount", "duration"]


def amount(cost_cu: Decimal) -> str:
    """``20 CU``, ``7.25 CU``: creative units, without idle zeros."""
    return f"{cost_cu.normalize():f} CU"


def duration(seconds: float) -> str:
    """``50 s``, ``2 min``, ``1 h 5 min``: as exact as an estimate deserves."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
