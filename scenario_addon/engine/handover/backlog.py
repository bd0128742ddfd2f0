# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are being written of meshes which are here, while others are still being made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..host import Writing

__all__ = ["Backlog"]

_MOST: Final = 64
"""So many may wait: beyond that, nothing new is begun, so that memory does not grow with the number of items."""


class Backlog:
    """For one thread."""

    def __init__(self) -> None:
        self._entries: list[tuple[Writing, Callable[[], None]]] = []

    @property
    def count(self) -> int:
        return len(self._entries)

    @property
    def is_full(self) -> bool:
        return len(self._entries) >= _MOST

    def add(self, writing: Writing, then: Callable[[], None]) -> None:
        """Wait for files.

        :param then: called by :meth:`settle` when they are there.
        """
        self._entries.append((writing, then))

    def settle(self) -> bool:
        """Do what follows where files are there; says whether there were any."""
        over = [entry for entry in self._entries if entry[0].is_over]
        for entry in over:
            self._entries.remove(entry)
            entry[1]()
        return bool(over)

    def leave(self) -> None:
        """Have none begun that is not under way."""
        for writing, _ in self._entries:
            writing.leave()
