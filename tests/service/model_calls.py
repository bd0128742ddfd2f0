# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints about models and about the team."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .catalogue import Model
from .paging import page_of, wanted_types
from .store import OWNER_ID, Store
from .values import Json, Reply, Request, refuse

__all__ = ["PARALLEL_JOBS", "ModelCalls", "limits", "list_teams"]

_TEAM_ID: Final = "team_Rw5Bn2Yd8Kq1Vf6Gj4Zp7Ecm"
_SINCE: Final = "2026-01-12T08:30:00.000Z"
PARALLEL_JOBS: Final = 8
"""What the team is told, unless another limit is set."""
_LIMITS: Final = {
    "apiKeys": 10,
    "canvasAssetLayers": 50,
    "canvasAssets": 100,
    "collections": 200,
    "creativeUnits": 15000,
    "defaultSeats": 3,
    "downloadAssets": 1000,
    "downloadModel": 10,
    "inferenceBatchSize": 8,
    "maxCooldown": 900,
    "maxTrainingDatasets": 10,
    "minCooldown": 60,
    "models": 100,
    "OTPSessions": 0,
    "parallelCustomJobs": PARALLEL_JOBS,
    "parallelInferences": 8,
    "parallelTraining": 2,
    "parallelWorkflowRuns": 4,
    "premiumGenerationSamples": 0,
    "projects": 5,
    "scalingFactor": 1,
    "seats": 5,
    "snapshotsRetention": 30,
    "upload": 10000,
}
_VALUES: Final = ("apiKeys", "canvasAssets", "collections", "creativeUnits", "projects", "seats")


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


def list_teams(request: Request) -> Reply:
    """``GET /teams``: the team and project the key belongs to."""
    dates = {"createdAt": _SINCE, "updatedAt": _SINCE}
    team = {
        "id": _TEAM_ID,
        "name": "Sandbox",
        "plan": "cu-pro",
        "type": "shared",
        "context": {"invitationsCount": 0, "keysCount": 1, "userRole": "key", "usersCount": 1},
        "projects": [{"id": OWNER_ID, "name": "Sandbox Project", **dates}],
        **dates,
    }
    return Reply.of({"teams": [team]})


def limits(request: Request, team_id: str, *, parallel_jobs: int | None) -> Reply:
    """``GET /teams/{id}/limits``."""
    if team_id != _TEAM_ID:
        refuse(404, f"Team {team_id} not found")
    period = {"start": "2026-11-01T00:00:00.000Z", "end": "2026-12-01T00:00:00.000Z"}
    values = dict.fromkeys(_VALUES, 1)
    answer = {
        "limits": _LIMITS if parallel_jobs is None else _LIMITS | {"parallelCustomJobs": parallel_jobs},
        "values": values,
        "oneShotCreativeUnits": [],
        "period": period,
        "plan": "cu-pro",
    }
    return Reply.of(answer)


def _shown(store: Store, models: Iterable[Model]) -> list[Json]:
    return [_with_thumbnail(store, model.summary) for model in models]


def _with_thumbnail(store: Store, record: Json) -> Json:
    if "thumbnail" not in record:
        return record
    asset_id = record["thumbnail"]["assetId"]
    return record | {"thumbnail": {"assetId": asset_id, "url": f"{store.files_url}/thumbnails/{asset_id}"}}
