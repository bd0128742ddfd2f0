# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a glTF may be together, whatever each of its parts is."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from .accessors import Accessor
from .document import Flaw

__all__ = ["Budget"]

T = TypeVar("T")

_MOST_TIMES: Final = 200
"""How many times its own size a file may unpack to; Draco manages some 30."""
_MOST_LOOKS: Final = 4
"""How many times the size of a file its parts may be together; those of a sane file do not overlap."""


class Budget:
    """What has been looked at and what would be unpacked, against the size of the file.

    :param size_bytes: of the file, and of those beside it that it needs.
    """

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._looked_at_bytes = 0
        self._unpacked_bytes = 0
        self._results: dict[Any, Any] = {}

    def once(self, look: Callable[[], T], key: Hashable, *, cost_bytes: int) -> T:
        """What a look gives, which is taken once for each key."""
        if key not in self._results:
            self._looked_at_bytes += cost_bytes
            if self._looked_at_bytes > _MOST_LOOKS * self._size_bytes:
                raise Flaw("is damaged: its parts lie over each other")
            self._results[key] = look()
        return self._results[key]

    def unpack(self, accessor: Accessor) -> None:
        self._unpacked_bytes += accessor.unpacked_bytes
        if self._unpacked_bytes > _MOST_TIMES * self._size_bytes:
            raise Flaw(f"is damaged: it would unpack to more than {_MOST_TIMES} times its size")
