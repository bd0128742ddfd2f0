# SPDX-License-Identifier: GPL-3.0-or-later
"""The last line of the tab: what is left of the account, and what was spent today."""

from __future__ import annotations

from typing import Any

from ....account.balance import line
from ....app.config import accounts, is_from_environment
from ....layout.wrapping import draw_sentence

__all__ = ["draw_balance"]


def draw_balance(layout: Any) -> None:
    """Draw it, where anything is known; with several accounts to choose from also of which, and how to switch."""
    told = line()
    kept = accounts() if not is_from_environment() else None
    if kept is not None and len(kept.all) > 1:
        row, words = layout.row(align=True), [kept.active.name, *([told] if told else [])]
        draw_sentence(row, ": ".join(words), icon="INFO", is_faint=True, buttons=1)
        row.menu("SCENARIO_MT_accounts", text="", icon="DOWNARROW_HLT")
    elif told:
        draw_sentence(layout, told, icon="INFO", is_faint=True)
