# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_first_mesh.py: the four lines of the README, in an empty profile. Runs inside Blender."""

from __future__ import annotations

import importlib
import threading

import bpy

from tests.gui.eyes import area, hover, region, shot
from tests.gui.hands import main_window, press, tick, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    ADDON,
    choose_picture,
    generate,
    meshes,
    open_tab,
    texts,
    wait_for_meshes,
    wait_for_price,
)


def follows_the_readme(archive: str, key: str, secret: str, picture: str) -> Walk:
    """Drop the zip and confirm, enter the key, allow online access, open the tab, choose a picture, generate."""
    yield from hover("VIEW_3D", "WINDOW")
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        bpy.ops.extensions.package_install_files("INVOKE_DEFAULT", url=archive)  # as Blender does when a zip is dropped
    yield from tick(20)
    shot("1 dropped")
    yield from press("RET")
    addons = bpy.context.preferences.addons
    yield from wait_until(lambda: ADDON in addons, what="the extension to be enabled", timeout_s=60.0)
    yield from tick(5)
    saved = addons[ADDON].preferences
    saved.api_key, saved.api_secret = key, secret
    yield from open_tab()
    offline = yield from texts()
    shot("2 with a key, offline")
    bpy.context.preferences.system.use_online_access = True  # as its question does, to which the panel leads
    yield from choose_picture(picture)
    button = yield from wait_for_price()
    yield from generate()
    yield from wait_for_meshes()
    shot("3 there")
    look = importlib.import_module(f"{ADDON}.blender.ui.handlers")._look
    timer = [bpy.app.timers.is_registered(look)]
    bpy.ops.preferences.addon_disable(module=ADDON)
    timer.append(bpy.app.timers.is_registered(look))
    yield from wait_until(lambda: not _threads(), what="the threads to end")
    return {"offline": offline, "button": button, "meshes": len(meshes()), "timer": timer}


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("scenario-")]
