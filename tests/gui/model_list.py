# SPDX-License-Identifier: GPL-3.0-or-later
"""The popup with the models in the words of the person who uses it. Runs inside Blender, for the walks."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import bpy

from tests.gui.eyes import click_operator
from tests.gui.hands import Steps, click, main_window, move, press, tick, wait_until
from tests.gui.scenario_tab import session

__all__ = [
    "click_in_list",
    "close_list",
    "find_in_list",
    "names",
    "open_list",
    "pictures",
    "the_list",
    "wait_for_pictures",
]

_STEP_PX: Final = 12
_COLUMNS: Final = {
    "scenario.choose_model": 0.16,
    "scenario.fetch": 0.16,
    "scenario.star_model": 0.9,
    "scenario.tick_model": 0.95,
}
"""Parts of the width."""


def the_list() -> Any:
    """What is open."""
    return session().model_list


def open_list() -> Steps:
    """Click the model's button."""
    yield from click_operator("scenario.choose_model")
    yield from wait_until(lambda: the_list() and the_list()._region, what="the list of models")
    yield from tick(2)


def close_list() -> Steps:
    """Press Esc until it is closed: the first ends the typing."""
    for _ in range(3):
        if the_list() is not None:
            yield from press("ESC")
            yield from tick(2)
    yield from wait_until(lambda: the_list() is None, what="the list to be closed")


def names() -> list[str]:
    """Those on the page that is shown."""
    return [row.name for row in the_list().shown]


def pictures() -> int:
    """How many rows of the page have one."""
    return sum(bool(the_list().icon(row)) for row in the_list().shown)


def wait_for_pictures() -> Steps:
    """Wait until every row has its picture and the service has said all."""
    yield from wait_until(
        lambda: pictures() == len(names()) and not session().tasks.any_running, what="all pictures", timeout_s=30.0
    )
    yield from tick(4)


def click_in_list(operator: str, model_id: str) -> Steps:
    """Click what an operator has in the row of a model."""
    x, y = yield from find_in_list(operator, model_id)
    yield from click(x, y)
    yield from tick(4)


def find_in_list(operator: str, model_id: str) -> Generator[None, None, tuple[int, int]]:
    """Find where that is; while the field takes what is typed, nothing can be found."""
    place = the_list()._region
    x = place.x + int(place.width * _COLUMNS[operator])
    seen: list[str] = []
    for y in range(place.y + place.height - _STEP_PX, place.y, -_STEP_PX):
        yield from move(x, y)
        yield
        seen.append(_under_mouse())
        if seen[-1].startswith(f"bpy.ops.{operator}(") and f'"{model_id}"' in seen[-1]:
            return x, y - 3
    raise LookupError(f"{operator} of {model_id} is not in the list, but {[said for said in seen if said]}")


def _under_mouse() -> str:
    manager = bpy.context.window_manager
    manager.clipboard = ""
    region = the_list()._region if the_list() else None
    with bpy.context.temp_override(window=main_window(), region=region):
        if bpy.ops.ui.copy_python_command_button.poll():
            bpy.ops.ui.copy_python_command_button()
    return manager.clipboard
