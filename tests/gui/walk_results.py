# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_results.py: somebody finds the right one among many results. Runs inside Blender."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import bpy

from tests.gui.eyes import click_operator, click_property, shot
from tests.gui.hands import Steps, press, tick, type_text, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    JOBS,
    choose_picture,
    fold_main,
    generate,
    job,
    open_tab,
    session,
    texts,
    wait_for_meshes,
    wait_for_price,
)

_COUNT: Final = 19
_LIGHT: Final = "interface_theme/Blender_Light.xml"


def tells_apart(picture: str) -> Walk:
    """Have nineteen results of one picture and some of others, look at them in every scale, and search."""
    bpy.context.preferences.view.smooth_view = 0
    yield from choose_picture(picture)
    yield from open_tab()
    yield from wait_for_price()
    yield from generate()
    yield from wait_for_meshes()
    yield from fold_main()
    for one in _further(job()):
        session().jobs.write(one)
    yield from wait_until(lambda: not session().tasks.any_running, what="the pictures to be looked for")
    yield from tick(30)
    found: dict[str, Any] = {"said": (yield from texts(JOBS)), "scales": {}}
    for scale in (1.0, 1.5, 2.0):
        bpy.context.preferences.view.ui_scale = scale
        yield from tick(20)
        shot(f"1 at {scale:.0%}")
        found["scales"][str(scale)] = yield from texts(JOBS)
    bpy.context.preferences.view.ui_scale = 1.0
    yield from tick(10)
    yield from click_operator("scenario.show_more")
    yield from tick(10)
    found["more"] = yield from texts(JOBS)
    yield from _light()
    shot("2 light")
    yield from click_property("scenario_results_search")
    yield from type_text("seed 12")
    yield from tick(5)
    shot("3 searched")
    found["searched"] = yield from texts(JOBS)
    yield from press("RET")
    yield from click_operator("scenario.job_menu")
    yield from tick(10)
    shot("4 menu")
    yield from press("ESC")
    return found


def _light() -> Steps:
    """Choose Blender's light theme."""
    for folder in bpy.utils.preset_paths("interface_theme"):
        for path in Path(folder).glob("*ight.xml"):
            bpy.ops.script.execute_preset(filepath=str(path), menu_idname="USERPREF_MT_interface_theme_presets")
    yield from tick(20)


def _further(first: Any) -> Iterator[Any]:
    """More of the same picture, one each that runs and that failed, and two of other pictures."""
    now = time.time()
    name = "A very long name of a picture that somebody has typed, ロボット, and so on " * 3
    for number, other in enumerate((name[:200], "teapot")):
        order = replace(first.order, name=other, target={"source": other})
        yield replace(first, id=f"other{number}", order=order, created_at=now - 9e5, finished_at=now - 9e5)
    for number in range(2, _COUNT - 1):
        values = {**first.order.values, "seed": number, "steps": 20 + number % 3}
        names = ("Hunyuan 3D 2.1", "Pixal3D", "Hunyuan 3D 3.1 Pro (Multiview)")
        order = replace(first.order, values=values, model_name=names[number % 3], model_id=f"model{number % 3}")
        finished_at = now - 60.0 * (_COUNT - number)
        yield replace(first, id=f"result{number}", order=order, finished_at=finished_at)
    failed = {"state": type(first.state)("failed"), "error": "No visible subject: use another picture.", "file": None}
    yield replace(first, id="failed", **failed, result_ids=(), finished_at=now)
    running = {"state": type(first.state)("running"), "progress": 0.62, "file": None, "wait_s": 1e6}
    order = replace(first.order, expected_s=60.0)
    yield replace(first, id="running", **running, order=order, submitted_at=now - 30, finished_at=None)
