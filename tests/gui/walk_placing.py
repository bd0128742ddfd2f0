# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_placing.py: a mesh takes a cube's place and is turned afterwards. Runs inside Blender."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import bpy
from mathutils import Euler, Vector

from tests.gui.eyes import area, region, shot
from tests.gui.hands import Steps, click, move, press, tick, type_text
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    choose_in_menu,
    generate,
    meshes,
    open_tab,
    settings,
    texts,
    undo,
    wait_for_meshes,
    wait_for_price,
)

_ROW_PX = 14  # two thirds of a field's height


def replaces_what_is_seen(location: list[float]) -> Walk:
    """Look at the cube from the right, have it replaced, place the mesh again, and turn that twice."""
    bpy.data.objects["Cube"].location = location
    view = area("VIEW_3D").spaces.active.region_3d
    view.view_rotation = Euler((math.radians(90), 0, math.radians(90))).to_quaternion()
    settings().source, settings().placement, settings().hide_source = "VIEWPORT", "SOURCE", True
    bpy.ops.ed.undo_push(message="Choose a place")
    yield from open_tab()
    yield from wait_for_price()
    said = yield from texts()
    shot("1 asked")
    yield from generate()
    yield from wait_for_meshes()
    shot("2 in its place")
    found = [_describe()]
    yield from choose_in_menu("P")
    yield from open_last_operation()
    for before, after in (("90", "45"), ("45", "30")):
        yield from type_into_field(before, after)
        found.append(_describe())
    shot("3 turned")
    yield from undo()
    found.append(_describe())
    return {"said": said, "found": found}


def _describe() -> dict[str, Any]:
    (mesh,) = meshes()
    corners = [mesh.matrix_world @ Vector(corner) for corner in mesh.bound_box]
    size, base = [], []
    for axis in zip(*corners, strict=True):
        size.append(max(axis) - min(axis))
        base.append((max(axis) + min(axis)) / 2)
    base[2] -= size[2] / 2
    cube = bpy.data.objects["Cube"]
    return {
        "base": base,
        "largest": max(size),
        "degrees": math.degrees(mesh.matrix_world.to_euler().z),
        "is cube hidden": cube.hide_get() and cube.hide_render,
    }


def open_last_operation() -> Steps:
    """Unfold the panel in the viewport's corner, and have Ctrl-C beside its fields copy no object, which takes long."""
    for item in bpy.context.window_manager.keyconfigs.user.keymaps["3D View"].keymap_items:
        item.active = item.active and item.idname != "view3d.copybuffer"
    panel = region("VIEW_3D", "HUD")
    yield from click(panel.x + panel.width // 2, panel.y + panel.height // 2)
    yield from tick(10)


def type_into_field(value: str, text: str) -> Steps:
    """Find the number field that shows ``value`` in the panel of the last operation, and type into it."""
    yield from _point_at_field(value)
    yield from press("RET")
    yield from type_text(text)
    yield from press("RET")
    yield from tick(10)


def _point_at_field(value: str) -> Generator[None, None, None]:
    panel, manager = region("VIEW_3D", "HUD"), bpy.context.window_manager
    seen = []
    for y in range(panel.y + panel.height, panel.y, -_ROW_PX):
        yield from move(panel.x + panel.width * 7 // 10, y)
        yield
        manager.clipboard = ""
        yield from press("C", ctrl=True)  # of a field under the mouse this copies what it shows
        seen.append(manager.clipboard.rstrip("°"))  # as Blender 4.3 has it
        if seen[-1] == value:
            return
    raise LookupError(f"no field shows {value}, but {seen}")
