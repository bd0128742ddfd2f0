# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_refine.py: a mesh that has come in gets fewer faces. Runs inside Blender."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import bpy
from mathutils import Vector

from tests.gui.eyes import area, click_operator, hover, region, shot
from tests.gui.hands import Steps, click, main_window, move, press, presses, tick, type_text, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    ADDON,
    choose_picture,
    consent,
    fold_main,
    generate,
    job,
    open_tab,
    session,
    wait_for_meshes,
    wait_for_price,
)

_STEP_PX: Final = 14  # a field is 20 high


def refines(picture: str, faces: int) -> Walk:
    """Make a mesh, and have a model make it anew of so many quads."""
    bpy.context.preferences.view.smooth_view = 0
    yield from choose_picture(picture)
    yield from open_tab()
    yield from wait_for_price()
    yield from generate()
    yield from wait_for_meshes()
    yield from fold_main()
    yield from tick(20)
    before = presses()
    yield from click_operator("scenario.job_menu")
    yield from tick(20)
    yield from press("R")  # Refine; under the mouse it opens by itself
    yield from tick(20)
    shot("1 models")
    yield from press("R")  # Meshy Remesh, Quads
    yield from wait_until(lambda: session().refining, what="the form")
    form = session().refining
    yield from wait_until(lambda: form._region and form.form(bpy.context).cost_cu, what="the price", timeout_s=10.0)
    yield from tick(20)
    shot("2 form")
    found: dict[str, Any] = {"says": form.given.words(form.model)}
    spent = presses()
    yield from _type('["targetPolycount"]', str(faces))
    spent = presses() - spent
    yield from wait_until(lambda: form.form(bpy.context).cost_cu, what="the price of that", timeout_s=10.0)
    found["price"] = float(form.form(bpy.context).cost_cu)
    yield from tick(20)
    shot("3 so many faces")
    yield from consent("O")
    yield from wait_until(lambda: len(session().jobs) == 2, what="the order", timeout_s=10.0)
    found["presses"] = presses() - before - spent
    yield from wait_until(lambda: job().state == "imported", what="what comes of it")
    yield from tick(30)
    shot("4 there")
    first, second = session().jobs.values()
    found["model"] = second.order.model_id
    found["refined"] = second.order.target["refined"]["kind"]
    found["cost"] = float(second.counted_cu)
    found["before"], found["after"] = _standing(first.id), _standing(second.id)
    return found


def _standing(job_id: str) -> dict[str, Any]:
    """How the mesh of a job stands in the scene: seen or hidden, its box in the world, its faces, its texture."""
    (obj,) = (obj for obj in bpy.context.scene.objects if obj.type == "MESH" and obj.get("scenario_job_id") == job_id)
    corners = [obj.matrix_world @ Vector(corner) for corner in obj.bound_box]
    nodes = [node for slot in obj.material_slots for node in slot.material.node_tree.nodes]
    return {
        "is_seen": not obj.hide_viewport and obj.visible_get(),
        "low": [min(corner[axis] for corner in corners) for axis in range(3)],
        "high": [max(corner[axis] for corner in corners) for axis in range(3)],
        "sides": sorted({len(polygon.vertices) for polygon in obj.data.polygons}),
        "polygons": len(obj.data.polygons),
        "has_texture": any(node.type == "TEX_IMAGE" and node.image is not None for node in nodes),
    }


def refines_own(faces: int) -> Walk:
    """Refine a mesh of the scene above the spend limit: the form, the question, and what comes of it."""
    bpy.context.preferences.view.smooth_view = 0
    bpy.context.preferences.addons[ADDON].preferences.max_cost = 1
    bpy.ops.mesh.primitive_uv_sphere_add(segments=120, ring_count=80, location=(0, 0, 3), rotation=(0.2, 0.4, 0.6))
    bpy.context.active_object.name = "Planet"
    yield from open_tab()
    session().refresh_models()
    yield from wait_until(lambda: not session().tasks.any_running, what="the models")
    yield from hover("VIEW_3D", "WINDOW")
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        bpy.ops.scenario.refine("INVOKE_DEFAULT")
    form = session().refining
    yield from wait_until(lambda: form._region and form.form(bpy.context).cost_cu, what="the price", timeout_s=10.0)
    yield from _type('["targetPolycount"]', str(faces))
    yield from wait_until(lambda: form.form(bpy.context).cost_cu, what="the price of that", timeout_s=10.0)
    yield from tick(20)
    shot("1 form")
    found: dict[str, Any] = {"says": form.given.words(form.model)}
    yield from consent("O")
    yield from tick(20)
    shot("2 question")
    found["before the answer"] = len(session().jobs)
    yield from consent("O")
    yield from wait_until(lambda: session().jobs, what="the order")
    yield from wait_until(lambda: job().state == "imported", what="what comes of it")
    yield from tick(30)
    shot("3 there")
    found["faces"], found["target"] = job().file.triangles, job().order.target["refined"]
    return found


def _type(path: str, text: str) -> Steps:
    """Type into a field of the form."""
    x, y = yield from _find(path)
    yield from click(x, y)
    yield from tick(5)
    yield from type_text(text)
    yield from press("RET")
    yield from tick(5)


def _find(path: str) -> Generator[None, None, tuple[int, int]]:
    place = session().refining._region
    x, seen = place.x + int(place.width * 0.7), list[str]()
    for y in range(place.y + place.height - _STEP_PX, place.y, -_STEP_PX):
        yield from move(x, y)
        yield
        seen.append(_under_mouse(place))
        if seen[-1].endswith(path):
            return x, y - 3
    raise LookupError(f"{path} is not in the form, but {[said for said in seen if said]}")


def _under_mouse(place: bpy.types.Region) -> str:
    manager = bpy.context.window_manager
    manager.clipboard = ""
    with bpy.context.temp_override(window=main_window(), region=place):
        if bpy.ops.ui.copy_data_path_button.poll():
            bpy.ops.ui.copy_data_path_button(full_path=True)
    return manager.clipboard
