# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping an open popup up to date: Blender does not draw one anew by itself. Main thread only."""

from collections.abc import Callable
from typing import Final

import bpy

from .lazy import pump

__all__ = ["Upkeep"]

_EVERY_S: Final = 0.1


class Upkeep:
    """A timer that runs for as long as a popup is open.

    :param go_on: looks for what is new; whether there is still a popup.
    """

    def __init__(self, go_on: Callable[[], bool]) -> None:
        def look() -> float | None:  # Blender knows a timer by its function, and a method is another one each time
            return _EVERY_S if go_on() else None

        self.look = look

    def begin(self) -> None:
        """Keep up to date what has just been opened, and have done what it waits for."""
        if not bpy.app.timers.is_registered(self.look):
            bpy.app.timers.register(self.look, first_interval=_EVERY_S)
        pump.arm()

    def end(self) -> None:
        """Stop, whatever is open: the add-on goes."""
        if bpy.app.timers.is_registered(self.look):
            bpy.app.timers.unregister(self.look)
