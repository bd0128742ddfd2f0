# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the command line, or a mesh, views, or words alone, as orders."""

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
    """Check what is to be made of each picture, or of the mesh, the views or the words alone where there is none.

    What belongs to the shard goes into the stock.

    :raises InputError: the first that cannot be made, with one sentence that says what to change.
    """
    folder = common.folder.absolute()
    given = checker.mesh(common.mesh)
    mesh = given.mesh if given is not None else None
    request = Request(views=common.views, mesh=mesh, prompt=common.prompt, folder=folder)
    requests = (replace(request, images=(found.path,), folder=folder / found.folder) for found in pictures)
    models = [model for model in map(checker.model, common.models) if model is not None]
    values = [typed(model, common.settings, folder=Path()) for model in models]
    for number, each in enumerate(requests if pictures else (request,)):
        stem = given.stem if given is not None else stem_of(each)
        label = given.label if given is not None and len(pictures) <= 1 else label_of(each)
        for model, settings in zip(models, values, strict=True):
            wanted = replace(each, values=settings, name=item_name(stem, model, among=common.models))
            order = checker.named(checker.order(model, wanted), model, is_chosen=len(common.models) > 1)
            for seed_order in seeded(order, model, wanted, common.seeds):
                stock.add(label, seed_order, is_ours=shard.has(number))
