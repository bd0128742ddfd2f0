# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects and collections of a .blend as orders: pictures of each, alone, are taken before anything is ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..errors import InputError
from ..host import Host, Named, Stage, Views
from ..models import sides
from ..models.model import Model
from ..models.order import Request, suggestion
from ..values import Order
from .checking import Checker, Common, item_name, typed
from .seeding import seeded
from .shard import ALL, Shard
from .stock import Stock

__all__ = ["Wanted", "check_blend"]

_NAMED: Final = 5
"""So many of the objects that there are, are named."""
_TOLD: Final = 20
"""So many bad names are told; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line wants of a .blend."""

    blend: Path
    named: Sequence[Named]
    """Each once."""
    sides: Sequence[str] = ()
    """From which sides; by default what each model usually is shown."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A model, and how a subject is shown to it."""

    model: Model
    values: Mapping[str, Any]
    sides: tuple[str, ...]
    size_px: int
    ground: str


@dataclass(frozen=True, slots=True)
class _Album:
    """Pictures that have been taken: once for all models that want the same."""

    stage: Stage
    tell: Callable[[str], None]
    blend: Path
    count: int
    """How many subjects there are."""
    _taken: dict[tuple[Named, tuple[str, ...], int, str], Views] = field(default_factory=dict[Any, Views])

    def views(self, number: int, named: Named, shown: _Shown) -> Views:
        """Give the pictures of a subject for a model.

        :param number: of the subject, from 0.
        :raises InputError: it cannot be rendered so that something is seen.
        """
        key = (named, shown.sides, shown.size_px, shown.ground)
        if key not in self._taken:
            which = f"{number + 1} of {self.count}: " if self.count > 1 else ""
            self.tell(f"{which}taking pictures of the {named} ({', '.join(shown.sides)}).")
            self._taken[key] = self.stage.take(named, sides=shown.sides, size_px=shown.size_px, ground=shown.ground)
            for text in self._taken[key].warnings:
                self.tell(f"{named.name}: {text}")
        return self._taken[key]


def check_blend(
    wanted: Wanted,
    common: Common,
    checker: Checker,
    stock: Stock,
    host: Host,
    *,
    tell: Callable[[str], None],
    needs_pictures: Callable[[Order], bool] = lambda order: True,
    shard: Shard = ALL,
) -> None:
    """Check what is to be made of each object and collection, and take its pictures.

    What belongs to the shard goes into the stock. Main thread.

    :param tell: takes sentences that the user should see.
    :param needs_pictures: whether an order needs its pictures now; else it has stand-ins.
    :raises InputError: something cannot be made, with sentences that say what to change: of the names, all that are
        wrong, before anything is rendered.
    :raises DiskError: the pictures cannot be written.
    """
    with host.open_blend(wanted.blend, folder=checker.work_folder) as stage:
        _check_names(wanted, stage)
        all_shown = _all_shown(wanted, common, checker, tell)
        sketches = list(_sketches(wanted, common, checker, all_shown))
        if checker.is_offline:
            return
        album = _Album(stage, tell, wanted.blend, len(wanted.named))
        for number, named, shown, request, sketch in sketches:
            order, is_ours = sketch, shard.has(number)
            if is_ours and needs_pictures(sketch):
                views = album.views(number, named, shown)
                order = checker.order(shown.model, replace(request, views=views.pictures))
                order = replace(order, placement=views.placement)
            for each in seeded(order, shown.model, request, common.seeds):
                stock.add(f"{wanted.blend}:{named.name}", each, is_ours=is_ours)


def _check_names(wanted: Wanted, stage: Stage) -> None:
    """Find every name that cannot be used.

    :raises InputError: there is one, or no name is given.
    """
    if not wanted.named:
        first, more = ", ".join(stage.objects[:_NAMED]), len(stage.objects) - _NAMED
        there = f"it holds {first}{f' and {more:,} more' if more > 0 else ''}" if first else "it holds nothing to see"
        raise InputError(f"Say what of {wanted.blend} is meant with --object NAME or --collection NAME: {there}.")
    problems = [problem for named in wanted.named if (problem := _problem(named, wanted.blend, stage)) is not None]
    if problems:
        more = f" There are {len(problems) - _TOLD:,} more such names." if len(problems) > _TOLD else ""
        raise InputError(" ".join(problems[:_TOLD]) + more)


def _problem(named: Named, blend: Path, stage: Stage) -> str | None:
    try:
        stage.check(named)
    except InputError as error:
        return error.user_message
    except LookupError:
        known, others = stage.objects, stage.collections
        if named.is_collection:
            known, others = others, known
        if named.name in others:
            other = "an object of that name: use --object" if named.is_collection else "a collection: use --collection"
            return f"There is no {named} in {blend}, but {other}."
        return f"There is no {named} in {blend}{suggestion(named.name, known)}."
    return None


def _all_shown(wanted: Wanted, common: Common, checker: Checker, tell: Callable[[str], None]) -> list[_Shown]:
    """Say how each model is shown a subject.

    :raises InputError: a model takes no pictures, or not from these sides.
    """
    found: list[_Shown] = []
    for model in map(checker.model, common.models):
        if model is None:
            continue
        chosen = sides.check_sides(model, wanted.sides or sides.usual_sides(model))
        loss = sides.loss_by_several(model, len(chosen))
        if loss is not None:
            tell(f"{model.name} is shown {len(chosen)} sides: {loss.rstrip('.')}.")
        values = typed(model, common.settings, folder=Path())
        found.append(_Shown(model, values, chosen, sides.size_px(model), sides.ground(model)))
    return found


def _sketches(
    wanted: Wanted, common: Common, checker: Checker, all_shown: Sequence[_Shown]
) -> Iterator[tuple[int, Named, _Shown, Request, Order]]:
    """Everything that is to be made, checked but for the pictures, which are still to come.

    :raises InputError: it cannot be made.
    """
    for number, named in enumerate(wanted.named):
        for shown in all_shown:
            request = Request(
                views={side: wanted.blend.absolute() / str(named) / f"{side}.png" for side in shown.sides},
                prompt=common.prompt,
                values=shown.values,
                name=item_name(named.name, shown.model, among=common.models),
                folder=common.folder.absolute(),
            )
            sketch = checker.sketch(shown.model, request)
            next(seeded(sketch, shown.model, request, common.seeds))  # are there so many seeds?
            yield number, named, shown, request, sketch
