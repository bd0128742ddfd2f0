# SPDX-License-Identifier: GPL-3.0-or-later
"""From selected objects to a mesh in their place: one press, one order, whatever happens to them meanwhile."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.request.reading import read
from scenario_addon.blender.scene.bounds import Box
from scenario_addon.blender.scene.placement import standing
from scenario_addon.engine.errors import PictureError
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.live import Live, preferences
from tests.blender.quick_studio import QuickStudio
from tests.blender.sample_subjects import box, select
from tests.engine.picture_samples import save_picture

MULTIVIEW = "model_hunyuan-3d-pro-3-1-multiview"


def standing_box(job: Job) -> Box:
    arrival = standing(job.id, bpy.context.scene)
    return Box.between(arrival.low, arrival.high).seen_from(arrival.root.matrix_world)


def press(live: Live, studio: QuickStudio, **options: Any) -> tuple[set[str], str]:
    """Press Generate where a price is shown."""
    live.price()
    return live.press(**options)


def test_a_script_waits_for_pictures_and_mesh_which_takes_the_place_of_the_objects(
    live: Live, studio: QuickStudio
) -> None:
    assert bpy.ops.scenario.generate() == {"FINISHED"}
    job = live.job
    assert job.order.name == "Blockout mesh"
    assert [picture.name for picture in job.order.pictures] == ["frontImage", "leftImage", "rightImage", "backImage"]
    assert len(studio.begun) == 1
    assert standing_box(job).base[:] == pytest.approx((4, 5, 4.5), abs=1e-3)
    source = bpy.data.objects["Blockout"]
    assert source.hide_get() and source.hide_render


def test_the_objects_are_left_as_they_are_if_that_is_wanted(live: Live, studio: QuickStudio) -> None:
    live.settings.hide_source = False
    bpy.ops.scenario.generate()
    assert not bpy.data.objects["Blockout"].hide_get()


def test_at_the_cursor_it_stands_there_and_hides_nothing(live: Live, studio: QuickStudio) -> None:
    live.settings.placement = "CURSOR"
    bpy.context.scene.cursor.location = (1, 1, 1)
    bpy.ops.scenario.generate()
    assert standing_box(live.job).base[:] == pytest.approx((1, 1, 1), abs=1e-3)
    assert not bpy.data.objects["Blockout"].hide_get()


def test_a_press_returns_at_once_and_the_order_follows_the_pictures(live: Live, studio: QuickStudio) -> None:
    assert press(live, studio)[0] == {"FINISHED"}
    assert live.jobs == [] and session.is_busy
    studio.let_come()
    live.pump_until(lambda: live.jobs)
    job = live.pump_until_state(State.IMPORTED, live.job)
    assert standing_box(job).base[:] == pytest.approx((4, 5, 4.5), abs=1e-3)
    assert len(live.service.charges) == 1


def test_what_is_ordered_is_what_the_form_said_at_the_press(live: Live, studio: QuickStudio) -> None:
    press(live, studio)
    live.choose("model_pixal3d", {})
    select(box("Another", (1, 1, 1)))
    bpy.data.objects.remove(bpy.data.objects["Another"])
    live.settings.placement = "ORIGIN"
    studio.let_come()
    live.pump_until(lambda: live.jobs)
    order = live.job.order
    assert (order.model_id, order.name) == (MULTIVIEW, "Blockout mesh")
    assert order.values["faceCount"] == 40000
    assert order.target["placement"]["box"] == pytest.approx((1, 2, 3), abs=1e-3)


@pytest.mark.parametrize("fate", ["moved", "renamed", "deleted"])
def test_whatever_becomes_of_the_objects_the_mesh_stands_where_they_stood(
    live: Live, studio: QuickStudio, fate: str
) -> None:
    press(live, studio)
    studio.let_come()
    live.pump_until(lambda: live.jobs)
    source = bpy.data.objects["Blockout"]
    if fate == "moved":
        source.location.x += 50
    elif fate == "renamed":
        source.name = "Something"
    else:
        bpy.data.objects.remove(source)
    job = live.pump_until_state(State.IMPORTED, live.job)
    assert standing_box(job).base[:] == pytest.approx((4, 5, 4.5), abs=1e-3)


def test_after_a_restart_it_stands_there_as_well(live: Live, studio: QuickStudio, tmp_path: Path) -> None:
    blend = str(tmp_path / "work.blend")
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    press(live, studio)
    studio.let_come()
    live.pump_until(lambda: live.jobs)
    bpy.ops.wm.save_mainfile()
    live.restart()
    bpy.ops.wm.open_mainfile(filepath=blend)
    job = live.pump_until_state(State.IMPORTED, live.job)
    assert standing_box(job).base[:] == pytest.approx((4, 5, 4.5), abs=1e-3)
    assert bpy.data.objects["Blockout"].hide_get()


def test_a_second_press_while_the_pictures_are_taken_orders_nothing_more(live: Live, studio: QuickStudio) -> None:
    press(live, studio)
    assert press(live, studio)[0] == {"CANCELLED"}
    studio.let_come()
    live.pump_until(lambda: live.jobs)
    live.pump_until_state(State.IMPORTED, live.job)
    assert len(studio.begun) == 1 and len(live.service.charges) == 1


def test_pictures_that_were_looked_at_are_those_that_are_sent(live: Live, studio: QuickStudio) -> None:
    with live.in_window():
        assert bpy.ops.scenario.take_pictures() == {"FINISHED"}
    studio.let_come()
    live.pump_until(lambda: not session.is_busy)
    wanted = read(bpy.context).wanted
    assert wanted is not None and session.shots is not None
    shown = session.shots.fresh(wanted.key)
    assert shown is not None and live.jobs == []
    bpy.ops.scenario.generate()
    assert [image.path for image in live.job.order.images()] == list(shown.pictures.values())
    assert len(studio.begun) == 1


def test_a_press_while_they_are_looked_at_waits_for_the_same_pictures(live: Live, studio: QuickStudio) -> None:
    with live.in_window():
        bpy.ops.scenario.take_pictures()
    press(live, studio)
    studio.let_come()
    live.pump_until(lambda: live.jobs)
    assert len(studio.begun) == 1


def test_objects_that_have_changed_since_are_taken_anew(live: Live, studio: QuickStudio) -> None:
    bpy.ops.scenario.take_pictures()
    bpy.data.objects["Blockout"].location.x += 10
    bpy.context.view_layer.update()
    bpy.ops.scenario.generate()
    assert len(studio.begun) == 2
    assert standing_box(live.job).base[:] == pytest.approx((14, 5, 4.5), abs=1e-3)


def test_several_blockouts_pressed_one_after_the_other_are_all_made(live: Live, studio: QuickStudio) -> None:
    for number in range(3):
        for obj in bpy.context.selected_objects:
            obj.select_set(False)
        select(box(f"Part {number}", (1, 1, 1), (5 * number, 0, 0)))
        assert press(live, studio)[0] == {"FINISHED"}
    studio.let_come()
    live.pump_until(lambda: len(live.jobs) == 3)
    assert sorted(job.order.name for job in live.jobs) == ["Part 0 mesh", "Part 1 mesh", "Part 2 mesh"]


def test_when_the_pictures_fail_nothing_is_ordered_and_the_reason_is_told(live: Live, studio: QuickStudio) -> None:
    press(live, studio)
    studio.let_come(PictureError("Blockout could not be rendered: it is dark."))
    live.pump_until(lambda: not session.is_busy)
    assert live.jobs == [] and live.service.charges == []
    assert session.notices["pictures"] == "Nothing was ordered: Blockout could not be rendered: it is dark."


def test_esc_stops_the_pictures_and_nothing_is_ordered(live: Live, studio: QuickStudio) -> None:
    press(live, studio)
    assert bpy.ops.scenario.cancel_pictures() == {"FINISHED"}
    studio.let_come()
    live.pump_until(lambda: not session.is_busy)
    assert live.jobs == [] and "cancelled" in session.notices["pictures"]


def test_above_the_limit_it_is_asked_before_the_pictures_are_taken(live: Live, studio: QuickStudio) -> None:
    preferences().max_cost = 1.0
    assert "limit" in press(live, studio, answer=False)[1]
    assert studio.begun == []
    press(live, studio, answer=True)
    studio.let_come()
    live.pump_until(lambda: live.jobs)
    live.pump_until_state(State.IMPORTED, live.job)


@pytest.mark.parametrize(
    ("prepare", "problem"),
    [
        (lambda: bpy.data.objects["Blockout"].select_set(False), "Nothing is selected"),
        (lambda: bpy.data.objects["Blockout"].hide_set(True), "Nothing is selected|cannot be seen"),
    ],
)
def test_without_anything_to_be_seen_the_button_says_why(
    live: Live, studio: QuickStudio, prepare: Any, problem: str
) -> None:
    prepare()
    assert read(bpy.context).problem is not None
    with pytest.raises(RuntimeError, match=problem):
        bpy.ops.scenario.generate()
    assert studio.begun == [] and live.service.charges == []


def test_more_sides_than_the_model_takes_are_refused_before_anything_is_rendered(
    live: Live, studio: QuickStudio
) -> None:
    live.choose("model_pixal3d", {})
    live.settings.sides = {"front", "left"}
    with pytest.raises(RuntimeError, match="takes one picture, not 2"):
        bpy.ops.scenario.generate()
    assert studio.begun == []


def test_what_several_pictures_cost_is_said_before(live: Live, studio: QuickStudio) -> None:
    live.choose("model_yvo3d-image-to-3d", {})
    assert read(bpy.context).notes == ()
    live.settings.sides = {"front", "back"}
    assert any("without texture" in note for note in read(bpy.context).notes)


@pytest.mark.parametrize(("front", "turn", "faces"), [("WORLD", 0.0, 0.0), ("OBJECT", 0.0, 0.5), ("WORLD", 0.25, 0.25)])
def test_the_front_is_the_worlds_or_the_objects_own_and_can_be_turned(
    live: Live, studio: QuickStudio, front: str, turn: float, faces: float
) -> None:
    bpy.data.objects["Blockout"].rotation_euler.z = 0.5
    bpy.context.view_layer.update()
    live.settings.studio.front, live.settings.studio.turn = front, turn
    bpy.ops.scenario.generate()
    assert live.job.order.target["placement"]["turn"] == pytest.approx(faces)


def test_a_picture_that_shows_another_side_turns_all(live: Live, studio: QuickStudio) -> None:
    bpy.ops.scenario.turn_picture(picture="front", to="left")
    assert math.degrees(live.settings.studio.turn) == pytest.approx(-90)
    bpy.ops.scenario.turn_picture(picture="right", to="front")
    assert math.degrees(live.settings.studio.turn) == pytest.approx(180)
    with pytest.raises(RuntimeError, match="can be turned"):
        bpy.ops.scenario.turn_picture(picture="top", to="front")


def test_a_side_is_replaced_by_a_file(live: Live, studio: QuickStudio, tmp_path: Path) -> None:
    entry = live.settings.views.add()
    entry.name, entry.filepath = "left", str(save_picture(tmp_path / "left.png"))
    bpy.ops.scenario.generate()
    assert studio.begun[0].setup.sides == ("front", "right", "back")
    left = next(picture for picture in live.job.order.pictures if picture.name == "leftImage")
    assert left.images[0].path.name == "left.png"
