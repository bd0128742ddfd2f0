# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking pictures: what it leaves as it was, what becomes of it when it fails, and that nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import bpy
import pytest

from scenario_addon.blender.children import process
from scenario_addon.blender.children.process import blender_with
from scenario_addon.blender.studio.capture import Capture
from scenario_addon.blender.studio.setup import Setup
from scenario_addon.blender.studio.studio import WORK, Sitting, Studio
from scenario_addon.blender.studio.subject import of_selection
from scenario_addon.engine.errors import DiskError, PictureError
from scenario_addon.engine.values import VIEWS
from tests.blender.processes import Processes
from tests.blender.sample_subjects import add, box, select

pytestmark = pytest.mark.slow

SMALL: Final = Setup(size_px=32, samples=1)
_PATIENCE_S: Final = 60.0
_FAKE: Final = """
import json, os, sys, time
order = json.loads(sys.stdin.readline())
def say(**parts): print(json.dumps(parts), flush=True)
def picture():
    from PIL import Image
    for side in order["setup"]["sides"]:
        Image.new("RGBA", (8, 8), "red").save(os.path.join(order["folder"], side + ".png"))
    say(low=[0, 0, 0], high=[1, 2, 3], m_per_px=0.1, missing=[])
"""
"""What a child does that is none."""
_OLD: Final = "use_nodes"
"""Even reading it is a warning, from 5.0."""
LINUX: Final = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks for processes as Linux shows them"
)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


@contextmanager
def faked(workshop: Path, code: str, **options: Any) -> Iterator[Studio]:
    made = Studio(workshop, command=(sys.executable, "-c", _FAKE + code), **options)
    try:
        yield made
    finally:
        made.close()


def begin(studio: Studio, pictures: Path, setup: Setup = SMALL) -> Sitting:
    if "Chair" not in bpy.data.objects:
        select(box("Chair", (1, 2, 3)))
    return studio.begin(of_selection(bpy.context), setup, pictures=pictures)


def wait_until(condition: Callable[[], object], what: str) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, f"never: {what}"
        time.sleep(0.005)


def left_behind(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]


def _values(owner: Any) -> dict[str, Any]:
    """The settings of a piece of Blender's data, as plain values."""
    plain = [p for p in owner.bl_rna.properties if p.type not in ("POINTER", "COLLECTION") and p.identifier != _OLD]
    values = {p.identifier: getattr(owner, p.identifier) for p in plain}
    return {name: repr(value[:]) if hasattr(value, "__len__") else value for name, value in values.items()}


def everything() -> dict[str, Any]:
    """What the artist can see of the open file."""
    found: dict[str, Any] = {"is_dirty": bpy.data.is_dirty, "mode": bpy.context.mode, "file": bpy.data.filepath}
    for name in dir(bpy.data):
        blocks = getattr(bpy.data, name)
        if isinstance(blocks, bpy.types.bpy_prop_collection):
            found[name] = {block.name: (block.users, block.use_fake_user) for block in blocks}
    layer = bpy.context.view_layer
    found["selected"] = [(obj.name, obj.select_get(), obj.visible_get()) for obj in layer.objects]
    found["active"] = layer.objects.active.name
    found["window"] = bpy.context.window.scene.name
    for scene in bpy.data.scenes:
        parts: Any = (scene, scene.render, scene.render.image_settings, scene.view_settings, scene.display_settings)
        for part in (*parts, scene.eevee, scene.cycles, *scene.view_layers):
            found[repr(part)] = _values(part)
    for block in (*bpy.data.objects, *bpy.data.materials, *bpy.data.meshes):
        found[repr(block)] = _values(block)
    return found


def test_the_artists_file_is_as_it_was(studio: Studio, pictures: Path, tmp_path: Path) -> None:
    chair = box("Chair", (1, 2, 3))
    rig = add(bpy.data.armatures.new("Rig"), "Rig")
    chair.parent = rig
    chair.keyframe_insert("location", frame=1)
    select(chair)
    scene: Any = bpy.context.scene
    scene.render.engine, scene.render.film_transparent = "BLENDER_WORKBENCH", False
    scene.frame_set(3)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "mine.blend"))
    before = everything()
    sitting = begin(studio, pictures)
    assert everything() == before
    assert sitting.result().names == ("Chair",)
    assert everything() == before


