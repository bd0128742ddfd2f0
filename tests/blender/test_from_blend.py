# SPDX-License-Identifier: GPL-3.0-or-later
"""A kit of blockouts through the command line: meshes that stand where the blockouts stood, and face as they did."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import bpy
import numpy as np
import pytest
import trimesh

from scenario_addon.blender.host import BlenderHost
from scenario_addon.engine.models import sides
from tests.blender.quick_command import SIZE_PX, quick
from tests.blender.sample_subjects import COLOURS, marked_box, pixels, where
from tests.engine.cli.shell import FAST, QuickClock, Shell
from tests.limits import shorten
from tests.service import Service

POINTS: Final = np.array(
    [[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0.0, 1.0)] + [[0.2, -1.0, 0.3]], dtype=np.float64
)
"""Of a box with a nose: in front, towards its left, low."""
_SIDES: Final = [(2, 3, 7, 6), (4, 6, 7, 5), (0, 1, 3, 2), (1, 5, 7, 3), (0, 2, 6, 4)]
TRIANGLES: Final = [
    *[(a, b, c) for a, b, c, _ in _SIDES],
    *[(a, c, d) for a, _, c, d in _SIDES],
    *[(0, 4, 8), (4, 5, 8), (5, 1, 8), (1, 0, 8)],
]
KIT: Final = {
    "Table": ((2.0, 1.0, 0.8), (4.0, 1.0, 0.0), 0.0),
    "Chair": ((0.5, 0.6, 1.1), (-3.0, 2.0, 0.2), math.radians(30)),
    "Lamp": ((0.3, 0.3, 1.8), (0.0, -5.0, 1.0), math.radians(180)),
}
"""Size, location and turn of each."""
SLOW_S: Final = 120.0

pytestmark = [pytest.mark.usefixtures("quick_pictures"), pytest.mark.slow]


def as_delivered() -> bytes:
    """The same as the service might deliver it: y is up, z is the front, of another size and somewhere else."""
    points = np.stack([POINTS[:, 0], POINTS[:, 2], -POINTS[:, 1]], axis=1) * 0.7 + 0.1
    return trimesh.Scene({"thing": trimesh.Trimesh(points, TRIANGLES, process=False)}).export(file_type="glb")


def add(name: str, size: Sequence[float], location: Sequence[float], turn: float) -> None:
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(POINTS.tolist(), [], TRIANGLES)
    obj = bpy.data.objects.new(name, mesh)
    obj.scale, obj.location, obj.rotation_euler.z = size, location, turn
    bpy.context.scene.collection.objects.link(obj)


def corners(blend: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Where the points are, sorted, of each object in a .blend, in metres."""
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    bpy.context.view_layer.update()
    found: dict[str, np.ndarray] = {}
    for name in names:
        obj = bpy.context.scene.objects[name]
        points = {tuple(round(x, 4) for x in obj.matrix_world @ vertex.co) for vertex in obj.data.vertices}
        found[name] = np.array(sorted(points))
    return found


def nearest_m(points: np.ndarray, others: np.ndarray) -> float:
    """How far the farthest of some points is from the nearest of others."""
    return float(np.linalg.norm(points[:, None] - others[None], axis=2).min(axis=1).max())


@pytest.fixture
def blend(tmp_path: Path) -> Path:
    """Three blockouts, one of them turned by 30 degrees."""
    path = tmp_path / "räume.blend"
    for name, place in KIT.items():
        add(name, *place)
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    return path


@pytest.fixture
def service() -> Iterator[Service]:
    """It delivers the box with its nose, whatever it is shown."""
    with Service(job_polls=1) as running:
        running.deliver(as_delivered())
        yield running


