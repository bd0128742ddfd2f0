# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of pictures.py: each panel as an artist meets it. Runs inside Blender."""

# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false, reportArgumentType=false
# (the stubs do not know which kind of data an editor or an object holds)

from __future__ import annotations

import importlib
import math
import platform
from typing import Any, Final

import bpy
from mathutils import Euler, Vector

from tests.gui.eyes import area, click_operator, find_property, hover, region, shot, show_editor
from tests.gui.hands import Steps, click, main_window, move, press, tick, wait_until
from tests.gui.inside import BEGUN, Walk
from tests.gui.model_list import close_list, open_list, pictures, the_list
from tests.gui.scenario_tab import (
    ADDON,
    choose_picture,
    fold_main,
    generate,
    meshes,
    open_fold,
    open_preferences,
    open_tab,
    session,
    settings,
    wait_for_meshes,
    wait_for_price,
)

Box = tuple[int, int, int, int]

_SECOND: Final = "model_pixal3d"
_SIDES: Final = "model_hunyuan-3d-pro-3-1-multiview"
_PATIENCE_S: Final = 600.0
_SIDE_PX: Final = 256
_STATUS_BAR_PX: Final = 24
_DOWN: Final = 30
"""So many turns of the wheel, and the lower end is in sight."""
_HEADING_PX: Final = 28
"""From the first row of a fold up to its heading."""
_BLOCKOUT: Final = (((0, 0, 0.45), (0.5, 0.45, 0.06)), ((0, 0.42, 0.95), (0.5, 0.05, 0.5)))
"""Seat and back of a chair: where, and how large."""
_LEGS: Final = ((-0.44, -0.4), (0.44, -0.4), (-0.44, 0.4), (0.44, 0.4))


class _Album:
    """Which part of which screenshot is kept."""

    def __init__(self) -> None:
        self.boxes: dict[str, Box] = {}

    def take(self, name: str, place: bpy.types.Region | bpy.types.Area | None = None, *, below: int = 0) -> Steps:
        """Keep a region, an area or, without one, the window; of a region not what is drawn `below` its height."""
        yield from move(4, 4)
        yield from tick(20)
        shot(name)
        if place is None:
            height = main_window().height - _STATUS_BAR_PX  # which tells of Blender's own libraries
            self.boxes[name] = (0, _STATUS_BAR_PX, main_window().width, height)
        else:
            self.boxes[name] = (place.x, place.y + below, place.width, place.height - below)


def tour(picture: str) -> Walk:
    """Go through the tab, the popups and the preferences; gives the boxes to be cut out."""
    album = _Album()
    bpy.context.preferences.view.smooth_view = 0
    bpy.data.objects.remove(bpy.data.objects[BEGUN])
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    bpy.context.preferences.system.use_region_overlap = False  # a sidebar ends where its content ends
    yield from choose_picture(picture)
    yield from open_tab()
    yield from wait_for_price()
    yield from album.take("tab", region("VIEW_3D"))
    yield from _models(album)
    yield from _first_mesh(album)
    yield from _settings(album)
    yield from _results(album)
    yield from _refine(album)
    yield from _made_elsewhere(album)
    yield from _words_first(album)
    yield from _sides(album)
    yield from _image_editor(album)
    yield from _preferences(album)
    return album.boxes


def _models(album: _Album) -> Steps:
    yield from open_list()
    yield from wait_until(
        lambda: pictures() >= 5 and not session().tasks.any_running, what="the pictures of the models"
    )
    yield from album.take("models", the_list()._region)
    yield from close_list()


def _settings(album: _Album) -> Steps:
    yield from open_fold("placement", below=(yield from find_property('["guidanceScale"]')).y - 36)
    yield from open_fold("target_triangles", below=(yield from find_property("scenario.origin")).y - 10)
    first = yield from find_property('["paint"]')
    yield from click(first.x, first.y + _HEADING_PX)
    yield from album.take("settings", region("VIEW_3D"))
    yield from click(first.x, first.y + _HEADING_PX)


def _first_mesh(album: _Album) -> Steps:
    yield from generate()
    yield from wait_for_meshes(1)
    yield from wait_until(lambda: not session().tasks.any_running, what="the picture of the result")
    _look_closely()
    yield from tick(60)
    yield from album.take("window")


def _results(album: _Album) -> Steps:
    settings().model = _SECOND
    yield from wait_for_price()
    yield from generate()
    yield from wait_for_meshes(2)
    yield from fold_main()
    yield from wait_until(lambda: not session().tasks.any_running, what="the pictures of the results")
    yield from tick(60)
    yield from album.take("results", region("VIEW_3D"))


