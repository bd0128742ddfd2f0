# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the panel need outside Blender: a service that is soon done, and pictures to send to it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final
from unittest.mock import patch

from PIL import Image, ImageDraw

from tests.service import Service
from tests.service.catalogue import Model, load_catalogue

__all__ = ["QuickService", "draw_figure"]

_AGES_S: Final = 3600.0
_NAMES: Final = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper")
"""Of the further models, with a number."""


class QuickService(Service):
    """A stand-in whose models usually take one second: the add-on looks after two, and finds its job done.

    :param holds: no job is done before :meth:`release`.
    :param crowd: how many further models there are.
    """

    def __init__(self, *, holds: bool = False, crowd: int = 0) -> None:
        with patch("tests.service.service.load_catalogue", partial(_quick_catalogue, crowd)):
            super().__init__(job_seconds=_AGES_S if holds else 1.0)

    def release(self) -> None:
        """Let every job be done, those to come at once."""
        self._runs._seconds = 0.0


def _quick_catalogue(crowd: int) -> dict[str, Model]:
    catalogue = load_catalogue()
    quick = {name: _with_stats(model, seconds=1.0) for name, model in catalogue.items()}
    makers = [model for model in catalogue.values() if {"img23d", "txt23d"} & {*model.record["capabilities"]}]
    for number in range(crowd):
        model = makers[number % len(makers)]
        name = f"{_NAMES[number % len(_NAMES)]} {number // len(_NAMES) + 1}"
        further = {
            "id": f"model_sample-{number:03}",
            "name": name,
            "tags": [],
            "capabilities": ["txt23d" if number % 5 == 4 else "img23d"],
            "accessRestrictions": (0, 25, 0, 100, 0, 50)[number % 6],
            "thumbnail": {"assetId": f"asset_sample{number:018}"},
        }
        record = model.record | further
        quick[record["id"]] = _with_stats(replace(model, record=record), seconds=15.0 + 37.0 * (number % 11))
    return quick


def _with_stats(model: Model, *, seconds: float) -> Model:
    figures = {
        "capability": "img23d",
        "variantKey": "img23d",
        "computedAt": "2026-11-01T00:00:00.000Z",
        "costPerAssetP50CU": float(model.cost_cu({})),
        "totalLatencyP50Sec": seconds,
    }
    return replace(model, record=model.record | {"performanceStats": {"default": "img23d", "variants": [figures]}})


def draw_figure(path: Path, *, colour: str) -> Path:
    """Write a PNG of a figure with a head on a transparent ground."""
    picture = Image.new("RGBA", (256, 256))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((70, 120, 186, 246), radius=24, fill=colour)
    draw.ellipse((78, 16, 178, 116), fill=colour)
    for x in (104, 140):
        draw.ellipse((x, 54, x + 12, 66), fill="white")
    picture.save(path)
    return path
