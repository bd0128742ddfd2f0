# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_same_picture.py: what would be ordered from the same source, later again. Runs inside Blender."""

from __future__ import annotations

import importlib
import time
from typing import Any

import bpy

from tests.gui.eyes import area, open_sidebar, region, shot
from tests.gui.hands import Steps, main_window, tick, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import ADDON, open_tab, settings, wait_for_price

_PAUSE_S = 2.1  # Blender's times are whole seconds


def takes_pictures(sources: list[str], blend: str) -> Walk:
    """Take the picture of each source in turn."""
    bpy.context.preferences.system.viewport_aa = "8"
    found = {}
    for source in sources:
        found[source] = yield from _takes(source, blend)
    return found


def _takes(source: str, blend: str) -> Walk:
    """Take the picture as Generate does, again when time has passed and the file is saved, and again after a change."""
    if source == "RENDER":
        render = bpy.context.scene.render
        render.engine, render.resolution_percentage = "BLENDER_WORKBENCH", 10
        bpy.ops.render.render()
    yield from open_tab()
    settings().source = source
    yield from wait_for_price()
    first = _order()
    shot(source)
    end_s = time.monotonic() + _PAUSE_S
    yield from wait_until(lambda: time.monotonic() > end_s, what="two seconds")
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    yield from _look_elsewhere()
    yield from wait_for_price()
    second = _order()
    bpy.data.objects["Cube"].scale.z *= 1.02
    if source == "RENDER":
        bpy.ops.render.render()
    yield from tick(10)
    orders = (first, second, _order())
    return {
        "pictures": [[image.sha256 for image in order.images()] for order in orders],
        "files": [[str(image.path) for image in order.images()] for order in orders],
        "identities": [order.identity for order in orders],
    }


def _look_elsewhere() -> Steps:
    """Use the window for something that changes nothing in the scene."""
    yield from open_sidebar(tab="View")
    yield from tick(10)
    yield from open_sidebar(tab="Scenario")
    yield from tick(10)


def _order() -> Any:
    """What Generate in the sidebar would order now."""
    reading, filling = (importlib.import_module(f"{ADDON}.blender.request.{name}") for name in ("reading", "filling"))
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D")):
        return filling.fill_in(bpy.context, reading.read(bpy.context))[0]
