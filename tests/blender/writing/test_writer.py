# SPDX-License-Identifier: GPL-3.0-or-later
"""Files written of meshes, in other Blenders and in this one: the same, whole or not at all; nothing stays behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import bpy
import pytest
from benchmarks import hostile
from mathutils import Matrix

from scenario_addon.blender.children import process
from scenario_addon.blender.children.process import blender_with
from scenario_addon.blender.host import BlenderHost
from scenario_addon.blender.writing.commissions import carry_out_here
from scenario_addon.blender.writing.places import Places
from scenario_addon.blender.writing.writer import WORK, Writer
from scenario_addon.engine.errors import DiskError, ImportFailed
from scenario_addon.engine.host import Commission, Detail, Written
from scenario_addon.engine.pictures.png import mark_of
from scenario_addon.engine.values import JobId, ModelId
from tests.blender.cleaning.shapes import ball, built, flip_all
from tests.blender.importing.test_cleanup import rig
from tests.blender.processes import Processes
from tests.blender.sample_meshes import BROKEN, TRIANGLES, textured_box
from tests.engine.gltf_oddities import ODDITIES

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).resolve().parents[3]
LINUX: Final = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes as Linux shows them")
QUICK_ENTRY: Final = Path(__file__).parents[1] / "quick_entry.py"
_PATIENCE_S: Final = 60.0
_SAY: Final = """
import json, os, sys, time
def say(**parts): print(json.dumps(parts), flush=True)
for line in sys.stdin:
    order = json.loads(line)
    say(begun=True)
