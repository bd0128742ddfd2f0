# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints under ``/assets``."""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import dataclass
from typing import Final

from PIL import Image

from .paging import page_of, wanted_types
from .store import OWNER_ID, Blob, Store
from .values import Json, Reply, Request, refuse

__all__ = ["AssetCalls", "add_picture"]

_BULK_MAX: Final = 200
_DATA_URL: Final = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,")
_EDITS: Final = ("REMOVE_BACKGROUND", "REFINE", "PIXELATE", "UPSCALE", "DETECTION", "SEGMENTATION", "REFRAME")


@dataclass(frozen=True, slots=True)
class AssetCalls:
    """The endpoints, each a method."""

    store: Store

    def upload(self, request: Request) -> Reply:
        """``POST /assets``: a picture in base64, bare or as a data URL."""
        body = request.json()
        name, image = body.get("name"), body.get("image")
        if not isinstance(name, str):
            refuse(400, '"name" is required' if name is None else '"name" must be a string')
        if image is None and body.get("canvas") is None:
            refuse(400, "Either 'image' or 'canvas' must be provided")
        if not isinstance(image, str):
            refuse(400, '"image" must be a string')
        try:
            data = base64.b64decode(_DATA_URL.sub("", image, count=1), validate=True)
        except binascii.Error:
            refuse(400, "Unhandled image format")
        return Reply.of({"asset": add_picture(self.store, data, name=name) or refuse(400, "Unhandled image format")})

    def retrieve(self, request: Request, asset_id: str) -> Reply:
        """``GET /assets/{id}``."""
        return Reply.of({"asset": self.store.shown(asset_id)})

    def list_assets(self, request: Request) -> Reply:
        """``GET /assets`` of the project, newest first unless another order is asked for."""
        query, kinds = request.query, wanted_types(request.query)
        order, direction = query.get("sortBy", "createdAt"), query.get("sortDirection", "desc")
        if order not in ("createdAt", "updatedAt") or direction not in ("asc", "desc"):
            refuse(400, '"sortBy" must be one of [createdAt, updatedAt], "sortDirection" one of [asc, desc]')
        if query.get("projectId", OWNER_ID) != OWNER_ID:
            refuse(403, f"You do not have access to project {query['projectId']}")
        with self.store.lock:
            found = [a for a in self.store.assets.values() if not kinds or a["metadata"]["type"] in kinds]
            found.sort(key=lambda asset: str(asset[order]))
            if direction == "desc":
                found.reverse()
            page, token = page_of(found, query, default_size=50, max_size=100)
            return Reply.of({"assets": [self.store.shown(asset["id"]) for asset in page], **token})

    def get_bulk(self, request: Request) -> Reply:
        """``POST /assets/get-bulk``: unknown ids are left out."""
        ids = request.json().get("assetIds")
        if not isinstance(ids, list):
            refuse(400, '"assetIds" must be an array')
        if len(ids) > _BULK_MAX:
            refuse(400, f'"assetIds" must contain less than or equal to {_BULK_MAX} items')
        with self.store.lock:
            return Reply.of(
                {"assets": [self.store.shown(asset_id) for asset_id in ids if asset_id in self.store.assets]}
            )

    def download(self, request: Request, asset_id: str) -> Reply:
        """``POST /assets/{id}/download``: an address of the original; no conversion of meshes."""
        asset, target = self.store.shown(asset_id), request.json().get("targetFormat")
        own_format = asset["properties"].get("format") or asset["mimeType"].split("/")[-1]
        if target not in (None, own_format):
            refuse(400, "Invalid target format")
        return Reply.of({"url": asset["url"], "mimeType": asset["mimeType"]})


def add_picture(store: Store, data: bytes, *, name: str) -> Json | None:
    """Keep a picture as an asset; ``None`` when it is none."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            size, mime = {"width": image.width, "height": image.height}, Image.MIME[image.format or ""]
            image.verify()
    except (OSError, SyntaxError, KeyError, ValueError, Image.DecompressionBombError):
        return None
    metadata = {"type": "uploaded", "name": name, "size": len(data), **size}
    return store.add_asset(
        blob=Blob(mime, data),
        kind="image",
        source="uploaded",
        metadata=metadata,
        properties=size,
        editCapabilities=list(_EDITS),
    )
