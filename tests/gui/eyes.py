# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding one's way in Blender's main window: editors, the sidebar, the buttons in it, screenshots.

Blender tells nobody where a button is. But it copies the operator call or the data path of the button under the
mouse, so the mouse is moved over a region until the button that is looked for answers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import bpy

from tests.gui.hands import Steps, click, main_window, move, press, tick, wait_until

__all__ = [
    "Spot",
    "area",
    "choose",
    "click_operator",
    "click_property",
    "find_operator",
    "find_property",
    "hover",
    "open_sidebar",
    "region",
    "shot",
    "show_editor",
]

# Parts of the width. Most buttons are found in the first column; together they meet each of four in a row, and each
# of the small ones at a row's end, in a sidebar and in the preferences.
_COLUMNS: Final = (0.6, 0.85, 0.67, 0.745, 0.3, 0.12, 0.95)
_COLUMN: Final = {
    "scenario.dismiss": 0.745,
    "scenario.import_result": 0.67,
    "scenario.job_menu": 0.85,
    "scenario.open_folder": 0.85,
    "scenario.presets": 0.85,
    "scenario.refresh_account": 0.85,
    "scenario.switch_variant": 0.85,
}
"""Of the small ones: they are looked for in theirs first."""
_FROM_PX: Final = {"scenario.generate": 300}
"""Below the top, from where a button is looked for first: mostly it is a little lower."""
_STEP_PX: Final = 14  # a button is 20 high
_EDGE_PX: Final = 6  # of an editor: a press there moves its edge


_QUICK: Final = ("-quality", "10")  # of a PNG: a file a fifth larger in half the time


@dataclass(frozen=True)
class Spot:
    """A button: the pixel of the window to click, and what Blender says of it.

    `name` is a call such as ``bpy.ops.scenario.generate()`` or a path such as
    ``bpy.data.scenes["Scene"].scenario.prompt``.
    """

    x: int
    y: int
    name: str


Finding = Generator[None, None, Spot]

_found: Final[dict[tuple[str, str, str], Spot]] = {}
"""By what was looked for, the editor, and the kind of region."""


def area(editor: str) -> bpy.types.Area:
    """Give the largest area of an editor: VIEW_3D, IMAGE_EDITOR, PROPERTIES ..."""
    found = [area for area in main_window().screen.areas if area.type == editor]
    assert found, f"the window shows no {editor}, but {[area.type for area in main_window().screen.areas]}"
    return max(found, key=lambda area: area.width * area.height)


def region(editor: str, kind: str = "UI") -> bpy.types.Region:
    """Give a region of an editor: UI (the sidebar), WINDOW (its main part), HEADER ..."""
    return next(region for region in area(editor).regions if region.type == kind)


def show_editor(editor: str) -> Steps:
    """Turn the largest area of the window into this editor."""
    largest = max(main_window().screen.areas, key=lambda area: area.width * area.height)
    largest.type = editor
    yield from tick(2)


def open_sidebar(editor: str = "VIEW_3D", *, tab: str) -> Steps:
    """Open an editor's sidebar on a tab, and wait until it is drawn."""
    area(editor).spaces.active.show_region_ui = True
    yield from wait_until(lambda: _choose(editor, tab=tab), what=f"tab {tab!r} in the sidebar of {editor}")
    yield from tick(2)


def _choose(editor: str, *, tab: str) -> bool:
    sidebar = region(editor)
    sidebar.tag_redraw()
    try:
        sidebar.active_panel_category = tab
    except (AttributeError, TypeError):  # no panel at all, or none of this tab, was drawn yet
        return False
    return sidebar.width > 1 and sidebar.active_panel_category == tab


