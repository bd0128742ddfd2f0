# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of models while it is open: its rows, the page that is shown, and what still comes. Main thread only."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import bpy

from ...app import config
from ...app.session import session
from .. import previews
from .rows import Row, found, ordered, row_of

__all__ = ["MOST_ROWS", "Opening", "begin", "end", "go_on"]

MOST_ROWS: Final = 8
"""On a page: what can be looked over."""
_ROW_PX: Final = 56
"""At a scale of 1, with the gap below it."""
_OTHERS_PX: Final = 120
"""What is above and below the rows."""
_PART: Final = 0.9
"""Of a window's height that a popup may take."""
_BUDGET_S: Final = 0.015
"""For pictures in one go, so that nobody notices."""


def begin(operator: Any) -> None:
    """Open the list.

    :param operator: what Blender shows.
    """
    session.model_list = Opening(operator)
    session.model_list.prepare_pictures()


def end() -> None:
    """Note that it is closed."""
    session.model_list = None


def go_on() -> bool:
    """Keep the open list up to date; says whether it is still open."""
    if session.model_list is not None and not session.model_list.look():
        end()
    return session.model_list is not None


class Opening:
    """One opening of the list. The order stays while it is open: nothing moves away under the mouse.

    :param operator: what Blender shows; it is known to be closed once it is gone.
    """

    def __init__(self, operator: Any) -> None:
        self._operator = operator
        self._region: bpy.types.Region | None = None
        self.text = ""
        self._revision = -1
        self._order: dict[str, int] = {}
        self._rows: Sequence[Row] = ()
        self.found: Sequence[Row] = ()
        self.note = ""
        """What was refused, in words; until the next press."""
        self._page = 0
        self._rows_a_page = _rows_that_fit()
        self._paths: dict[str, Path] = {}
        self.update()

    # -- what is drawn, which costs nothing

    @property
    def shown(self) -> Sequence[Row]:
        first = self._page * self._rows_a_page
        return self.found[first : first + self._rows_a_page]

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.found) // self._rows_a_page))

    @property
    def page(self) -> int:
        """Counted from 0."""
        return self._page

    @property
    def count(self) -> int:
        """Of all models, found or not."""
        return len(self._rows)

    def icon(self, row: Row) -> int:
        """The picture of a row; 0 while there is none."""
        path = self._paths.get(row.id)
        return previews.ready_icon(path) if path else 0

    def note_region(self, region: bpy.types.Region | None) -> None:
        """Remember where it is drawn, so that it can be drawn anew."""
        self._region = region

    # -- what changes it

    def search(self, text: str) -> None:
        """Show the models in which all of these words are found, in any order."""
        self.text, self.note = text, ""
        self.found = found(self._rows, text)
        self._go(0)
        self._draw_anew()

    def turn(self, pages: int) -> None:
        """Turn over so many pages; it ends where the models end."""
        self.note = ""
        self._go(self._page + pages)

    def update(self) -> bool:
        """Take what has come meanwhile; says whether there was anything."""
        models = session.models
        if self._revision == models.revision and self._rows:
            return False
        self._revision = models.revision
        offered = models.offered()
        if not self._order:
            used, favourites = session.recent_models, config.favourite_models() or ()
            self._order = {model.id: n for n, model in enumerate(ordered(offered, favourites=favourites, used=used))}
        rows = [row_of(model, plan=models.plan) for model in offered]
        self._rows = sorted(rows, key=lambda row: self._order.get(row.id, len(self._order)))
        self.found = found(self._rows, self.text)
        self._go(self._page)
        return True

    def prepare_pictures(self) -> bool:
        """Have some pictures of this page ready, in no time worth mentioning; says whether there were any."""
        end_s, came = time.monotonic() + _BUDGET_S, False
        for row in self.shown:
            path = session.models.thumbnail(row.id)
            if path is None:
                continue
            self._paths[row.id] = path
            came = previews.make_ready(path) or came
            if time.monotonic() > end_s:
                break
        return came

    def look(self) -> bool:
        """Do what is due, and have it drawn anew where there is something new; says whether it is still open."""
        if not self._is_open():
            return False
        news = [self.update(), self.prepare_pictures()]
        if any(news):
            self._draw_anew()
        return True

    def _draw_anew(self) -> None:
        if self._region is not None:
            self._region.tag_refresh_ui()

    def _is_open(self) -> bool:
        try:
            return self._operator.bl_rna is not None
        except ReferenceError:  # Blender has freed it, and the region with it
            return False

    def _go(self, page: int) -> None:
        self._page = min(max(page, 0), self.pages - 1)
        for row in self.shown:
            session.models.look_up(row.id)  # what it takes and costs is asked for, once


def _rows_that_fit() -> int:
    window, scale = bpy.context.window, bpy.context.preferences.system.ui_scale
    if window is None or not scale:  # as in background
        return MOST_ROWS
    return min(max(int((window.height * _PART / scale - _OTHERS_PX) / _ROW_PX), 1), MOST_ROWS)
