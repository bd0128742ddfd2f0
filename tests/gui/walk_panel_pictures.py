# SPDX-License-Identifier: GPL-3.0-or-later
"""The walks of test_panel_pictures.py: the ways to a picture and to a model. Runs inside Blender."""

from __future__ import annotations

from pathlib import Path

import bpy

from tests.gui.eyes import area, click_operator, hover, region, shot, show_editor
from tests.gui.hands import Steps, main_window, press, tick, type_text, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    choose_picture,
    consent,
    generate,
    job,
    meshes,
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
    yield from press("UP_ARROW")  # its last entry
    yield from press("RET")
    yield from _wait_for_tab("IMAGE_EDITOR")
    ordered = len(session().jobs)
    yield from wait_for_price(editor="IMAGE_EDITOR", panel=IMAGE_TAB)
    said = yield from texts(IMAGE_TAB, editor="IMAGE_EDITOR")
    shot("sidebar")
    yield from generate("IMAGE_EDITOR")
    yield from wait_for_meshes()
    return {"ordered": ordered, "said": said, "source": settings().image.name, "name": job().order.name}


def _wait_for_tab(editor: str) -> Steps:
    def is_in_front() -> bool:
        sidebar = region(editor)
        return sidebar.width > 1 and sidebar.active_panel_category == "Scenario"

    yield from wait_until(is_in_front, what="the tab in front", timeout_s=5.0)
    yield from wait_until(lambda: session().is_ready, what="the extension to be ready")
    yield from tick(5)


def _open_menu(menu: str, editor: str) -> Steps:
    yield from hover(editor, "WINDOW")
    with bpy.context.temp_override(window=main_window(), area=area(editor), region=region(editor, "WINDOW")):
        bpy.ops.wm.call_menu(name=menu)
    yield from tick(10)


def drops_a_picture(picture: str) -> Walk:
    """Drop a picture file on the 3D view, whose sidebar is closed, and choose what is to become of it."""
    yield from hover("VIEW_3D", "WINDOW")
    path = Path(picture)
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        bpy.ops.wm.drop_import_file("INVOKE_DEFAULT", directory=str(path.parent), files=[{"name": path.name}])
    yield from tick(20)
    shot("asks")
    yield from press("U")  # Use as Source in Scenario
    yield from _wait_for_tab("VIEW_3D")
    yield from wait_for_price()
    shot("shows the tab")
    found = {"source": settings().source, "file": settings().filepath, "ordered": len(session().jobs)}
    yield from generate()
    yield from wait_for_meshes()
    return {**found, "name": job().order.name}


def chooses_a_model(pictures: list[str]) -> Walk:
    """Type a part of a model's name, choose it, fill another of its views, and make a mesh of both pictures."""
    yield from open_tab()
    yield from choose_picture(pictures[0])
    yield from wait_for_price()
    before = yield from texts()
    yield from click_operator("scenario.choose_model")
    yield from tick(30)
    shot("search")
    yield from type_text("3.1 Pro (Multi")
    yield from tick(30)
    shot("found")
    yield from press("RET")
    yield from wait_until(lambda: settings().model, what="the choice", timeout_s=5.0)
    yield from wait_for_price()
    after = yield from texts()
    shot("views")
    yield from click_operator("scenario.add_picture")
    yield from wait_until(lambda: len(settings().views) == 1, what="a slot", timeout_s=5.0)
    settings().views[0].image = bpy.data.images.load(pictures[1])
    yield from wait_for_price()
    shot("views filled")
    yield from click_operator("scenario.generate")
    yield from consent("O")  # it costs more than a new user's limit
    yield from wait_for_meshes()
    return {"before": before, "after": after, "meshes": len(meshes())}


def sends_only_what_shows_something(nothing: str, photo: str) -> Walk:
    """Press Generate for a picture on which nothing is to be seen, then for a photo that lies on its side."""
    yield from open_tab()
    yield from choose_picture(nothing)
    yield from wait_for_price()
    yield from click_operator("scenario.generate")
    yield from tick(30)
    shot("says why not")
    refused = {"ordered": len(session().jobs)}
    yield from press("ESC")  # the message
    yield from choose_picture(photo)
    yield from wait_for_price()
    yield from generate()
    yield from wait_for_meshes()
    return {**refused, "meshes": len(meshes())}