def hover(editor: str, kind: str = "UI") -> Steps:
    """Move the mouse into the middle of a region, so that keys go there."""
    place = region(editor, kind)
    yield from move(place.x + place.width // 2, place.y + place.height // 2)


def find_operator(name: str, *, editor: str = "VIEW_3D", kind: str = "UI") -> Finding:
    """Find the button of an operator such as "scenario.generate"; greyed out ones are found, too."""
    return _find(lambda said: said.startswith(f"bpy.ops.{name}("), name, editor=editor, kind=kind)


def find_property(path: str, *, editor: str = "VIEW_3D", kind: str = "UI") -> Finding:
    """Find the field of a property by the end of its data path: "scenario.prompt", '["steps"]'."""
    start = "" if path.startswith("[") else "."
    return _find(lambda said: said.endswith(start + path), path, editor=editor, kind=kind)


def click_operator(name: str, *, editor: str = "VIEW_3D", kind: str = "UI") -> Steps:
    """Find the button of an operator and click it."""
    spot = yield from find_operator(name, editor=editor, kind=kind)
    yield from click(spot.x, spot.y)


def click_property(path: str, *, editor: str = "VIEW_3D", kind: str = "UI") -> Steps:
    """Find the field of a property and click it."""
    spot = yield from find_property(path, editor=editor, kind=kind)
    yield from click(spot.x, spot.y)


def choose(path: str, value: object, *, editor: str = "VIEW_3D", kind: str = "UI") -> Steps:
    """Find the list of a property and turn the wheel over it, with Ctrl, until it has the value.

    :raises LookupError: no turn in either direction gives it.
    """
    spot = yield from find_property(path, editor=editor, kind=kind)
    yield from move(spot.x, spot.y)
    for wheel in ("WHEELDOWNMOUSE", "WHEELUPMOUSE"):
        before: object = None
        while (present := _value(spot)) not in (value, before):
            before = present
            yield from press(wheel, ctrl=True)
        if present == value:
            return
    raise LookupError(f"{path} offers no {value!r}: the last on the wheel is {present!r}")


def _value(spot: Spot) -> object:
    """Give the value of the property of a button; Blender said the expression itself."""
    return eval(spot.name, {"bpy": bpy})


def _find(matches: Callable[[str], bool], what: str, *, editor: str, kind: str) -> Finding:
    """Move the mouse down the columns of a region until a button matches, and on to the button's lower edge.

    A button that was found before is looked for where it was first. One that the lower edge cuts is not in sight.

    :raises LookupError: there is none that one can see; the message names those that are there.
    """
    known = _found.get((what, editor, kind))
    if known and known.name == (yield from _point_at(known.x, known.y, editor=editor, kind=kind)):
        return known
    seen: dict[str, None] = {}  # in the order of their finding
    columns = sorted(_COLUMNS, key=lambda column: column != _COLUMN.get(what))
    sooner = [(columns[0], _FROM_PX[what])] if what in _FROM_PX else []
    for column, from_px in (*sooner, *((column, 0) for column in columns)):
        place = region(editor, kind)
        x, bottom, top = place.x + int(place.width * column), place.y, place.y + place.height - from_px
        hits: list[Spot] = []
        for y in (*range(top - _STEP_PX // 2, bottom - _STEP_PX, -_STEP_PX), None):
            said = "" if y is None else (yield from _point_at(x, y, editor=editor, kind=kind))
            seen[said] = None
            # Another one may follow that matches as well; the last of a region is still lit below its edge.
            if hits and said != hits[0].name:
                spot = hits[len(hits) // 2]
                if spot.name == (yield from _point_at(x, spot.y, editor=editor, kind=kind)):
                    _found[what, editor, kind] = spot
                    return spot
                hits.clear()
            if y is not None and y > bottom + _EDGE_PX and matches(said):
                hits.append(Spot(x, y, said))
    raise LookupError(f"no button for {what} is in sight in {editor}, but {[said for said in seen if said]}")


def _point_at(x: int, y: int, *, editor: str, kind: str) -> Generator[None, None, str]:
    """Move the mouse there; give the operator call or the data path of the button, "" where there is none."""
    yield from move(x, y)
    yield  # a button may stay highlighted for a round after the mouse has left it
    return _under_mouse(editor, kind)


def _under_mouse(editor: str, kind: str) -> str:
    """Give the operator call or the data path of the button under the mouse, "" where there is none."""
    manager = bpy.context.window_manager
    manager.clipboard = ""
    place = area(editor), region(editor, kind)
    with bpy.context.temp_override(window=main_window(), area=place[0], region=place[1]):
        if bpy.ops.ui.copy_python_command_button.poll():
            bpy.ops.ui.copy_python_command_button()
        elif bpy.ops.ui.copy_data_path_button.poll():
            bpy.ops.ui.copy_data_path_button(full_path=True)
    return manager.clipboard


def shot(name: str) -> None:
    """Keep a picture of the whole screen as last drawn, by ImageMagick: Blender's own comes out black on some."""
    picture = Path(os.environ["GUI_SCREENSHOTS"]) / f"{name}.png"
    if not (program := shutil.which("import")):
        print(f"No screenshot {picture.name}: ImageMagick is not installed.", flush=True)
        return
    subprocess.run([program, "-silent", "-window", "root", *_QUICK, str(picture)], check=True, timeout=30)
