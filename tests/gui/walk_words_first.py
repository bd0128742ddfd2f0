# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_words_first.py: words, a picture, another one, back, a mesh. Runs inside Blender."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import bpy

from tests.gui.eyes import area, click_operator, shot
from tests.gui.hands import Steps, click, main_window, move, press, tick, type_text, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    consent,
    generate,
    job,
    open_tab,
    past_a_double_click,
    session,
    settings,
    texts,
    wait_for_meshes,
)

WORDS = "model_sketch-from-words"
_STEP_PX = 14  # a field is 20 high


def words_first() -> Walk:
    """Write what it is to be, have it drawn twice, go back to the first, and make a mesh of it."""
    _show_an_image_editor()
    yield from open_tab()
    found: dict[str, Any] = {"before": _source()}
    shot("1 no picture yet")
    yield from _open_form("scenario.make_picture")
    yield from wait_until(lambda: "then mesh" in _prices(), what="both prices")
    yield from _write("owl")
    yield from wait_until(lambda: not _problem(), what="the form to be complete")
    yield from tick(5)
    found["prices"] = _prices()
    shot("2 what it costs")
    yield from _make()
    found["first"] = _source()
    shot("3 the first picture")
    yield from _again()
    found["second"] = settings().image.name
    found["shown in the editor"] = area("IMAGE_EDITOR").spaces.active.image.name
    found["differ"] = len({tuple(image.pixels) for image in bpy.data.images if image.get("scenario_job_id")})
    found["of"] = sorted(image.name for image in bpy.data.images if image.get("scenario_job_id"))
    yield from tick(20)
    shot("4 another one")
    found["back"] = next(text for text in (yield from texts()) if text.startswith("Back to"))
    yield from click_operator("scenario.picture_back")
    yield from tick(10)
    found["after back"] = settings().image.name
    yield from wait_until(lambda: not session().tasks.any_running, what="the price")
    yield from generate()
    yield from wait_for_meshes()
    found["meshes"] = sum(1 for obj in bpy.data.objects if obj.get("scenario_job_id") and obj.type == "MESH")
    yield from tick(30)
    shot("5 the mesh")
    return found


def _show_an_image_editor() -> None:
    """Have an Image Editor in the place of the properties."""
    largest = max((a for a in main_window().screen.areas if a.type != "VIEW_3D"), key=lambda a: a.width * a.height)
    largest.type = "IMAGE_EDITOR"


def _source() -> str:
    image = settings().image
    return f"{settings().source} {image.name if image is not None else 'none'}"


def _form() -> Any:
    return session().making


def _prices() -> str:
    return _form().form(bpy.context)[1] if _form() is not None else ""


def _problem() -> str | None:
    return _form().form(bpy.context)[0].problem


def _open_form(operator: str) -> Steps:
    yield from click_operator(operator)
    yield from wait_until(lambda: _form() is not None and _form()._region, what="the form of the picture")
    yield from tick(5)


def _write(words: str) -> Steps:
    """Click into the field for the words and type them."""
    x, y = yield from _find(lambda said: said.endswith(".making.prompt"))
    yield from click(x, y)
    yield from type_text(words)
    yield from press("RET")
    yield from tick(5)


def _make() -> Steps:
    """Press the button of the form, and wait until the picture is the source."""
    count = len(session().jobs)
    x, y = yield from _find(lambda said: said.startswith("bpy.ops.scenario.make_picture("))
    yield from click(x, y)
    yield from wait_until(lambda: len(session().jobs) > count, what="the job in the list", timeout_s=10.0)
    yield from wait_until(lambda: job().state == "imported", what="the picture")
    yield from tick(20)


def _again() -> Steps:
    """Have another one drawn of the same words, by the button below the picture."""
    count = len(session().jobs)
    yield from past_a_double_click()
    yield from click_operator("scenario.generate_again")
    yield from tick(5)
    if len(session().jobs) == count:
        yield from consent("O")
    yield from wait_until(lambda: len(session().jobs) > count, what="another job", timeout_s=10.0)
    yield from wait_until(lambda: job().state == "imported", what="another picture")
    yield from tick(20)


def _find(is_it: Callable[[str], bool]) -> Generator[None, None, tuple[int, int]]:
    """Find a place in the form by what Blender says is under the mouse."""
    place, seen = _form()._region, list[str]()
    x = place.x + int(place.width * 0.7)
    for y in range(place.y + place.height - _STEP_PX, place.y, -_STEP_PX):
        yield from move(x, y)
        yield
        seen.append(_under_mouse())
        if is_it(seen[-1]):
            return x, y - 4
    raise LookupError(f"it is not in the form, but {[said for said in seen if said]}")


def _under_mouse() -> str:
    manager = bpy.context.window_manager
    manager.clipboard = ""
    with bpy.context.temp_override(window=main_window(), region=_form()._region):
        if bpy.ops.ui.copy_python_command_button.poll():
            bpy.ops.ui.copy_python_command_button()
        elif bpy.ops.ui.copy_data_path_button.poll():
            bpy.ops.ui.copy_data_path_button(full_path=True)
    return manager.clipboard
