# SPDX-License-Identifier: GPL-3.0-or-later
"""From which sides a model is shown a subject that pictures are taken of, and before which ground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..errors import ParamError
from ..values import VIEWS
from .model import Model

__all__ = ["check_sides", "ground", "loss_by_several", "sides_taken", "size_px", "usual_sides"]

_USUAL: Final = ("front", "left", "back", "right")
"""All around, at the height of the subject's middle."""
_SIZE_PX: Final = 1024


def sides_taken(model: Model) -> tuple[str, ...]:
    """Give the sides that a model can be shown, in the order of :data:`VIEWS`; none where it takes no pictures."""
    if model.source is None:
        return ()
    return tuple(model.views) or VIEWS


def usual_sides(model: Model) -> tuple[str, ...]:
    """Give the sides that a model is shown unless somebody chooses others.

    All around where it takes so many, unless that costs something else; the front alone otherwise.
    """
    taken = sides_taken(model)
    most = len(_USUAL) if model.max_pictures is None else model.max_pictures
    around = tuple(side for side in VIEWS if side in _USUAL and side in taken)
    if len(around) <= most and loss_by_several(model, len(around)) is None:
        return around
    return taken[:1]


def loss_by_several(model: Model, count: int) -> str | None:
    """Say what a model no longer does with so many pictures as it does with one; ``None`` where there is no loss."""
    one, several = ({**model.defaults(), "pictures": number} for number in (1, count))
    rules = (rule for rule in model.rules if rule.values is None and not rule.refuse)
    return next((rule.why for rule in rules if rule.holds(one) and not rule.holds(several)), None)


def check_sides(model: Model, sides: Sequence[str]) -> tuple[str, ...]:
    """Give the sides in the order of :data:`VIEWS`, each once.

    :raises ParamError: there is none, one is no side, or the model does not take it, or so many.
    """
    taken = sides_taken(model)
    if not taken:
        raise ParamError(f"{model.name} takes no pictures: choose another model.", name="sides")
    for side in sides:
        if side not in VIEWS:
            raise ParamError(f"{side or 'An empty name'} is no side: use {', '.join(VIEWS)}.", name="sides")
        if side not in taken:
            raise ParamError(f"{model.name} takes no {side} view, only {', '.join(taken)}.", name="sides")
    chosen = tuple(side for side in VIEWS if side in sides)
    if not chosen:
        raise ParamError(f"No side is chosen: use {', '.join(taken)}.", name="sides")
    needed = [view for view, parameter in model.views.items() if parameter.need.always and view not in chosen]
    if needed:
        raise ParamError(f"{model.name} needs the {needed[0]} view: add it to the sides.", name="sides")
    if model.max_pictures is not None and len(chosen) > model.max_pictures:
        most = "one picture" if model.max_pictures == 1 else f"at most {model.max_pictures} pictures"
        raise ParamError(f"{model.name} takes {most}, not {len(chosen)}: choose fewer sides.", name="sides")
    return chosen


def ground(model: Model) -> str:
    """Give what is to be behind the subject: ``transparent``, unless a model asks for an ``opaque`` one.

    Of a picture whose background is transparent a model need not guess what the subject is.
    """
    source = model.source
    wanted = source.background if source is not None else None
    return wanted or "transparent"


def size_px(model: Model) -> int:
    """Give the size of a square picture taken for a model: 1024 px, unless its limits are narrower."""
    limits = model.picture_limits
    size = max(_SIZE_PX, limits.min_side_px or 0)
    return size if limits.max_side_px is None else min(size, limits.max_side_px)
