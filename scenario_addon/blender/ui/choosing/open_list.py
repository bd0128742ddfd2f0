# SPDX-License-Identifier: GPL-3.0-or-later
"""A list in a popup while it is open: its rows, the page that is shown, and what still comes. Main thread only."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import bpy

from .. import previews
from .rows import Found, found

__all__ = ["MOST_ROWS", "OpenList"]

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

R = TypeVar("R", bound=Found)


class OpenList(Generic[R]):
    """One opening of a list. The order stays while it is open: nothing moves away under the mouse.

    :param operator: what Blender shows; it is known to be closed once it is gone.
    """

    def __init__(self, operator: Any) -> None:
        self._operator = operator
        self._region: bpy.types.Region | None = None
        self.text = ""
        self._rows: Sequence[R] = ()
        self.found: Sequence[R] = ()
        self.note = ""
        """What was refused, in words; until the next press."""
        self._page = 0
        self._rows_a_page = _rows_that_fit()
        self._paths: dict[str, Path] = {}
        self.update()

    # -- what each kind of list knows for itself

    def update(self) -> bool:
        """Take what has come meanwhile; says whether there was anything."""
        raise NotImplementedError

    def picture(self, row: R) -> Path | None:
        """The picture file of a row; ``None`` while there is none."""
        raise NotImplementedError

    def turned(self) -> None:
        """Send for what the page that is shown needs. Does not block."""

    # -- what is drawn, which costs nothing

    @property
    def shown(self) -> Sequence[R]:
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
        """Of all rows, found or not."""
        return len(self._rows)

    def icon(self, row: R) -> int:
        """The picture of a row; 0 while there is none."""
        path = self._paths.get(row.id)
        return previews.ready_icon(path) if path else 0

    def note_region(self, region: bpy.types.Region | None) -> None:
        """Remember where it is drawn, so that it can be drawn anew."""
        self._region = region

    # -- what changes it

    def search(self, text: str) -> None:
        """Show the rows in which all of these words are found, in any order."""
        self.text, self.note = text, ""
        self.found = found(self._rows, text)
        self._go(0)
        self._draw_anew()

    def turn(self, pages: int) -> None:
        """Turn over so many pages; it ends where the rows end."""
        self.note = ""
        self._go(self._page + pages)

    def prepare_pictures(self) -> bool:
        """Have some pictures of this page ready, in no time worth mentioning; says whether there were any."""
        end_s, came = time.monotonic() + _BUDGET_S, False
        for row in self.shown:
            path = self.picture(row)
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

    def _fill(self, rows: Sequence[R]) -> None:
        """Have other rows, on the same page."""
        self._rows = rows
        self.found = found(rows, self.text)
        self._go(self._page)

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
        self.turned()


def _rows_that_fit() -> int:
    window, scale = bpy.context.window, bpy.context.preferences.system.ui_scale
    if window is None or not scale:  # as in background
        return MOST_ROWS
    return min(max(int((window.height * _PART / scale - _OTHERS_PX) / _ROW_PX), 1), MOST_ROWS)
