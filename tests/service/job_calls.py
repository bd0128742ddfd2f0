# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints that start runs and look after them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from .catalogue import Model
from .paging import page_of, wanted_types
from .recipe import Recipe, read_recipe
from .refining import Refinement, UnfitMeshError, make_refined, read_refinement
from .results import Output, make_outputs
from .runs import Run, Runs
from .store import OWNER_ID, Store, Upload
from .upload_calls import advance, upload_job
from .validation import InvalidBodyError, clean_body
from .values import Json, Reply, Request, refuse

__all__ = ["JobCalls"]

_DRY_RUN_STATUS: Final = 269
_PLAN_LEVEL: Final = 50
_PLANS: Final = {25: "Starter", 50: "Pro", 75: "Max", 100: "Enterprise"}


@dataclass(frozen=True, slots=True)
class JobCalls:
    """The endpoints under ``/generate/custom`` and ``/jobs``."""

    store: Store
    runs: Runs
    models: dict[str, Model]

    def generate(self, request: Request, model_id: str) -> Reply:
        """``POST /generate/custom/{modelId}``: the price, or a paid run."""
        model = self.models.get(model_id) or refuse(404, f"Model {model_id} not found")
        dry_run = request.query.get("dryRun") in ("true", "api")
        find: Callable[[str], Json | None] | None = None if dry_run else self.store.assets.get
        try:
            body = clean_body(request.json(), inputs=model.inputs, asset=find)
        except InvalidBodyError as error:
            refuse(400, str(error))
        level = model.record.get("accessRestrictions", 0)
        if level > _PLAN_LEVEL:
            refuse(403, f"Model {model_id} requires the {_PLANS[level]} plan")
        cost_cu = round(model.cost_cu(body) * self.runs.price_factor, 2)
        price = {
            "creativeUnitsCost": cost_cu + sum(self.runs.fees.values()),
            "creativeUnitsDiscount": 0,
            "costDetails": {"custom-generation": cost_cu, **self.runs.fees},
        }
        if dry_run:
            return Reply.of({"job": {}, **price}, status=_DRY_RUN_STATUS)
        try:
            make = partial(self._outputs, self._plan(model, body))
        except UnfitMeshError as error:
            refuse(400, str(error))
        parent_id = _parent(model, body)
        run = self.runs.submit(model_id=model_id, body=body, cost_cu=cost_cu, make=make, parent_id=parent_id)
        if model.record.get("disableRefund"):
            run.record["billing"]["disableRefund"] = True
        return Reply.of({"job": run.record, **price})

    def _plan(self, model: Model, body: Json) -> Recipe | Refinement:
        def file(asset_id: str) -> bytes:
            return self.store.blobs[asset_id].data

        return read_refinement(model, body, file=file) or read_recipe(model, body, picture=file)

    def _outputs(self, plan: Recipe | Refinement) -> tuple[Output, ...]:
        made = make_refined(plan) if isinstance(plan, Refinement) else make_outputs(plan)
        glb = self.runs.delivered
        return made if glb is None else (replace(made[0], data=glb),)

    def retrieve(self, request: Request, job_id: str) -> Reply:
        """``GET /jobs/{id}``."""
        if job_id in self.runs.by_id:
            return Reply.of({"job": self.runs.poll(self.runs.by_id[job_id])})
        upload = _upload_of(self.store, job_id) or refuse(404, f"Job {job_id} not found")
        with self.store.lock:
            advance(self.store, upload)
            return Reply.of({"job": upload_job(upload)})

    def list_jobs(self, request: Request) -> Reply:
        """``GET /jobs``, newest first. Filters act on pages already cut: they can be short or empty."""
        query = request.query
        kinds = wanted_types(query)
        if query.get("projectId", OWNER_ID) != OWNER_ID:
            refuse(403, f"You do not have access to project {query['projectId']}")
        if "createdAfter" in query and (kinds or "status" in query or "workflowId" in query):
            refuse(400, '"createdAfter" conflict with "status", "type", "types" or "workflowId"')
        with self.store.lock:
            entries: list[Run | Upload] = [*self.runs.by_id.values(), *self.store.uploads.values()]
            entries.sort(key=_created, reverse=True)
            if "createdAfter" in query:
                after = _moment(query["createdAfter"])
                entries = [entry for entry in entries if _moment(_created(entry)) > after]
            page, token = page_of(entries, query, default_size=50, max_size=100)
            jobs = [self.runs.look(e) if isinstance(e, Run) else upload_job(e) for e in page]
        jobs = [job for job in jobs if not kinds or job["jobType"] in kinds]
        jobs = [job for job in jobs if query.get("status", job["status"]) == job["status"]]
        return Reply.of({"jobs": jobs, **token})

    def act(self, request: Request, job_id: str) -> Reply:
        """``POST /jobs/{id}/action``: no run here can be cancelled."""
        if job_id not in self.runs.by_id and not _upload_of(self.store, job_id):
            refuse(404, f"Job {job_id} not found")
        if request.json().get("action") != "cancel":
            refuse(400, '"action" must be one of [cancel]')
        refuse(400, "Cannot cancel this type of job. Action not permitted.")


def _parent(model: Model, body: Json) -> str | None:
    for entry in model.inputs:
        value = body.get(entry["name"])
        if entry.get("parent") and value:
            return str(value[0] if isinstance(value, list) else value)
    return None


def _upload_of(store: Store, job_id: str) -> Upload | None:
    return next((upload for upload in store.uploads.values() if upload.record["jobId"] == job_id), None)


def _created(entry: Run | Upload) -> str:
    return str(entry.record["createdAt"])


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        refuse(400, '"createdAfter" must be in ISO 8601 date format')
