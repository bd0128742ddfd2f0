# SPDX-License-Identifier: GPL-3.0-or-later
"""One other Blender at a time, for one thread: started when it is needed, kept for the next mesh, replaced."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from ...engine.host import AS_DELIVERED, Commission
from ..children.process import Child
from ..converting.verdicts import PATIENCE_S, patience_s
from .commissions import parts, to_json
from .places import Places

__all__ = ["Assistant"]

_MOST_ORDERS: Final = 50
"""Given to one of them: what it may lose of its memory with each must not add up."""
_BASE_BYTES: Final = 400_000_000
_NEEDS: Final = 25
"""Times its size a file needs besides: 12 for what it has of vertices, the rest for textures."""
_NEEDS_FOR_LESS: Final = 60
"""The same where triangles are to be made fewer."""
_NEEDS_FOR_A_PICTURE_BYTES: Final = 300_000_000
_VERDICTS: Final = frozenset({"unreadable", "disk", "no_engine"})


class Assistant:
    """:param start: starts one.

    :param let_go: ends one.
    :param places: where it waits for its turn.
    :param least_s: how long any file may take.
    """

    def __init__(
        self,
        start: Callable[[], Child],
        let_go: Callable[[Child], None],
        places: Places,
        least_s: float = PATIENCE_S,
    ) -> None:
        self._start, self._let_go, self._places, self._least_s = start, let_go, places, least_s
        self._child: Child | None = None

    def get_ready(self) -> None:
        """Start one before there is anything to do; where that cannot be, it is told when there is."""
        with suppress(OSError):
            self._child = self._start()

    def ask(self, commission: Commission, *, engine: str, token: str) -> tuple[dict[str, Any], Child]:
        """Have a commission carried out, once more where it may not have been the mesh's fault; gives what is said.

        Blocks, also until there is a place.

        :return: also who said it.
        :raises OSError: no other Blender can be started, or the mesh is not there.
        """
        order: dict[str, Any] = {
            "commission": to_json(commission),
            "engine": engine,
            "token": token,
            "parts": [str(part) for part in parts(commission, token)],
            "limit_s": patience_s(commission.mesh, self._least_s),
        }
        needs_bytes = _needs_bytes(commission)
        with self._places.one(needs_bytes) as beside_bytes:
            answers, child = self._told(order, beside_bytes)
        if _is_done(answers, commission) or child.was_ended:
            return answers, child
        if _is_exhausted(answers, child) and (child.orders > 1 or beside_bytes):
            with self._places.all():
                return self._told(order, 0)
        if child.orders > 1 or "begun" not in answers:
            with self._places.one(needs_bytes) as beside_bytes:
                return self._told(order, beside_bytes)
        return answers, child

    def _told(self, order: dict[str, Any], beside_bytes: int) -> tuple[dict[str, Any], Child]:
        child, self._child = self._child or self._start(), None
        own = {"folder": str(child.console.parent)}
        answers = child.tell({**order, **own}, beside_bytes=beside_bytes)
        is_reliable = child.process.poll() is None and not {"failed", "exhausted"} & answers.keys()
        if is_reliable and child.orders < _MOST_ORDERS:
            self._child = child
        else:
            self._let_go(child)
        return answers, child

    def close(self) -> None:
        """End the one that is kept."""
        child, self._child = self._child, None
        if child is not None:
            self._let_go(child)


def _is_done(answers: dict[str, Any], commission: Commission) -> bool:
    wanted = {name for name in ("blend", "preview") if getattr(commission, name) is not None}
    return bool(_VERDICTS & answers.keys()) or wanted <= answers.keys()


def _is_exhausted(answers: dict[str, Any], child: Child) -> bool:
    return "exhausted" in answers or child.ran_out_of_memory


def _needs_bytes(commission: Commission) -> int:
    """Give how much memory reading a mesh will take at most, as far as its size lets one expect.

    :raises OSError: it is not there.
    """
    times = _NEEDS if commission.detail == AS_DELIVERED else _NEEDS_FOR_LESS
    picture_bytes = _NEEDS_FOR_A_PICTURE_BYTES if commission.preview is not None else 0
    return _BASE_BYTES + commission.mesh.stat().st_size * times + picture_bytes
