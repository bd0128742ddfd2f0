# SPDX-License-Identifier: GPL-3.0-or-later
"""What each origin answers: the API its routes, to Basic credentials; the file host signed addresses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import re
from collections.abc import Callable
from typing import Final

from PIL import Image

from .asset_calls import AssetCalls
from .catalogue import Model
from .job_calls import JobCalls
from .model_calls import ModelCalls
from .pictures import draw_words, encoded
from .runs import Runs
from .store import Blob, Store
from .team import Team, TeamCalls
from .upload_calls import UploadCalls
from .values import Reply, Request, refuse

__all__ = ["answer_api", "answer_files"]

Endpoint = Callable[..., Reply]
Answer = Callable[[Request], Reply]

_THUMBNAIL_PX: Final = 256
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


def answer_api(store: Store, runs: Runs, *, models: dict[str, Model], team: Team, key: str, secret: str) -> Answer:
    """The API, for one pair of credentials."""
    expected = "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()
    routes = _routes(store, runs, models=models, team=team)

    def answer(request: Request) -> Reply:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected.encode()):
            return Reply.of({"message": "Unauthorized"}, status=401)
        team.check_project(request)
        for method, pattern, endpoint in routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                return endpoint(request, *match.groups())
        refuse(404, f"Route {request.method} {request.path} not found")

    return answer


def _routes(
    store: Store, runs: Runs, *, models: dict[str, Model], team: Team
) -> list[tuple[str, re.Pattern[str], Endpoint]]:
    catalogue, assets, uploads = ModelCalls(store, models), AssetCalls(store), UploadCalls(store)
    jobs = JobCalls(store, runs, models)
    teams = TeamCalls(team, runs.parallel_jobs, lambda: runs.kept_cu)
    calls: list[tuple[str, str, Endpoint]] = [
        ("GET", "/teams", teams.list_teams),
        ("GET", "/teams/([^/]+)/limits", teams.limits),
        ("GET", "/models", catalogue.list_models),
        ("POST", "/models/get-bulk", catalogue.get_bulk),
        ("GET", "/models/([^/]+)", catalogue.retrieve),
        ("GET", "/recommendations/models", catalogue.recommend),
        ("GET", "/assets", assets.list_assets),
        ("POST", "/assets", assets.upload),
        ("POST", "/assets/get-bulk", assets.get_bulk),
        ("GET", "/assets/([^/]+)", assets.retrieve),
        ("POST", "/assets/([^/]+)/download", assets.download),
        ("POST", "/uploads", uploads.create),
        ("GET", "/uploads/([^/]+)", uploads.retrieve),
        ("POST", "/uploads/([^/]+)/action", uploads.act),
        ("POST", "/generate/custom/([^/]+)", jobs.generate),
        ("GET", "/jobs", jobs.list_jobs),
        ("GET", "/jobs/([^/]+)", jobs.retrieve),
        ("POST", "/jobs/([^/]+)/action", jobs.act),
    ]
    return [(method, re.compile(f"/v1{path}"), endpoint) for method, path, endpoint in calls]


def answer_files(store: Store, models: dict[str, Model]) -> Answer:
    """The file host: downloads, parts and thumbnails. It wants signatures, never credentials."""
    uploads = UploadCalls(store)

    def answer(request: Request) -> Reply:
        if "authorization" in request.headers:
            text = "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism</Message></Error>"
            return Reply.text(text, status=400, mime="application/xml")
        thumbnail = re.fullmatch("/thumbnails/([^/]+)", request.path)
        if thumbnail and request.method in ("GET", "HEAD"):
            return _ranged(request, _thumbnail(store, models, asset_id=thumbnail[1]))
        if not store.signer.accepts(request.path, request.query):
            text = "<Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>"
            return Reply.text(text, status=403, mime="application/xml")
        part = re.fullmatch("/uploads/([^/]+)", request.path)
        if part and request.method == "PUT":
            return uploads.put_part(request, part[1])
        blob = store.blobs.get(request.path.removeprefix("/assets/"))
        if blob and request.method in ("GET", "HEAD"):
            return _ranged(request, blob)
        return Reply.text("<Error><Code>NoSuchKey</Code></Error>", status=404, mime="application/xml")

    return answer


def _ranged(request: Request, blob: Blob) -> Reply:
    total, etag = len(blob.data), f'"{hashlib.md5(blob.data, usedforsecurity=False).hexdigest()}"'
    headers = {"Content-Type": blob.mime, "Accept-Ranges": "bytes", "ETag": etag}
    wanted = _RANGE.fullmatch(request.headers.get("range", ""))
    if not wanted or not any(wanted.groups()) or request.headers.get("if-range", etag) != etag:
        return Reply(200, blob.data, headers)
    first, last = wanted.groups()
    start = int(first) if first else max(0, total - int(last))
    end = min(total, int(last) + 1) if first and last else total
    if start >= total or start >= end:
        return Reply(416, b"", {**headers, "Content-Range": f"bytes */{total}"})
    return Reply(206, blob.data[start:end], {**headers, "Content-Range": f"bytes {start}-{end - 1}/{total}"})


def _thumbnail(store: Store, models: dict[str, Model], *, asset_id: str) -> Blob:
    with store.lock:
        record = store.assets.get(asset_id)
        if record and record["kind"] != "image":
            asset_id = record["metadata"].get("rootParentId", "")
        blob = store.blobs.get(asset_id)
    if blob is None:
        shown = (m.record for m in models.values() if m.record.get("thumbnail", {}).get("assetId") == asset_id)
        name = next((model["name"] for model in shown), None) or (record and "3D") or refuse(404, "Not found")
        blob = Blob("image/png", draw_words(name))
    with Image.open(io.BytesIO(blob.data)) as image:
        small = image.convert("RGBA")
    small.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX))
    return Blob("image/png", encoded(small, "PNG"))
