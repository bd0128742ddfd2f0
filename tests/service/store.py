# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service keeps: files and their asset records, uploads, and signed addresses for them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Final

from .signing import Signer
from .values import Json, iso_date, new_id, refuse

__all__ = ["AUTHOR_ID", "OWNER_ID", "Blob", "Store", "Upload"]

AUTHOR_ID: Final = "apiu_Qm4Tz8sLw2Xc6Vb0Nd9Rk3Hy"
OWNER_ID: Final = "proj_Ue7Jp1gFa5So9Wi3Lt6Cx2Mz"


@dataclass(frozen=True, slots=True)
class Blob:
    """A file on the file host."""

    mime: str
    data: bytes = field(repr=False)


@dataclass
class Upload:
    """A multipart upload: its record and the parts so far, by number."""

    record: Json
    parts: dict[int, bytes] = field(default_factory=dict)


class Store:
    """Assets, files and uploads. Any thread may call; hold ``lock`` to read and change together."""

    def __init__(self, *, signer: Signer) -> None:
        self.lock = threading.RLock()
        self.signer = signer
        self.files_url = ""
        """Origin of the file host; known once it listens."""
        self.assets: dict[str, Json] = {}
        self.blobs: dict[str, Blob] = {}
        self.uploads: dict[str, Upload] = {}

    def add_asset(
        self,
        *,
        blob: Blob,
        kind: str,
        source: str,
        metadata: Json,
        properties: Json,
        original: Blob | None = None,
        **more: Any,
    ) -> Json:
        """Keep a file and write its record, as in the answer to ``GET /assets/{id}``."""
        asset_id, now = new_id("asset"), iso_date()
        record = {
            "id": asset_id,
            "mimeType": blob.mime,
            "metadata": {"kind": kind, **metadata},
            "properties": {"size": len(blob.data), **properties},
            "kind": kind,
            "source": source,
            "ownerId": OWNER_ID,
            "authorId": AUTHOR_ID,
            "createdAt": now,
            "updatedAt": now,
            "privacy": "private",
            "tags": [],
            "collectionIds": [],
            "status": "success",
            "editCapabilities": [],
            "isHidden": False,
            **more,
        }
        with self.lock:
            self.blobs[asset_id] = blob
            if original:
                self.blobs[f"{asset_id}orig"] = original
                record["originalMimeType"] = original.mime
            self.assets[asset_id] = record
            return self.shown(asset_id)

    def shown(self, asset_id: str) -> Json:
        """An asset's record with fresh addresses. :raises RefusalError: 404."""
        with self.lock:
            record = self.assets.get(asset_id) or refuse(404, f"Asset {asset_id} not found")
            record["url"] = self.address(asset_id)
            if "originalMimeType" in record:
                record["originalFileUrl"] = self.address(f"{asset_id}orig")
            record["thumbnail"] = {
                "assetId": f"{asset_id}T",
                "url": f"{self.files_url}/thumbnails/{asset_id}",
            }
            return dict(record)

    def address(self, file_id: str) -> str:
        """A signed address of a file."""
        return self.signer.sign(self.files_url, f"/assets/{file_id}")