def _look_closely() -> None:
    """Look at what has come in from the front, a little from the side and from above."""
    view = area("VIEW_3D").spaces.active.region_3d
    low_high = [obj.matrix_world @ Vector(corner) for obj in meshes() for corner in obj.bound_box]
    view.view_location = sum(low_high, Vector()) / len(low_high)
    view.view_rotation = Euler((math.radians(75), 0, math.radians(25))).to_quaternion()
    view.view_distance = 1.7 * max(obj.dimensions.length for obj in meshes())


def _refine(album: _Album) -> Steps:
    with _over_the_view():
        bpy.ops.scenario.refine("INVOKE_DEFAULT")
    form = session().refining
    yield from wait_until(lambda: form._region and form.form(bpy.context).cost_cu, what="the price")
    yield from album.take("refine", form._region)
    yield from press("ESC")


def _made_elsewhere(album: _Album) -> Steps:
    with _over_the_view():
        bpy.ops.scenario.made_elsewhere("INVOKE_DEFAULT")
    yield from wait_until(lambda: the_list() and the_list()._region, what="the list")
    yield from wait_until(lambda: pictures() >= 3, what="the pictures")
    yield from album.take("made_elsewhere", the_list()._region)
    yield from close_list()


def _words_first(album: _Album) -> Steps:
    yield from fold_main()
    settings().image = None
    yield from click_operator("scenario.make_picture")
    yield from wait_until(lambda: session().making and session().making._region, what="the form of the picture")
    bpy.context.scene.scenario.making.prompt = "a wooden owl on a branch"
    yield from wait_until(lambda: "then mesh" in session().making.form(bpy.context)[1], what="both prices")
    yield from album.take("words_first", session().making._region)
    yield from press("ESC")


def _sides(album: _Album) -> Steps:
    for found in [obj for obj in bpy.data.objects if obj.type == "MESH"]:
        bpy.data.objects.remove(found)
    for place, half in (*_BLOCKOUT, *(((x, y, 0.2), (0.05, 0.05, 0.2)) for x, y in _LEGS)):
        bpy.ops.mesh.primitive_cube_add(location=place)
        bpy.context.active_object.scale = half
    bpy.ops.object.select_all(action="DESELECT")
    for found in [obj for obj in bpy.data.objects if obj.type == "MESH"]:
        found.select_set(True)
    settings().source, settings().model = "OBJECTS", _SIDES
    # As large as what is shown of them: the guide does not wait for more.
    importlib.import_module(f"{ADDON}.blender.sources.subjects").size_px = lambda model: _SIDE_PX
    yield from wait_for_price()
    yield from click_operator("scenario.take_pictures")
    yield from wait_until(lambda: session().shots and session().shots.is_busy, what="the pictures")
    yield from wait_until(lambda: not session().shots.is_busy, what="all pictures", timeout_s=_PATIENCE_S)
    yield from wait_for_price()
    yield from album.take("sides", region("VIEW_3D"))


def _image_editor(album: _Album) -> Steps:
    yield from show_editor("IMAGE_EDITOR")
    image = next(image for image in bpy.data.images if image.name.startswith("robot"))
    area("IMAGE_EDITOR").spaces.active.image = image
    settings().source, settings().image = "IMAGE", image
    yield from open_tab("IMAGE_EDITOR")
    yield from wait_for_price(editor="IMAGE_EDITOR", panel="SCENARIO_PT_image_main")
    yield from album.take("image_editor", area("IMAGE_EDITOR"))
    with bpy.context.temp_override(window=main_window(), area=area("IMAGE_EDITOR")):
        bpy.ops.scenario.contact_sheet()
    yield from wait_until(
        lambda: area("IMAGE_EDITOR").spaces.active.image.name.startswith("Contact Sheet"),
        what="the contact sheet",
        timeout_s=_PATIENCE_S,
    )
    area("IMAGE_EDITOR").spaces.active.show_region_ui = False
    yield from hover("IMAGE_EDITOR", "WINDOW")
    yield from press("HOME")
    yield from album.take("contact_sheet", region("IMAGE_EDITOR", "WINDOW"))


def _preferences(album: _Album) -> Steps:
    yield from open_preferences()
    yield from wait_until(lambda: not session().tasks.any_running, what="the account")
    yield from album.take("preferences", region("PREFERENCES", "WINDOW"))
    platform.platform = platform.system  # whose computer it is, is nobody's business
    bpy.ops.scenario.doctor("INVOKE_DEFAULT")
    yield from wait_until(
        lambda: not session().examination.missing, what="all that Doctor looks at", timeout_s=_PATIENCE_S
    )
    yield from hover("PREFERENCES", "WINDOW")
    for _ in range(_DOWN):
        yield from press("WHEELDOWNMOUSE")
    yield from album.take("doctor", region("PREFERENCES", "WINDOW"))


def _over_the_view() -> Any:
    """What is invoked by a menu opens where the view is."""
    view = region("VIEW_3D", "WINDOW")
    return bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=view)
