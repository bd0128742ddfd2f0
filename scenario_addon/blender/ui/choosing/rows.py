# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list to choose from says of each model, in words; the order of the list, and searching in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from ....engine.text import amount, duration

if TYPE_CHECKING:
    from ....engine.models.model import Model

__all__ = ["Found", "Row", "folded", "found", "ordered", "row_of", "takes"]

_BY_CAPABILITY: Final = {"img23d": "a picture", "txt23d": "words", "3d23d": "a mesh", "video23d": "a video"}
_BY_MEDIA: Final = {"3d": "a mesh", "video": "a video", "audio": "a sound"}


class Found(Protocol):
    """A row of a list."""

    @property
    def id(self) -> str: ...

    @property
    def words(self) -> str:
        """All that a search looks at, folded."""
        ...


R = TypeVar("R", bound=Found)


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    name: str
    about: str
    """Some sentences, for a tooltip."""
    takes: str
    cost: str
    """Empty where nothing is known; likewise the time."""
    time: str
    needs: str
    """Which plan, where one is needed."""
    is_above: bool
    """Whether the account's plan is known to be too low."""
    words: str
    """All that a search looks at, folded."""

    @property
    def told(self) -> str:
        """What it takes, and what it needs; that first where it is more than there is."""
        if self.is_above:
            return "; ".join(text for text in (self.needs, self.takes) if text)
        return ", ".join(text for text in (self.takes, self.needs) if text)


def row_of(model: Model, *, plan: str | None) -> Row:
    """Say what is known of a model.

    :param plan: the account's, as the service spells it.
    """
    is_above = model.is_above(plan)
    needs = f"{model.plan} plan" if model.plan else ""
    reason = f"It needs the {model.plan} plan, which is above yours" if is_above else ""
    sentences = (model.description, (model.caution or "").capitalize(), reason)
    told = takes(model)
    extra = "pictures" if "view" in told else ""
    return Row(
        id=model.id,
        name=model.name,
        about=". ".join(text.rstrip(".") for text in sentences if text),
        takes=told,
        cost=amount(model.expected_cu) if model.expected_cu is not None else "",
        time=f"about {duration(model.expected_s)}" if model.expected_s else "",
        needs=f"Needs the {needs}" if is_above else needs,
        is_above=is_above,
        words=folded(" ".join((model.name, model.description, model.provider, told, extra, needs, model.id))),
    )


def takes(model: Model) -> str:
    """Say what goes into a model: ``1 picture, words``, ``4 views``, ``a mesh``.

    What its parameters say; where they are not known yet, what the service says that it makes meshes of.
    """
    if not model.parameters:
        return " or ".join(text for name, text in _BY_CAPABILITY.items() if name in model.capabilities)
    media = {p.media for p in model.parameters if p.kind.is_file and p.media}
    told = [_pictures(model), *(text for name, text in _BY_MEDIA.items() if name in media)]
    return ", ".join(text for text in (*told, "words" if model.prompt else "") if text)


def _pictures(model: Model) -> str:
    most = model.max_pictures
    if most is None:
        return "any number of pictures"
    if most <= 1:
        return "1 picture" if most else ""
    return f"{most} views" if model.views else f"up to {most} pictures"


def ordered(models: Iterable[Model], *, favourites: Sequence[str], used: Sequence[str]) -> list[Model]:
    """Sort models: those with a star first, then those that were used, the last one first; else as they come."""
    ranks = {name: rank for rank, name in enumerate(dict.fromkeys([*favourites, *used]))}
    return sorted(models, key=lambda model: ranks.get(model.id, len(ranks)))


def found(rows: Iterable[R], text: str) -> list[R]:
    """Give the rows in which each of some words is found, in any order."""
    words = folded(text).split()
    return [row for row in rows if all(word in row.words for word in words)]


def folded(text: str) -> str:
    """A text without what does not matter to somebody who types: case, accents, widths."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(char for char in parts if not unicodedata.combining(char)).casefold()
