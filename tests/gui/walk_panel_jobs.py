# SPDX-License-Identifier: GPL-3.0-or-later
"""The walks of test_panel_jobs.py: jobs that go on while the artist does something else. Runs inside Blender."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from statistics import median

import bpy

from tests.gui.eyes import area, click_operator, hover, region, shot
from tests.gui.hands import Steps, main_window, move, press, tick, wait_until
from tests.gui.inside import Walk, reached
from tests.gui.scenario_tab import (
    ADDON,
    JOBS,
    MAIN,
    choose_picture,
    consent,
    generate,
    job,
    meshes,
    open_tab,
    past_a_double_click,
    session,
    settings,
    texts,
    wait_for_meshes,
    wait_for_price,
    wait_for_state,
)


def runs_two_jobs(pictures: list[str]) -> Walk:
    """Start two jobs, use the 3D view meanwhile, and drag the cube while the meshes arrive."""
    yield from open_tab()
    yield from tick(50)
    gaps_s = yield from _measure_ticks(100)
    for picture in pictures:
        yield from choose_picture(picture)
        yield from wait_for_price()
        yield from generate()
    yield from wait_for_state("running", 0)
    yield from wait_for_state("running", 1)
    yield from tick(20)
    shot("two jobs")
    busy_gaps_s = yield from _measure_ticks(100)
    yield from hover("VIEW_3D", "WINDOW")
    yield from press("ESC")
    yield from press("RIGHTMOUSE")
    yield from press("ESC")
    yield from _drag_until(lambda: len(session().jobs.ready) == 2)
    while_dragging = len(meshes())
    yield from press("LEFTMOUSE")
    moved = tuple(bpy.data.objects["Cube"].location) != (0.0, 0.0, 0.0)
    yield from wait_for_meshes(2)
    shot("both in the scene")
    return {
        "without jobs": median(gaps_s),
        "with jobs": median(busy_gaps_s),
        "while dragging": while_dragging,
        "moved": moved,
        "collections": sorted(mesh.users_collection[0].name for mesh in meshes()),
        "states": [one.state for one in session().jobs.values()],
    }


def _measure_ticks(count: int) -> Generator[None, None, list[float]]:
    """Give the seconds between so many rounds of Blender's main loop."""
    gaps_s = []
    for _ in range(count):
        before_s = time.monotonic()
        yield from tick()
        gaps_s.append(time.monotonic() - before_s)
    return gaps_s


def _drag_until(condition: Callable[[], object]) -> Steps:
    """Move the cube with G and keep moving the mouse until the condition holds, and a little longer."""
    yield from press("G")
    reached("ready")
    place = region("VIEW_3D", "WINDOW")
    x, y = place.x + place.width // 2, place.y + place.height // 2
    end_s = time.monotonic() + 30.0
    while not condition() and time.monotonic() < end_s:
        for offset in (40, 60):
            yield from move(x + offset, y)
    assert condition(), [one.state for one in session().jobs.values()]
    yield from tick(100)
    assert main_window().modal_operators.get("TRANSFORM_OT_translate")


def changes_file(picture: str, blend: str) -> Walk:
    """Start two jobs in a saved file, import one into a new file, and come back for the other."""
    yield from _start(picture, blend)
    yield from past_a_double_click()
    yield from click_operator("scenario.generate")
    yield from consent("O")
    yield from wait_for_state("running", 1)
    bpy.ops.wm.read_homefile()
    yield from tick(3)
    reached("ready")
    yield from wait_for_state("ready", 0)
    yield from wait_for_state("ready", 1)
    yield from open_tab()
    waiting = yield from texts(JOBS)
    shot("waits for its file")
    found = {"waiting": waiting, "at first": len(meshes())}
    yield from click_operator("scenario.import_result")
    yield from wait_for_meshes()
    shot("imported into a new file")
    found["by hand"] = len(meshes())
    bpy.ops.wm.open_mainfile(filepath=blend)
    yield from wait_for_meshes()
    yield from tick(100)  # time for a second one, if it were to come
    return {**found, "by itself": len(meshes())}


def starts(picture: str, blend: str, *, quits: bool) -> Walk:
    """Start a job in a saved file and say so; then quit, or wait to be killed."""
    yield from _start(picture, blend)
    reached("running")
    if not quits:
        yield from wait_until(lambda: False, what="the end")


def _start(picture: str, blend: str) -> Steps:
    yield from open_tab()
    yield from choose_picture(picture)
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    yield from wait_for_price()
    yield from generate()
    yield from wait_for_state("running")


def comes_back(blend: str) -> Walk:
    """Start Blender again, touch nothing until the job is through, look at the list, and open its file."""
    yield from wait_until(lambda: session().jobs, what="the ledger to be read")
    reached("ready")
    yield from wait_for_state("ready")
    at_first = len(meshes())
    yield from open_tab()
    shot("after the restart")
    bpy.ops.wm.open_mainfile(filepath=blend)
    yield from wait_for_meshes()
    return {"at first": at_first, "imported": len(meshes()), "jobs": len(session().jobs)}


def is_switched_off_and_on(picture: str) -> Walk:
    """Disable the extension in the middle of a job, and enable it again."""
    yield from open_tab()
    yield from choose_picture(picture)
    yield from wait_for_price()
    yield from generate()
    yield from wait_for_state("running")
    bpy.ops.preferences.addon_disable(module=ADDON)
    yield from tick(20)
    assert not hasattr(bpy.types, MAIN)
    bpy.ops.preferences.addon_enable(module=ADDON)
    reached("ready")
    yield from wait_for_meshes()
    return {"state": job().state, "picture": settings().image.name}


def works_in_other_modes(picture: str) -> Walk:
    """Get one mesh in Edit Mode with the sidebar closed and a second window open, and one in Sculpt Mode."""
    yield from open_tab()
    yield from choose_picture(picture)
    yield from wait_for_price()
    _enter("EDIT")
    yield from generate()
    yield from wait_for_state("running")
    bpy.ops.wm.window_new()
    area("VIEW_3D").spaces.active.show_region_ui = False
    reached("ready")
    yield from wait_for_meshes(1)
    modes = [bpy.data.objects["Cube"].mode]
    yield from open_tab()
    _enter("SCULPT")
    yield from generate()
    yield from wait_for_meshes(2)
    modes.append(bpy.data.objects["Cube"].mode)
    shot("in sculpt mode")
    return {"modes": modes, "windows": len(bpy.context.window_manager.windows)}


def _enter(mode: str) -> None:
    """Put the cube, and nothing else, into a mode."""
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D")):
        bpy.ops.object.mode_set(mode="OBJECT")
        bpy.context.view_layer.objects.active = bpy.data.objects["Cube"]
        bpy.ops.object.mode_set(mode=mode)
