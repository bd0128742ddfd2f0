# SPDX-License-Identifier: GPL-3.0-or-later
"""The walks of test_form.py: the form as it is drawn, folded, and filled from presets. Runs inside Blender."""

from __future__ import annotations

import importlib
from collections.abc import Generator
from typing import Any

import bpy

from tests.gui.eyes import find_operator, region, shot
from tests.gui.hands import Steps, click, press, tick, type_text, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import ADDON, choose_picture, open_tab, session, settings, texts, undo

SIMPLE = "model_hunyuan-3d-v2-1"
SIDES = "model_hunyuan-3d-pro-3-1-multiview"

# Where things are in the list of presets, which opens above its button: pixels from that.
_ADD = 28
_ICON = 109
_PLAIN_ROWS = {"Close-Up": 65, "Quick Look": 91}
_ROWS = {"mine": 65, "Close-Up": 102, "Quick Look": 128}
"""With one of the artist's own."""


def presets(picture: str) -> Walk:
    """Choose one of the service's presets, take that back, keep the form under a name, use it and remove it."""
    yield from open_tab()
    yield from choose_picture(picture)
    yield from wait_until(lambda: _live().presets, what="the service's record of the model")
    bpy.ops.ed.undo_push(message="Begin")
    yield from _press(_PLAIN_ROWS["Quick Look"])
    found: dict[str, object] = {"quick": _values(), "said": (yield from _heading())}
    yield from undo()
    yield from tick(3)
    found["undone"] = _values()
    yield from _press(_PLAIN_ROWS["Close-Up"])
    found["close"] = _values()
    yield from _press(_ADD)
    yield from tick(10)
    yield from press("A", ctrl=True)
    yield from type_text("mine")
    shot("named")
    yield from press("RET")
    yield from press("RET")
    yield from tick(5)
    found["kept"] = _own()
    yield from _press(_ROWS["Quick Look"])
    found["again"] = _values()
    yield from _press(_ROWS["mine"])
    found["mine"] = _values()
    yield from _press(_ROWS["mine"], right_px=_ICON)
    return {**found, "left": _own()}


def many_views(picture: str, scales: list[float]) -> Walk:
    """Give the model with most views all of them, and look for the button without scrolling, in each scale."""
    yield from open_tab()
    yield from choose_picture(picture)
    settings().model = SIDES
    yield from tick(5)
    for view in ("left", "right", "back", "top", "bottom", "left-front", "right-front"):
        bpy.ops.scenario.add_picture(view=view)
    found = {}
    for scale in scales:
        bpy.context.preferences.view.ui_scale = scale
        in_sight = []
        for name, image in (("empty", None), ("full", settings().image)):
            for entry in settings().views:
                entry.image = image
            yield from tick(5)
            shot(f"{name} {scale}")
            spot = yield from find_operator("scenario.generate")
            sidebar = region("VIEW_3D")
            in_sight.append(sidebar.y < spot.y < sidebar.y + sidebar.height)
        found[str(scale)] = in_sight
    return found


def _live() -> Any:
    return session().models.look_up(SIMPLE)


def _values() -> dict[str, object]:
    form = importlib.import_module(f"{ADDON}.blender.form.parameters")
    stored = form.settings_of(settings().models, SIMPLE)
    return form.values(stored, _live())


def _own() -> list[str]:
    return importlib.import_module(f"{ADDON}.blender.form.presets").own(SIMPLE)


def _heading() -> Generator[None, None, str]:
    said = yield from texts()
    return next(text for text in said if text.split(":")[0] == "Settings")


def _press(above_px: int, *, right_px: int = -30) -> Steps:
    """Open the list of presets, and click in it, so far above the button that opens it."""
    spot = yield from find_operator("scenario.presets")
    yield from click(spot.x, spot.y)
    yield from tick(10)
    shot(f"list {above_px}")
    yield from click(spot.x + right_px, spot.y + above_px)
    yield from tick(5)
