# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_ten_clicks.py: three models on one picture, the best kept, as a new user. Runs inside Blender."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import bpy

from tests.gui.eyes import area, click_operator, hover, region, shot
from tests.gui.hands import click, main_window, press, presses, tick, wait_until
from tests.gui.inside import BEGUN, Walk
from tests.gui.model_list import close_list, find_in_list, open_list, the_list
from tests.gui.scenario_tab import (
    JOBS,
    consent,
    fold_main,
    meshes,
    session,
    settings,
    texts,
    undo,
    wait_for_price,
)

OTHERS = ("model_pixal3d", "model_rodin-hyper3d")
_FAR_AWAY: Final = (500.0, 0.0, 0.0)


def keeps_the_best(picture: str) -> Walk:
    """Drop a picture, tick two further models, generate, look at each as it comes in, and keep the first.

    Then, without counting: take that back, look at all side by side, keep one again, and have a sheet of all drawn.
    """
    bpy.data.objects.remove(bpy.data.objects[BEGUN])
    bpy.context.preferences.view.smooth_view = 0
    bpy.context.scene.eevee.taa_samples = 1  # each takes seconds without a graphics card
    area("DOPESHEET_EDITOR").ui_type = "INFO"
    before = presses()
    found: dict[str, Any] = {"dropped": (yield from _drops(picture))}
    spent = presses()
    places = yield from _look_for(OTHERS)
    spent = presses() - spent  # a person sees where they are
    found["said"] = yield from _ticks(places)
    found["tab"] = yield from texts()
    area("VIEW_3D").spaces.active.region_3d.view_location = _FAR_AWAY
    yield from click_operator("scenario.generate")
    yield from tick(20)
    shot("4 the question")
    found["before"] = len(session().jobs)
    yield from consent("O")  # more than a new user's limit
    found |= yield from _sees_the_first_come()
    seen = yield from _see_all_come()
    shot("6 all there")
    found |= {"seen": seen, **_describe_all(), "list": (yield from texts(JOBS))}
    yield from click_operator("scenario.switch_variant")  # on from the last to the first
    yield from tick(5)
    found["next"] = _shown()
    yield from click_operator("scenario.keep_variant")
    yield from tick(20)
    shot("7 the best")
    found |= {"kept": (yield from _kept()), "presses": presses() - before - spent, **_describe_one()}
    yield from fold_main()
    found |= {"compared": (yield from _compares()), "sheet": (yield from _draws_a_sheet())}
    return found