def test_it_returns_at_once_and_tells_how_far_it_is(studio: Studio, pictures: Path) -> None:
    sitting = begin(studio, pictures, Setup(sides=VIEWS, size_px=32, samples=1))
    assert (sitting.is_over, sitting.outcome, sitting.progress) == (False, None, 0.0)
    heard = {sitting.progress}
    while not sitting.is_over:
        heard.add(sitting.progress)
        time.sleep(0.001)
    capture = sitting.result()
    assert sitting.outcome is capture and sitting.progress == 1.0 and len(heard) > 3
    assert [path.name.rpartition("-")[0] for path in capture.pictures.values()] == [f"Chair-{side}" for side in VIEWS]


def test_a_capture_comes_back_from_json(pictures: Path, workshop: Path) -> None:
    with faked(workshop, "picture()") as studio:
        capture = begin(studio, pictures).result()
    again = Capture.from_json(json.loads(json.dumps(capture.to_json())))
    assert again == capture and again.placement() == capture.placement()
    assert again.placement().box == (1, 2, 3) and again.placement().location == (0.5, 1, 0)


def test_cancelled_half_way_it_leaves_nothing(studio: Studio, pictures: Path, workshop: Path) -> None:
    sitting = begin(studio, pictures, Setup(sides=VIEWS, size_px=128, samples=16))
    wait_until(lambda: sitting.progress > 0.1, "the first picture")
    sitting.cancel()
    with pytest.raises(PictureError, match="was cancelled"):
        sitting.result()
    assert not left_behind(workshop, pictures)


def test_cancelled_before_its_turn_it_is_never_begun(pictures: Path, workshop: Path) -> None:
    with faked(workshop, "time.sleep(100)") as studio:
        first, second = begin(studio, pictures), begin(studio, pictures)
        second.cancel()
        first.cancel()
        for sitting in (first, second):
            with pytest.raises(PictureError, match="was cancelled"):
                sitting.result()
    assert not left_behind(workshop, pictures)


@LINUX
def test_a_child_that_is_killed_is_one_sentence(pictures: Path, workshop: Path, tmp_path: Path) -> None:
    children = Processes(tmp_path / "children", *blender_with(WORK))
    studio = Studio(workshop, command=children.command)
    sitting = begin(studio, pictures, Setup(sides=VIEWS, size_px=128, samples=16))
    wait_until(lambda: sitting.progress > 0.0, "its beginning")
    os.kill(*children.living, signal.SIGKILL)
    with pytest.raises(PictureError, match=r"^The second Blender crashed while it rendered Chair: .*\.$"):
        sitting.result()
    assert not left_behind(workshop, pictures)
    assert begin(studio, pictures).result().names == ("Chair",), "the next one works"
    studio.close()
    assert (children.living, left_behind(workshop)) == ([], [])


@LINUX
def test_closing_ends_what_is_under_way(pictures: Path, workshop: Path, tmp_path: Path) -> None:
    children = Processes(tmp_path / "children", sys.executable, "-c", "import sys; sys.stdin.read()")
    studio = Studio(workshop, command=children.command)
    sitting = begin(studio, pictures)
    wait_until(lambda: children.living, "a child")
    studio.close()
    assert (children.living, list(workshop.iterdir())) == ([], [])
    assert isinstance(sitting.outcome, PictureError)


def test_a_child_that_hangs_is_ended(pictures: Path, workshop: Path) -> None:
    with (
        faked(workshop, "say(begun=True); time.sleep(100)", patience_s=0.5) as studio,
        pytest.raises(PictureError, match="took more than"),
    ):
        begin(studio, pictures).result()


