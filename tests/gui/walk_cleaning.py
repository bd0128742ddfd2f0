# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_cleaning.py: a mesh in the scene is cleaned up, and the options are changed. Runs inside Blender."""

from __future__ import annotations

import bmesh
import bpy
from mathutils import Matrix

from tests.gui.eyes import area, hover, region, shot
from tests.gui.hands import main_window, press, tick, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import undo


def cleans_up() -> Walk:
    """Clean a ball with crumbs and a hole, look at the options, want fewer triangles, and take it all back."""
    obj = _dirty_ball()
    bpy.ops.ed.undo_push(message="Ball")
    yield from hover("VIEW_3D", "WINDOW")
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        bpy.ops.scenario.clean_up("INVOKE_DEFAULT", True)
    yield from wait_until(lambda: "scenario_clean_up" in _ball(), what="the clean-up")
    words = _ball()["scenario_clean_up"]
    yield from tick(20)
    shot("1 cleaned")
    yield from press("F9")
    yield from tick(20)
    shot("2 the options")
    yield from press("ESC")
    found = {"words": words, "triangles": [len(obj.data.polygons)]}
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        bpy.ops.ed.undo()
        bpy.ops.scenario.clean_up("INVOKE_DEFAULT", True, target_triangles=2000)
    yield from tick(20)
    yield from press("F9")
    yield from tick(20)
    shot("3 fewer triangles")
    yield from press("ESC")
    found["triangles"].append(len(_ball().data.polygons))
    yield from undo()
    yield from tick(5)
    found["triangles"].append(len(_ball().data.polygons))
    found["left"] = "scenario_clean_up" in _ball()
    return found


def _ball() -> bpy.types.Object:
    return bpy.data.objects["Ball"]


def _dirty_ball() -> bpy.types.Object:
    mesh, work = bpy.data.meshes.new("Ball"), bmesh.new()
    bmesh.ops.create_icosphere(work, subdivisions=6, radius=1)
    bmesh.ops.delete(work, geom=[face for face in work.faces if face.calc_center_median().z > 0.9], context="FACES")
    for number in range(3):
        place = Matrix.Translation((1.3, 0.2 * number, 0))
        bmesh.ops.create_icosphere(work, subdivisions=1, radius=0.02, matrix=place)
    work.to_mesh(mesh)
    work.free()
    obj = bpy.data.objects.new("Ball", mesh)
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    obj.select_set(True)
    return obj
