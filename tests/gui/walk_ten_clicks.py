# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_ten_clicks.py: three models on one picture, the best kept, as a new user. Runs inside Blender."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy

from tests.gui.eyes import area, click_operator, hover, region, shot
from tests.gui.hands import click, main_window, press, presses, tick, wait_until
from tests.gui.inside import BEGUN, Walk
from tests.gui.model_list import close_list, find_in_list, open_list, the_list
from tests.gui.scenario_tab import consent, meshes, session, settings, wait_for_price

OTHERS = ("model_pixal3d", "model_rodin-hyper3d")


def keeps_the_best(picture: str) -> Walk:
    """Drop a picture, tick two further models, generate, look at each as it comes in, and keep the first."""
    bpy.data.objects.remove(bpy.data.objects[BEGUN])
    bpy.context.preferences.view.smooth_view = 0
    before = presses()
    yield from hover("VIEW_3D", "WINDOW")
    path = Path(picture)
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        bpy.ops.wm.drop_import_file("INVOKE_DEFAULT", directory=str(path.parent), files=[{"name": path.name}])
    yield from tick(20)
    yield from press("U")  # Use as Source in Scenario
    yield from wait_until(lambda: session().is_ready, what="the extension to be ready")
    yield from wait_for_price()
    shot("1 dropped")
    spent = presses()
    places = yield from _look_for(OTHERS)
    spent = presses() - spent  # a person sees where they are
    yield from open_list()
    for x, y in places:
        yield from click(x, y)
        yield from tick(4)
    shot("2 ticked")
    yield from click(200, 450)  # beside it, which closes it
    yield from wait_until(lambda: the_list() is None, what="the list to be closed")
    yield from wait_until(lambda: all(len(entry.keys()) > 1 for entry in settings().models), what="the parameters")
    said = yield from wait_for_price()
    shot("3 the price of all")
    yield from click_operator("scenario.generate")
    yield from consent("O")  # more than a new user's limit
    yield from wait_until(lambda: len(session().jobs) == 3, what="three jobs")
    seen: list[str] = []
    yield from wait_until(lambda: _look(seen) or len(meshes()) == 3, what="three meshes")
    _look(seen)
    yield from tick(30)
    shot("4 there")
    yield from click_operator("scenario.switch_variant")  # on from the last to the first
    yield from tick(5)
    shot("5 the first again")
    wanted = _shown()
    yield from click_operator("scenario.keep_variant")
    yield from tick(20)
    shot("6 the best")
    (kept,) = meshes()
    found: dict[str, Any] = {"said": said, "seen": seen, "wanted": wanted, "kept": [kept["scenario_model"]]}
    found["shading"] = area("VIEW_3D").spaces.active.shading.type
    found["left"] = min((kept.matrix_world @ vertex.co).x for vertex in kept.data.vertices)
    found["is selected"], found["presses"] = kept.select_get(), presses() - before - spent
    return found


def _look_for(models: tuple[str, ...]) -> Generator[None, None, list[tuple[int, int]]]:
    """Find where the ticks of models will be in the list."""
    yield from open_list()
    yield from press("RET")  # while the field takes what is typed, nothing can be found
    places = []
    for model in models:
        places.append((yield from find_in_list("scenario.tick_model", model)))
    yield from close_list()
    return places


def _shown() -> list[str]:
    """Whose meshes are to be seen."""
    return [mesh["scenario_model"] for mesh in meshes() if mesh.visible_get()]


def _look(seen: list[str]) -> None:
    """Note whose mesh has come to be seen."""
    seen += [model for model in _shown() if model not in seen]