"""
"""What a child does that is none; what follows is done with each order."""


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box é.glb"
    path.write_bytes(textured_box())
    return path


def wait_until(condition: Callable[[], object], what: str) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, f"never: {what}"
        time.sleep(0.005)


@contextmanager
def writing(tmp_path: Path, *command: str, places: int = 2, **more: Any) -> Iterator[Writer]:
    """A writer whose other Blenders are the real ones, unless a command is given."""
    work = tmp_path / "work"
    with Writer(work, here=carry_out_here, command=command or None, places=Places(places), **more) as writer:
        yield writer
    assert not work.exists() or not list(work.iterdir())


def faked(code: str) -> tuple[str, str, str]:
    return sys.executable, "-c", _SAY + "".join(f"    {line}\n" for line in code.splitlines())


def asked(mesh: Path, blend: Path | None = None, **more: Any) -> Commission:
    return Commission(mesh, "Chair", JobId("job_1"), ModelId("model_1"), blend, **more)


def results(writer: Writer, commissions: Sequence[Commission]) -> list[Written]:
    begun = [writer.begin(commission) for commission in commissions]
    wait_until(lambda: all(one.is_over for one in begun), "all of them")
    found = [one.result() for one in begun]
    assert all(one is not None for one in found)
    return [one for one in found if one is not None]


def result(writer: Writer, commission: Commission) -> Written:
    [found] = results(writer, [commission])
    return found


WAYS: Final = ("in another Blender", "in this one")


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    """A writer whose other Blender serves one test after the other, as it does one mesh after the other.

    Its pictures are those of ``quick_pictures``.
    """
    with writing(tmp_path_factory.mktemp("writer"), sys.executable, str(QUICK_ENTRY), WORK) as writer:
        yield writer


@pytest.fixture(params=WAYS)
def write(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Commission], Written]:
    """Carries out a commission, either way."""
    if request.param == WAYS[0]:
        return partial(result, request.getfixturevalue("others"))

    def written(commission: Commission) -> Written:
        with writing(tmp_path, "/nowhere/blender") as writer:
            return result(writer, commission)

    return written


Write = Callable[[Commission], Written]


# -- what is written


def test_the_blend_opens_with_the_mesh_and_its_texture(box: Path, tmp_path: Path, write: Write) -> None:
    blend = tmp_path / "new folder" / "chair 模.blend"
    assert write(asked(box, blend)) == Written(blend)
    box.unlink()
    assert list(blend.parent.iterdir()) == [blend]
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    (obj,) = bpy.context.scene.objects
    assert list(bpy.data.objects) == [obj]
    assert obj.visible_get()
    assert [collection.name for collection in obj.users_collection] == ["Chair"]
    assert len(obj.data.polygons) == TRIANGLES
    (image,) = [image for image in bpy.data.images if image.users]
    assert image.packed_file
    assert tuple(image.size) == (16, 16)
    assert (obj["scenario_job_id"], obj["scenario_model"]) == ("job_1", "model_1")
    assert bpy.context.scene.name == "Chair"
    assert min((obj.matrix_world @ vertex.co).z for vertex in obj.data.vertices) == pytest.approx(0, abs=1e-6)


def test_blender_keeps_off_standard_output(box: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    print("before")
    with BlenderHost().writer(folder=tmp_path / "work") as writer:
        result(writer, asked(box, tmp_path / "box.blend"))
    print("after")
    assert capfd.readouterr().out == "before\nafter\n"


def test_blender_keeps_off_standard_output_where_there_is_no_other_one(
    box: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    test_blender_keeps_off_standard_output(box, tmp_path, capfd)


@pytest.mark.parametrize("command", [(), ("/nowhere/blender",)], ids=WAYS)
def test_a_second_blend_holds_nothing_of_the_first(command: tuple[str, ...], box: Path, tmp_path: Path) -> None:
    bpy.ops.mesh.primitive_monkey_add()
    with writing(tmp_path, *command, places=1) as writer:
        found = results(writer, [asked(box, tmp_path / f"{number}.blend") for number in (1, 2, 3)])
    assert [one.blend for one in found] == [tmp_path / f"{number}.blend" for number in (1, 2, 3)]
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "3.blend"))
    assert [obj.name for obj in bpy.data.objects] == ["Chair"]
    assert len(bpy.data.meshes) == len(bpy.data.materials) == 1


@pytest.mark.usefixtures("quick_pictures")
def test_a_file_that_is_there_is_never_overwritten(box: Path, tmp_path: Path, write: Write) -> None:
    mine = [tmp_path / "mine.blend", tmp_path / "mine-preview.png"]
    for path in mine:
        path.write_bytes(b"precious")
    found = write(asked(box, mine[0], preview=mine[1]))
    assert (found.blend, found.preview) == (tmp_path / "mine-2.blend", tmp_path / "mine-preview-2.png")
    assert [path.read_bytes() for path in mine] == [b"precious"] * 2


def test_names_that_several_want_at_once_are_numbered(box: Path, tmp_path: Path, others: Writer) -> None:
    found = results(others, [asked(box, tmp_path / "chair.blend")] * 4)
    names = {"chair.blend", *(f"chair-{number}.blend" for number in (2, 3, 4))}
    assert {one.blend.name for one in found if one.blend} == names


@pytest.mark.parametrize("kind", ["cut short", "no nodes"])
def test_a_broken_mesh_writes_no_file(kind: str, tmp_path: Path, write: Write) -> None:
    path = tmp_path / "broken.glb"
    path.write_bytes(BROKEN[kind]())
    out = tmp_path / "out"
    with pytest.raises(ImportFailed, match=r"^broken.glb could not be imported: .*\.$") as caught:
        write(asked(path, out / "out.blend", preview=out / "out.png"))
    assert caught.value.path == path
    assert not out.exists()


def test_what_the_blend_is_without_is_given(tmp_path: Path, write: Write) -> None:
    path = ODDITIES["a cut PNG"].put(tmp_path)
    lack = ("without its texture base, which is cut short or damaged",)
    assert write(asked(path, tmp_path / "out.blend")) == Written(tmp_path / "out.blend", flaws=lack)
    assert (tmp_path / "out.blend").exists()


def test_a_folder_that_cannot_be_made_is_said(box: Path, tmp_path: Path, write: Write) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskError, match="could not be written"):
        write(asked(box, tmp_path / "file" / "out.blend"))


def test_a_mesh_that_is_not_there_is_said(tmp_path: Path, write: Write) -> None:
    with pytest.raises(ImportFailed):
        write(asked(tmp_path / "gone.glb", tmp_path / "out.blend"))


# -- detail


def test_fewer_triangles_are_shown_and_the_mesh_as_delivered_is_hidden(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "grid.glb"
    path.write_bytes(hostile.grid(20_000))
    found = write(asked(path, tmp_path / "grid.blend", detail=Detail(triangles=1000, lods=2)))
    assert found == Written(tmp_path / "grid.blend")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "grid.blend"))
    counts = {obj.name: len(obj.data.polygons) for obj in bpy.data.objects}
    [shown] = [obj for obj in bpy.context.scene.objects if obj.visible_get()]
    assert 900 <= counts[shown.name] <= 1000
    assert counts[f"{shown.name}_full"] == 20_000
    assert counts[f"{shown.name}_LOD1"] <= 500
    assert counts[f"{shown.name}_LOD2"] <= 250
    assert {obj["scenario_job_id"] for obj in bpy.data.objects} == {"job_1"}


def test_what_is_not_made_less_is_said(tmp_path: Path, write: Write) -> None:
    path = rig(tmp_path / "rig.glb", turn=Matrix.Identity(4))
    found = write(asked(path, tmp_path / "out.blend", detail=Detail(triangles=4)))
    [flaw] = found.flaws
    assert re.fullmatch(r"with \d+ triangles, because an armature or shape keys move it", flaw)


def test_a_mesh_is_cleaned_where_that_is_wanted_and_what_was_done_is_said(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "ball.glb"
    mesh = built(ball(), flip_all, ball(0.02, (1.3, 0, 0), subdivisions=1))
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Ball", mesh))
    bpy.ops.export_scene.gltf(filepath=str(path))
    found = write(asked(path, tmp_path / "out.blend", detail=Detail(clean=True)))
    assert found == Written(tmp_path / "out.blend", cleaned="watertight, 1 loose piece removed, 320 faces turned")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out.blend"))
    [shown] = [obj for obj in bpy.context.scene.objects if obj.visible_get()]
    assert len(shown.data.polygons) == 320 < len(bpy.data.objects[f"{shown.name}_full"].data.polygons)


# -- previews


def pixels(path: Path) -> Any:
    from PIL import Image

    with Image.open(path) as image:
        return image.convert("RGBA"), image.info


def test_a_preview_shows_the_mesh_alone_from_its_front_and_a_little_above(
    box: Path, tmp_path: Path, write: Write, request: pytest.FixtureRequest
) -> None:
    preview = tmp_path / "new folder" / "chair-preview.png"
    size = 64 if request.node.callspec.params["write"] == WAYS[0] else 512
    assert write(asked(box, preview=preview)) == Written(preview=preview)
    image, info = pixels(preview)
    assert image.size == (size, size)
    alpha = image.getchannel("A")
    left, top, right, bottom = alpha.getbbox()
    assert min(left, top, size - right, size - bottom) >= 0.0195 * size, "nothing is cut off"
    assert max(right - left, bottom - top) >= 0.84 * size, "it is filled"
    assert alpha.getpixel((size // 160, size // 160)) == 0
    assert alpha.getpixel((size // 2, size // 2)) == 255
    assert mark_of(preview) == "job_1"
    assert set(info) <= {"Scenario", "gamma", "srgb", "chromaticity", "dpi"}, "nobody's paths"
    assert list(preview.parent.iterdir()) == [preview]


def test_the_preview_shows_the_mesh_as_delivered_whatever_detail_its_blend_has(tmp_path: Path, others: Writer) -> None:
    path = tmp_path / "grid.glb"
    path.write_bytes(hostile.grid(2000))
    wanted = [
        asked(path, preview=tmp_path / "whole.png"),
        asked(path, tmp_path / "out.blend", preview=tmp_path / "less.png", detail=Detail(triangles=8)),
    ]
    found = results(others, wanted)
    whole, less = (pixels(one.preview)[0].tobytes() for one in found if one.preview)
    assert sum(abs(a - b) for a, b in zip(whole, less, strict=True)) / len(whole) < 1.0


def test_where_one_engine_is_missing_and_another_crashes_the_next_one_renders(box: Path, tmp_path: Path) -> None:
    code = """
