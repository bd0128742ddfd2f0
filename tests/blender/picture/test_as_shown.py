# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrives at the service is what Blender shows, whatever kind of picture it is and whichever way it is chosen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from tests.blender.live import Live
from tests.blender.picture.as_shown import TOLERANCE, arrived, difference, shown
from tests.blender.picture.kinds import KINDS, Kind

NAMES = [f"{kind.suffix} {kind.name}" for kind in KINDS]


def load(path: Path, kind: Kind) -> bpy.types.Image:
    image = bpy.data.images.load(str(path), check_existing=False)
    assert all(image.size), "Blender cannot read it"
    if kind.alpha_mode:
        image.alpha_mode = kind.alpha_mode
    if kind.space:
        image.colorspace_settings.name = kind.space
    return image


def arrivals(live: Live) -> list[np.ndarray]:
    """Wait for every order; gives the picture of each as the service has it."""
    live.pump_until(lambda: len(paid(live)) == len(live.jobs))
    return [arrived(live.service.asset_bytes(body["image"])) for body in paid(live)]


def paid(live: Live) -> list[dict[str, Any]]:
    """What was asked for, but for prices."""
    asked = [r for r in live.service.requests if "/generate/custom" in r.path and "dryRun" not in r.query]
    return [json.loads(request.body) for request in asked]


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_what_arrives_is_what_blender_shows(tmp_path: Path, live: Live, kind: Kind) -> None:
    path = tmp_path / f"chair.{kind.suffix}"
    kind.write(path)
    live.ready_to_generate()
    live.settings.image = image = load(path, kind)
    live.begin()
    if not kind.alpha_mode and not kind.space:  # a file has no settings
        live.settings.source, live.settings.filepath = "FILE", str(path)
        live.begin()
    seen = shown(image, orientation=kind.orientation)
    assert [difference(picture, seen) <= TOLERANCE for picture in arrivals(live)] == [True] * len(live.jobs)
