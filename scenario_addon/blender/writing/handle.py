# SPDX-License-Identifier: GPL-3.0-or-later
"""A commission under way, between the thread that carries it out and the one that waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ...engine.host import Commission, Written

__all__ = ["NobodyThere", "Writing"]

log = logging.getLogger(__name__)


class NobodyThere(Exception):
    """No other Blender can do it, and the mesh is not at fault."""


class Writing:
    """:param here: carries it out in this process, on the main thread."""

    def __init__(self, commission: Commission, here: Callable[[Commission], Written]) -> None:
        self.commission = commission
        self._here = here
        self._lock = threading.Lock()
        self._is_begun = self._is_left = False
        self._outcome: Written | Exception | None = None

    @property
    def is_over(self) -> bool:
        """Whether its result is there, or only the main thread can do it."""
        return self._is_left or self._outcome is not None

    def leave(self) -> None:
        """Do not begin with it any more; what has begun comes to its end."""
        with self._lock:
            self._is_left = not self._is_begun

    def take(self) -> bool:
        """Begin with it; says whether that is still wanted. Any thread."""
        with self._lock:
            self._is_begun = not self._is_left
            return self._is_begun

    def end(self, outcome: Written | Exception) -> None:
        """Say what came of it. Any thread."""
        self._outcome = outcome

    def result(self) -> Written | None:
        """Give what came of it, once it is over. Main thread only; see :meth:`.engine.host.Writing.result`."""
        if self._is_left:
            return None
        assert self._outcome is not None
        if isinstance(self._outcome, NobodyThere):
            log.info("%s is read without another Blender: %s", self.commission.mesh.name, self._outcome)
            return self._here(self.commission)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome
