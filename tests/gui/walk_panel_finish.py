# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_panel_finish.py: what is to be done after the import. Runs inside Blender."""

from __future__ import annotations

from tests.gui.eyes import click_property, find_property, shot
from tests.gui.hands import press, tick, type_text
from tests.gui.inside import Walk
from tests.gui.panels import read_panel
from tests.gui.scenario_tab import MAIN, choose_picture, open_fold, open_tab, settings, texts


def wishes(picture: str) -> Walk:
    """Open the block, type a number of triangles, tick two boxes."""
    yield from open_tab()
    yield from choose_picture(picture)
    closed = yield from read_panel(MAIN)
    assert "target_triangles" not in [item.name for item in closed], "open before anybody has opened it"
    shot("1 closed")
    before = [item.text for item in closed if item.text]
    last = yield from find_property('["guidanceScale"]')
    yield from open_fold("target_triangles", below=last.y - 36)
    for _ in range(3):
        yield from press("WHEELDOWNMOUSE")  # the last of the block may be at the window's edge
    yield from click_property("finish.target_triangles")
    yield from press("A", ctrl=True)
    yield from type_text("20000")
    yield from press("RET")
    yield from click_property("finish.shade_smooth")
    yield from click_property("finish.mark_as_asset")
    yield from tick(3)
    shot("2 open")
    wanted = settings().finish
    said = yield from texts(MAIN)
    return {
        "before": [text for text in before if text.startswith("After Import")],
        "said": [text for text in said if "Decimate" in text],
        "wanted": [wanted.target_triangles, wanted.shade_smooth, wanted.mark_as_asset],
    }
