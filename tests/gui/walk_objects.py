# SPDX-License-Identifier: GPL-3.0-or-later
"""The walks of test_objects.py: from selected objects to a mesh in their place. Runs inside Blender."""

from __future__ import annotations

import importlib
import time
from typing import Any, Final

import bpy
from mathutils import Vector

from tests.gui.eyes import area, click_operator, find_operator, hover, region, shot
from tests.gui.hands import Steps, click, press, tick, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    ADDON,
    meshes,
    open_tab,
    session,
    settings,
    texts,
    undo,
    wait_for_meshes,
    wait_for_price,
)

_MULTIVIEW: Final = "model_hunyuan-3d-pro-3-1-multiview"
_SMALL_PX: Final = 256
_PATIENCE_S: Final = 180.0
"""For four pictures of a cube, on a machine that does something else as well."""


def becomes_a_mesh() -> Walk:
    """Click on the blockout, press Generate, and do nothing else."""
    cube = bpy.data.objects["Cube"]
    cube.location, cube.scale = (1.0, 2.0, 3.0), (0.5, 0.5, 1.5)
    cube.select_set(False)
    bpy.data.objects["Light"].hide_set(True)
    settings().source = "OBJECTS"
    bpy.ops.ed.undo_push(message="Chosen")
    yield from open_tab()
    _take_small_pictures()
    yield from hover("VIEW_3D", "WINDOW")
    yield from press("HOME")
    yield from tick(20)
    nothing = " ".join((yield from texts()))
    shot("1 nothing selected")
    yield from _click_on(cube)
    yield from tick(5)
    yield from wait_for_price()
    shot("2 selected")
    gap = _Gaps()
    yield from click_operator("scenario.generate")
    yield from wait_until(lambda: session().shots and session().shots.is_busy, what="the pictures")
    yield from tick(10)
    shot("3 being taken")
    yield from wait_until(lambda: session().jobs, what="the order", timeout_s=_PATIENCE_S)
    longest_s = gap.end()
    yield from wait_for_meshes()
    yield from tick(20)
    shot("4 in its place")
    found = _describe()
    yield from undo()
    return {"nothing": nothing, "found": found, "longest_s": longest_s, "undone": not cube_is_hidden()}


def is_seen_before() -> Walk:
    """Take the pictures of four sides, look at them, turn one, end that by Esc."""
    settings().source, settings().model = "OBJECTS", _MULTIVIEW
    bpy.data.objects["Cube"].scale = (0.5, 0.8, 1.5)
    bpy.ops.ed.undo_push(message="Chosen")
    yield from open_tab()
    _take_small_pictures()
    yield from wait_for_price()
    was_dirty = bpy.data.is_dirty
    yield from click_operator("scenario.take_pictures")
    yield from wait_until(lambda: session().shots and session().shots.is_busy, what="the pictures")
    yield from wait_until(lambda: not session().shots.is_busy, what="all pictures", timeout_s=_PATIENCE_S)
    yield from tick(30)
    shot("1 thumbnails")
    seen = " ".join((yield from texts()))
    spot = yield from find_operator("scenario.look_at_picture")
    yield from click(spot.x, spot.y)
    yield from tick(20)
    shot("2 looked at")
    yield from press("ESC")
    yield from tick(5)
    bpy.ops.scenario.turn_picture(picture="front", to="left")
    yield from tick(5)
    busy = session().shots.is_busy
    yield from hover("VIEW_3D", "WINDOW")
    yield from press("ESC")
    yield from wait_until(lambda: not session().shots.is_busy, what="the end of the pictures", timeout_s=_PATIENCE_S)
    yield from tick(10)
    shot("3 cancelled")
    told = " ".join((yield from texts()))
    return {"was_dirty": was_dirty, "seen": seen, "busy": busy, "told": told, "jobs": len(session().jobs)}


def _take_small_pictures() -> None:
    """Have the pictures be small: how long the large ones take is for the benchmarks."""
    importlib.import_module(f"{ADDON}.blender.sources.subjects").size_px = lambda model: _SMALL_PX


class _Gaps:
    """The longest time between two ticks of Blender."""

    def __init__(self) -> None:
        self._last_s, self._longest_s = time.monotonic(), 0.0
        self._timer = self._tick  # the same object each time: Blender compares them
        bpy.app.timers.register(self._timer)

    def _tick(self) -> float:
        now_s = time.monotonic()
        self._longest_s, self._last_s = max(self._longest_s, now_s - self._last_s), now_s
        return 0.01

    def end(self) -> float:
        bpy.app.timers.unregister(self._timer)
        return self._longest_s


def cube_is_hidden() -> bool:
    cube = bpy.data.objects["Cube"]
    return cube.hide_get() and cube.hide_render


def _click_on(obj: bpy.types.Object) -> Steps:
    """Click on the middle of an object."""
    from bpy_extras.view3d_utils import location_3d_to_region_2d

    window = region("VIEW_3D", "WINDOW")
    point = location_3d_to_region_2d(window, area("VIEW_3D").spaces.active.region_3d, obj.matrix_world.translation)
    yield from click(window.x + int(point.x), window.y + int(point.y))


def _describe() -> dict[str, Any]:
    (mesh,) = meshes()
    corners = [mesh.matrix_world @ Vector(corner) for corner in mesh.bound_box]
    middle = [(max(axis) + min(axis)) / 2 for axis in zip(*corners, strict=True)]
    return {
        "middle": middle,
        "top": max(corner.z for corner in corners),
        "is cube hidden": cube_is_hidden(),
        "selected": [obj.name for obj in bpy.context.selected_objects],
    }


def is_shown_as_drawn() -> Walk:
    """Look at the viewport, then through the camera, and wait until what would be sent is shown."""
    bpy.data.objects["Cube"].scale = (0.5, 0.5, 1.5)
    bpy.ops.ed.undo_push(message="Chosen")
    found = {}
    for source in ("VIEWPORT", "CAMERA"):
        settings().source = source
        yield from open_tab()
        yield from wait_until(lambda source=source: _thumbnail_of(source), what=f"what {source} shows")
        yield from tick(20)
        shot(source.lower())
        found[source] = [session().thumbnail.problem, round(session().thumbnail.seconds, 2)]
    taken = session().thumbnail
    yield from tick(40)
    return {"found": found, "is still": session().thumbnail is taken and taken.is_current}


def _thumbnail_of(source: str) -> bool:
    known = session().thumbnail
    return known is not None and known.kind == source
