# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the panel need outside Blender: a service that is soon done, and pictures to send to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final
from unittest.mock import patch

from PIL import Image, ImageDraw

from tests.service import Service
from tests.service.catalogue import Model, load_catalogue

__all__ = ["QuickService", "draw_figure"]

_AGES_S: Final = 3600.0


class QuickService(Service):
    """A stand-in whose models usually take one second: the add-on looks after two, and finds its job done.

    :param holds: no job is done before :meth:`release`.
    """

    def __init__(self, *, holds: bool = False) -> None:
        with patch("tests.service.service.load_catalogue", _quick_catalogue):
            super().__init__(job_seconds=_AGES_S if holds else 1.0)

    def release(self) -> None:
        """Let every job be done, those to come at once."""
        self._runs._seconds = 0.0


def _quick_catalogue() -> dict[str, Model]:
    stats = {"default": "img23d", "variants": [{"capability": "img23d", "totalLatencyP50Sec": 1}]}
    return {
        model_id: replace(model, record=model.record | {"performanceStats": stats})
        for model_id, model in load_catalogue().items()
    }


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
