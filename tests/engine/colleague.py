# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else with a key of the same project, who makes meshes that our ledger knows nothing of."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image, ImageDraw

from scenario_addon.engine.api.client import ScenarioClient
from scenario_addon.engine.api.http import Http
from scenario_addon.engine.values import ModelId, RemoteJobId
from tests.engine.orders import FAST_MODEL, FAST_VALUES, credentials_of
from tests.service import Service

__all__ = ["Colleague"]


class Colleague:
    def __init__(self, service: Service) -> None:
        self._http = Http(credentials_of(service), user_agent="elsewhere")
        self.client = ScenarioClient(self._http)

    def send(self, name: str = "Sessel.png", *, colour: str = "#2a8a4a") -> str:
        """Upload a picture; gives its id."""
        picture, stream = Image.new("RGBA", (160, 136)), io.BytesIO()
        ImageDraw.Draw(picture).ellipse((4, 4, 155, 131), fill=colour)
        picture.save(stream, "PNG")
        body = {"name": name, "image": base64.b64encode(stream.getvalue()).decode()}
        return str(self._http.call("POST", "/assets", body=body)["asset"]["id"])

    def order(self, image: str | None = None, *, model: str = FAST_MODEL, **values: Any) -> RemoteJobId:
        needs_picture = image is not None or "prompt" not in values
        picture = {"image": image or self.send()} if needs_picture else {}
        body = {**picture, **(FAST_VALUES if model == FAST_MODEL else {}), **values}
        return self.client.submit(ModelId(model), body).remote_id

    def make(self, image: str | None = None, **more: Any) -> RemoteJobId:
        """Order, and see it through to its end, good or bad."""
        remote_id = self.order(image, **more)
        while not ((status := self.client.job(remote_id)).is_done or status.has_failed):
            pass
        return remote_id
