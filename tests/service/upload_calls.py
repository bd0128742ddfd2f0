# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints under ``/uploads``, and the parts that are PUT to the file host."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from .asset_calls import add_picture
from .mesh_files import UnreadableMeshError, mesh_properties, read_mesh
from .store import AUTHOR_ID, OWNER_ID, Blob, Store, Upload
from .values import Json, Reply, Request, iso_date, new_id, refuse

__all__ = ["PART_MIN_BYTES", "UploadCalls", "advance", "upload_job"]

PART_MIN_BYTES: Final = 5 * 1024 * 1024
"""Every part but the last is at least so long."""

_PARTS_MAX: Final = 10_000
_KINDS: Final = ("3d", "asset", "audio", "avatar", "image", "model", "text", "video")
_FIELDS: Final[dict[str, tuple[type, str]]] = {
    "fileName": (str, "a string"),
    "contentType": (str, "a string"),
    "kind": (str, "a string"),
    "parts": (int, "a number"),
    "fileSize": (int, "a number"),
}


@dataclass(frozen=True, slots=True)
class UploadCalls:
    """The endpoints under ``/uploads``, and the PUT of a part."""

    store: Store

    def create(self, request: Request) -> Reply:
        """``POST /uploads``: addresses for the parts of a file."""
        body = _checked(request.json())
        upload_id, now = new_id("upload"), iso_date()
        record = {
            "id": upload_id,
            "authorId": AUTHOR_ID,
            "ownerId": OWNER_ID,
            "createdAt": now,
            "updatedAt": now,
            "kind": body["kind"],
            "source": "multipart",
            "status": "pending",
            "fileName": f"uploads/{upload_id}/{body['fileName']}",
            "originalFileName": body["fileName"],
            "contentType": body["contentType"],
            "fileSize": body["fileSize"],
            "partsCount": body["parts"],
            "jobId": new_id("job"),
        }
        with self.store.lock:
            self.store.uploads[upload_id] = Upload(record)
        expires = iso_date(datetime.now(UTC) + timedelta(hours=1))
        parts = [
            {"number": number, "url": _part_address(self.store, upload_id, number=number), "expires": expires}
            for number in range(1, body["parts"] + 1)
        ]
        return Reply.of({"upload": record | {"parts": parts}})

    def put_part(self, request: Request, upload_id: str) -> Reply:
        """``PUT`` of a part on the file host, in the manner of S3."""
        upload = self.store.uploads.get(upload_id) or refuse(404, "NoSuchUpload")
        number = int(request.query["partNumber"])
        is_last = number == upload.record["partsCount"]
        if any(name.startswith("x-amz-checksum") or name == "content-md5" for name in request.headers):
            return _s3_error("HeadersNotSigned", status=403)
        if not is_last and len(request.body) < PART_MIN_BYTES:
            return _s3_error("EntityTooSmall", status=400)
        with self.store.lock:
            upload.parts[number] = request.body
        return Reply(200, headers={"ETag": f'"{number}-{len(request.body)}"'})

    def act(self, request: Request, upload_id: str) -> Reply:
        """``POST /uploads/{id}/action``: every part is there."""
        upload = self.store.uploads.get(upload_id) or refuse(404, f"Upload {upload_id} not found")
        if request.json().get("action") != "complete":
            refuse(400, '"action" must be one of [complete]')
        missing = [n for n in range(1, upload.record["partsCount"] + 1) if n not in upload.parts]
        if missing:
            refuse(400, f"Upload {upload_id} misses part {missing[0]}")
        with self.store.lock:
            if upload.record["status"] == "pending":
                upload.record |= {"status": "validating", "updatedAt": iso_date(), "entityId": None}
            return Reply.of({"upload": upload.record})

    def retrieve(self, request: Request, upload_id: str) -> Reply:
        """``GET /uploads/{id}``: each call finds the upload one step further."""
        upload = self.store.uploads.get(upload_id) or refuse(404, f"Upload {upload_id} not found")
        with self.store.lock:
            shown = dict(upload.record)
            advance(self.store, upload)
        return Reply.of({"upload": shown})


def advance(store: Store, upload: Upload) -> None:
    """Carry a completed upload one step further."""
    match upload.record["status"]:
        case "validating":
            upload.record |= {"updatedAt": iso_date(), **_validated(upload)}
        case "validated":
            upload.record |= {"updatedAt": iso_date(), **_imported(store, upload)}


def upload_job(upload: Upload) -> Json:
    """The job that stands behind an upload, as in the answer to ``GET /jobs/{id}``."""
    record = upload.record
    words = {"imported": "success", "failed": "failure"}
    status = words.get(record["status"], "queued" if record["status"] == "pending" else "in-progress")
    metadata: Json = {"input": {"uploadId": record["id"]}}
    if status == "success":
        metadata["output"] = {"entityId": record["entityId"]}
    return {
        "jobId": record["jobId"],
        "jobType": "upload",
        "metadata": metadata,
        "ownerId": OWNER_ID,
        "authorId": AUTHOR_ID,
        "createdAt": record["createdAt"],
        "updatedAt": record["updatedAt"],
        "status": status,
        "statusHistory": [{"status": status, "date": record["updatedAt"]}],
        "progress": 1 if status == "success" else 0,
    }


def _checked(body: Any) -> Json:
    for name, (kind, wording) in _FIELDS.items():
        if name not in body:
            refuse(400, f'"{name}" is required')
        if not isinstance(body[name], kind) or isinstance(body[name], bool):
            refuse(400, f'"{name}" must be {wording}')
    if body["kind"] not in _KINDS:
        refuse(400, f'"kind" must be one of [{", ".join(_KINDS)}]')
    if not 1 <= body["parts"] <= min(_PARTS_MAX, max(1, math.ceil(body["fileSize"] / PART_MIN_BYTES))):
        refuse(400, '"parts" does not fit the size of the file')
    return dict(body)


def _validated(upload: Upload) -> Json:
    size_bytes = sum(map(len, upload.parts.values()))
    if size_bytes != upload.record["fileSize"]:
        return {
            "status": "failed",
            "errorMessage": f"File has {size_bytes} bytes instead of the announced size",
        }
    return {"status": "validated"}


def _imported(store: Store, upload: Upload) -> Json:
    record, data = upload.record, b"".join(part for _, part in sorted(upload.parts.items()))
    if record["kind"] == "image":
        asset = add_picture(store, data, name=record["originalFileName"])
        if asset is None:
            return {"status": "failed", "errorMessage": "Unhandled image format"}
    elif record["kind"] == "3d":
        try:
            properties = mesh_properties(read_mesh(data))
        except UnreadableMeshError as error:
            return {"status": "failed", "errorMessage": str(error)}
        metadata = {"type": "uploaded-3d", "name": record["originalFileName"]}
        blob = Blob(record["contentType"], data)
        asset = store.add_asset(blob=blob, kind="3d", source="uploaded-3d", metadata=metadata, properties=properties)
    else:
        metadata = {"type": "uploaded", "name": record["originalFileName"]}
        blob = Blob(record["contentType"], data)
        asset = store.add_asset(blob=blob, kind=record["kind"], source="uploaded", metadata=metadata, properties={})
    upload.parts.clear()
    return {"status": "imported", "entityId": asset["id"]}


def _part_address(store: Store, upload_id: str, *, number: int) -> str:
    return store.signer.sign(store.files_url, f"/uploads/{upload_id}", partNumber=str(number), uploadId=upload_id)


def _s3_error(code: str, *, status: int) -> Reply:
    return Reply.text(f"<Error><Code>{code}</Code></Error>", status=status, mime="application/xml")
