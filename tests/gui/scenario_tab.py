# SPDX-License-Identifier: GPL-3.0-or-later
"""The Scenario tab in the words of the person who uses it. Runs inside Blender, for the walks of the panel."""

from __future__ import annotations

import importlib
import time
from collections.abc import Generator
from typing import Any, Final

import bpy

from tests.gui.eyes import area, click_operator, hover, open_sidebar, region, show_editor
from tests.gui.hands import Steps, click, press, tick, wait_until
from tests.gui.panels import read_panel

__all__ = [
    "ADDON",
    "JOBS",
    "MAIN",
    "button_text",
    "choose_in_menu",
    "choose_picture",
    "consent",
    "fold_main",
    "generate",
    "job",
    "meshes",
    "open_fold",
    "open_preferences",
    "open_tab",
    "past_a_double_click",
    "session",
    "settings",
    "texts",
    "undo",
    "wait_for_meshes",
    "wait_for_price",
    "wait_for_state",
]

ADDON: Final = "bl_ext.user_default.scenario_addon"
MAIN: Final = "SCENARIO_PT_main"
JOBS: Final = "SCENARIO_PT_jobs"
_PRICE_TIMEOUT_S: Final = 30.0
_DOUBLE_CLICK_S: Final = 1.0
"""What the extension takes for one."""


def session() -> Any:
    """What the extension knows."""
    return importlib.import_module(f"{ADDON}.blender.app.session").session


def settings() -> Any:
    """What the artist has chosen in the scene that is shown; ask anew after an undo or a file."""
    return bpy.context.window_manager.windows[0].scene.scenario


def job(number: int = -1) -> Any:
    """A job as it is now; the last one when no number is given."""
    return list(session().jobs.values())[number]


def meshes() -> list[bpy.types.Object]:
    """The meshes that the extension brought."""
    return [found for found in bpy.data.objects if found.get("scenario_job_id") and found.type == "MESH"]


def open_tab(editor: str = "VIEW_3D") -> Steps:
    """Open the tab and wait until the extension has got ready, which it does when the tab is first drawn."""
    yield from open_sidebar(editor, tab="Scenario")
    yield from wait_until(lambda: session().is_ready, what="the extension to be ready")
    yield from tick(2)


def open_preferences() -> Steps:
    """Turn the main area into the preferences, opened at the extension."""
    yield from show_editor("PREFERENCES")
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "Scenario"
    with bpy.context.temp_override(area=area("PREFERENCES")):
        bpy.ops.preferences.addon_expand(module=ADDON)
    yield from tick(20)


def open_fold(inside: str, *, below: int, panel: str = MAIN) -> Steps:
    """Click on headings, from a height in the window downward, until a property of the fold is drawn.

    Blender tells nobody where a heading is. One that folds something else is put back as it was.
    """
    sidebar = region("VIEW_3D")
    for y in range(below, sidebar.y, -16):
        before = yield from _properties(panel)
        yield from click(sidebar.x + sidebar.width // 2, y)
        yield from tick(3)
        after = yield from _properties(panel)
        if inside in after:
            return
        if after != before:
            yield from click(sidebar.x + sidebar.width // 2, y)
            yield from tick(3)
    raise LookupError(f"no fold holds {inside}, but there are {after}")


def _properties(panel: str) -> Generator[None, None, list[str]]:
    items = yield from read_panel(panel)
    return [item.name for item in items if item.kind == "prop"]


def choose_picture(path: str) -> Steps:
    """Load a picture and choose it as the source."""
    settings().image = bpy.data.images.load(path, check_existing=True)
    yield from tick(2)


def wait_for_price(*, editor: str = "VIEW_3D", panel: str = MAIN) -> Generator[None, None, str]:
    """Wait until the service has said what it costs and all else that was asked; give what the button says."""
    end_s = time.monotonic() + _PRICE_TIMEOUT_S
    while time.monotonic() < end_s:
        said = yield from button_text(panel=panel, editor=editor)
        if " CU" in said and not session().tasks.any_running:
            return said
        yield from tick(4)  # each look has the panel drawn
    raise TimeoutError(f"no price on the button: {said!r}; {(yield from texts(panel, editor=editor))}")


def fold_main() -> Steps:
    """Click on the header of the upper panel, so that the results have its room."""
    sidebar = region("VIEW_3D")
    yield from click(sidebar.x + sidebar.width // 3, sidebar.y + sidebar.height - 16)
    yield from tick(5)


def generate(editor: str = "VIEW_3D") -> Steps:
    """Click the button, and wait until the job is in the list."""
    yield from past_a_double_click()
    count = len(session().jobs)
    yield from click_operator("scenario.generate", editor=editor)
    yield from wait_until(lambda: len(session().jobs) > count, what="the job in the list")


def past_a_double_click() -> Steps:
    """Wait until the next press of a button that orders is one that is meant."""
    yield from wait_until(
        lambda: time.monotonic() - session().pressed_at_s > _DOUBLE_CLICK_S, what="the end of a double click"
    )


def consent(letter: str) -> Steps:
    """Read the question in the dialog that is open, and press the underlined letter of the button that goes on."""
    read_s = time.monotonic() + 0.6
    yield from wait_until(lambda: time.monotonic() > read_s, what="the question to be read")
    yield from press(letter)


def choose_in_menu(letter: str) -> Steps:
    """Open the menu of the first result, and press the underlined letter of an entry."""
    yield from click_operator("scenario.job_menu")
    yield from tick(10)
    yield from press(letter)
    yield from tick(10)


def wait_for_state(state: str, number: int = -1) -> Steps:
    """Wait until a job is so far, as the engine spells it, and that is drawn."""
    yield from wait_until(lambda: job(number).state == state, what=f"job {number} to be {state}")
    yield from tick(3)


def wait_for_meshes(count: int = 1) -> Steps:
    """Wait until so many meshes have come."""
    yield from wait_until(lambda: len(meshes()) >= count, what=f"{count} meshes")
    yield from tick(3)


def texts(panel: str = MAIN, *, editor: str = "VIEW_3D") -> Generator[None, None, list[str]]:
    """Read every text of a panel."""
    items = yield from read_panel(panel, editor=editor)
    return [item.text for item in items if item.text]


def button_text(editor: str = "VIEW_3D", *, panel: str = MAIN) -> Generator[None, None, str]:
    """Read what the large button says."""
    items = yield from read_panel(panel, editor=editor)
    return next(item.text or "" for item in items if item.name == "scenario.generate")


def undo(*, redo: bool = False) -> Steps:
    """Press Ctrl-Z, or Shift-Ctrl-Z, over the 3D view."""
    yield from hover("VIEW_3D", "WINDOW")
    yield from press("Z", ctrl=True, shift=redo)
