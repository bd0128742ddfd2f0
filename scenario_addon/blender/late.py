# SPDX-License-Identifier: GPL-3.0-or-later
"""What the buttons, the panels and the timer use, imported by its first use: it takes longer than enabling may.

The modules that ``register()`` imports take from here whatever they need in order to work.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = [
    "State",
    "access",
    "asset_catalogue",
    "form",
    "homes",
    "imports",
    "is_in_use",
    "jobs",
    "parameters",
    "placement",
    "preparing",
    "presence",
    "presses",
    "previews",
    "quotes",
    "session",
    "sidebar",
    "waiting",
    "watch",
]


class _Late:
    """Stands for a module, or for one thing in it."""

    __slots__ = ("_module", "_thing")

    def __init__(self, module: str, thing: str = "") -> None:
        self._module, self._thing = module, thing

    def __getattr__(self, name: str) -> Any:
        module = import_module(self._module, __package__)
        return getattr(getattr(module, self._thing) if self._thing else module, name)


if TYPE_CHECKING:
    from ..engine import job as jobs
    from ..engine.job import State
    from . import (
        access,
        asset_catalogue,
        form,
        homes,
        imports,
        parameters,
        placement,
        preparing,
        presence,
        presses,
        previews,
        quotes,
        sidebar,
        waiting,
        watch,
    )
    from .session import session
else:
    access, asset_catalogue, form, imports = map(_Late, (".access", ".asset_catalogue", ".form", ".imports"))
    homes, presence, presses = map(_Late, (".homes", ".presence", ".presses"))
    parameters, placement, preparing, previews = map(_Late, (".parameters", ".placement", ".preparing", ".previews"))
    quotes, sidebar, waiting, watch = map(_Late, (".quotes", ".sidebar", ".waiting", ".watch"))
    session = _Late(".session", "session")
    jobs = _Late("..engine.job")
    State = _Late("..engine.job", "State")


def is_in_use() -> bool:
    """Whether anything asked for the session yet. Before that there is nothing to draw, carry on or let go of."""
    return f"{__package__}.session" in sys.modules