@pytest.fixture
def shell(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """A shell around this Blender, whose pictures are small."""
    shorten(monkeypatch, sides, _SIZE_PX=SIZE_PX)
    return Shell(service, tmp_path, capsys, host=BlenderHost())


def assert_in_place(kit: Path, blend: Path, names: Sequence[str] = tuple(KIT)) -> None:
    """Every point is where it was in the source, within 1 % of its size: so are bounds, place and facing."""
    there, wanted = corners(kit, names), corners(blend, names)
    for name in names:
        limit_m = 0.01 * min(KIT[name][0])
        assert len(there[name]) == len(wanted[name]) == len(POINTS)
        assert nearest_m(there[name], wanted[name]) < limit_m, name
        assert nearest_m(wanted[name], there[name]) < limit_m, name


def test_a_kit_comes_back_in_place_and_the_same_command_again_costs_nothing(shell: Shell, blend: Path) -> None:
    kit = shell.folder / "all" / "kit.blend"
    before = blend.read_bytes()
    arguments = ("--from-blend", blend, "--object", *KIT, "--blend-all", kit)
    answer = shell.generate(*arguments)
    assert answer.code == 0, answer.err
    assert shell.meshes == {f"{name}.glb" for name in KIT}
    assert_in_place(kit, blend)
    assert {obj.name for obj in bpy.data.objects} == set(KIT)
    uploads = shell.uploads
    again = shell.generate(*arguments)
    assert again.code == 0, again.err
    assert (len(shell.service.charges), shell.uploads, uploads) == (3, 3, 3)
    assert_in_place(kit, blend)
    assert blend.read_bytes() == before


def test_a_source_that_was_moved_is_followed(shell: Shell, blend: Path) -> None:
    kit = shell.folder / "kit.blend"
    arguments = ("--from-blend", blend, "--object", "Chair", "--blend-all", kit)
    assert shell.generate(*arguments).code == 0
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    bpy.data.objects["Chair"].location = (7.0, -1.0, 3.0)
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), copy=True)
    assert shell.generate(*arguments).code == 0
    assert_in_place(kit, blend, ["Chair"])


def test_a_model_with_named_views_gets_each_side_in_its_input(shell: Shell, tmp_path: Path) -> None:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    marked_box("Crate").rotation_euler.z = math.radians(30)
    blend = tmp_path / "crate.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), copy=True)
    model = ("--model", "model_hunyuan-3d-pro-3-1-multiview")
    arguments = ("--from-blend", blend, "--object", "Crate", *model, "--output", shell.out)
    assert shell("generate", *arguments, clock=QuickClock(1.0)).code == 130
    [job] = shell.jobs
    shown = {entry.name: entry.images[0].path for entry in job.order.pictures}
    assert list(shown) == ["frontImage", "leftImage", "rightImage", "backImage"]
    for name, path in shown.items():
        assert where(pixels(path), COLOURS[name.removesuffix("Image")]).mean() > 0.2, name


def test_what_blender_knows_of_bad_names_is_told_before_anything_is_sent(shell: Shell, blend: Path) -> None:
    answer = shell.generate("--from-blend", blend, "--object", "Tabel", "Chair", "--collection", "Room")
    assert answer.code == 2
    assert f"There is no object Tabel in {blend} (did you mean Table?)." in answer.err
    assert f"There is no collection Room in {blend}." in answer.err
    assert (shell.service.charges, shell.uploads, (shell.state / "pictures").exists()) == ([], 0, False)


def test_a_process_without_a_display_does_it(shell: Shell, blend: Path) -> None:
    arguments = ("--from-blend", blend.name, "--object", "Chair", *FAST, "--output", "out", "--blend-all", "kit.blend")
    child = quick(shell, "generate", *arguments)
    assert "DISPLAY" not in child["env"]
    done = subprocess.run(**child, capture_output=True, timeout=SLOW_S, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{shell.folder / 'out' / 'Chair.glb'}\n"
    assert_in_place(shell.folder / "kit.blend", blend, ["Chair"])


def test_several_seeds_of_an_object_are_variants_in_its_place_and_the_same_command_is_the_same_orders(
    shell: Shell, blend: Path, tmp_path: Path
) -> None:
    kit = tmp_path / "kit.blend"
    for _ in range(2):
        answer = shell.generate("--from-blend", blend, "--object", "Table", "--seeds", "2", "--blend-all", kit)
        assert answer.code == 0, answer.err
        assert len(shell.service.charges) == 2
    names = {job.order.values["seed"]: job.order.name for job in shell.jobs}
    first, last = (names[seed] for seed in sorted(names))
    there, wanted = corners(kit, [last])[last], corners(blend, ["Table"])["Table"]
    assert nearest_m(there, wanted) < 0.01 * min(KIT["Table"][0])
    bpy.ops.wm.open_mainfile(filepath=str(kit))
    assert [bpy.data.objects[name].visible_get() for name in (first, last)] == [False, True]
