# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that share a mesh go on sharing it, and are seen where and how Blender's own import shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from benchmarks import hostile
from mathutils import Matrix

from scenario_addon.blender.importing.cleanup import read_into
from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.mesh.finish import Finish
from scenario_addon.blender.mesh.mesh import mesh_of, total_triangles
from scenario_addon.blender.scene.arrival import Arrival
from scenario_addon.blender.scene.placement import Placement, move_origin, place, standing
from tests.blender.importing.test_cleanup import TURN, written
from tests.blender.looks import as_imported, is_the_same, plainly_imported, seen
from tests.blender.sample_meshes import TRIANGLES, join_glb, split_glb

SHARED: dict[str, list[dict[str, Any]]] = {
    "turned alike": [
        {"name": "wrapper", "children": [1, 2], "rotation": TURN, "scale": [2, 3, 2]},
        {"name": "chair", "mesh": 0, "translation": [-5, 4, 0]},
        {"name": "chair too", "mesh": 0, "translation": [5, 4, 1]},
    ],
    "turned": [
        {"name": "wrapper", "children": [1, 2], "rotation": TURN, "scale": [2, 2, 2]},
        {"name": "chair", "mesh": 0, "translation": [-5, 4, 0]},
        {"name": "chair too", "mesh": 0, "translation": [5, 4, 1], "rotation": TURN, "scale": [3, 3, 3]},
    ],
    "mirrored": [
        {"name": "wrapper", "children": [1, 2]},
        {"name": "chair", "mesh": 0, "translation": [-5, 4, 0], "scale": [-1, 1, 1]},
        {"name": "chair too", "mesh": 0, "translation": [5, 4, 1], "rotation": TURN, "scale": [1, -2, 1]},
    ],
    "the first stretched": [
        {"name": "wrapper", "children": [1, 2, 3]},
        {"name": "chair", "mesh": 0, "translation": [-5, 4, 0], "rotation": TURN, "scale": [1, 2, 5]},
        {"name": "chair too", "mesh": 0, "translation": [5, 4, 1]},
        {"name": "chair three", "mesh": 0, "rotation": [0.5, 0.5, 0.5, 0.5]},
    ],
    "sheared": [
        {"name": "wrapper", "children": [1, 2], "scale": [1, 4, 2]},
        {"name": "chair", "mesh": 0, "translation": [-5, 4, 0], "rotation": [0, 0.6, 0, 0.8]},
        {"name": "chair too", "mesh": 0, "translation": [5, 4, 1], "rotation": TURN},
    ],
    "nested": [
        {"name": "chair", "mesh": 0, "rotation": TURN, "children": [1]},
        {
            "name": "chair too",
            "mesh": 0,
            "translation": [5, 4, 1],
            "rotation": TURN,
            "scale": [2, 1, 1],
            "children": [2],
        },
        {"name": "chair three", "mesh": 0, "translation": [5, 0, 0], "rotation": TURN},
    ],
}


@pytest.fixture(params=SHARED)
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return written(tmp_path / "chair.glb", SHARED[request.param])


def points(objects: Any) -> np.ndarray:
    """Every vertex in the world, a row each, in a fixed order."""
    bpy.context.view_layer.update()
    found = [obj.matrix_world @ v.co for obj in objects if obj.type == "MESH" for v in mesh_of(obj).vertices]
    rows = np.round(np.array([point[:] for point in found]), 3) + 0.0
    return rows[np.lexsort(rows.T)]


def test_a_shared_mesh_stays_shared_and_nothing_that_is_seen_changes(
    shared: Path, collection: bpy.types.Collection
) -> None:
    expected = as_imported(shared)
    arrival = read_into(shared, collection)
    assert is_the_same(seen(arrival.objects), expected, within=5e-3)
    assert len({mesh_of(obj) for obj in arrival.objects}) == 1
    assert arrival.root.matrix_basis == Matrix.Translation(arrival.root.location)
    assert arrival.triangles == TRIANGLES * len(arrival.objects)
    low, high = expected[:, :3].min(axis=0), expected[:, :3].max(axis=0)
    home = np.array(arrival.root.location)
    assert (arrival.low, arrival.high) == (pytest.approx(low - home, abs=5e-3), pytest.approx(high - home, abs=5e-3))


@pytest.mark.parametrize("origin", ["BASE", "CENTER"])
def test_it_is_placed_in_one_piece(shared: Path, origin: str) -> None:
    expected = as_imported(shared)
    low, high = expected[:, :3].min(axis=0), expected[:, :3].max(axis=0)
    factor = 2.0 / (high - low)[2]
    expected[:, :3] = (expected[:, :3] - [*((low + high) / 2)[:2], low[2]]) * factor
    where = Placement((1.0, 2.0, 3.0), height=2.0, origin=origin)
    arrival = import_mesh(shared, name="Chair", job_id="j", model_id="m", placement=where)
    expected[:, :3] += where.location
    assert is_the_same(seen(arrival.objects), expected, within=5e-3)
    assert len({mesh_of(obj) for obj in arrival.objects}) == 1
    again = place(standing("j", bpy.context.scene), where, bpy.context.scene)
    assert is_the_same(seen(again.objects), expected, within=5e-3), "placing it again changes nothing"


