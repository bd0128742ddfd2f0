# SPDX-License-Identifier: GPL-3.0-or-later
"""Kits of meshes, each in one .blend."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpy
import pytest
from mathutils import Vector

from scenario_addon.blender.host import BlenderHost
from scenario_addon.blender.variants.group import KEY, LABEL, members
from scenario_addon.blender.variants.switch import show_alone
from scenario_addon.blender.writing import blends
from scenario_addon.blender.writing.commissions import carry_out_here
from scenario_addon.engine.errors import ConfigError, DiskError
from scenario_addon.engine.host import Commission, Detail, Piece
from scenario_addon.engine.values import JobId, ModelId
from tests.blender.sample_meshes import BROKEN, textured_box


def piece(folder: Path, name: str, *, size: Sequence[float] = (1, 1, 1), **more: Any) -> Piece:
    """A box; its size is in glTF's axes: y is up."""
    path = folder / f"{name}.glb"
    path.write_bytes(textured_box(size=(size[0], size[1], size[2])))
    return Piece(name, path, JobId(f"job_{name}"), ModelId("model_1"), **more)


def written(pieces: Sequence[Piece], blend: Path) -> dict[str, bpy.types.Object]:
    """What is in the kit, by name."""
    assert BlenderHost().write_kit(pieces, blend, name="Kit") == []
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    bpy.context.view_layer.update()
    return {obj.name: obj for obj in bpy.context.scene.objects}


def span(obj: bpy.types.Object) -> tuple[Vector, Vector]:
    """The lowest and the highest corner, in the world."""
    points = [obj.matrix_world @ vertex.co for vertex in obj.data.vertices]
    return tuple(Vector([pick(p[axis] for p in points) for axis in range(3)]) for pick in (min, max))


def test_each_mesh_is_in_it_under_its_name_with_its_texture_and_its_job(tmp_path: Path) -> None:
    found = written([piece(tmp_path, "Chair"), piece(tmp_path, "größe 木")], tmp_path / "new folder" / "kit.blend")
    assert list(found) == ["Chair", "größe 木"]
    for name, obj in found.items():
        assert [collection.name for collection in obj.users_collection] == [name]
        assert obj["scenario_job_id"] == f"job_{name}"
        assert obj.visible_get()
    assert [bool(image.packed_file) for image in bpy.data.images if image.users] == [True, True]
    assert bpy.context.scene.name == "Kit"
    assert [path.name for path in (tmp_path / "new folder").iterdir()] == ["kit.blend"]


def test_meshes_without_a_place_stand_in_rows_and_never_in_each_other(tmp_path: Path) -> None:
    sizes = [(1, 2, 0.5), (4, 1, 3), (0.2, 0.2, 0.2), (2, 5, 1)] * 6
    found = written([piece(tmp_path, f"{n:02}", size=size) for n, size in enumerate(sizes)], tmp_path / "kit.blend")
    spans = [span(obj) for _, obj in sorted(found.items())]
    assert len(spans) == len(sizes)
    for low, _ in spans:
        assert low.z == pytest.approx(0.0, abs=1e-5)
    for number, (low, high) in enumerate(spans):
        for other_low, other_high in spans[:number]:
            assert any(high[axis] < other_low[axis] or other_high[axis] < low[axis] for axis in (0, 1))
    rows = [spans[start : start + 10] for start in range(0, len(spans), 10)]
    for row in rows:
        assert [low.x for low, _ in row] == sorted(low.x for low, _ in row)
    for before, row in pairwise(rows):
        assert max(high.y for _, high in before) < min(low.y for low, _ in row)


def test_a_mesh_with_a_place_fills_it_and_faces_as_its_source_did(tmp_path: Path) -> None:
    place = {"location": [3.0, -2.0, 1.0], "turn": 0.5, "box": [2.0, 1.0, 0.5], "replaces": ["Table"]}
    found = written([piece(tmp_path, "Table", size=(1, 1, 1), placement=place)], tmp_path / "kit.blend")
    obj = found["Table"]
    assert obj.matrix_world.to_euler().z == pytest.approx(0.5, abs=1e-6)
    assert tuple(obj.dimensions) == pytest.approx((2.0, 1.0, 0.5), abs=1e-5)
    assert tuple(obj.matrix_world.translation) == pytest.approx((3.0, -2.0, 1.0), abs=1e-5)


