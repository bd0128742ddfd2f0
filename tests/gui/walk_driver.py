# SPDX-License-Identifier: GPL-3.0-or-later
"""The walks of test_driver.py: in Blender's own sidebar, and in a panel made for them. Runs inside Blender."""

from __future__ import annotations

import os
from pathlib import Path

import bpy

from tests.gui.eyes import (
    area,
    choose,
    click_operator,
    click_property,
    find_operator,
    find_property,
    hover,
    open_sidebar,
    shot,
    show_editor,
)
from tests.gui.hands import Steps, press, tick, type_text, wait_until
from tests.gui.inside import Walk, reached
from tests.gui.panels import read_panel


class HARNESS_OT_count(bpy.types.Operator):  # noqa: N801 - Blender's naming
    """Counts its calls in the scene."""

    bl_idname = "harness.count"
    bl_label = "Count"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender's declaration

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Add one."""
        context.scene["count"] = context.scene.get("count", 0) + 1
        return {"FINISHED"}


class HARNESS_OT_never(bpy.types.Operator):  # noqa: N801 - Blender's naming
    """Cannot be called."""

    bl_idname = "harness.never"
    bl_label = "Never"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Refuse."""
        return False


class HARNESS_PT_main(bpy.types.Panel):  # noqa: N801 - Blender's naming
    """Buttons and fields of the usual kinds."""

    bl_idname = "HARNESS_PT_main"
    bl_label = "Harness"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Harness"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw them."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(context.scene, "name")
        layout.prop(context.scene, '["size"]')
        layout.prop(context.scene.unit_settings, "system")
        row = layout.row()
        row.operator("harness.never", text="Never")
        row.operator("harness.count", text=f"Count for {context.scene['size']} CU")
        layout.label(text=f"Counted {context.scene.get('count', 0)}")


def _open_harness() -> Steps:
    for added in (HARNESS_OT_count, HARNESS_OT_never, HARNESS_PT_main):
        bpy.utils.register_class(added)
    _scene()["size"] = 12
    yield from open_sidebar(tab="Harness")


def uses_buttons_and_fields() -> Walk:
    """Click buttons, type into fields, choose from a list, undo; give what came of it."""
    yield from _open_harness()
    for count in (1, 2):
        yield from click_operator("harness.count")
        yield from wait_until(lambda count=count: _scene().get("count") == count, what=f"click {count}")
    yield from click_property("name")
    yield from type_text("Zürich 2")
    yield from press("RET")
    yield from click_property('["size"]')
    yield from type_text("480")
    yield from press("RET")
    yield from choose("unit_settings.system", "IMPERIAL")
    shot("used")
    done = {"name": _scene().name, "size": _scene()["size"], "system": _scene().unit_settings.system}
    yield from hover("VIEW_3D", "WINDOW")
    undone = 0
    while _scene().get("count") == 2 and undone < 10:
        yield from press("Z", ctrl=True)
        undone += 1
    return {**done, "count after undo": _scene().get("count")}


def reads_a_panel() -> Walk:
    """Give what the panel shows, whether the mouse finds its buttons, and the error for a place without them."""
    yield from _open_harness()
    items = yield from read_panel("HARNESS_PT_main")
    never = yield from find_operator("harness.never")
    count = yield from find_operator("harness.count")
    missing = ""
    try:
        yield from find_operator("harness.count", kind="HEADER")
    except LookupError as error:
        missing = str(error)
    items = [[item.kind, item.text, item.name] for item in items]
    return {"items": items, "in a row": never.x < count.x and never.y == count.y, "missing": missing}


def changes_editor_and_file() -> Walk:
    """Use Blender's own sidebar in two editors, before and after a file was loaded."""
    yield from open_sidebar(tab="View")
    yield from click_property("lens")
    yield from type_text("35")
    yield from press("RET")
    lens = area("VIEW_3D").spaces.active.lens
    bpy.ops.wm.read_homefile()
    yield from tick(2)
    reloaded = area("VIEW_3D").spaces.active.lens
    yield from show_editor("IMAGE_EDITOR")
    area("IMAGE_EDITOR").spaces.active.image = bpy.data.images.new("picture", width=64, height=64)
    yield from open_sidebar("IMAGE_EDITOR", tab="View")
    yield from find_property("show_repeat", editor="IMAGE_EDITOR")
    shot("image editor")
    return [lens, reloaded]


def fails(expected: int) -> Walk:
    """Fail an assertion after a tick."""
    yield
    found = 41
    assert found == expected


def leaves_a_trace_and_waits(trace: str) -> Walk:
    """Append to a file, then wait for what never comes."""
    with Path(trace).open("a") as file:
        file.write(f"{os.getpid()}\n")
    reached("trace")
    yield from wait_until(lambda: False, what="nothing")


def hangs() -> Walk:
    """Keep Blender's main thread for itself."""
    yield
    reached("hanging")
    while True:
        os.getpid()


def lists_extensions() -> Walk:
    """Give the enabled add-ons of the user's repository, and whether Blender may go online."""
    yield
    names = [addon.module for addon in bpy.context.preferences.addons]
    return {
        "names": [name for name in names if name.startswith("bl_ext.user_default.")],
        "online": bpy.app.online_access,
    }


def _scene() -> bpy.types.Scene:
    """The scene, asked anew since an undo or a file replaces it."""
    return bpy.data.scenes[0]
