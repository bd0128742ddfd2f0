# SPDX-License-Identifier: GPL-3.0-or-later
"""The walks of test_panel.py: from an empty profile to a mesh, what it costs, what goes wrong. Runs inside Blender."""

from __future__ import annotations

from collections.abc import Generator

import bpy
from mathutils import Vector

from tests.gui.eyes import area, click_operator, click_property, find_operator, hover, region, shot
from tests.gui.hands import Steps, click, double_click, main_window, press, tick, type_text, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    ADDON,
    JOBS,
    button_text,
    choose_in_menu,
    choose_picture,
    consent,
    generate,
    meshes,
    open_tab,
    session,
    texts,
    undo,
    wait_for_meshes,
    wait_for_price,
    wait_for_state,
)


def first_use(picture: str, key: str, secret: str) -> Walk:
    """Open the tab, enter the key where it says, choose a picture, press the button, undo and redo."""
    bpy.context.scene.cursor.location = (1.0, 2.0, 0.5)
    bpy.ops.ed.undo_push(message="Place the cursor")
    yield from open_tab()
    said = yield from texts()
    shot("1 without a key")
    yield from _enter_key(key, secret)
    yield from choose_picture(picture)
    bpy.ops.ed.undo_push(message="Choose a picture")
    button = yield from wait_for_price()
    shot("3 priced")
    before = _datablocks()
    yield from generate()
    yield from wait_for_state("running")
    shot("4 running")
    yield from wait_for_meshes()
    shot("5 done")
    done = {"said": said, "button": button, **_describe(meshes()[0])}
    yield from undo()
    done["left by undo"] = [name for name in _datablocks() if name not in before]
    done["lost by undo"] = [name for name in before if name not in _datablocks()]
    yield from undo(redo=True)
    done["back"] = len(meshes())
    return done


def sees_the_price(picture: str) -> Walk:
    """Type other settings into the form, then press the button with a spend limit below the price."""
    preferences = bpy.context.preferences.addons[ADDON].preferences
    yield from open_tab()
    yield from choose_picture(picture)
    buttons = [(yield from wait_for_price())]
    yield from click_property('["steps"]')
    yield from type_text("60")
    yield from press("RET")
    buttons.append((yield from button_text()))
    buttons.append((yield from wait_for_price()))
    preferences.max_cost = 5.0
    declined = yield from _decline()
    declined["a shortcut"] = yield from _press_a_shortcut()
    yield from click_operator("scenario.generate")
    yield from consent("O")
    yield from wait_for_state("running")
    accepted = len(session().jobs)
    yield from hover("VIEW_3D", "WINDOW")
    yield from press("R", shift=True)  # repeats what was done last
    yield from tick(20)
    repeated = len(session().jobs)
    return {"buttons": buttons, "declined": declined, "accepted": accepted, "repeated": repeated}


def _press_a_shortcut() -> Generator[None, None, int]:
    """What a key or Quick Favorites does over the 3D view, where no price is in sight; how many jobs there are then."""
    bpy.context.preferences.addons[ADDON].preferences.max_cost, limit = 0.0, 5.0
    yield from hover("VIEW_3D", "WINDOW")
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        bpy.ops.scenario.generate("INVOKE_DEFAULT")
    yield from tick(20)
    shot("asks without the tab")
    yield from press("RET")
    yield from tick(5)
    bpy.context.preferences.addons[ADDON].preferences.max_cost = limit
    return len(session().jobs)


def _decline() -> Generator[None, None, dict[str, int]]:
    """Press the button, and answer what it asks in every way that must not mean yes; how many jobs there are then."""
    spot = yield from find_operator("scenario.generate")
    answers: dict[str, list[Steps]] = {
        "Escape": [press("ESC")],
        "Return": [press("RET")],
        "Return twice": [press("RET"), press("RET")],
        "Enter": [press("NUMPAD_ENTER")],
        "at once": [press("O")],
        "a double click": [],
    }
    found: dict[str, int] = {}
    for name, keys in answers.items():
        yield from (click if keys else double_click)(spot.x, spot.y)
        yield from tick(5)
        if name == "Return":
            yield from tick(15)
            shot("asks")
        for key in keys or [press("ESC")]:
            yield from key
        yield from tick(5)
        found[name] = len(session().jobs)
    return found


def stays_offline(picture: str) -> Walk:
    """Look at the tab of a Blender that may not go online, and press the button."""
    yield from open_tab()
    yield from choose_picture(picture)
    yield from tick(100)  # longer than it takes to ask for a price
    said = yield from texts()
    shot("offline")
    yield from click_operator("scenario.generate")
    yield from tick(20)
    return {"said": said, "jobs": len(session().jobs)}


def reads_of_a_failure(picture: str) -> Walk:
    """Have a job fail, read why, copy that and take the job off the list."""
    yield from open_tab()
    yield from choose_picture(picture)
    yield from wait_for_price()
    yield from generate()
    yield from wait_for_state("failed")
    said = yield from texts(JOBS)
    shot("failed")
    yield from choose_in_menu("C")
    copied = bpy.context.window_manager.clipboard
    yield from click_operator("scenario.dismiss")
    yield from wait_until(lambda: not session().jobs, what="an empty list")
    yield from tick(5)
    shot("dismissed")
    return {"said": said, "copied": copied}


def _enter_key(key: str, secret: str) -> Steps:
    yield from click_operator("preferences.addon_show")
    yield from wait_until(lambda: len(bpy.context.window_manager.windows) == 2, what="the preferences")
    preferences = bpy.context.preferences.addons[ADDON].preferences
    preferences.api_key, preferences.api_secret = key, secret
    yield from wait_until(lambda: session().is_ready, what="the extension to be ready again")
    bpy.ops.scenario.test_connection("INVOKE_DEFAULT")
    yield from wait_until(lambda: session().test_result, what="the answer of the service")
    assert session().test_result == (True, "The service accepts the key"), session().test_result
    yield from tick(5)
    shot("2 preferences")
    window = bpy.context.window_manager.windows[1]
    with bpy.context.temp_override(window=window):
        bpy.ops.wm.window_close()
    yield from tick(3)


def _describe(mesh: bpy.types.Object) -> dict[str, object]:
    corners = [mesh.matrix_world @ Vector(corner) for corner in mesh.bound_box]
    low = [min(corner[axis] for corner in corners) for axis in range(3)]
    high = [max(corner[axis] for corner in corners) for axis in range(3)]
    images = [node.image for node in mesh.active_material.node_tree.nodes if node.type == "TEX_IMAGE"]
    return {
        "base": [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]],
        "selected": [found.name for found in bpy.context.view_layer.objects.selected] == [mesh.name],
        "packed": bool(images) and all(image.packed_file for image in images),
        "collection": mesh.users_collection[0].name,
    }


def _datablocks() -> list[str]:
    kinds = (bpy.data.objects, bpy.data.meshes, bpy.data.materials, bpy.data.images, bpy.data.collections)
    return [repr(found) for kind in kinds for found in kind]
