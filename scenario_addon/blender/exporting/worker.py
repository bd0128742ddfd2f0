# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports a copy of a mesh, in a Blender of its own that ``exporter`` has started, see ``children.entry``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .export import EmptyError, StrangeError, export

__all__ = ["NICENESS", "prepare"]

NICENESS: Final = 5
"""What the artist does comes first."""


def prepare() -> Callable[[dict[str, Any], Callable[..., None]], None]:
    return _work


def _work(order: dict[str, Any], answer: Callable[..., None]) -> None:
    """:raises Exception: whatever Blender raises."""
    answer(begun=True)
    try:
        answer(exported=True, missing=export(order))
    except EmptyError:
        answer(empty=True)
    except StrangeError:
        answer(strange=True)