def test_each_mesh_of_a_kit_has_the_detail_that_is_wanted(tmp_path: Path) -> None:
    pieces = [piece(tmp_path, name) for name in ("Chair", "Lamp")]
    assert BlenderHost().write_kit(pieces, tmp_path / "kit.blend", name="Kit", detail=Detail(6, 1)) == []
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kit.blend"))
    for name in ("Chair", "Lamp"):
        assert len(bpy.data.objects[name].data.polygons) <= 6
        assert {child.hide_viewport for child in bpy.data.collections[name].children} == {True}


def test_several_meshes_in_one_place_are_variants_of_which_the_last_is_shown(tmp_path: Path) -> None:
    place: dict[str, Any] = {"location": [3.0, -2.0, 1.0], "turn": 0.5, "box": [2.0, 1.0, 0.5], "replaces": ["Table"]}
    beside = {**place, "replaces": ["Lamp"]}
    pieces = [piece(tmp_path, f"Table-seed{seed}", placement=place, label=f"M, seed {seed}") for seed in (7, 8, 9)]
    found = written([*pieces, piece(tmp_path, "Lamp", placement=beside)], tmp_path / "kit.blend")
    assert {name: obj.visible_get() for name, obj in found.items()} == {
        "Table-seed7": False,
        "Table-seed8": False,
        "Table-seed9": True,
        "Lamp": True,
    }
    variants = members(found["Table-seed7"][KEY], bpy.context.scene)
    assert [variant.root[LABEL] for variant in variants] == ["M, seed 7", "M, seed 8", "M, seed 9"]
    for variant in variants:
        show_alone(variant, variants)
        bpy.context.view_layer.update()
        assert [other.root.visible_get() for other in variants] == [other is variant for other in variants]
        assert tuple(variant.root.matrix_world.translation) == pytest.approx((3.0, -2.0, 1.0), abs=1e-5)
        assert tuple(variant.root.dimensions) == pytest.approx((2.0, 1.0, 0.5), abs=1e-5)


def test_what_cannot_be_read_is_left_out_and_the_others_are_written(tmp_path: Path) -> None:
    bad = piece(tmp_path, "Bad")
    bad.mesh.write_bytes(BROKEN["cut short"]())
    [remark] = BlenderHost().write_kit([bad, piece(tmp_path, "Good")], tmp_path / "kit.blend", name="Kit")
    assert (remark.name, remark.is_left_out) == ("Bad", True)
    assert remark.text.startswith("Bad.glb ")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kit.blend"))
    assert [obj.name for obj in bpy.data.objects] == ["Good"]


def test_where_nothing_can_be_read_there_is_no_file(tmp_path: Path) -> None:
    bad = piece(tmp_path, "Bad")
    bad.mesh.write_bytes(BROKEN["cut short"]())
    assert len(BlenderHost().write_kit([bad], tmp_path / "kit.blend", name="Kit")) == 1
    assert list(tmp_path.iterdir()) == [bad.mesh]


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.blend").write_bytes(b"precious")
    with pytest.raises(DiskError, match="could not be written"):
        BlenderHost().write_kit([piece(tmp_path, "Chair")], tmp_path / "mine.blend", name="Kit")
    assert (tmp_path / "mine.blend").read_bytes() == b"precious"


@pytest.mark.parametrize("act", ["kit", "mesh", "open"])
def test_what_is_open_in_a_window_is_not_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    box = piece(tmp_path, "Chair")
    bpy.ops.mesh.primitive_monkey_add()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "work.blend"), copy=True)
    monkeypatch.setattr(blends, "bpy", _Window())
    with pytest.raises(ConfigError, match="without a window"):
        if act == "kit":
            BlenderHost().write_kit([box], tmp_path / "out.blend", name="Kit")
        elif act == "mesh":
            commission = Commission(box.mesh, "C", box.job_id, box.model_id, tmp_path / "out.blend")
            carry_out_here(commission)
        else:
            with BlenderHost().open_blend(tmp_path / "work.blend", folder=tmp_path):
                pass
    assert [obj.name for obj in bpy.data.objects] == ["Suzanne"]


class _Window:
    """``bpy`` as it is where there is a window."""

    class app:  # noqa: N801
        background = False
