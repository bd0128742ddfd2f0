# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_variants.py: three meshes of one picture, compared, and the best kept. Runs inside Blender."""

from __future__ import annotations

from typing import Any

import bpy

from tests.gui.eyes import area, click_operator, shot
from tests.gui.hands import tick
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    JOBS,
    choose_picture,
    fold_main,
    generate,
    meshes,
    open_tab,
    session,
    settings,
    texts,
    undo,
    wait_for_meshes,
    wait_for_price,
)


def compares(picture: str) -> Walk:
    """Generate three times, look at them one after the other and side by side, keep one, and take that back."""
    bpy.context.preferences.view.smooth_view = 0
    yield from choose_picture(picture)
    yield from open_tab()
    yield from wait_for_price()
    for count in (1, 2, 3):
        settings().models[0]["steps"] = 20 + count
        yield from tick(3)
        yield from wait_for_price()  # nobody is asked where it is known
        yield from generate()
        yield from wait_for_meshes(count)
    yield from fold_main()
    found: dict[str, Any] = {"came": _seen(), "said": (yield from texts(JOBS))}
    shot("1 the last")
    yield from click_operator("scenario.switch_variant")
    yield from tick(5)
    found["next"] = _seen()
    yield from click_operator("scenario.lay_out_variants")
    bpy.context.view_layer.update()
    view = area("VIEW_3D")
    with bpy.context.temp_override(area=view, region=next(r for r in view.regions if r.type == "WINDOW")):
        bpy.ops.view3d.view_all()
    yield from tick(20)
    shot("2 in a row")
    found["row"] = _seen()
    yield from click_operator("scenario.keep_variant")
    yield from tick(5)
    found["kept"] = _seen(), len(meshes())
    shot("3 kept")
    yield from undo()
    yield from tick(5)
    found["undone"] = _seen(), len(meshes())
    return found


def _seen() -> list[int]:
    """Which of the jobs are to be seen, from 1."""
    order = list(session().jobs)
    return sorted(order.index(mesh["scenario_job_id"]) + 1 for mesh in meshes() if mesh.visible_get())
