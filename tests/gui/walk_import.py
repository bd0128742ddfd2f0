# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_import.py: what Ctrl-Z takes away after a model has come in. Runs inside Blender."""

from __future__ import annotations

from typing import Any

import bpy

from tests.gui.eyes import hover, shot
from tests.gui.hands import tick
from tests.gui.inside import Walk
from tests.gui.scenario_tab import choose_picture, generate, meshes, open_tab, undo, wait_for_meshes, wait_for_price


def comes_in_while_at_work(picture: str, mode: str) -> Walk:
    """Edit something, let a model come in, undo twice, redo twice."""
    yield from choose_picture(picture)
    yield from open_tab()
    yield from wait_for_price()
    yield from generate()
    if mode == "OBJECT":
        bpy.data.objects["Cube"].location.x = 3.0
        bpy.ops.ed.undo_push(message="Move")
    else:
        yield from hover("VIEW_3D", "WINDOW")
        bpy.ops.object.mode_set(mode=mode)
        bpy.ops.ed.undo_push(message="Mode")
    yield from wait_for_meshes()
    shot(f"in {mode}")
    found = [_describe()]
    for redo in (False, False, True, True):
        yield from undo(redo=redo)
        yield from tick(10)
        found.append(_describe())
    shot(f"redone in {mode}")
    return found


def _describe() -> dict[str, Any]:
    cube = bpy.data.objects["Cube"]
    operators = bpy.context.window_manager.operators
    return {
        "models": len(meshes()),
        "x": cube.location.x,
        "mode": cube.mode,
        "active": bpy.context.view_layer.objects.active.name if bpy.context.view_layer.objects.active else "",
        "libraries": len(bpy.data.libraries),
        "last": operators[-1].bl_idname if operators else "",
    }
