# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that is nothing but a list of models."""

from __future__ import annotations

from typing import Any

from scenario_addon.engine.api.client import ScenarioClient
from scenario_addon.engine.api.http import Http
from scenario_addon.engine.errors import ScenarioError

__all__ = ["Pages", "client_with", "listed"]


class Pages(Http):
    """Answers from a list of pages and a table of models instead of the network."""

    def __init__(self, *pages: list[dict[str, Any]], models: dict[str, Any] | None = None) -> None:
        self.pages, self.models = list(pages), models or {}
        self.asked: list[Any] = []

    def call(self, method: str, path: str, **options: Any) -> Any:
        self.asked.append(path)
        if path != "/models":
            answer = self.models[path.removeprefix("/models/")]
            if isinstance(answer, ScenarioError):
                raise answer
            return {"model": answer}
        page = int(options["query"]["paginationToken"] or 0)
        more = {"nextPaginationToken": str(page + 1)} if page + 1 < len(self.pages) else {}
        return {"models": self.pages[page], **more}


def client_with(*pages: list[dict[str, Any]], **models: Any) -> ScenarioClient:
    """A client for these pages of models, and these models by id; an error instead of a record is raised."""
    return ScenarioClient(Pages(*pages, models=models))


def listed(model_id: str, **fields: Any) -> dict[str, Any]:
    """A record as lists show it."""
    return {"id": model_id, "name": model_id.title(), "capabilities": ["img23d"], **fields}
