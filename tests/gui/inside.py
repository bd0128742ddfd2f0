# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a walk inside Blender, one step a tick, reports how it went, and quits. Started by driver.py.

A walk is a generator function. Each bare ``yield`` lets Blender go once round its main loop; whatever takes
several ticks is a generator too, used with ``yield from`` (see hands.py and eyes.py). Files may be loaded on the
way, so a walk keeps no Blender object across a step that loads one. Nothing here is shared with the extension.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any, Final

import bpy

from tests.gui import eyes

__all__ = ["BEGUN", "Walk", "reached", "start"]

Walk = Generator[None, None, Any]

BEGUN: Final = "Begun"
"""An object with which the scene is one that somebody is at work on."""
_AT_ONCE_S: Final = 0.0  # with the next round of the main loop; what waits for more than a round sleeps (see hands.py)


def start() -> None:
    """Begin the walk that GUI_WALK describes, with Blender's first tick."""
    order = json.loads(os.environ["GUI_WALK"])
    bpy.context.preferences.view.show_splash = False
    bpy.context.preferences.system.viewport_aa = "OFF"  # else each change of the 3D view is drawn eight times
    bpy.context.scene.world.probe_resolution = "128"  # at its usual size it takes seconds without a graphics card
    # In a file as Blender starts with, the add-on shows materials by itself: a view takes many times as long to draw.
    bpy.context.scene.collection.objects.link(bpy.data.objects.new(BEGUN, None))
    # Asked by the driver, a hanging Blender tells the console where it hangs.
    faulthandler.register(signal.SIGUSR1)
    print(f"[walk] process {os.getpid()}", flush=True)
    step = partial(_step, _walk(order), report=Path(order["report"]))
    bpy.app.timers.register(step, persistent=True)


def _draw_little() -> None:
    """Close all but the 3D view, and leave out what takes time to draw without a graphics card."""
    bpy.context.preferences.system.use_region_overlap = False  # else all of the view is drawn below the sidebar, too
    window = bpy.context.window_manager.windows[0]
    for area in list(window.screen.areas):
        if area.type == "VIEW_3D":
            area.spaces.active.overlay.show_overlays = area.spaces.active.show_gizmo = False
        else:
            with bpy.context.temp_override(window=window, area=area):
                bpy.ops.screen.area_close()


def reached(milestone: str) -> None:
    """Tell the test outside, which waits with ``Window.wait_until_reached``."""
    print(f"[walk] {milestone}", flush=True)


def _walk(order: dict[str, Any]) -> Walk:
    """Everything that can fail because of the walk, so that all of it is reported."""
    reached("start")
    if not order["as_it_is"]:
        _draw_little()
        yield
    module, _, function = order["walk"].partition(":")
    result = yield from getattr(importlib.import_module(module), function)(**order["arguments"])
    return json.loads(json.dumps(result))


def _step(walk: Walk, *, report: Path) -> float | None:
    """Take one step; after the last one write the report and quit. Gives the seconds until the next step."""
    try:
        next(walk)
    except StopIteration as end:
        outcome = {"result": end.value}
    except Exception:  # noqa: BLE001 - nothing is hidden: the test outside raises it
        outcome = {"error": _explain()}
        eyes.shot("failed")
    else:
        return _AT_ONCE_S
    report.write_text(json.dumps(outcome), encoding="utf-8")
    bpy.app.timers.register(_quit, persistent=True)
    return None


def _explain() -> str:
    """Give the present exception's traceback, with the values of the variables: nobody rewrites `assert` here."""
    explained = traceback.TracebackException(*sys.exc_info(), capture_locals=True)
    explained.stack[:] = [frame for frame in explained.stack if frame.filename != __file__]
    return "".join(explained.format())


def _quit() -> None:
    # In a tick of its own: Blender 4.3 crashes when it quits in the one that has just loaded a file.
    bpy.ops.wm.quit_blender()
