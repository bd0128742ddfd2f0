# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders pictures of a subject, in a Blender of its own that ``studio`` has started, see ``children.entry``.

It answers that it has begun, each picture as it is there, and what was measured or why it does not work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .light import has_engine
from .shoot import shoot

__all__ = ["NICENESS", "prepare"]

NICENESS: Final = 5
"""What the artist does comes first."""


def prepare() -> Callable[[dict[str, Any], Callable[..., None]], None]:
    return _work


def _work(order: dict[str, Any], answer: Callable[..., None]) -> None:
    """:raises Exception: whatever Blender raises."""
    if not has_engine(order["engine"]):
        answer(no_engine=True)
        return
    answer(begun=True)
    shoot(order, answer)
