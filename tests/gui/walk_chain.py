# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_chain.py: a model that changes each mesh once it is there is chosen. Runs inside Blender."""

from __future__ import annotations

from typing import Any

import bpy

from tests.gui.eyes import click_operator, find_property, shot
from tests.gui.hands import press, tick, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    choose_picture,
    open_fold,
    open_tab,
    session,
    settings,
    texts,
    wait_for_price,
)


def chooses_what_follows(picture: str) -> Walk:
    """Open After Import, look at the menu, choose what follows, and look at the price of both."""
    yield from choose_picture(picture)
    settings().finish.remove_loose = settings().finish.mark_as_asset = True
    yield from open_tab()
    bpy.ops.scenario.refresh_models()
    yield from wait_until(lambda: not session().tasks.is_running("models"), what="the list of models")
    last = yield from find_property('["guidanceScale"]')
    yield from open_fold("target_triangles", below=last.y - 36)
    yield from click_operator("scenario.choose_then")
    yield from tick(10)
    shot("1 the menu")
    yield from press("ESC")
    yield from tick(5)
    bpy.ops.scenario.choose_then(model="model_meshy-remesh")
    yield from wait_until(lambda: "model_meshy-remesh" in settings().models, what="its parameters")
    yield from tick(5)
    found: dict[str, Any] = {"button": (yield from wait_for_price()), "tab": (yield from texts())}
    shot("2 chosen")
    return found
