# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh that another process has converted: the same as an import brings, without what an import does to a scene."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.children.process import blender_with
from scenario_addon.blender.converting.converter import WORK, Converter
from scenario_addon.blender.importing.converted import Converted
from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.scene.arrival import Arrival
from scenario_addon.blender.scene.placement import Placement
from tests.blender.importing.test_cleanup import HIERARCHIES, written
from tests.blender.importing.test_importer import names
from tests.blender.looks import is_the_same, material_text, plainly_imported, seen
from tests.blender.sample_meshes import TRIANGLES


@pytest.fixture(scope="module")
def meshes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Path, Converted]]]:
    """Some GLB files, converted."""
    folder = tmp_path_factory.mktemp("meshes")
    converter = Converter(folder / "blends", command=blender_with(WORK))
    made: dict[str, tuple[Path, Converted]] = {}
    try:
        for number, kind in enumerate(("turned", "two of one mesh")):
            path = written(folder / f"{number}.glb", HIERARCHIES[kind])
            converter.begin(kind, path, name="Chair")
            while (result := converter.result(kind)) is None:
                time.sleep(0.01)
            assert isinstance(result, Converted)
            made[kind] = (path, result)
        yield made
    finally:
        converter.close()


@pytest.fixture
def cube() -> bpy.types.Object:
    """Something of the artist's own, selected and active."""
    bpy.ops.mesh.primitive_cube_add()
    return bpy.context.active_object


def bring_in(mesh: tuple[Path, Converted], **options: object) -> Arrival:
    path, converted = mesh
    return import_mesh(path, name="Chair", job_id="job_1", model_id="model_1", converted=converted, **options)


@pytest.mark.parametrize("kind", ["turned", "two of one mesh"])
def test_geometry_uvs_materials_and_textures_are_those_of_a_plain_import(
    meshes: dict[str, tuple[Path, Converted]], kind: str
) -> None:
    plain = [obj for obj in plainly_imported(meshes[kind][0]) if obj.type == "MESH"]
    expected = seen(plain)
    low, high = expected[:, :3].min(axis=0), expected[:, :3].max(axis=0)
    expected[:, :3] -= ((low + high)[0] / 2, (low + high)[1] / 2, low[2])
    arrival = bring_in(meshes[kind], placement=Placement((0.0, 0.0, 0.0)))
    ours = arrival.objects
    assert is_the_same(seen(ours), expected, within=2e-3)
    for own, theirs in zip(ours, plain, strict=True):
        (material,), (their_material,) = own.data.materials, theirs.data.materials
        assert material_text(material) == material_text(their_material)


def test_nothing_but_the_mesh_comes_in(meshes: dict[str, tuple[Path, Converted]]) -> None:
    before = names()
    scene = bpy.context.scene
    settings = (scene.frame_current, scene.render.engine, scene.unit_settings.system, scene.world)
    arrival = bring_in(meshes["turned"])
    kinds = {kind for kind, _ in names() - before} - {"all_ids", "node_groups"}
    assert kinds == {"collections", "objects", "meshes", "materials", "images"}
    assert not bpy.data.libraries
    assert (scene.frame_current, scene.render.engine, scene.unit_settings.system, scene.world) == settings
    assert [collection.name for collection in scene.collection.children] == [arrival.collection_name]
    assert not arrival.collection.use_fake_user
    assert all(image.packed_file for image in bpy.data.images)


def test_of_two_meshes_the_second_shares_the_importers_node_group(meshes: dict[str, tuple[Path, Converted]]) -> None:
    group = "glTF Material Output"
    for path, converted in meshes.values():
        with bpy.data.libraries.load(str(converted.blend), link=False) as (there, _):
            has_group = group in there.node_groups
        bring_in((path, converted))
    assert [found.name for found in bpy.data.node_groups] == [group] * has_group
    if has_group:
        mine = bpy.data.node_groups[group]
        mine.nodes.new("NodeFrame")
        bring_in(meshes["turned"])
        assert len(bpy.data.node_groups) == 2, "one that somebody has changed is not taken for the same"


def test_what_was_appended_and_undone_is_appended_again(meshes: dict[str, tuple[Path, Converted]]) -> None:
    first, second = (bring_in(meshes["turned"]) for _ in range(2))
    assert (first.collection_name, second.collection_name) == ("Chair", "Chair.001")
    assert not set(first.objects) & set(second.objects)


@pytest.mark.parametrize("mode", ["OBJECT", "EDIT", "SCULPT", "VERTEX_PAINT", "WEIGHT_PAINT", "TEXTURE_PAINT"])
def test_an_artist_at_work_is_not_taken_out_of_the_mode(
    meshes: dict[str, tuple[Path, Converted]], cube: bpy.types.Object, mode: str
) -> None:
    bpy.ops.object.mode_set(mode=mode)
    arrival = bring_in(meshes["two of one mesh"])
    assert arrival.triangles == 2 * TRIANGLES
    assert cube.mode == mode
    chosen = [obj.name for obj in bpy.context.view_layer.objects.selected]
    if mode == "OBJECT":
        assert (bpy.context.active_object.name, sorted(chosen)) == (arrival.root_name, sorted(arrival.object_names))
    else:
        assert (bpy.context.active_object, chosen) == (cube, [cube.name])


def test_a_blend_that_is_gone_is_made_up_for_by_the_file(
    meshes: dict[str, tuple[Path, Converted]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, converted = meshes["turned"]
    gone = replace(converted, blend=tmp_path / "gone.blend")
    assert bring_in((path, gone)).triangles == TRIANGLES
    assert "imported directly" in caplog.text


def test_what_fails_after_the_append_leaves_no_trace(
    meshes: dict[str, tuple[Path, Converted]], cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("scenario_addon.blender.importing.importer.place", fail)
    before = names()
    with pytest.raises(ZeroDivisionError):
        bring_in(meshes["turned"])
    assert names() == before
    assert (bpy.context.active_object, bpy.context.selected_objects) == (cube, [cube])


@pytest.mark.parametrize("height", [0.0, 2.0])
@pytest.mark.parametrize("metres", [0.01, 0.3048, 1000.0])
def test_a_mesh_is_as_large_as_its_file_says_in_a_scene_of_other_units_either_way(
    meshes: dict[str, tuple[Path, Converted]], metres: float, height: float
) -> None:
    path, converted = meshes["turned"]
    size_m = bring_in((path, converted)).root.dimensions.copy()
    bpy.context.scene.unit_settings.scale_length = metres
    there, here = (
        import_mesh(
            path, name="Chair", job_id="job_1", model_id="m", converted=made, placement=Placement(height=height)
        ).root.dimensions
        for made in (converted, None)
    )
    wanted = size_m / metres if not height else size_m * (height / size_m.z)
    assert there[:] == here[:] == pytest.approx(wanted[:], rel=1e-5)
    assert bpy.context.scene.unit_settings.scale_length == pytest.approx(metres)