def test_objects_that_are_kept_apart_stay_where_they_are_when_the_origin_moves(
    shared: Path, collection: bpy.types.Collection
) -> None:
    arrival = read_into(shared, collection)
    lamp = bpy.data.objects.new("lamp", None)
    collection.objects.link(lamp)
    lamp.parent, lamp.location = arrival.objects[1], (1, 2, 3)
    duplicate = bpy.data.objects.new("the artist's own", arrival.root.data)
    collection.objects.link(duplicate)
    bpy.context.view_layer.update()
    before, mesh = seen([*arrival.objects, duplicate]), arrival.root.data
    lamp_was_at = lamp.matrix_world.translation.copy()
    move_origin(arrival, "BASE")
    assert is_the_same(seen([*arrival.objects, duplicate]), before, within=5e-3)
    assert (lamp.matrix_world.translation - lamp_was_at).length < 1e-4
    assert duplicate.data == mesh != arrival.root.data
    assert len({mesh_of(obj) for obj in arrival.objects}) == 1


def test_what_is_flat_gets_a_mesh_of_its_own(tmp_path: Path, collection: bpy.types.Collection) -> None:
    nodes = [
        {"name": "wrapper", "children": [1, 2, 3]},
        {"name": "chair", "mesh": 0, "scale": [1, 0, 1], "rotation": TURN},
        {"name": "chair too", "mesh": 0, "translation": [5, 4, 1], "rotation": TURN},
        {"name": "chair three", "mesh": 0, "translation": [5, 8, 1]},
    ]
    path = written(tmp_path / "chair.glb", nodes)
    plain = plainly_imported(path)
    expected = points(plain)
    bpy.data.batch_remove(plain)
    arrival = read_into(path, collection)
    assert np.allclose(points(arrival.objects), expected, atol=2e-3)
    assert len({mesh_of(obj) for obj in arrival.objects}) == 2


def gpu_instances(path: Path) -> Path:
    written(path, [{"name": "chair", "mesh": 0, "rotation": TURN}])
    document, binary = split_glb(path.read_bytes())
    random = np.random.default_rng(0)
    attributes = {}
    for name, width in (("TRANSLATION", 3), ("ROTATION", 4), ("SCALE", 3)):
        values = random.uniform(0.5, 5.0, (4, width))
        values = values / np.linalg.norm(values, axis=1)[:, None] if width == 4 else values
        data = np.float32(values).tobytes()
        document["bufferViews"].append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(data)})
        view = {"bufferView": len(document["bufferViews"]) - 1, "componentType": 5126}
        document["accessors"].append({**view, "count": 4, "type": f"VEC{width}"})
        attributes[name] = len(document["accessors"]) - 1
        binary += data
    document["buffers"][0]["byteLength"] = len(binary)
    document["nodes"][0]["extensions"] = {"EXT_mesh_gpu_instancing": {"attributes": attributes}}
    document["extensionsUsed"] = ["EXT_mesh_gpu_instancing"]
    path.write_bytes(join_glb(document, binary))
    return path


def test_instances_of_the_graphics_card_come_in_as_blender_brings_them(
    tmp_path: Path, collection: bpy.types.Collection
) -> None:
    path = gpu_instances(tmp_path / "chair.glb")
    expected = as_imported(path)
    arrival = read_into(path, collection)
    assert is_the_same(seen(arrival.objects), expected, within=1e-2)
    assert len({mesh_of(obj) for obj in arrival.objects}) == 1
    assert (len(arrival.objects), arrival.triangles) == (4, 4 * TRIANGLES)


def test_a_thousand_instances_take_no_more_than_one_mesh(tmp_path: Path, collection: bpy.types.Collection) -> None:
    path = tmp_path / "many.glb"
    path.write_bytes(hostile.instances(1_000, 4_050))
    arrival = move_origin(read_into(path, collection), "BASE")
    assert (len(arrival.objects), len(bpy.data.meshes)) == (1_000, 1)
    assert arrival.triangles == 1_000 * total_triangles([arrival.root])


def test_a_target_is_met_by_all_together(tmp_path: Path, collection: bpy.types.Collection) -> None:
    path = tmp_path / "many.glb"
    path.write_bytes(hostile.instances(10, 4_050))
    arrival = read_into(path, collection, Finish(triangles=10_000, lods=1))
    shown = shown_of(arrival)
    assert total_triangles(shown) == pytest.approx(10_000, rel=0.05)
    assert arrival.triangles == total_triangles(shown)
    assert len({mesh_of(obj) for obj in shown}) == 1
    assert len(bpy.data.meshes) == 3, "what is shown, what was delivered, a level of detail"
    before = seen(shown)[:, :3]
    low, high = before.min(axis=0), before.max(axis=0)
    moved = move_origin(arrival, "CENTER")
    after = seen(shown)[:, :3]
    assert np.allclose((after.min(axis=0), after.max(axis=0)), (low, high), atol=1e-3)
    for drawer in collection.children:
        drawer.hide_viewport = False
    hidden = [obj for obj in moved.objects if obj not in shown]
    full = seen([obj for obj in hidden if "_full" in obj.name])[:, :3]
    assert np.allclose((full.min(axis=0), full.max(axis=0)), (low, high), atol=0.05), "they stand where it stands"


def shown_of(arrival: Arrival) -> list[bpy.types.Object]:
    return [obj for obj in arrival.objects if obj.name in arrival.collection.objects]
