# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the command line, or views, or words alone, as orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..models.order import Request
from .checking import Checker, Common, item_name, label_of, stem_of, typed
from .folders import Found
from .seeding import seeded
from .shard import ALL, Shard
from .stock import Stock

__all__ = ["check_pictures"]


def check_pictures(
    pictures: Sequence[Found], common: Common, checker: Checker, stock: Stock, *, shard: Shard = ALL
) -> None:
    """Check what is to be made of each picture, or of the views or the words alone where there is none.

    What belongs to the shard goes into the stock.

    :raises InputError: the first that cannot be made, with one sentence that says what to change.
    """
    folder = common.folder.absolute()
    request = Request(views=common.views, prompt=common.prompt, folder=folder)
    requests = (replace(request, images=(found.path,), folder=folder / found.folder) for found in pictures)
    models = [model for model in map(checker.model, common.models) if model is not None]
    values = [typed(model, common.settings, folder=Path()) for model in models]
    for number, each in enumerate(requests if pictures else (request,)):
        for model, settings in zip(models, values, strict=True):
            name = item_name(stem_of(each), model, among=common.models)
            wanted = replace(each, values=settings, name=name)
            for order in seeded(checker.order(model, wanted), model, wanted, common.seeds):
                stock.add(label_of(each), order, is_ours=shard.has(number))
