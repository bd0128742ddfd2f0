# SPDX-License-Identifier: GPL-3.0-or-later
"""The last line of the tab: what is left of the account, and what was spent today."""

from __future__ import annotations

from typing import Any

from ....account.balance import line
from ....layout.wrapping import draw_sentence

__all__ = ["draw_balance"]


def draw_balance(layout: Any) -> None:
    """Draw it, where anything is known."""
    if told := line():
        draw_sentence(layout, told, icon="INFO", is_faint=True)
