# SPDX-License-Identifier: GPL-3.0-or-later
"""A popup is kept up to date for as long as it is open."""

import bpy

from scenario_addon.blender.ui.upkeep import Upkeep
from tests.blender.live import Live


def test_it_looks_until_nothing_is_open_and_begins_once(live: Live) -> None:
    answers = [True, True, False]
    upkeep = Upkeep(lambda: answers.pop(0))
    look = upkeep.look
    assert not bpy.app.timers.is_registered(look)
    upkeep.begin()
    upkeep.begin()
    assert bpy.app.timers.is_registered(look)
    assert [look(), look(), look()] == [0.1, 0.1, None]
    upkeep.end()
    assert not bpy.app.timers.is_registered(look)
    upkeep.end()
