# SPDX-License-Identifier: GPL-3.0-or-later
"""The walks of test_panel_pictures.py: the ways to a picture. Runs inside Blender."""

from __future__ import annotations

import importlib
import shutil
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy

from tests.gui.eyes import area, hover, region, shot, show_editor
from tests.gui.hands import Steps, main_window, press, tick, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    ADDON,
    generate,
    job,
    open_tab,
    session,
    settings,
    texts,
    wait_for_meshes,
    wait_for_price,
)

IMAGE_TAB = "SCENARIO_PT_image_main"


def uses_the_image_editor(picture: str) -> Walk:
    """Make a mesh of the image that the Image Editor shows: from its menu to its sidebar, which was closed."""
    yield from show_editor("IMAGE_EDITOR")
    area("IMAGE_EDITOR").spaces.active.image = bpy.data.images.load(picture)
    yield from tick(2)
    yield from _open_menu("IMAGE_MT_image", "IMAGE_EDITOR")
    shot("menu")
    yield from press("UP_ARROW")  # its last entry, which opens another
    yield from press("RIGHT_ARROW")
    yield from tick(5)
    shot("menu of its own")
    yield from press("RET")
    yield from _wait_for_tab()
    ordered = len(session().jobs)
    yield from wait_for_price(editor="IMAGE_EDITOR", panel=IMAGE_TAB)
    said = yield from texts(IMAGE_TAB, editor="IMAGE_EDITOR")
    shot("sidebar")
    yield from generate("IMAGE_EDITOR")
    yield from wait_for_meshes()
    return {"ordered": ordered, "said": said, "source": settings().image.name, "name": job().order.name}


def _wait_for_tab() -> Steps:
    def is_in_front() -> bool:
        sidebar = region("IMAGE_EDITOR")
        return sidebar.width > 1 and sidebar.active_panel_category == "Scenario"

    yield from wait_until(is_in_front, what="the tab in front")
    yield from wait_until(lambda: session().is_ready, what="the extension to be ready")
    yield from tick(5)


def _open_menu(menu: str, editor: str) -> Steps:
    yield from hover(editor, "WINDOW")
    with bpy.context.temp_override(window=main_window(), area=area(editor), region=region(editor, "WINDOW")):
        bpy.ops.wm.call_menu(name=menu)
    yield from tick(10)


def frames_the_subject(folder: str) -> Walk:
    """Take the picture of a small cube aside, by the viewport and by the camera, framed and as a whole."""
    _put_the_cube_aside()
    area("VIEW_3D").spaces.active.overlay.show_overlays = True
    yield from open_tab()
    found: dict[str, Any] = {}
    for source in ("VIEWPORT", "CAMERA"):
        settings().source, settings().whole_view = source, False
        yield from wait_for_price()
        found[source] = yield from _taken(Path(folder) / f"{source}.png")
        shot(source)
        found[f"{source} later"] = yield from _taken(Path(folder) / f"{source} later.png")
        settings().whole_view = True
        yield from wait_for_price()
        found[f"{source} whole"] = yield from _taken(Path(folder) / f"{source} whole.png")
    bpy.data.objects["Cube"].hide_set(True)
    for source in ("VIEWPORT", "CAMERA"):
        settings().source = source
        found[f"{source} empty"] = _refusal()
    view = region("VIEW_3D", "WINDOW")
    found["view"] = [view.width, view.height]
    found["overlays"] = area("VIEW_3D").spaces.active.overlay.show_overlays
    return found


def leaves_the_world_out(folder: str) -> Walk:
    """Take the viewport's picture where its shading shows the scene's world, which nothing shines through."""
    _put_the_cube_aside()
    bpy.context.scene.eevee.taa_samples = 1  # each takes seconds without a graphics card
    shading = area("VIEW_3D").spaces.active.shading
    shading.type, shading.use_scene_world = "MATERIAL", True
    yield from open_tab()
    view, took_s = area("VIEW_3D").spaces.active.region_3d, []
    for source in ("VIEWPORT", "CAMERA"):
        settings().source = source
        yield from wait_for_price()
        took_s.append((yield from _taken(Path(folder) / f"{source}.png")))
    shot("with the world")
    is_as_before = not bpy.context.scene.render.film_transparent and view.view_perspective == "PERSP"
    return {"took": took_s, "is as before": is_as_before}


def _put_the_cube_aside() -> None:
    bpy.context.preferences.system.viewport_aa = "8"
    cube = bpy.data.objects["Cube"]
    cube.scale, cube.location = (0.1, 0.1, 0.3), (0.8, 0.4, 0.2)


def _filled_in() -> Any:
    """What Generate would order now."""
    reading, filling = (importlib.import_module(f"{ADDON}.blender.request.{name}") for name in ("reading", "filling"))
    return filling.fill_in(bpy.context, reading.read(bpy.context))


def _in_the_view() -> Any:
    return bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D"))


def _taken(target: Path) -> Generator[None, None, float]:
    """Copy the picture that Generate would send; gives how long it took, in seconds."""
    yield from tick(5)
    with _in_the_view():
        start_s = time.monotonic()
        order, _ = _filled_in()
        took_s = time.monotonic() - start_s
    shutil.copyfile(order.images()[0].path, target)
    return took_s


def _refusal() -> str:
    try:
        with _in_the_view():
            _filled_in()
    except Exception as error:  # noqa: BLE001 - its class is the extension's own
        return str(error)
    return ""
