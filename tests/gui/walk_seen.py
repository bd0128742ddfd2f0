# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_seen.py: what somebody sees who presses Generate and does nothing else. Runs inside Blender."""

from __future__ import annotations

import bpy

from tests.gui.eyes import area, shot
from tests.gui.hands import tick, wait_until
from tests.gui.inside import BEGUN, Walk
from tests.gui.scenario_tab import (
    choose_picture,
    generate,
    meshes,
    open_tab,
    wait_for_meshes,
    wait_for_price,
)


def looks_on(picture: str) -> Walk:
    """Generate in the file that Blender starts with, from a view that looks elsewhere, and once more in vain."""
    bpy.data.objects.remove(bpy.data.objects[BEGUN])
    info = area("DOPESHEET_EDITOR")
    info.ui_type = "INFO"
    view = area("VIEW_3D").spaces.active
    bpy.context.preferences.view.smooth_view = 0
    yield from choose_picture(picture)
    yield from open_tab()
    yield from wait_for_price()
    view.region_3d.view_location = (500.0, 0.0, 0.0)
    yield from generate()
    yield from wait_for_meshes()
    yield from wait_until(lambda: len(_reports(info)) > 0, what="a report")
    yield from tick(20)
    shot("1 there")
    (mesh,) = meshes()
    came = {
        "name": mesh.name,
        "is selected": mesh.select_get(),
        "left": min((mesh.matrix_world @ vertex.co).x for vertex in mesh.data.vertices),
        "looks at": list(view.region_3d.view_location),
        "shading": view.shading.type,
    }
    return {"came": came, "reports": _reports(info)}


def _reports(info: bpy.types.Area) -> list[str]:
    """What the info editor says, but for what Blender says of itself."""
    manager, window = bpy.context.window_manager, bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window, area=info, region=info.regions[-1]):
        bpy.ops.info.select_all(action="SELECT")
        manager.clipboard = ""
        bpy.ops.info.report_copy()
    return [line for line in manager.clipboard.splitlines() if "Robot" in line or "robot" in line]
