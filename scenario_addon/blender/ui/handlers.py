# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender calls by itself: the modal timer operator, what starts it again when Blender ends it, and handlers.

A file load or closing its window ends a modal operator, so nothing lives in it. A persistent timer looks now and then
whether there is something to do and nobody to do it.
"""

from __future__ import annotations

from typing import Final

import bpy
from bpy.app.handlers import persistent

from ..words import language
from .lazy import asset_catalogue, config, conversions, is_in_use, orders, pump, renders, session, subjects

__all__ = ["register", "unregister"]

_LOOK_S: Final = 0.5
"""How often the persistent timer looks."""


class SCENARIO_OT_watch(bpy.types.Operator):
    """Carry jobs on while Blender is used"""

    bl_idname = "scenario.watch"
    bl_label = "Watch Scenario Jobs"
    bl_options = {"INTERNAL"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return pump.begin(self, context)

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type == "TIMER" and not pump.go_on(self):
            return {"FINISHED", "PASS_THROUGH"}
        if event.type == "ESC" and event.value == "PRESS":
            pump.escape()
        # Every event goes on to whom it is meant for: no key or click is ever taken away.
        return {"PASS_THROUGH"}

    def cancel(self, context: bpy.types.Context) -> None:
        pump.end()


def _look() -> float:
    if language.follow():
        _redraw_all()
    if is_in_use():
        pump.look()
    return _LOOK_S


def _redraw_all() -> None:
    """Have everything drawn in another language: Blender has done so before it knew our words."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            area.tag_redraw()


def _carry_on() -> None:
    """Carry on, once the window is there: where there is a ledger, jobs may be under way from last time."""
    folders = (config.folder(), config.former_folder())
    if any(folder is not None and (folder / "ledger.sqlite3").exists() for folder in folders):
        session.load()


@persistent
def _file_loaded(path: object = None, *rest: object) -> None:
    if is_in_use():
        pump.file_loaded()


@persistent
def _scene_changed(scene: bpy.types.Scene, graph: bpy.types.Depsgraph) -> None:
    if is_in_use():
        pump.scene_changed(graph)


@persistent
def _file_saved(path: object = None, *rest: object) -> None:
    asset_catalogue.file_saved()


@persistent
def _rendered(scene: bpy.types.Scene, *rest: object) -> None:
    if is_in_use():
        renders.note_render(scene)


def _draw_status(self: bpy.types.Header, context: bpy.types.Context) -> None:
    if is_in_use() and (text := pump.status()):
        self.layout.label(text=language.translated(text), icon="MESH_MONKEY")


classes = (SCENARIO_OT_watch,)
_register, _unregister = bpy.utils.register_classes_factory(classes)


def register() -> None:
    _register()
    language.follow()
    bpy.app.handlers.load_post.append(_file_loaded)
    bpy.app.handlers.save_post.append(_file_saved)
    bpy.app.handlers.depsgraph_update_post.append(_scene_changed)
    bpy.app.handlers.render_complete.append(_rendered)
    if not bpy.app.background:
        bpy.types.STATUSBAR_HT_header.append(_draw_status)  # pyright: ignore[reportArgumentType]
        bpy.app.timers.register(_look, first_interval=_LOOK_S, persistent=True)
        bpy.app.timers.register(_carry_on, first_interval=_LOOK_S, persistent=True)


def unregister() -> None:
    if not bpy.app.background:
        bpy.app.timers.unregister(_look)
        if bpy.app.timers.is_registered(_carry_on):
            bpy.app.timers.unregister(_carry_on)
        bpy.types.STATUSBAR_HT_header.remove(_draw_status)  # pyright: ignore[reportArgumentType]
    bpy.app.handlers.load_post.remove(_file_loaded)
    bpy.app.handlers.save_post.remove(_file_saved)
    bpy.app.handlers.depsgraph_update_post.remove(_scene_changed)
    bpy.app.handlers.render_complete.remove(_rendered)
    if is_in_use():
        session.close()
        conversions.close()
        subjects.close()
        orders.close()
        pump.end()  # Blender ends the operator of a class that goes without a word to it
    language.close()
    _unregister()
