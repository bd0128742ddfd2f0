# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of models while it is open, and which list that is. Main thread only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...app import config
from ...app.session import session
from .open_list import OpenList
from .rows import Row, ordered, row_of

__all__ = ["Opening", "begin", "end", "go_on"]


def begin(opened: OpenList[Any]) -> None:
    """Have a list open."""
    session.model_list = opened
    opened.prepare_pictures()


def end() -> None:
    """Note that it is closed."""
    session.model_list = None


def go_on() -> bool:
    """Keep the open list up to date; says whether it is still open."""
    if session.model_list is not None and not session.model_list.look():
        end()
    return session.model_list is not None


class Opening(OpenList[Row]):
    """One opening of the list of models."""

    def __init__(self, operator: Any) -> None:
        self._revision = -1
        self._order: dict[str, int] = {}
        super().__init__(operator)

    def update(self) -> bool:
        models = session.models
        if self._revision == models.revision and self._rows:
            return False
        self._revision = models.revision
        offered = models.offered()
        if not self._order:
            used, favourites = session.recent_models, config.favourite_models() or ()
            self._order = {model.id: n for n, model in enumerate(ordered(offered, favourites=favourites, used=used))}
        rows = [row_of(model, plan=models.plan) for model in offered]
        self._fill(sorted(rows, key=lambda row: self._order.get(row.id, len(self._order))))
        return True

    def picture(self, row: Row) -> Path | None:
        return session.models.thumbnail(row.id)

    def turned(self) -> None:
        for row in self.shown:
            session.models.look_up(row.id)  # what it takes and costs is asked for, once
