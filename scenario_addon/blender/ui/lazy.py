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
    "asset_catalogue",
    "awaiting",
    "balance",
    "bringing",
    "chosen",
    "config",
    "conversions",
    "cutting",
    "duplicates",
    "examination",
    "filling",
    "givens",
    "homes",
    "imports",
    "is_in_use",
    "jobs",
    "making",
    "making_orders",
    "orders",
    "overrides",
    "parameters",
    "paths",
    "picture_models",
    "pictured",
    "pictures",
    "placement",
    "portraits",
    "presence",
    "presets",
    "previews",
    "pump",
    "quotes",
    "reading",
    "renders",
    "seeds",
    "session",
    "sheets",
    "sidebar",
    "sides",
    "subjects",
    "submission",
    "thumbnails",
    "waiting",
]


class _Lazy:
    """Stands for a module, or for one thing in it."""

    __slots__ = ("_module", "_thing")

    def __init__(self, module: str, thing: str = "") -> None:
        self._module, self._thing = module, thing

    def __getattr__(self, name: str) -> Any:
        module = import_module(self._module, __package__)
        return getattr(getattr(module, self._thing) if self._thing else module, name)


if TYPE_CHECKING:
    from ...engine import files
    from ...engine.ledger import job as jobs
    from ...engine.ledger.job import State
    from ...engine.models import seeds
    from ..account import balance
    from ..app import config
    from ..app.session import session
    from ..assets import catalogue as asset_catalogue
    from ..chains import awaiting
    from ..context import paths
    from ..delivery import conversions, homes, imports, pictured, portraits, sheets, waiting
    from ..elsewhere import bringing
    from ..examining import examination
    from ..form import chosen, parameters, presets
    from ..request import again, duplicates, filling, overrides, quotes, reading, submission, thumbnails
    from ..request.making import models as picture_models
    from ..request.making import ordering as making_orders
    from ..request.making import reading as making
    from ..request.refining import given as givens
    from ..request.refining import ordering as orders
    from ..scene import placement, presence, shading, views
    from ..sources import cutting, pictures, renders, subjects
    from ..studio import sides
    from ..variants import group, row, switch
    from . import previews, pump, sidebar
else:
    balance = _Lazy("..account.balance")
    config = _Lazy("..app.config")
    asset_catalogue = _Lazy("..assets.catalogue")
    awaiting = _Lazy("..chains.awaiting")
    bringing = _Lazy("..elsewhere.bringing")
    examination = _Lazy("..examining.examination")
    reading = _Lazy("..request.reading")
    making = _Lazy("..request.making.reading")
    making_orders = _Lazy("..request.making.ordering")
    picture_models = _Lazy("..request.making.models")
    pictured = _Lazy("..delivery.pictured")
    filling = _Lazy("..request.filling")
    givens = _Lazy("..request.refining.given")
    orders = _Lazy("..request.refining.ordering")
    subjects = _Lazy("..sources.subjects")
    submission = _Lazy("..request.submission")
    thumbnails = _Lazy("..request.thumbnails")
    imports = _Lazy("..delivery.imports")
    paths = _Lazy("..context.paths")
    homes = _Lazy("..delivery.homes")
    sheets = _Lazy("..delivery.sheets")
    portraits = _Lazy("..delivery.portraits")
    presence = _Lazy("..scene.presence")
    again = _Lazy("..request.again")
    duplicates = _Lazy("..request.duplicates")
    overrides = _Lazy("..request.overrides")
    chosen = _Lazy("..form.chosen")
    parameters = _Lazy("..form.parameters")
    presets = _Lazy("..form.presets")
    cutting = _Lazy("..sources.cutting")
    pictures = _Lazy("..sources.pictures")
    placement = _Lazy("..scene.placement")
    group = _Lazy("..variants.group")
    row = _Lazy("..variants.row")
    switch = _Lazy("..variants.switch")
    shading = _Lazy("..scene.shading")
    views = _Lazy("..scene.views")
    conversions = _Lazy("..delivery.conversions")
    previews = _Lazy(".previews")
    renders = _Lazy("..sources.renders")
    quotes = _Lazy("..request.quotes")
    sidebar = _Lazy(".sidebar")
    sides = _Lazy("..studio.sides")
    waiting = _Lazy("..delivery.waiting")
    pump = _Lazy(".pump")
    session = _Lazy("..app.session", "session")
    files = _Lazy("...engine.files")
    seeds = _Lazy("...engine.models.seeds")
    jobs = _Lazy("...engine.ledger.job")
    State = _Lazy("...engine.ledger.job", "State")


def is_in_use() -> bool:
    """Whether anything asked for the session yet. Before that there is nothing to draw, carry on or let go of."""
    return f"{__name__.removesuffix('ui.lazy')}app.session" in sys.modules
