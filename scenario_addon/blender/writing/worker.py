# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out commissions, in a Blender of its own that ``writer`` has started, see ``children.entry``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any, Final

from ...engine.errors import DiskError, ImportFailed
from ..children.memory import is_exhausted
from ..studio.child.light import has_engine
from .commissions import carry_out, from_json

__all__ = ["NICENESS", "prepare"]

NICENESS: Final = 0
"""Nobody sits before it: how much a batch takes of the computer is up to who starts it."""


def prepare() -> Callable[[dict[str, Any], Callable[..., None]], None]:
    return _work


def _work(order: dict[str, Any], answer: Callable[..., None]) -> None:
    """:raises Exception: the file is not at fault."""
    commission, engine = from_json(order["commission"]), order["engine"]
    if commission.preview is not None and not has_engine(engine):
        answer(no_engine=True)
        return
    answer(begun=True)
    tempfile.tempdir = order["folder"]  # what is left there by a crash is cleared away
    try:
        carry_out(commission, token=order["token"], engine=engine, tell=answer)
    except ImportFailed as error:
        if is_exhausted(f"{error.user_message} {error.__cause__}"):
            raise MemoryError from error
        answer(unreadable=error.user_message)
    except DiskError as error:
        answer(disk=error.user_message)
