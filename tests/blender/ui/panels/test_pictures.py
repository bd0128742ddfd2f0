# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist sees of the pictures that will be sent."""

from __future__ import annotations

from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.ui import pump
from scenario_addon.engine.errors import PictureError
from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.live import Live
from tests.blender.quick_studio import QuickStudio

MAIN = "SCENARIO_PT_main"


def thumbnails(shown: FakeLayout) -> dict[str, Any]:
    """Those that can be clicked, by their names."""
    return {str(b.text): b for b in shown.operators if b.operator == "scenario.look_at_picture"}


def begin() -> None:
    with_window: Any = bpy.ops.scenario.take_pictures
    assert with_window() == {"FINISHED"}


def test_before_there_are_any_it_says_how_many_and_from_where(live: Live, studio: QuickStudio) -> None:
    shown = drawn(MAIN)
    assert "4 to Take" in str(shown) and "Sides: Front, Left, Right, Back" in str(shown)
    assert shown.button("scenario.take_pictures").text == "Take Now"
    assert "In place of Blockout" in str(shown)
    assert thumbnails(shown) == {}


def test_while_they_are_taken_their_progress_and_a_way_out_are_shown(live: Live, studio: QuickStudio) -> None:
    with live.in_window():
        begin()
    shown = drawn(MAIN)
    assert "Taking Pictures" in str(shown) and shown.button("scenario.cancel_pictures")
    assert not [b for b in shown.operators if b.operator == "scenario.take_pictures"]


def test_each_picture_is_shown_under_the_name_of_its_side(live: Live, studio: QuickStudio) -> None:
    begin()
    shown = drawn(MAIN)
    found = thumbnails(shown)
    assert list(found) == ["Front", "Left", "Right", "Back"]
    assert session.shots is not None
    capture = studio.begun[0].result()
    assert found["Left"].values == {"picture": "left", "filepath": str(capture.pictures["left"])}
    assert not [b for b in shown.operators if b.operator == "scenario.take_pictures"]


def test_those_that_are_out_of_date_can_be_taken_again(live: Live, studio: QuickStudio) -> None:
    begin()
    bpy.data.objects["Blockout"].location.x += 1
    bpy.context.view_layer.update()
    shown = drawn(MAIN)
    assert len(thumbnails(shown)) == 4
    assert shown.button("scenario.take_pictures").text == "Take Again"


def test_what_went_wrong_is_said_where_the_pictures_would_be(live: Live, studio: QuickStudio) -> None:
    with live.in_window():
        begin()
    studio.let_come(PictureError("It is dark."))
    live.pump_until(lambda: not session.is_busy)
    assert "It is dark" in str(drawn(MAIN))


def test_sides_that_the_model_lacks_are_grey(live: Live, studio: QuickStudio) -> None:
    assert drawn(MAIN).is_enabled["sides=left-front"]
    live.settings.sides = {"front", "top"}
    assert "Sides: Front, Top" in str(drawn(MAIN))


def test_nothing_selected_shows_no_pictures_and_the_button_says_why(live: Live, studio: QuickStudio) -> None:
    begin()
    bpy.data.objects["Blockout"].select_set(False)
    shown = drawn(MAIN)
    assert thumbnails(shown) == {} and "Nothing is selected" in str(shown)


@pytest.mark.parametrize("source", ["IMAGE", "OBJECTS"])
def test_a_slot_takes_an_image_or_a_file(live: Live, studio: QuickStudio, source: str) -> None:
    if source == "IMAGE":
        live.image()
    bpy.ops.scenario.add_picture(view="left")
    shown = drawn(MAIN)
    assert "or File" in str(shown) and shown.properties.count("image") == 1 + (source == "IMAGE")
    live.settings.views[0].filepath = "//left.png"
    shown = drawn(MAIN)
    assert "or File" not in str(shown) and "filepath" in shown.properties


def test_esc_ends_the_pictures_unless_another_operator_may_want_it(
    live: Live, studio: QuickStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live.in_window():
        begin()
    monkeypatch.setattr(pump, "hands_are_free", lambda: False)
    pump.escape()
    assert not studio.begun[0].is_cancelled
    monkeypatch.setattr(pump, "hands_are_free", lambda: True)
    pump.escape()
    assert studio.begun[0].is_cancelled


def test_many_views_take_a_row_each_and_only_the_first_empty_one_asks_for_a_file(live: Live) -> None:
    live.image(size_px=256)
    live.choose("model_hunyuan-3d-pro-3-1-multiview", {})
    for view in ("right", "left", "back", "top", "bottom", "left-front", "right-front"):
        bpy.ops.scenario.add_picture(view=view)
    shown = drawn(MAIN)
    assert shown.texts.count("or File") == 1
    sides = ["Left", "Right", "Back", "Top", "Bottom", "Left Front", "Right Front"]
    assert [text for text in shown.texts if text in sides] == sides
    assert "This is the front view" in shown.texts
    for entry in live.settings.views:
        entry.image = live.settings.image
    assert "or File" not in drawn(MAIN).texts
