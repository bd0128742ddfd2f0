# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints about models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .catalogue import Model
from .paging import page_of, wanted_types
from .store import Store
from .values import Json, Reply, Request, refuse

__all__ = ["ModelCalls"]


@dataclass(frozen=True, slots=True)
class ModelCalls:
    """The endpoints under ``/models``, and recommendations."""

    store: Store
    models: dict[str, Model]

    def list_models(self, request: Request) -> Reply:
        """``GET /models``: the public ones on request, otherwise one's own, of which there are none."""
        privacy = request.query.get("privacy", "private")
        if privacy not in ("private", "public"):
            refuse(400, '"privacy" must be one of [private, public]')
        public = _shown(self.store, self.models.values()) if privacy == "public" else []
        page, token = page_of(public, request.query, default_size=100, max_size=500)
        kinds = wanted_types(request.query)
        return Reply.of({"models": [model for model in page if not kinds or model["type"] in kinds], **token})

    def retrieve(self, request: Request, model_id: str) -> Reply:
        """``GET /models/{id}``, with the parameter schema."""
        model = self.models.get(model_id) or refuse(404, f"Model {model_id} not found")
        return Reply.of({"model": _with_thumbnail(self.store, model.record)})

    def get_bulk(self, request: Request) -> Reply:
        """``POST /models/get-bulk``: summaries; unknown ids are left out."""
        ids = request.json().get("modelIds")
        if not isinstance(ids, list):
            refuse(400, '"modelIds" must be an array')
        return Reply.of(
            {"models": _shown(self.store, [self.models[model_id] for model_id in ids if model_id in self.models])}
        )

    def recommend(self, request: Request) -> Reply:
        """``GET /recommendations/models``: those with all the capabilities, deprecated ones left out."""
        wanted = {name for name in request.query.get("capabilities", "").split(",") if name}
        fitting = [
            model
            for model in self.models.values()
            if wanted <= set(model.record["capabilities"])
            and not any(tag.startswith("deprecated:") for tag in model.record["tags"])
        ]
        return Reply.of({"models": _shown(self.store, fitting)})


def _shown(store: Store, models: Iterable[Model]) -> list[Json]:
    return [_with_thumbnail(store, model.summary) for model in models]


def _with_thumbnail(store: Store, record: Json) -> Json:
    if "thumbnail" not in record:
        return record
    asset_id = record["thumbnail"]["assetId"]
    return record | {"thumbnail": {"assetId": asset_id, "url": f"{store.files_url}/thumbnails/{asset_id}"}}
