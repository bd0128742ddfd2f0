# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_several.py: three models on one picture by a press. Runs inside Blender."""

from __future__ import annotations

from typing import Any

import bpy

from tests.gui.eyes import area, click_operator, shot
from tests.gui.hands import tick, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    choose_picture,
    consent,
    meshes,
    open_tab,
    session,
    settings,
    texts,
    wait_for_meshes,
    wait_for_price,
)


def makes_three(picture: str) -> Walk:
    """Press once, agree to what all cost, wait for the meshes, and have a sheet of them drawn."""
    bpy.context.preferences.view.smooth_view = 0
    yield from choose_picture(picture)
    settings().more_models = "model_pixal3d model_rodin-hyper3d"
    yield from open_tab()
    yield from wait_until(lambda: all(len(entry.keys()) > 1 for entry in settings().models), what="the parameters")
    found: dict[str, Any] = {"button": (yield from wait_for_price()), "tab": (yield from texts())}
    shot("1 the form")
    yield from click_operator("scenario.generate")
    yield from tick(20)
    shot("2 the question")
    found["before"] = len(session().jobs)
    yield from consent("O")
    yield from wait_until(lambda: len(session().jobs) == 3, what="three jobs")
    yield from wait_for_meshes(3)
    shot("3 they are there")
    found["shown"] = sum(mesh.visible_get() for mesh in meshes())
    found["spots"] = len({tuple(round(v, 3) for v in mesh.matrix_world.translation) for mesh in meshes()})
    found["things"] = len({obj["scenario_variants"] for obj in bpy.data.objects if "scenario_variants" in obj})
    bpy.ops.scenario.contact_sheet()
    found["at once"] = [image.name for image in bpy.data.images if image.name.startswith("Contact Sheet")]
    area("OUTLINER").type = "IMAGE_EDITOR"
    yield from wait_until(
        lambda: any(image.name.startswith("Contact Sheet") for image in bpy.data.images), what="the sheet"
    )
    yield from tick(10)
    editor: Any = area("IMAGE_EDITOR")
    editor.type = "IMAGE_EDITOR"
    found["sheet"] = editor.spaces.active.image.name
    view = area("VIEW_3D")
    view.type = "IMAGE_EDITOR"
    view.spaces.active.image = editor.spaces.active.image
    with bpy.context.temp_override(area=view, region=next(r for r in view.regions if r.type == "WINDOW")):
        bpy.ops.image.view_all(fit_view=True)
    yield from tick(20)
    shot("4 the sheet")
    return found
