# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of pictures: what they show, whether that is still so, what is done with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import bpy
import pytest

from scenario_addon.blender.studio.capture import Capture
from scenario_addon.blender.studio.setup import Setup
from scenario_addon.blender.studio.shots import Shots
from scenario_addon.blender.studio.subject import of_selection
from scenario_addon.blender.studio.updates import changed
from scenario_addon.engine.errors import PictureError
from tests.blender.quick_studio import QuickStudio
from tests.blender.sample_subjects import add, box, painted, select

SETUP = Setup(sides=("front", "left"))


@pytest.fixture
def studio() -> QuickStudio:
    return QuickStudio()


@pytest.fixture
def shots(studio: QuickStudio) -> Iterator[Shots]:
    """With a handler as the add-on's."""
    bpy.ops.wm.read_homefile(use_empty=True)
    select(box("Blockout", (1, 1, 1)))
    made = Shots(cast(Any, studio))

    def scene_changed(scene: Any, graph: Any) -> None:
        made.note_changes(changed(graph.updates))

    bpy.context.view_layer.update()
    bpy.app.handlers.depsgraph_update_post.append(scene_changed)
    yield made
    bpy.app.handlers.depsgraph_update_post.remove(scene_changed)


def begin(shots: Shots, tmp_path: Path, key: str = "one", **options: Any) -> None:
    shots.begin(key, of_selection(bpy.context), SETUP, pictures=tmp_path, **options)


def test_pictures_are_there_once_they_are_collected(shots: Shots, studio: QuickStudio, tmp_path: Path) -> None:
    begin(shots, tmp_path)
    assert shots.is_busy and shots.sitting("one") is studio.begun[0] and shots.fresh("one") is None
    assert not shots.collect()
    studio.let_come()
    assert shots.collect()
    found = shots.fresh("one")
    assert found is not None and list(found.pictures) == ["front", "left"]
    assert not shots.is_busy and shots.sitting("one") is None and shots.fresh("another") is None


def test_what_is_taken_already_is_not_taken_twice_and_all_that_wait_for_it_hear_of_it(
    shots: Shots, studio: QuickStudio, tmp_path: Path
) -> None:
    heard: list[Any] = []
    begin(shots, tmp_path)
    assert not shots.is_followed("one")
    begin(shots, tmp_path, follow=heard.append)
    begin(shots, tmp_path, follow=heard.append)
    assert len(studio.begun) == 1 and shots.is_followed("one")
    studio.let_come()
    shots.collect()
    assert len(heard) == 2 and isinstance(heard[0], Capture)


def test_of_several_each_is_collected_for_itself(shots: Shots, studio: QuickStudio, tmp_path: Path) -> None:
    heard: list[str] = []
    for key in ("one", "two"):
        begin(shots, tmp_path, key, follow=lambda outcome, key=key: heard.append(key))
    studio.let_come()
    shots.collect()
    assert heard == ["one", "two"] and shots.fresh("two") is not None


def test_what_went_wrong_is_told_until_it_is_tried_again(shots: Shots, studio: QuickStudio, tmp_path: Path) -> None:
    heard: list[Any] = []
    begin(shots, tmp_path, follow=heard.append)
    studio.let_come(PictureError("It is dark."))
    shots.collect()
    assert shots.problem("one") == "It is dark." and shots.problem("two") is None
    assert isinstance(heard[0], PictureError)
    begin(shots, tmp_path)
    assert shots.problem("one") is None


def test_cancelled_ones_are_over_and_what_follows_hears_of_it(
    shots: Shots, studio: QuickStudio, tmp_path: Path
) -> None:
    heard: list[Any] = []
    begin(shots, tmp_path, follow=heard.append)
    shots.cancel()
    studio.let_come()
    shots.collect()
    assert not shots.is_busy and "cancelled" in heard[0].user_message


def move(obj: Any) -> None:
    obj.location.x += 1


def model(obj: Any) -> None:
    obj.data.vertices[0].co.z += 1
    obj.data.update()


def modify(obj: Any) -> None:
    obj.modifiers.new("Bevel", "BEVEL")


def paint(obj: Any) -> None:
    obj.data.materials[0].node_tree.nodes[0].inputs[0].default_value = (1, 0, 0, 1)


def repaint(obj: Any) -> None:
    obj.data.materials[0] = painted((0, 1, 0))


def light(obj: Any) -> None:
    """Add a lamp, and move it."""
    lamp = add(bpy.data.lights.new("Lamp", "SUN"), "Lamp")
    bpy.context.view_layer.update()
    lamp.rotation_euler.x = 1.0


@pytest.mark.parametrize("change", [move, model, modify, paint, repaint, light])
def test_pictures_are_out_of_date_once_something_of_the_subject_has_changed(
    shots: Shots, studio: QuickStudio, tmp_path: Path, change: Any
) -> None:
    begin(shots, tmp_path)
    studio.let_come()
    shots.collect()
    change(bpy.data.objects["Blockout"])
    bpy.context.view_layer.update()
    assert shots.fresh("one") is None
    assert shots.latest("one") is not None, "they can still be seen"


def test_what_changes_while_they_are_taken_counts_and_they_are_taken_anew(
    shots: Shots, studio: QuickStudio, tmp_path: Path
) -> None:
    begin(shots, tmp_path)
    move(bpy.data.objects["Blockout"])
    bpy.context.view_layer.update()
    begin(shots, tmp_path)
    assert len(studio.begun) == 2
    studio.begun[1].end(studio._pictures(studio.begun[1]))
    shots.collect()
    assert shots.fresh("one") is not None


def test_what_happens_to_others_changes_nothing(shots: Shots, studio: QuickStudio, tmp_path: Path) -> None:
    other = box("Other", (1, 1, 1), (5, 0, 0))
    bpy.context.view_layer.update()
    begin(shots, tmp_path)
    studio.let_come()
    shots.collect()
    move(other)
    other.select_set(True)
    bpy.context.view_layer.update()
    assert shots.fresh("one") is not None


def test_a_few_sets_of_pictures_are_remembered(shots: Shots, studio: QuickStudio, tmp_path: Path) -> None:
    keys = ["one", "two", "three", "four", "five"]
    for key in keys:
        begin(shots, tmp_path, key)
        studio.let_come()
        shots.collect()
    assert [key for key in keys if shots.fresh(key) is not None] == keys[1:]


def test_pictures_whose_files_are_gone_are_not_there(shots: Shots, studio: QuickStudio, tmp_path: Path) -> None:
    capture = shots.take("one", of_selection(bpy.context), SETUP, pictures=tmp_path)
    assert shots.fresh("one") is capture
    capture.pictures["left"].unlink()
    assert shots.fresh("one") is None and shots.latest("one") is None


def test_an_update_without_flags_is_none(shots: Shots, studio: QuickStudio, tmp_path: Path) -> None:
    shots.take("one", of_selection(bpy.context), SETUP, pictures=tmp_path)
    block = SimpleNamespace(original=bpy.data.objects["Blockout"])
    shots.note_changes(changed([SimpleNamespace(id=block, is_updated_geometry=False, is_updated_transform=False)]))
    assert shots.fresh("one") is not None
