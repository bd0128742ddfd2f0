# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of what was made elsewhere while it is open: its rows in words. Main thread only."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ....engine.elsewhere.recent import DONE
from ....engine.text import ago, clean
from ...app.session import session
from ...elsewhere.bringing import known_job
from ...elsewhere.listing import listing
from ...words.language import translated
from .open_list import OpenList
from .rows import folded

if TYPE_CHECKING:
    from ....engine.elsewhere.recent import Made

__all__ = ["MadeList", "MadeRow"]

_LONGEST_PROMPT: Final = 60
_LONGEST_ID: Final = 100
_SHORT_ID: Final = 12
"""So much of an id tells one from another."""


@dataclass(frozen=True, slots=True)
class MadeRow:
    id: str
    name: str
    told: str
    """By which model, from which words, and whose it is."""
    age: str
    standing: str
    """Whether it is here already, or still being made; empty for what can be brought in."""
    about: str
    """All of it, for a tooltip."""
    words: str
    """All that a search looks at, folded."""


class MadeList(OpenList[MadeRow]):
    """One opening of the list."""

    def __init__(self, operator: Any) -> None:
        self._seen: object = None
        super().__init__(operator)

    def update(self) -> bool:
        known = listing()
        seen = (known.revision, known.is_asking, len(session.jobs), *(job.state for job in session.jobs.values()))
        if seen == self._seen:
            return False
        self._seen = seen
        models: dict[str, str] = {model.id: model.name for model in session.models.offered()}
        self._fill([_row(made, models) for made in known.made])
        return True

    def picture(self, row: MadeRow) -> Path | None:
        return listing().picture(row.id)

    def turned(self) -> None:
        if self.page + 1 >= self.pages and self.count:  # whoever looks at the last page may want to see more
            listing().more()


def _row(made: Made, models: dict[str, str]) -> MadeRow:
    model = models.get(made.model_id or "") or clean((made.model_id or "").removeprefix("model_"), longest=40)
    job = known_job(made.id)
    standing = job.words if job is not None else "" if made.state == DONE else made.state
    age = ago(max(0.0, time.time() - made.made_at)) if made.made_at is not None else ""
    prompt = clean(made.prompt or "", longest=_LONGEST_PROMPT)
    project = clean(made.project_id or "", longest=_LONGEST_ID)
    author = clean(made.author_id or "", longest=_LONGEST_ID)
    is_other = session.connection is not None and session.connection.project_id not in (None, made.project_id)
    by = translated(f"by {_cut(author)}") if author else ""
    other = translated(f"project {_cut(project)}") if is_other else ""
    whose = ", ".join(filter(None, (f"project {project}" if project else "", f"by {author}" if author else "")))
    return MadeRow(
        id=made.id,
        name=clean(made.name, longest=40),
        told=", ".join(filter(None, (model, f'"{prompt}"' if prompt else "", by, other))),
        age=age,
        standing=standing,
        about=". ".join(filter(None, (clean(made.prompt or "", longest=400).rstrip("."), whose, made.id))),
        words=folded(" ".join(filter(None, (made.name, model, made.prompt, standing, whose, made.id)))),
    )


def _cut(text: str) -> str:
    return text if len(text) <= _SHORT_ID else f"{text[:_SHORT_ID]}\N{HORIZONTAL ELLIPSIS}"
