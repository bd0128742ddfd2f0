# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a mesh that has come in: it outlives what references do not, and finds its datablocks again."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.scene.arrival import Arrival


def arrive(*names: str) -> Arrival:
    """Empties of these names in a collection of their own."""
    collection = bpy.data.collections.new("Chair")
    objects = [bpy.data.objects.new(name, None) for name in names]
    for obj in objects:
        collection.objects.link(obj)
    plain = Arrival("", (), (-1.0, 0.0, 0.5), (1.0, 2.0, 3.5), triangles=12, textures=1, is_rigged=True)
    return plain.named_after(collection, objects)


def test_it_goes_over_a_pipe_and_comes_out_the_same() -> None:
    arrival = arrive("seat", "стул")
    assert Arrival.from_json(json.loads(json.dumps(arrival.to_json()))) == arrival


def test_it_finds_its_datablocks_the_root_first() -> None:
    arrival = arrive("seat", "back")
    seat, back = bpy.data.objects["seat"], bpy.data.objects["back"]
    assert (arrival.root, arrival.objects) == (seat, (seat, back))
    assert arrival.collection == bpy.data.collections["Chair"]


def test_it_is_named_after_what_the_datablocks_are_called() -> None:
    first, second = arrive("seat"), arrive("seat")
    assert (first.collection_name, first.root_name) == ("Chair", "seat")
    assert (second.collection_name, second.object_names) == ("Chair.001", ("seat.001",))


def test_linked_datablocks_of_the_same_names_are_not_taken_for_it(tmp_path: Path) -> None:
    library = tmp_path / "library.blend"
    theirs = arrive("seat", "back")
    bpy.data.libraries.write(str(library), {theirs.collection})
    bpy.data.batch_remove([theirs.collection, *theirs.objects])
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.collections = ["Chair"]
    with pytest.raises(KeyError):
        print(theirs.objects, theirs.root, theirs.collection)
    ours = arrive("seat", "back")
    assert ours.object_names == ("seat", "back"), "each file has its own names"
    assert {block.library for block in (ours.collection, ours.root, *ours.objects)} == {None}


def test_what_was_taken_out_of_the_collection_is_found_and_what_is_gone_is_missed() -> None:
    arrival = arrive("seat", "back")
    bpy.data.collections.remove(arrival.collection)
    assert [obj.name for obj in arrival.objects] == ["seat", "back"]
    bpy.data.objects.remove(bpy.data.objects["back"])
    with pytest.raises(KeyError):
        arrival.objects  # noqa: B018
    assert arrival.root.name == "seat"


def test_it_survives_an_undo() -> None:
    bpy.context.preferences.edit.use_global_undo = True
    arrival = arrive("seat")
    bpy.context.scene.collection.children.link(arrival.collection)
    bpy.ops.ed.undo_push(message="before")
    arrival.root.location.x = 5.0
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert arrival.root.location.x == 0.0
    assert arrival.collection.objects[:] == [arrival.root]
