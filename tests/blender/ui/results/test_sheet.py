# SPDX-License-Identifier: GPL-3.0-or-later
"""The contact sheet of what was made of one source, as an image of the file."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pytest

from scenario_addon.blender.delivery import sheets
from scenario_addon.blender.sheet.layout import arrange
from tests.blender.live import Live

pytestmark = [pytest.mark.usefixtures("quick_pictures"), pytest.mark.slow]


def sheet(name: str = "Contact Sheet Chair") -> Any:
    return bpy.data.images[name]


def test_all_that_was_made_of_a_picture_is_on_one_sheet(live: Live) -> None:
    live.ready_to_generate()
    live.choose_more(pixal3d={})
    live.service.fail_job()
    with pytest.raises(RuntimeError, match="could not reconstruct"):
        bpy.ops.scenario.generate()
    first = live.jobs[0]
    assert bpy.ops.scenario.contact_sheet(job_id=first.id) == {"FINISHED"}
    layout = arrange([2])
    assert tuple(sheet().size) == (layout.width_px, layout.height_px)
    assert sheet().packed_file is not None
    pixels = np.empty(len(sheet().pixels), dtype=np.float32)
    sheet().pixels.foreach_get(pixels)
    assert pixels.std() > 0.05, "there is something to be seen"


def test_a_sheet_that_is_drawn_again_takes_the_place_of_the_one_before(live: Live) -> None:
    live.generate()
    bpy.ops.scenario.contact_sheet()
    narrow = tuple(sheet().size)
    live.choose("model_hunyuan-3d-v2-1", {"paint": False, "targetFaceNum": 100, "seed": 3})
    bpy.ops.scenario.generate()
    bpy.ops.scenario.contact_sheet()
    assert sheet().size[0] > narrow[0]
    assert len([image for image in bpy.data.images if image.name.startswith("Contact Sheet")]) == 1


def test_an_image_of_the_artist_that_has_the_name_stays(live: Live) -> None:
    own = bpy.data.images.new("Contact Sheet Chair", 8, 8)
    live.generate()
    bpy.ops.scenario.contact_sheet()
    assert tuple(own.size) == (8, 8)
    assert sheet("Contact Sheet Chair.001").packed_file is not None


def test_in_a_window_it_returns_at_once_and_says_when_it_is_there(live: Live) -> None:
    job = live.generate()
    told: list[Any] = []
    sheets.begin(sheets.of_source(job), told.append)
    assert sheets.is_under_way() and told == []
    with pytest.raises(RuntimeError, match="is being drawn"):
        bpy.ops.scenario.contact_sheet()
    live.pump_until(lambda: told)
    assert told[0].startswith(b"\x89PNG")


def test_where_nothing_was_made_it_says_so(live: Live) -> None:
    with pytest.raises(RuntimeError, match="Nothing was made yet"):
        bpy.ops.scenario.contact_sheet()
    live.ready_to_generate()
    live.service.fail_job()
    with pytest.raises(RuntimeError):
        bpy.ops.scenario.generate()
    with pytest.raises(RuntimeError, match="Nothing that was made of Chair is here yet"):
        bpy.ops.scenario.contact_sheet()