def _drops(picture: str) -> Generator[None, None, dict[str, Any]]:
    """Drop the picture on the 3D view, whose sidebar is closed, and choose what is to become of it."""
    yield from hover("VIEW_3D", "WINDOW")
    path = Path(picture)
    with bpy.context.temp_override(window=main_window(), area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        bpy.ops.wm.drop_import_file("INVOKE_DEFAULT", directory=str(path.parent), files=[{"name": path.name}])
    yield from tick(20)
    shot("1 asks")
    yield from press("U")  # Use as Source in Scenario
    yield from wait_until(_is_in_front, what="the tab in front")
    yield from wait_until(lambda: session().is_ready, what="the extension to be ready")
    yield from wait_for_price()
    shot("2 dropped")
    return {"source": settings().source, "file": settings().filepath, "ordered": len(session().jobs)}


def _is_in_front() -> bool:
    sidebar = region("VIEW_3D")
    return sidebar.width > 1 and sidebar.active_panel_category == "Scenario"


def _look_for(models: tuple[str, ...]) -> Generator[None, None, list[tuple[int, int]]]:
    """Find where the ticks of models will be in the list."""
    yield from open_list()
    yield from press("RET")  # while the field takes what is typed, nothing can be found
    places = []
    for model in models:
        places.append((yield from find_in_list("scenario.tick_model", model)))
    yield from close_list()
    return places


def _ticks(places: list[tuple[int, int]]) -> Generator[None, None, str]:
    """Tick what is there in the list, close it, and give what the button says then."""
    yield from open_list()
    for x, y in places:
        yield from click(x, y)
        yield from tick(4)
    yield from click(the_list()._region.x // 2, 450)  # beside it, which closes it
    yield from wait_until(lambda: the_list() is None, what="the list to be closed")
    yield from wait_until(lambda: all(len(entry.keys()) > 1 for entry in settings().models), what="the parameters")
    said = yield from wait_for_price()
    shot("3 the price of all")
    return said


def _sees_the_first_come() -> Generator[None, None, dict[str, Any]]:
    """Look at it with its materials, and then without: those are drawn so slowly here that the others come late."""
    yield from wait_until(lambda: len(session().jobs) == 3, what="three jobs")
    yield from wait_until(_shown, what="the first mesh")
    found: dict[str, Any] = {"first": _shown()}
    yield from tick(2)
    shot("5 the first")
    shading = area("VIEW_3D").spaces.active.shading
    found["shading"] = shading.type
    shading.type = "SOLID"
    return found


def _see_all_come() -> Generator[None, None, list[str]]:
    """Give whose meshes came to be seen, in that order."""
    seen: list[str] = []
    yield from wait_until(
        lambda: _look(seen) or len(meshes()) == 3,
        what="three meshes",
        timeout_s=90.0,  # 30 for each
    )
    _look(seen)
    yield from wait_until(_reports, what="a report")
    yield from tick(30)
    return seen


def _look(seen: list[str]) -> None:
    """Note whose mesh has come to be seen."""
    seen += [model for model in _shown() if model not in seen]


def _compares() -> Generator[None, None, dict[str, Any]]:
    """Take back that one was kept; see all in a row, keep one of that, and take it back."""
    yield from undo()
    yield from tick(5)
    found: dict[str, Any] = {"taken back": (yield from _kept())}
    yield from click_operator("scenario.lay_out_variants")
    bpy.context.view_layer.update()
    with bpy.context.temp_override(area=area("VIEW_3D"), region=region("VIEW_3D", "WINDOW")):
        bpy.ops.view3d.view_all()
    yield from tick(20)
    shot("8 in a row")
    found["row"] = yield from _kept()
    yield from click_operator("scenario.keep_variant")
    yield from tick(5)
    shot("9 kept")
    found["kept"] = yield from _kept()
    yield from undo()
    yield from tick(5)
    found["undone"] = yield from _kept()
    return found


def _kept() -> Generator[None, None, list[list[str]]]:
    """Whose meshes are to be seen, and whose there are."""
    yield from tick()
    return [_shown(), sorted(mesh["scenario_model"] for mesh in meshes())]


def _draws_a_sheet() -> Generator[None, None, dict[str, Any]]:
    """Have a contact sheet drawn, and look at it where an Image Editor shows it by itself."""
    bpy.ops.scenario.contact_sheet()
    found: dict[str, Any] = {"at once": _sheets()}
    area("OUTLINER").type = "IMAGE_EDITOR"
    yield from wait_until(_sheets, what="the sheet")
    yield from tick(10)
    sheet = area("IMAGE_EDITOR").spaces.active.image
    found["shown"] = sheet.name
    view = area("VIEW_3D")
    view.type = "IMAGE_EDITOR"
    view.spaces.active.image = sheet
    with bpy.context.temp_override(area=view, region=next(r for r in view.regions if r.type == "WINDOW")):
        bpy.ops.image.view_all(fit_view=True)
    yield from tick(20)
    shot("10 the sheet")
    return found


def _sheets() -> list[str]:
    return [image.name for image in bpy.data.images if image.name.startswith("Contact Sheet")]


def _shown() -> list[str]:
    """Whose meshes are to be seen."""
    return sorted(mesh["scenario_model"] for mesh in meshes() if mesh.visible_get())


def _describe_all() -> dict[str, Any]:
    """What stands where once all have come, and what the window says and shows of it."""
    return {
        "shown": _shown(),
        "spots": len({tuple(round(v, 3) for v in mesh.matrix_world.translation) for mesh in meshes()}),
        "things": len({obj["scenario_variants"] for obj in bpy.data.objects if "scenario_variants" in obj}),
        "names": sorted(mesh.name for mesh in meshes()),
        "looks at": list(area("VIEW_3D").spaces.active.region_3d.view_location),
        "reports": _reports(),
    }


def _describe_one() -> dict[str, Any]:
    """How the one that was kept stands in the scene."""
    (kept,) = meshes()
    return {
        "left": min((kept.matrix_world @ vertex.co).x for vertex in kept.data.vertices),
        "is selected": kept.select_get(),
    }


def _reports() -> list[str]:
    """What the info editor says, but for what Blender says of itself."""
    manager, info = bpy.context.window_manager, area("INFO")
    with bpy.context.temp_override(window=main_window(), area=info, region=info.regions[-1]):
        bpy.ops.info.select_all(action="SELECT")
        manager.clipboard = ""
        bpy.ops.info.report_copy()
    return [line for line in manager.clipboard.splitlines() if "Robot" in line or "robot" in line]
