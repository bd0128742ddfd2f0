# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service says of its jobs and files, whoever started or sent them, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ..values import AssetId, RemoteJobId, ResultAsset
from . import wire
from .status import RemoteStatus

__all__ = ["RemoteFile", "RemoteJob", "file_of", "job_of", "result_of", "status_of"]

_SILENT: Final = RemoteStatus("")


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """A job as the service lists it."""

    id: RemoteJobId
    created_at: str | None
    """ISO 8601, by the service's clock."""
    input: Mapping[str, Any]
    """The body that started it, as the service keeps it."""
    status: RemoteStatus = _SILENT
    """Without a word where the service does not say how it is doing."""
    project_id: str | None = None
    author_id: str | None = None
    """Whose key or account started it."""

    @property
    def made_at(self) -> float | None:
        """When it was started, in seconds since the epoch; ``None`` for a date that cannot be read."""
        return _moment(self.created_at)

    @property
    def model_id(self) -> str | None:
        """The model that it was asked of; ``None`` where the service does not say."""
        model_id = self.input.get("modelId")
        return model_id if isinstance(model_id, str) and model_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file as the service lists it."""

    id: AssetId
    mime: str = ""
    kind: str | None = None
    """``3d``, ``image``, ``video`` ...; ``None`` where the service does not say."""
    job_id: RemoteJobId | None = None
    """The job that brought it."""
    model_id: str | None = None
    parent_id: AssetId | None = None
    """The file that it was made from."""
    name: str | None = None
    """Of the file, as whoever sent or made it calls it."""
    prompt: str | None = None
    created_at: str | None = None
    """ISO 8601, by the service's clock."""
    project_id: str | None = None
    author_id: str | None = None
    picture_urls: tuple[str, ...] = field(default=(), repr=False)
    """Of small pictures of it, the smallest first; good for a short while."""

    @property
    def made_at(self) -> float | None:
        """When it came to be, in seconds since the epoch; ``None`` for a date that cannot be read."""
        return _moment(self.created_at)


def _moment(text: str | None) -> float | None:
    try:
        return datetime.fromisoformat((text or "").replace("Z", "+00:00")).timestamp()
    except (ValueError, OverflowError):
        return None


def status_of(record: wire.JobRecord) -> RemoteStatus:
    return RemoteStatus(
        word=record.status or "",
        progress=min(1.0, record.progress) if record.progress and record.progress > 0 else None,
        asset_ids=tuple(AssetId(i) for i in record.metadata.asset_ids),
        billed_cu=record.billing.total_cu,
        refundable=not record.billing.disable_refund,
        error=record.metadata.error or record.error,
        hint=record.metadata.hint,
        updated_at=record.updated_at,
    )


def job_of(record: wire.JobRecord) -> RemoteJob:
    return RemoteJob(
        RemoteJobId(record.job_id),
        record.created_at,
        record.metadata.input,
        status_of(record),
        project_id=record.owner_id,
        author_id=record.author_id,
    )


def file_of(record: wire.AssetRecord) -> RemoteFile:
    told = record.metadata
    return RemoteFile(
        id=AssetId(record.id),
        mime=record.mime_type or "",
        kind=record.kind,
        job_id=RemoteJobId(told.parent_job_id) if told.parent_job_id else None,
        model_id=told.model_id,
        parent_id=AssetId(told.parent_id) if told.parent_id else None,
        name=told.file_name or told.name,
        prompt=told.prompt,
        created_at=record.created_at,
        project_id=record.owner_id,
        author_id=record.author_id,
        picture_urls=_pictures(record),
    )


def result_of(record: wire.AssetRecord) -> ResultAsset | None:
    """Give a file that can be downloaded; ``None`` without an address."""
    if not record.url:
        return None
    return ResultAsset(
        id=AssetId(record.id),
        mime=record.mime_type or "",
        url=record.url,
        type=record.metadata.type,
        parent_id=record.metadata.parent_id,
        file_name=record.metadata.file_name,
        size_bytes=record.properties.size,
        picture_urls=_pictures(record),
        faces=record.properties.face_count,
    )


def _pictures(record: wire.AssetRecord) -> tuple[str, ...]:
    return tuple(shown.url for shown in (record.thumbnail, record.preview) if shown and shown.url)
