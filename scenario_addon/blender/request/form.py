# SPDX-License-Identifier: GPL-3.0-or-later
"""What a press of Generate would ask for, and what that costs, in numbers and in words. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...engine.text import amount
from ..app.config import max_cost_cu
from ..app.prices import Priced
from ..sources.plan import Planned

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ..app.prices import Price
    from ..chains.step import Step
    from ..sources.pictures import Source
    from ..sources.subjects import Wanted

__all__ = ["Bill", "Form", "enumerated"]


@dataclass(frozen=True)
class Form:
    """What would be asked for, as far as the scene alone can say: of one model, and of the others beside it."""

    model: Model | None
    source: Source
    planned: Planned = field(default_factory=Planned)
    """The pictures that would be sent."""
    wanted: Wanted | None = None
    """Those of them that are taken of the selected objects."""
    problem: str | None = None
    """Why it cannot be asked for, in one sentence; ``None`` when all of it can."""
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    price: Price | None = None
    """Of one mesh by this model, with what is cut out for it; ``None`` until the service has answered."""
    cut_outs: Mapping[Path, Decimal] = field(default_factory=dict[Path, Decimal])
    """What a part of that is for: the pictures that the service cuts out, and what each costs."""
    notes: tuple[str, ...] = ()
    """What the artist should know before anything is asked for."""
    step: Step | None = None
    """The model that changes each mesh once it is there."""
    others: tuple[Form, ...] = ()
    """What further models would be asked for."""
    seeds: int = 1
    """How many meshes each model makes."""

    @property
    def forms(self) -> tuple[Form, ...]:
        """One for each model, this one first."""
        return (self, *self.others)

    @property
    def count(self) -> int:
        """How many meshes are made of it."""
        return len(self.forms) * self.seeds

    @property
    def cost_cu(self) -> Decimal | None:
        """Of one mesh by this model."""
        return self.price.cost_cu if self.price else None

    @property
    def priced(self) -> Priced:
        """The request that has the price. There is a model."""
        assert self.model is not None
        return Priced(self.model.id, self.body, self.planned.words)

    @property
    def names(self) -> list[str]:
        """Of the models."""
        return [one.model.name if one.model else "The model" for one in self.forms]

    @property
    def expected_s(self) -> float | None:
        """How long the slowest of them usually takes, in seconds."""
        times_s = [one.model.expected_s for one in self.forms if one.model and one.model.expected_s]
        after_s = self.step.model.expected_s if self.step and self.step.model else None
        return max(times_s) + (after_s or 0.0) if times_s else None

    @property
    def bill(self) -> Bill | None:
        """What all of it costs; ``None`` until the service has answered."""
        is_known = all(one.price and (one.step is None or one.step.price) for one in self.forms)
        return Bill.of((one, self.seeds) for one in self.forms) if is_known else None

    @property
    def is_over_limit(self) -> bool:
        return self._bill.is_over_limit

    @property
    def limit_question(self) -> str:
        """What to ask before the spend limit is exceeded."""
        return self._bill.limit_question

    @property
    def summary(self) -> str:
        """What would be made and what it costs, for one who does not see the form."""
        has_picture = self.model and self.model.source and self.source.is_chosen
        what = self.source.words if has_picture else "the prompt"
        made = "a mesh" if self.count == 1 else f"{self.count} meshes"
        makes = "make" if self.others else "makes"
        then = f", and {self.step.name} changes {'it' if self.count == 1 else 'each'}" if self.step else ""
        return f"{enumerated(self.names)} {makes} {made} of {what}{then}. {self._bill.words}."

    @property
    def _bill(self) -> Bill:
        return Bill.of((one, self.seeds) for one in self.forms)


@dataclass(frozen=True)
class Bill:
    """What meshes cost together, with what follows them."""

    count: int
    """Of what has a price: each mesh, and each step that follows one."""
    known_cu: Decimal
    """Of those whose price is known."""
    unknown: int
    """How many have no price."""
    is_named_later: bool
    """Whether each of these gets one once the service has seen its pictures, before anything is ordered."""
    step: Step | None = None
    """What follows each mesh."""

    @classmethod
    def of(cls, parts: Iterable[tuple[Form, int]]) -> Bill:
        """Add up.

        :param parts: each form of one model, and how many meshes are made of it.
        """
        counted = [(form, number) for form, number in parts if number]
        unknown = [(form, number) for form, number in counted if form.cost_cu is None]
        followed = [(form.step, number) for form, number in counted if form.step is not None]
        unknown_steps = sum(number for step, number in followed if step.cost_cu is None)
        known_cu, cut_outs = Decimal(0), dict[Path, Decimal]()
        for form, number in counted:
            if form.cost_cu is not None:
                known_cu += (form.cost_cu - sum(form.cut_outs.values())) * number
                cut_outs |= form.cut_outs  # each is cut out once, whoever needs it
        return cls(
            count=sum(number for _, number in (*counted, *followed)),
            known_cu=known_cu
            + sum(cut_outs.values())
            + sum(step.cost_cu * number for step, number in followed if step.cost_cu is not None),
            unknown=sum(number for _, number in unknown) + unknown_steps,
            is_named_later=not unknown_steps
            and all(form.price is not None and form.price.wants_pictures for form, _ in unknown),
            step=followed[0][0] if followed else None,
        )

    @property
    def is_over_limit(self) -> bool:
        """Whether the artist is to be asked, because it costs more than the spend limit, or nobody knows what."""
        limit_cu = max_cost_cu()
        if limit_cu is None:
            return False
        # Where a price is asked for with the pictures, the limit holds then.
        return self.known_cu > limit_cu or bool(self.unknown and not self.is_named_later)

    @property
    def limit_question(self) -> str:
        """What to ask before the spend limit is exceeded."""
        return f"{self.words}, and your limit is {amount(max_cost_cu() or Decimal(0))}."

    @property
    def words(self) -> str:
        """What it costs, as a sentence without its end."""
        if self.step is not None:
            return self._words_of_all(self.step)
        if self.count == 1:
            return "The price is not known" if self.unknown else f"It costs {amount(self.known_cu)}"
        if self.unknown == self.count:
            return "Their prices are not known"
        if self.unknown:
            known = f"the others cost {amount(self.known_cu)}"
            return f"The price of {self.unknown} of {self.count} is not known, and {known}"
        return f"They cost {amount(self.known_cu)} together"

    def _words_of_all(self, step: Step) -> str:
        """The same, where something follows."""
        count = self.count // 2
        what = "The mesh" if count == 1 else f"The {count} meshes"
        if not self.unknown:
            return f"{what} and {step.name} cost {amount(self.known_cu)} together"
        if self.unknown == self.count:
            made = "the mesh" if count == 1 else f"the {count} meshes"
            return f"What {made} and {step.name} cost is not known"
        if step.cost_cu is None and 2 * self.unknown == self.count:
            made_cost = "The mesh costs" if count == 1 else f"The {count} meshes cost"
            return f"{made_cost} {amount(self.known_cu)}, and what {step.name} costs is not known"
        return f"{what} and {step.name} cost {amount(self.known_cu)} or more together"

    @property
    def label(self) -> str:
        """The same for a button."""
        if self.unknown == self.count:
            return "(price unknown)"
        unknown = f" (price of {self.unknown} unknown)" if self.unknown else ""
        return f"{amount(self.known_cu)}{unknown}"


def enumerated(names: list[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
