# SPDX-License-Identifier: GPL-3.0-or-later
"""One method per endpoint of the service; values in, values out. Any thread but Blender's main one.

Every method raises :class:`NetworkError`, :class:`ApiError` or :class:`ProtocolError` as :mod:`.http` says.
Source: the service's API reference, https://docs.scenario.com.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from ..errors import MeshError, PictureError, ProtocolError
from ..net.answer import Answer
from ..values import (
    PLACEHOLDER,
    AssetId,
    ModelId,
    RemoteJobId,
    ResultAsset,
    SourceImage,
    SourceMesh,
)
from . import wire, wire_teams
from .http import Http
from .remote import RemoteFile, RemoteJob, file_of, job_of, result_of
from .status import RemoteStatus

__all__ = ["PART_BYTES", "ScenarioClient", "Submission", "UploadTicket", "placeholders"]

PART_BYTES: Final = 8 * 1024 * 1024
"""Of a large upload; every part but the last has to hold at least 5 MiB."""
_BULK_ASSETS: Final = 200
_MESHES: Final = "img23d,3d23d,txt23d"
_MOST_PAGES: Final = 100
_LIST_BYTES: Final = 20_000_000
"""Of the list of all models in memory: some thousands, where the service has hundreds."""
_CHUNK_BYTES: Final = 64 * 1024
_OBJECT_BYTES: Final = 1_000
"""What each record, and each part of it, takes beside its text."""
_NO_END: Final = "The service's list of models has no end; try again later."


@dataclass(frozen=True, slots=True)
class Submission:
    remote_id: RemoteJobId
    cost_cu: Decimal | None


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """A large upload under way."""

    id: str
    part_urls: tuple[str, ...] = field(repr=False)
    """Signed, one for each part in order."""
    is_mesh: bool = False


class ScenarioClient:
    def __init__(self, http: Http) -> None:
        self._http = http

    # -- models

    def check_key(self) -> None:
        """Find out by a harmless call whether the credentials are good."""
        self._http.call("GET", "/models", query={"privacy": "public", "pageSize": 1})

    def sample_url(self) -> str | None:
        """Ask for the address of some public file, a model's picture; ``None`` where the service names none."""
        query = {"privacy": "public", "type": "custom", "pageSize": 20}
        page = wire.parse(wire.ModelsPage, self._http.call("GET", "/models", query=query))
        pictures = (record.thumbnail.url for record in page.models if record.thumbnail)
        return next((url for url in pictures if url), None)

    def parallel_jobs(self, project_id: str | None = None) -> int | None:
        """Ask how many jobs the team may have at once; ``None`` where the service does not say.

        :param project_id: of several teams, the one that this project belongs to is meant.
        """
        team = self._team(project_id)
        if team is None:
            return None
        most = self.limits(team.id).limits.parallel_custom_jobs
        return most if most is not None and most > 0 else None

    def limits(self, team_id: str) -> wire_teams.LimitsAnswer:
        """Ask what a team may do, has and has used."""
        return wire.parse(wire_teams.LimitsAnswer, self._http.call("GET", f"/teams/{quote(team_id, safe='')}/limits"))

    def teams(self) -> Sequence[wire_teams.Team]:
        """List the teams that the key belongs to."""
        return wire.parse(wire_teams.TeamsAnswer, self._http.call("GET", "/teams")).teams

    def plan(self, project_id: str | None = None) -> str | None:
        """Ask for the account's plan, as the service spells it; ``None`` where it does not say.

        :param project_id: as with :meth:`parallel_jobs`.
        """
        team = self._team(project_id)
        return team.plan if team else None

    def _team(self, project_id: str | None) -> wire_teams.Team | None:
        """Ask for the team that a project belongs to, else for the first."""
        teams = self.teams()
        return next((t for t in teams if any(p.id == project_id for p in t.projects)), teams[0] if teams else None)

    def models(self) -> Iterator[wire.ModelRecord]:
        """List all public models, page by page; records without inputs.

        :raises ProtocolError: there are more of them than there can be.
        """
        token: str | None = None
        room_bytes = _LIST_BYTES
        for _ in range(_MOST_PAGES):
            query = {"privacy": "public", "type": "custom", "pageSize": 500, "paginationToken": token}
            page = wire.parse(wire.ModelsPage, self._http.call("GET", "/models", query=query))
            for record in page.models:
                room_bytes -= _size_bytes(record)
                if room_bytes < 0:
                    raise ProtocolError(_NO_END)
                yield record
            if not page.next_pagination_token or page.next_pagination_token == token:
                return
            token = page.next_pagination_token
        raise ProtocolError(_NO_END)

    def model(self, model_id: ModelId) -> wire.ModelRecord:
        """Ask for one model.

        :raises NotFound: no such model.
        """
        answer = self._http.call("GET", f"/models/{quote(model_id, safe='')}")
        return wire.parse(wire.ModelAnswer, answer).model

    # -- pictures and meshes

    def upload_small(self, image: SourceImage, data: bytes) -> AssetId:
        body = {"name": image.path.name, "image": base64.b64encode(data).decode("ascii")}
        # A repeated upload leaves at most a second copy of a picture, which costs nothing.
        return AssetId(wire.parse(wire.AssetAnswer, self._http.call("POST", "/assets", body=body)).asset.id)

    def start_upload(self, file: SourceImage | SourceMesh) -> UploadTicket:
        parts = -(-file.size_bytes // PART_BYTES)
        body = {
            "fileName": file.file_name if isinstance(file, SourceMesh) else file.path.name,
            "contentType": file.mime,
            "kind": "3d" if isinstance(file, SourceMesh) else "image",
            "parts": parts,
            "fileSize": file.size_bytes,
        }
        upload = wire.parse(wire.UploadAnswer, self._http.call("POST", "/uploads", body=body)).upload
        urls = tuple(part.url for part in sorted(upload.parts, key=lambda part: part.number))
        if len(urls) != parts:
            raise ProtocolError(f"The service offers {len(urls)} upload addresses for {parts} parts; try again later.")
        return UploadTicket(upload.id, urls, isinstance(file, SourceMesh))

    def put_part(self, url: str, data: bytes) -> None:
        self._http.put_file(url, data)

    def complete_upload(self, ticket: UploadTicket) -> None:
        self._http.call("POST", f"/uploads/{quote(ticket.id, safe='')}/action", body={"action": "complete"})

    def upload_result(self, ticket: UploadTicket) -> AssetId | None:
        """Ask for the asset of a completed upload; ``None`` while the service still works on it.

        :raises PictureError, MeshError: the service cannot use the file; the reason is its own where it gives one.
        """
        answer = self._http.call("GET", f"/uploads/{quote(ticket.id, safe='')}")
        upload = wire.parse(wire.UploadAnswer, answer).upload
        if upload.status == "failed":
            reason = (upload.error_message or "it gives no reason").rstrip(".")
            kind, what = (MeshError, "mesh") if ticket.is_mesh else (PictureError, "picture")
            raise kind(f"The service cannot use the uploaded {what} ({reason}): choose another one.")
        return AssetId(upload.entity_id) if upload.entity_id else None

    # -- generation

    def quote(self, model_id: ModelId, body: Mapping[str, Any]) -> Decimal | None:
        """Ask for the price in Compute Units, by a dry run: nothing is started or charged.

        The flag has to stand in the query: in the body it is ignored, and a paid job starts.
        """
        answer = self._http.call("POST", _generate(model_id), query={"dryRun": "true"}, body=dict(body))
        return wire.parse(wire.GenerateAnswer, answer).creative_units_cost

    def submit(self, model_id: ModelId, body: Mapping[str, Any]) -> Submission:
        """Start a job, which is charged. Sent once, whatever happens.

        :raises ProtocolError: an answer without a job id; the job may be running all the same.
        """
        answer = self._http.call("POST", _generate(model_id), body=dict(body), repeat=False)
        parsed = wire.parse(wire.GenerateAnswer, answer)
        if parsed.job is None:
            raise ProtocolError("The service did not say which job it started.")
        return Submission(RemoteJobId(parsed.job.job_id), parsed.creative_units_cost)

    def job(self, remote_id: RemoteJobId) -> RemoteStatus:
        return self.whole_job(remote_id).status

    def whole_job(self, remote_id: RemoteJobId) -> RemoteJob:
        """Ask for a job, whoever started it.

        :raises NotFound: no such job, or another project's.
        """
        answer = self._http.call("GET", f"/jobs/{quote(remote_id, safe='')}")
        job = job_of(wire.parse(wire.JobAnswer, answer).job)
        if not job.status.word:
            raise ProtocolError("The service did not say how the job is doing.")
        return job

    def recent_jobs(self, *, pages: int) -> Iterator[RemoteJob]:
        """Generations as the service lists them, whoever started them, at most so many pages of a hundred.

        A page is asked for when what is before it has been taken.
        """
        token: str | None = None
        for _ in range(pages):
            query = {"types": "custom", "pageSize": 100, "paginationToken": token}
            page = wire.parse(wire.JobsPage, self._http.call("GET", "/jobs", query=query))
            yield from map(job_of, page.jobs)
            token = page.next_pagination_token
            if not token:
                return

    def recent_meshes(self, *, pages: int) -> Iterator[RemoteFile]:
        """Meshes that models have made, newest first, likewise, at most so many pages of fifty."""
        token: str | None = None
        for _ in range(pages):
            query = {"types": _MESHES, "sortBy": "createdAt", "sortDirection": "desc", "paginationToken": token}
            page = wire.parse(wire.AssetsPage, self._http.call("GET", "/assets", query=query))
            yield from map(file_of, page.assets)
            token = page.next_pagination_token
            if not token:
                return

    def file(self, asset_id: AssetId) -> RemoteFile:
        """Ask for what is known of a file.

        :raises NotFound: no such file, or another project's.
        """
        answer = self._http.call("GET", f"/assets/{quote(asset_id, safe='')}")
        return file_of(wire.parse(wire.AssetAnswer, answer).asset)

    def files(self, asset_ids: Sequence[AssetId]) -> list[RemoteFile]:
        """The same of many; what the service does not give is left out."""
        return [file_of(record) for record in self._records(asset_ids)]

    # -- results

    def assets(self, asset_ids: Sequence[AssetId]) -> list[ResultAsset]:
        """Ask for what a job brought, with addresses that are good for a short while."""
        return [asset for record in self._records(asset_ids) if (asset := result_of(record))]

    def _records(self, asset_ids: Sequence[AssetId]) -> Iterator[wire.AssetRecord]:
        for start in range(0, len(asset_ids), _BULK_ASSETS):
            body = {"assetIds": list(asset_ids[start : start + _BULK_ASSETS])}
            answer = self._http.call("POST", "/assets/get-bulk", body=body)
            yield from wire.parse(wire.AssetsAnswer, answer).assets

    def asset(self, asset_id: AssetId) -> ResultAsset | None:
        answer = self._http.call("GET", f"/assets/{quote(asset_id, safe='')}")
        return result_of(wire.parse(wire.AssetAnswer, answer).asset)

    def open_file(self, url: str, *, offset_bytes: int = 0, length_bytes: int | None = None) -> Answer:
        return self._http.open_file(url, offset_bytes=offset_bytes, length_bytes=length_bytes)

    def read_file(self, url: str, *, most_bytes: int) -> bytes:
        """Get all of a small file.

        :raises ScenarioError: the file host cannot be asked.
        :raises OSError: the connection was lost, or it is larger than ``most_bytes``.
        """
        data = bytearray()
        with self.open_file(url) as answer:
            for chunk in answer.iter_content(_CHUNK_BYTES):
                data += chunk
                if len(data) > most_bytes:
                    raise OSError(f"more than {most_bytes} bytes")
        return bytes(data)

    def close(self) -> None:
        self._http.close()


def _size_bytes(record: wire.ModelRecord) -> int:
    """About how much memory it takes."""
    text = record.model_dump_json(exclude_unset=True)
    return 4 * len(text) + _OBJECT_BYTES * text.count("{")


def placeholders(files: Sequence[SourceImage | SourceMesh]) -> dict[str, AssetId]:
    """Stand-ins for files that the service does not have yet, by their keys, for a dry run."""
    return {file.asset_key: PLACEHOLDER for file in files}


def _generate(model_id: ModelId) -> str:
    return f"/generate/custom/{quote(model_id, safe='')}"
