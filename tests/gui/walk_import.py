# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_import.py: what Ctrl-Z takes away after a mesh has come in. Runs inside Blender."""

from __future__ import annotations

import importlib
import math
import os
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from tests.gui.eyes import area, hover, shot
from tests.gui.hands import press, tick, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    ADDON,
    choose_picture,
    generate,
    job,
    meshes,
    open_tab,
    session,
    settings,
    undo,
    wait_for_meshes,
    wait_for_price,
)
from tests.gui.walk_placing import open_last_operation, type_into_field


def comes_in_while_at_work(picture: str, mode: str) -> Walk:
    """Edit something, let a mesh come in, undo twice, redo twice."""
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


def is_adjusted(picture: str) -> Walk:
    """Let a mesh come in, turn it in the panel of the last operation, and take it away again."""
    settings().height = 1.5  # so that the turn alone shows 0
    yield from choose_picture(picture)
    yield from open_tab()
    yield from wait_for_price()
    yield from generate()
    yield from wait_for_meshes()
    yield from tick(10)
    yield from open_last_operation()
    found = [_describe()]
    for before, after in (("0", "45"), ("45", "30")):
        yield from type_into_field(before, after)
        found.append(_describe())
    shot("adjusted")
    yield from undo()
    yield from tick(10)
    found.append(_describe())
    return found


def comes_in_where_textures_show(picture: str) -> Walk:
    """Have the viewport show textures, and let a mesh come in."""
    area("VIEW_3D").spaces.active.shading.color_type = "TEXTURE"
    staging = importlib.import_module(f"{ADDON}.blender.importing.staging")
    seen: list[int] = []
    make_ready = staging._make_ready

    def watched(image: bpy.types.Image) -> None:
        make_ready(image)
        seen.append(len(_shown()))

    yield from choose_picture(picture)
    yield from open_tab()
    yield from wait_for_price()
    staging._make_ready = watched
    yield from generate()
    yield from wait_until(lambda: bool(_shown()), what="the mesh")
    yield from tick(10)
    shot("textured")
    came = _describe()
    yield from undo()
    yield from tick(10)
    return {"seen": seen, "came": came, "left": _describe()}


def comes_in_at(picture: str, frame: int) -> Walk:
    """At some frame, let a mesh come in with its animations; import its file directly as well, and undo the first."""
    scene = bpy.context.window_manager.windows[0].scene
    scene.render.fps = 30
    settings().finish.keep_animations = True
    yield from choose_picture(picture)
    yield from open_tab()
    yield from wait_for_price()
    scene.frame_set(frame)
    yield from generate()
    yield from wait_for_meshes()
    yield from tick(10)
    came = {
        **_describe(),
        "size": _size(meshes()[0]),
        "muted": _tracks(),
        "frame": scene.frame_current,
        "fps": scene.render.fps,
    }
    shot("came in")
    scene.frame_set(frame + 20)
    yield from tick(3)
    came["later"] = _size(meshes()[0])
    scene.frame_set(frame)
    importer = importlib.import_module(f"{ADDON}.blender.importing.importer")
    path = job().file.path
    yield from undo()
    yield from tick(10)
    left = {"meshes": len(meshes()), "actions": len(bpy.data.actions)}
    direct = importer.import_mesh(path, name="Direct", job_id="direct", model_id="direct")
    return {"came": came, "left": left, "direct": _size(next(obj for obj in direct.objects if obj.type == "MESH"))}


def comes_in_coloured(picture: str) -> Walk:
    """Let a mesh come in, and look at nothing but it."""
    bpy.context.preferences.addons[ADDON].preferences.show_materials = True
    bpy.context.scene.eevee.taa_samples = 1  # each takes seconds without a graphics card
    bpy.data.objects["Cube"].hide_set(True)
    view = area("VIEW_3D").spaces.active
    yield from choose_picture(picture)
    yield from open_tab()
    yield from wait_for_price()
    yield from generate()
    yield from wait_for_meshes()
    bpy.context.preferences.view.smooth_view = 0  # a view that flies there takes as long as the machine is busy
    yield from hover("VIEW_3D", "WINDOW")
    away = view.region_3d.view_distance
    yield from press("NUMPAD_PERIOD")
    yield from wait_until(lambda: view.region_3d.view_distance < away, what="the mesh framed")
    yield from wait_until(lambda: _is_red("coloured"), what="the colours of the points")
    return {"shading": view.shading.type, "converted": _describe()["converted"]}


def _is_red(name: str) -> bool:
    """Take a screenshot; the mesh is grey until Blender has compiled its shaders."""
    area("VIEW_3D").tag_redraw()
    shot(name)
    picture = bpy.data.images.load(str(Path(os.environ["GUI_SCREENSHOTS"]) / f"{name}.png"))
    red, green, blue, _ = np.array(picture.pixels).reshape(-1, 4).T
    bpy.data.images.remove(picture)
    return bool(((red > 2 * green + 0.1) & (red > 2 * blue + 0.1)).sum() > 10_000)


def _size(mesh: bpy.types.Object) -> list[float]:
    graph = bpy.context.evaluated_depsgraph_get()
    shown = mesh.evaluated_get(graph)
    points = [shown.matrix_world @ vertex.co for vertex in shown.data.vertices]
    return [round(max(column) - min(column), 3) for column in zip(*points, strict=True)]


def _tracks() -> list[bool]:
    """Of the tracks that hold an action of an object each, whether it is muted."""
    known = [obj.animation_data for obj in bpy.data.objects if obj.animation_data]
    return [track.mute for data in known for track in data.nla_tracks for _ in track.strips]


def _shown() -> list[bpy.types.Object]:
    """Without those that are only staged."""
    return [mesh for mesh in meshes() if mesh.users_scene]


def _describe() -> dict[str, Any]:
    cube = bpy.data.objects["Cube"]
    converter = session().converter
    operators = bpy.context.window_manager.operators
    return {
        "meshes": len(meshes()),
        "degrees": [round(math.degrees(mesh.matrix_world.to_euler().z), 3) for mesh in meshes()],
        "x": cube.location.x,
        "mode": cube.mode,
        "active": bpy.context.view_layer.objects.active.name if bpy.context.view_layer.objects.active else "",
        "libraries": [library.filepath for library in bpy.data.libraries if "blends" in library.filepath],
        "converted": [type(known.outcome).__name__ for known in converter._conversions.values()] if converter else [],
        "last": operators[-1].bl_idname if operators else "",
    }