say(**({"blend": order["commission"]["blend"], "flaws": [], "cleaned": ""} if order["commission"]["blend"] else {}))
if order["engine"] == "CYCLES":
    say(no_engine=True)
elif order["engine"] == "EEVEE":
    say(rendering=True)
    os._exit(134)
else:
    say(preview=order["commission"]["preview"])
say(over=True)
"""
    with writing(tmp_path, *faked(code)) as writer:
        found = result(writer, asked(box, tmp_path / "out.blend", preview=tmp_path / "out.png"))
    assert found == Written(tmp_path / "out.blend", tmp_path / "out.png")


def test_what_cannot_be_rendered_has_its_blend_and_the_reason(box: Path, tmp_path: Path) -> None:
    code = """
say(blend=order["commission"]["blend"], flaws=[], cleaned="")
say(rendering=True)
say(failed="RuntimeError: Error: no device", over=True)
"""
    with writing(tmp_path, *faked(code)) as writer:
        found = result(writer, asked(box, tmp_path / "out.blend", preview=tmp_path / "out.png"))
    assert found.blend == tmp_path / "out.blend"
    assert found.problem == "box é.glb has no preview, for it could not be rendered: RuntimeError: Error: no device."


# -- other Blenders


@LINUX
def test_a_few_are_used_for_many_meshes_at_the_same_time(box: Path, tmp_path: Path) -> None:
    children = Processes(tmp_path / "children", *blender_with(WORK))
    with writing(tmp_path, *children.command, places=2) as writer:
        found = results(writer, [asked(box, tmp_path / f"{number}.blend") for number in range(6)])
        assert len({one.blend for one in found}) == 6
    assert len(children.started) == 2
    assert children.living == []


@LINUX
def test_one_is_ready_before_there_is_a_mesh(box: Path, tmp_path: Path) -> None:
    children = Processes(tmp_path / "children", *blender_with(WORK))
    with writing(tmp_path, *children.command, places=1) as writer:
        for _ in range(2):
            writer.expect()
        wait_until(lambda: children.living, "one that is ready")
        assert result(writer, asked(box, tmp_path / "chair.blend")).blend == tmp_path / "chair.blend"
    assert (len(children.started), children.living) == (1, [])


@LINUX
def test_nothing_is_waited_for_and_closing_leaves_nothing_behind(box: Path, tmp_path: Path) -> None:
    children = Processes(tmp_path / "children", *faked("time.sleep(100)"))
    out = tmp_path / "out"
    began_s = time.monotonic()
    with writing(tmp_path, *children.command) as writer:
        begun = [writer.begin(asked(box, out / f"{number}.blend")) for number in range(20)]
        wait_until(lambda: len(children.living) == 2, "two of them at work")
        assert not any(one.is_over for one in begun)
        for one in begun:
            one.leave()
        assert sum(one.is_over for one in begun) == 18
        assert [one.result() for one in begun if one.is_over] == [None] * 18
    assert time.monotonic() - began_s < 50
    assert children.living == []


@LINUX
def test_one_that_is_killed_is_replaced_and_its_mesh_is_tried_once_more(box: Path, tmp_path: Path) -> None:
    children = Processes(tmp_path / "children", *blender_with(WORK))
    with writing(tmp_path, *children.command, places=1) as writer:
        result(writer, asked(box, tmp_path / "1.blend"))
        os.kill(children.living[0], signal.SIGKILL)
        assert result(writer, asked(box, tmp_path / "2.blend")).blend == tmp_path / "2.blend"
    assert len(children.started) == 2


@pytest.mark.parametrize("end", ["os.abort()", "os._exit(0)"])
def test_a_crash_is_the_files_fault_and_leaves_no_part(end: str, box: Path, tmp_path: Path) -> None:
    code = f"for part in order['parts']: open(part, 'w').close()\n{end}"
    out = tmp_path / "out"
    out.mkdir()
    with (
        writing(tmp_path, *faked(code)) as writer,
        pytest.raises(ImportFailed, match=r"^box é\.glb crashed Blender's importer, in a process apart, .*\.$"),
    ):
        result(writer, asked(box, out / "chair.blend", preview=out / "chair.png"))
    assert list(out.iterdir()) == []


def test_whoever_hangs_is_ended_and_that_is_the_files_fault(box: Path, tmp_path: Path) -> None:
    with (
        writing(tmp_path, *faked("time.sleep(100)"), patience_s=0.5) as writer,
        pytest.raises(ImportFailed, match="took too long in"),
    ):
        result(writer, asked(box, tmp_path / "chair.blend"))


@pytest.mark.parametrize(
    "command",
    [
        ("/nowhere/blender",),
        (sys.executable, "-c", "raise SystemExit(9)"),
        faked("say(failed='the disk is tired', over=True)"),
    ],
    ids=["none", "ends at once", "fails"],
)
@pytest.mark.usefixtures("quick_pictures")
def test_where_no_other_blender_can_do_it_this_one_does(command: tuple[str, ...], box: Path, tmp_path: Path) -> None:
    with writing(tmp_path, *command) as writer:
        found = result(writer, asked(box, tmp_path / "chair.blend", preview=tmp_path / "chair.png"))
    assert found == Written(tmp_path / "chair.blend", tmp_path / "chair.png")
    assert found.blend is not None and found.blend.exists()


@LINUX
def test_a_mesh_that_needs_more_memory_than_there_is_is_refused_after_a_try_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small = tmp_path / "large.glb", tmp_path / "small.glb"
    large.write_bytes(hostile.grid(2_000_000))
    small.write_bytes(textured_box())
    monkeypatch.setattr(process, "allowance_bytes", lambda beside: 450_000_000)
    children = Processes(tmp_path / "children", *blender_with(WORK))
    with writing(tmp_path, *children.command, places=1) as writer:
        result(writer, asked(small, tmp_path / "small.blend"))
        with pytest.raises(ImportFailed, match=r"^large\.glb needs more memory than the 0\.5 GB"):
            result(writer, asked(large, tmp_path / "large.blend"))
        assert result(writer, asked(small, tmp_path / "2.blend")).blend == tmp_path / "2.blend"
    assert len(children.started) == 3, "one that was used, a fresh one, and one for the next"


PARENT: Final = """
import sys, time
from pathlib import Path
from scenario_addon.blender.host import BlenderHost
from scenario_addon.blender.writing.writer import Writer
from scenario_addon.blender.writing.commissions import carry_out_here
from scenario_addon.engine.host import Commission
out = Path(sys.argv[1])
writer = Writer(out.parent / "work", here=carry_out_here, command=sys.argv[3:])
writer.begin(Commission(Path(sys.argv[2]), "Chair", "job_1", "model_1", out / "chair.blend", out / "chair.png"))
time.sleep(100)
"""


@LINUX
@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_stays_behind_of_a_parent_that_is_killed(kill: signal.Signals, tmp_path: Path) -> None:
    large, out = tmp_path / "large.glb", tmp_path / "out"
    large.write_bytes(hostile.grid(200_000))
    out.mkdir()
    children = Processes(tmp_path / "children", *blender_with(WORK))
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(out), str(large), *children.command], cwd=ROOT)
    try:
        wait_until(lambda: list(out.iterdir()), "the .blend being written")
        parent.send_signal(kill)
        parent.wait()
        wait_until(lambda: not children.living, "the end of the child")
        assert {path.name for path in out.iterdir()} <= {"chair.blend"}
    finally:
        parent.kill()
        parent.wait()


@LINUX
def test_ctrl_c_in_a_terminal_is_not_for_the_other_blenders(box: Path, tmp_path: Path) -> None:
    children = Processes(tmp_path / "children", *faked("time.sleep(100)"))
    with writing(tmp_path, *children.command) as writer:
        writer.begin(asked(box, tmp_path / "chair.blend"))
        wait_until(lambda: children.living, "a child")
        assert os.getpgid(children.living[0]) != os.getpgid(0)


def test_threads_end_with_the_writer(box: Path, tmp_path: Path) -> None:
    before = threading.active_count()
    with writing(tmp_path) as writer:
        result(writer, asked(box, tmp_path / "chair.blend"))
    wait_until(lambda: threading.active_count() <= before, "the end of the threads")
