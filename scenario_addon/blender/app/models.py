# SPDX-License-Identifier: GPL-3.0-or-later
"""The models as panels need them: known at once or not at all, asked for in the background. Main thread only."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...engine.errors import ScenarioError, UnknownModel
from ...engine.models.words.refinements import Refinement
from .tasks import Tasks

if TYPE_CHECKING:
    from ...engine.api.client import ScenarioClient
    from ...engine.models.catalogue import Catalogue
    from ...engine.models.model import Model

__all__ = ["Models"]

_AGE_S: Final = 24 * 3600.0
"""How old the list may become."""
_LOOK_AGAIN_S: Final = 0.5
"""So long a picture is not looked for again that was not there: a sidebar is drawn with every move of the mouse."""
_RETRY_S: Final = 30.0
"""After a model could not be asked for."""


@dataclass(frozen=True)
class _Problem:
    told: str
    at_s: float
    """Monotonic."""


class Models:
    """:param catalogue: ``None`` until there is one: nothing is known then."""

    def __init__(self, tasks: Tasks, catalogue: Catalogue | None = None) -> None:
        self._tasks, self._catalogue = tasks, catalogue
        self._known: dict[str, Model] = {}
        self._problems: dict[str, _Problem] = {}
        self._wanted: set[str] = set()
        self._asked: set[str] = set()
        self._pictures: dict[str, Path] = {}
        self._looked_at_s: dict[str, float] = {}
        """When a model's picture was looked for, monotonic."""
        self._offered: Sequence[Model] | None = None
        self._refiners: Sequence[Model] | None = None
        self._picture_models: Sequence[Model] | None = None
        self._is_completed = False
        self.revision = 0
        """Another number whenever there is more to know, or something else."""
        self.plan: str | None = None
        """The account's, as the service spells it; ``None`` while that is not known."""

    def offered(self) -> Sequence[Model]:
        """What there is to choose from that makes a mesh of pictures or words; parameters may be missing."""
        if self._offered is None:
            self._offered = self._catalogue.generators() if self._catalogue else ()
        return self._offered

    def refiners(self) -> Sequence[Model]:
        """What there is to choose from that changes a mesh; parameters may be missing."""
        if self._refiners is None:
            self._refiners = self._catalogue.refiners() if self._catalogue else ()
        return self._refiners

    def refiners_by_kind(self) -> Mapping[Refinement, Sequence[Model]]:
        """The same by what they do, in the order of a menu; without what none of them does."""
        found: dict[Refinement, list[Model]] = {kind: [] for kind in Refinement}
        for model in self.refiners():
            found[model.refinement].append(model)
        return {kind: models for kind, models in found.items() if models}

    def picture_models(self) -> Sequence[Model]:
        """What there is to choose from that gives a picture; parameters may be missing."""
        if self._picture_models is None:
            self._picture_models = self._catalogue.picture_models() if self._catalogue else ()
        return self._picture_models

    def look_up(self, model_id: str) -> Model | None:
        """Give a model as far as it is known here; from now on, what it takes today is wanted. Cheap."""
        if self._catalogue is None:
            return None
        problem = self._problems.get(model_id)
        if problem is not None and time.monotonic() - problem.at_s > _RETRY_S:
            del self._problems[model_id]
            self._asked.discard(model_id)
        if model_id not in self._asked:
            self._wanted.add(model_id)
        if model_id not in self._known:
            try:
                self._known[model_id] = self._catalogue.known(model_id)
            except UnknownModel:
                return None
        return self._known[model_id]

    def thumbnail(self, model_id: str) -> Path | None:
        """A model's picture; ``None`` while there is none: it is looked for now and then, not with each redraw."""
        if model_id not in self._pictures and self._catalogue is not None:
            now_s = time.monotonic()
            if now_s - self._looked_at_s.get(model_id, -_LOOK_AGAIN_S) < _LOOK_AGAIN_S:
                return None
            self._looked_at_s[model_id] = now_s
            if (path := self._catalogue.thumbnails.path(model_id)) is not None:
                self._pictures[model_id] = path
        return self._pictures.get(model_id)

    def in_use(self, model_id: str) -> Model | None:
        """A model that was looked up before."""
        return self._known.get(model_id)

    def problem(self, model_id: str) -> str | None:
        """Why the service said nothing of a model."""
        problem = self._problems.get(model_id)
        return problem.told if problem else None

    @property
    def is_wanted(self) -> bool:
        """Whether a model waits to be asked for."""
        return bool(self._wanted)

    @property
    def is_stale(self) -> bool:
        """Whether the list should be fetched anew."""
        fetched_at = self._catalogue.fetched_at if self._catalogue else None
        return fetched_at is None or time.time() - fetched_at > _AGE_S

    def ask(self, client: ScenarioClient) -> None:
        """Send for the models that are wanted, each once. Does not block."""
        catalogue, wanted = self._catalogue, self._wanted - self._asked
        self._wanted.clear()
        for model_id in wanted if catalogue else ():
            self._asked.add(model_id)
            self._tasks.run(
                f"model {model_id}",
                lambda model_id=model_id: catalogue.fetch(model_id, client),
                lambda result, model_id=model_id: self._take(model_id, result),
            )

    def fetch(self, model_id: str, client: ScenarioClient) -> Model:
        """Get a model as it is today. Blocks, for scripts; the service is asked once.

        :raises ScenarioError: there is no such model, or the service cannot be asked.
        """
        self._wanted.add(model_id)
        self.ask(client)
        self._tasks.wait(f"model {model_id}")
        if model_id not in self._known:
            self._asked.discard(model_id)
            raise UnknownModel(self.problem(model_id) or f"There is no 3D model {model_id}.")
        return self._known[model_id]

    def freshen(self, client: ScenarioClient) -> None:
        """Fetch the list anew where it has become too old, in time for whoever will choose from it. Does not block.

        What those take that make a mesh of other faces is wanted, too: the menu says which of them make quads.
        """
        if self._catalogue is not None and self.is_stale and not self._tasks.is_running("models"):
            self.refresh(client, lambda result: self._look_up_remeshers())
        self._look_up_remeshers()

    def _look_up_remeshers(self) -> None:
        for model in self.refiners_by_kind().get(Refinement.RETOPOLOGY, ()):
            self.look_up(model.id)

    def refresh(self, client: ScenarioClient, done: Callable[[Sequence[Model] | ScenarioError], None]) -> None:
        """Fetch the list anew, and the models in use with it. Does not block."""
        self._asked.clear()
        self._problems.clear()
        catalogue = self._catalogue
        if catalogue is None:
            return

        def listed(result: Sequence[Model] | ScenarioError) -> None:
            self._note_news()
            done(result)
            if not isinstance(result, ScenarioError):
                self._fetch_thumbnails(client)

        self._tasks.run("models", lambda: catalogue.refresh(client), listed)

    def complete(self, client: ScenarioClient, project_id: str | None) -> None:
        """Send for what a list to choose from shows of the models beside their records, once. Does not block."""
        if self._is_completed or self._catalogue is None:
            return
        self._is_completed = True
        self._tasks.run("plan", lambda: client.plan(project_id), self._take_plan)
        if not self._tasks.is_running("models"):  # which fetches them when it is through
            self._fetch_thumbnails(client)

    def _fetch_thumbnails(self, client: ScenarioClient) -> None:
        catalogue, offered = self._catalogue, self.offered()
        if catalogue is not None:
            self._tasks.run(
                "thumbnails", lambda: catalogue.thumbnails.fetch(offered, client), lambda came: self._note_news()
            )

    def _take_plan(self, result: str | ScenarioError | None) -> None:
        if isinstance(result, ScenarioError):
            self._is_completed = False  # it is asked for when the list is opened next
        else:
            self.plan = result
            self._note_news()

    def _note_news(self) -> None:
        self._offered = self._refiners = self._picture_models = None
        self._looked_at_s.clear()
        self.revision += 1

    def _take(self, model_id: str, result: Model | ScenarioError) -> None:
        if isinstance(result, ScenarioError):
            self._problems[model_id] = _Problem(result.user_message, time.monotonic())
        else:
            self._known[model_id] = result
            self._note_news()
