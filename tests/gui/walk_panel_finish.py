# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of test_panel_finish.py: what is to be done after the import. Runs inside Blender."""

from __future__ import annotations

from tests.gui.eyes import click_property, find_operator, find_property, shot
from tests.gui.hands import click, press, tick, type_text
from tests.gui.inside import Walk
from tests.gui.scenario_tab import MAIN, choose_picture, open_tab, settings, texts


def wishes(picture: str) -> Walk:
    """Open the block, type a number of triangles, tick two boxes."""
    yield from open_tab()
    yield from choose_picture(picture)
    try:
        yield from find_property("finish.target_triangles")
    except LookupError:
        shot("1 closed")
    else:
        raise AssertionError("the block is open before anybody has opened it")
    # Its header stands between the last field above it and the button below it.
    above = yield from find_property("scenario.origin")
    below = yield from find_operator("scenario.generate")
    yield from click(above.x, (above.y * 2 + below.y) // 3)
    yield from tick(3)
    yield from click_property("finish.target_triangles")
    yield from press("A", ctrl=True)
    yield from type_text("20000")
    yield from press("RET")
    yield from click_property("finish.shade_smooth")
    yield from click_property("finish.mark_as_asset")
    yield from tick(3)
    shot("2 open")
    wanted = settings().finish
    return {
        "said": (yield from texts(MAIN)),
        "wanted": [wanted.target_triangles, wanted.shade_smooth, wanted.mark_as_asset],
    }