@pytest.mark.skipif(sys.platform != "linux", reason="the limit that Linux has")
def test_a_subject_that_needs_more_memory_than_there_is_is_one_sentence(
    pictures: Path, workshop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select(box("Chair", (1, 2, 3)))
    detail: Any = bpy.data.objects["Chair"].modifiers.new("Detail", "SUBSURF")
    detail.subdivision_type, detail.levels = "SIMPLE", 10
    monkeypatch.setattr(process, "allowance_bytes", lambda beside: 600_000_000)
    with pytest.raises(PictureError, match=r"^Rendering Chair needs more memory than the 0.6 GB .*, or select less\.$"):
        begin(Studio(workshop), pictures).result()
    monkeypatch.undo()
    detail.levels = 1
    with closing(Studio(workshop)) as studio:
        assert begin(studio, pictures).result().names == ("Chair",)


@pytest.mark.parametrize(
    "end", ["say(exhausted=True)", "print('Calloc returns null: len=99', file=sys.stderr, flush=True); os.abort()"]
)
def test_a_child_that_gets_no_more_memory_says_so(pictures: Path, workshop: Path, end: str) -> None:
    with (
        faked(workshop, f"say(begun=True); {end}") as studio,
        pytest.raises(PictureError, match="needs more memory than"),
    ):
        begin(studio, pictures).result()


def test_a_child_ends_when_nobody_tells_it_anything() -> None:
    assert subprocess.run(blender_with(WORK), input=b"", timeout=60, check=False).returncode == 1


def test_no_second_blender_is_one_sentence(pictures: Path, workshop: Path) -> None:
    studio = Studio(workshop, command=(str(workshop / "gone"),))
    with pytest.raises(PictureError, match="No second Blender can be started"):
        begin(studio, pictures).result()
    studio.close()


def test_where_one_engine_is_missing_and_another_crashes_the_next_one_renders(pictures: Path, workshop: Path) -> None:
    code = """
if order["engine"] == "CYCLES":
    say(no_engine=True)
elif order["engine"] == "EEVEE":
    say(begun=True)
    os._exit(134)
else:
    say(begun=True)
    picture()
"""
    with faked(workshop, code) as studio:
        assert list(begin(studio, pictures).result().pictures) == ["front"]
    with (
        faked(workshop, "say(begun=True); os._exit(134)") as studio,
        pytest.raises(PictureError, match="crashed while it rendered Chair"),
    ):
        begin(studio, pictures).result()
    with (
        faked(workshop, "say(no_engine=True)") as studio,
        pytest.raises(PictureError, match="nothing that could render Chair"),
    ):
        begin(studio, pictures).result()


def test_a_full_disk_is_said_so(pictures: Path, workshop: Path) -> None:
    code = 'say(begun=True); say(failed="RuntimeError: Error: Could not write: No space left on device")'
    with faked(workshop, code) as studio, pytest.raises(DiskError, match="no space left"):
        begin(studio, pictures).result()
    pictures.write_text("in the way")
    with faked(workshop, "picture()") as studio, pytest.raises(DiskError, match="cannot be written into"):
        begin(studio, pictures).result()
    with faked(pictures, "picture()") as studio, pytest.raises(DiskError, match="cannot be written"):
        begin(studio, workshop)


def test_what_cannot_be_seen_from_a_side_is_said_so(studio: Studio, pictures: Path) -> None:
    plane = bpy.data.meshes.new("Plane")
    plane.from_pydata([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], [], [(0, 1, 2, 3)])
    select(add(plane, "Plane"))
    setup = Setup(sides=("front", "left", "top"), size_px=32, samples=1)
    with pytest.raises(PictureError, match=r"^Nothing of Plane is seen from front or left: choose other sides\.$"):
        studio.take(of_selection(bpy.context), setup, pictures=pictures)


def test_what_has_no_faces_is_said_so(studio: Studio, pictures: Path) -> None:
    wire = bpy.data.meshes.new("Wire")
    wire.from_pydata([(-1, -1, 0), (1, -1, 0)], [(0, 1)], [])
    select(add(wire, "Wire"))
    with pytest.raises(PictureError, match=r"^Wire has no surface that could be seen: .*\.$"):
        studio.take(of_selection(bpy.context), SMALL, pictures=pictures)
    assert not left_behind(pictures)
