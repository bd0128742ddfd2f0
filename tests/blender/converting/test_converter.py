# SPDX-License-Identifier: GPL-3.0-or-later
"""The converting process: what it gives, what becomes of it when it fails, and that it never stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import bpy
import pytest

from scenario_addon.blender.children.process import blender_with
from scenario_addon.blender.converting import converter as module
from scenario_addon.blender.converting.converter import WORK, Converter, Outcome, Refused, Unavailable
from scenario_addon.blender.importing.append import append
from scenario_addon.blender.importing.converted import Converted
from scenario_addon.blender.mesh.finish import Finish
from scenario_addon.blender.scene.arrival import Arrival
from scenario_addon.engine.pictures.file import inspect
from tests.blender.kept_child import KeptChild, one_for_all
from tests.blender.processes import Processes
from tests.blender.sample_meshes import BROKEN, TRIANGLES, textured_box
from tests.limits import shorten

ROOT: Final = Path(__file__).resolve().parents[3]
COMMAND: Final = blender_with(WORK)
BEGUN: Final = "import sys, os\nsys.stdin.readline()\nprint('{\"begun\": true}', flush=True)\n"
"""What a child does first."""
LINUX: Final = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks for processes as Linux shows them"
)
_PATIENCE_S: Final = 60.0


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box.glb"
    path.write_bytes(textured_box())
    return path


other_blender = one_for_all(WORK)
"""The one that converts for tests of what comes out of it."""


@pytest.fixture
def kept(other_blender: KeptChild, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is started for each file."""
    monkeypatch.setattr(module, "Child", other_blender)


@contextmanager
def converter(tmp_path: Path, *command: str, patience_s: float = _PATIENCE_S) -> Iterator[Converter]:
    made = Converter(tmp_path / "blends", command=command or COMMAND, patience_s=patience_s)
    try:
        yield made
    finally:
        made.close()


def wait_until(condition: Callable[[], object], what: str) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, f"never: {what}"
        time.sleep(0.005)


def outcome(of: Converter, mesh: Path, job_id: str = "job_1") -> Outcome:
    of.begin(job_id, mesh, name="Chair")
    wait_until(lambda: of.result(job_id), f"the conversion of {mesh.name}")
    result = of.result(job_id)
    assert result is not None
    return result


PORTRAYS_BADLY: Final = """
import json, sys
order = json.loads(sys.stdin.readline())
open(order["blend"], "w").close()
arrival = {arrival!r}
print(json.dumps({{"begun": True, **arrival}}), flush=True)
print(json.dumps({{"over": True}}), flush=True)
order = json.loads(sys.stdin.readline())
{deed}
"""
"""A child that converts, and does something else than to take a picture."""


def test_a_picture_of_the_mesh_follows_it(box: Path, tmp_path: Path) -> None:
    path = tmp_path / "state" / "portraits" / "1"
    with converter(tmp_path) as running:
        running.begin("job_1", box, name="Chair", portrait=path)
        assert running.portrays("job_1")
        wait_until(lambda: running.result("job_1"), "the conversion")
        assert isinstance(running.result("job_1"), Converted)
        wait_until(lambda: not running.portrays("job_1"), "the picture")
        assert running.portrayed.get_nowait() == "job_1"
    found = inspect(path)
    assert (found.width_px, found.height_px, found.is_uniform) == (128, 128, False)


@pytest.fixture(scope="module")
def arrival(tmp_path_factory: pytest.TempPathFactory) -> Arrival:
    """Of the box, as a child tells it."""
    folder = tmp_path_factory.mktemp("arrival")
    (folder / "box.glb").write_bytes(textured_box())
    with converter(folder) as running:
        made = outcome(running, folder / "box.glb")
    assert isinstance(made, Converted), made
    return made.arrival


@pytest.mark.parametrize(
    "deed",
    [
        "import os; os._exit(1)",
        'print(\'{"failed": "no", "over": true}\', flush=True)',
        'print(\'{"portrayed": true, "over": true}\', flush=True)',
        "open(order['portrait'], 'w').write('nothing'); print('{\"portrayed\": true, \"over\": true}', flush=True)",
    ],
    ids=["dies", "fails", "lies", "spoils it"],
)
def test_a_picture_that_does_not_come_costs_nothing_but_itself(
    box: Path, tmp_path: Path, arrival: Arrival, deed: str
) -> None:
    path = tmp_path / "portrait"
    child = PORTRAYS_BADLY.format(arrival=arrival.to_json(), deed=deed)
    with converter(tmp_path, sys.executable, "-c", child) as running:
        running.begin("job_1", box, name="Chair", portrait=path)
        wait_until(lambda: not running.portrays("job_1"), "the end of it")
        assert isinstance(running.result("job_1"), Converted)
        assert running.portrayed.empty() and not path.exists()


@pytest.fixture
def children(tmp_path: Path) -> Processes:
    """The processes that convert."""
    return Processes(tmp_path / "children", *COMMAND)


def test_a_mesh_comes_back_as_a_blend_that_holds_it_and_nothing_else(box: Path, tmp_path: Path) -> None:
    with converter(tmp_path) as running:
        result = outcome(running, box)
        assert isinstance(result, Converted), result
        arrival = result.arrival
        assert (arrival.collection_name, arrival.triangles, arrival.textures) == ("Chair", TRIANGLES, 1)
        assert not arrival.is_rigged
        assert (arrival.low, arrival.high) == (pytest.approx((-0.5, -1.5, 0)), pytest.approx((0.5, 1.5, 2)))
        with bpy.data.libraries.load(str(result.blend), link=False) as (there, _):
            assert (there.collections, there.objects, there.scenes) == (["Chair"], list(arrival.object_names), [])
            assert len(there.images) == len(there.meshes) == 1
    assert not any((tmp_path / "blends").iterdir())


@pytest.mark.usefixtures("kept")
def test_large_textures_are_scaled_down_over_there_and_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "box.glb"
    path.write_bytes(textured_box(texture_px=64))
    with converter(tmp_path) as running:
        running.begin("job_1", path, name="Chair", finish=Finish().within(most_texture_px=16, most_pixels=0))
        wait_until(lambda: running.result("job_1"), "the conversion")
        result = running.result("job_1")
        assert isinstance(result, Converted), result
        assert result.arrival.flaws == ("without the full size of its textures, which were scaled down to 16 px",)
        append(result)
    (image,) = (image for image in bpy.data.images if image.packed_file)
    assert tuple(image.size) == (16, 16)


@pytest.mark.usefixtures("kept")
def test_a_mesh_is_cleaned_over_there_and_what_was_done_comes_with_it(box: Path, tmp_path: Path) -> None:
    with converter(tmp_path) as running:
        running.begin("job_1", box, name="Chair", finish=Finish(outward=True))
        wait_until(lambda: running.result("job_1"), "the conversion")
        result = running.result("job_1")
        assert isinstance(result, Converted), result
        assert result.arrival.cleaned == "watertight"
        assert append(result).root["scenario_clean_up"] == "watertight"


def test_a_process_that_waits_ready_does_the_same(box: Path, tmp_path: Path, children: Processes) -> None:
    with converter(tmp_path, *children.command) as running:
        running.expect()
        wait_until(lambda: children.started, "a process that is ready")
        running.expect()
        assert isinstance(outcome(running, box), Converted)
        wait_until(lambda: not children.living, "its end")
        assert len(children.started) == 1


@LINUX
def test_a_process_that_died_while_it_was_ready_is_replaced(box: Path, tmp_path: Path, children: Processes) -> None:
    with converter(tmp_path, *children.command) as running:
        running.expect()
        wait_until(lambda: children.living, "a process that is ready")
        os.kill(*children.started, signal.SIGKILL)
        wait_until(lambda: not children.living, "its end")
        assert isinstance(outcome(running, box), Converted)
        assert len(children.started) == 2


@LINUX
def test_a_process_that_nobody_needs_any_more_ends(tmp_path: Path, children: Processes) -> None:
    with converter(tmp_path, *children.command) as running:
        running.expect()
        wait_until(lambda: children.living, "a process that is ready")
        running.release()
        wait_until(lambda: not children.living, "its end")


def test_several_meshes_are_converted_in_their_order(box: Path, tmp_path: Path, children: Processes) -> None:
    with converter(tmp_path, *children.command) as running:
        jobs = [f"job_{number}" for number in range(3)]
        for job in jobs:
            running.begin(job, box, name=job)
            running.begin(job, box, name=job)
        wait_until(lambda: all(map(running.result, jobs)), "all of them")
        assert [running.result(job).arrival.collection_name for job in jobs] == jobs
        assert len(children.started) == len(jobs)


@pytest.mark.usefixtures("kept")
def test_what_is_forgotten_is_converted_anew(box: Path, tmp_path: Path) -> None:
    with converter(tmp_path) as running:
        box.write_bytes(b"rubbish")
        assert isinstance(outcome(running, box), Refused)
        box.write_bytes(textured_box())
        assert isinstance(outcome(running, box), Refused), "it is not looked at each time"
        running.forget("job_1")
        assert isinstance(outcome(running, box), Converted)


@pytest.mark.usefixtures("kept")
def test_what_somebody_has_cleared_away_is_converted_anew(box: Path, tmp_path: Path) -> None:
    with converter(tmp_path) as running:
        first = outcome(running, box)
        assert isinstance(first, Converted)
        first.blend.unlink()
        assert running.result("job_1") is None
        second = outcome(running, box)
        assert isinstance(second, Converted)
        assert second.blend.exists()


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("kind", ["cut short", "infinitely large", "no nodes", "points only"])
def test_an_unusable_file_is_refused_with_the_reason(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.glb"
    path.write_bytes(BROKEN[kind]())
    with converter(tmp_path) as running:
        result = outcome(running, path)
    assert isinstance(result, Refused)
    assert result.reason.startswith("broken.glb could not be imported: ")
    assert result.reason.endswith(".")


@pytest.mark.parametrize("end", ["os.abort()", "os._exit(0)", "print('rubbish'); os._exit(3)"])
def test_a_crash_is_the_files_fault(end: str, box: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    code = f"{BEGUN}print('last words', file=sys.stderr, flush=True); {end}"
    with converter(tmp_path, sys.executable, "-c", code) as running:
        result = outcome(running, box)
    assert isinstance(result, Refused)
    assert "crashed Blender's importer" in result.reason
    assert str(tmp_path) in result.reason
    assert "last words" in caplog.text


HANGS: Final = {
    "in Python": "while True: pass",
    "in C, with the lock": "import ctypes; ctypes.PyDLL(None).pause()",
}


@pytest.mark.parametrize("hang", HANGS)
def test_whoever_hangs_is_ended_and_that_is_the_files_fault(hang: str, box: Path, tmp_path: Path) -> None:
    children = Processes(tmp_path / "children", sys.executable, "-c", BEGUN + HANGS[hang])
    with converter(tmp_path, *children.command, patience_s=0.5) as running:
        result = outcome(running, box)
        assert (len(children.started), children.living) == (1, [])
    assert isinstance(result, Refused)
    assert "took too long" in result.reason


@pytest.mark.parametrize(
    "command",
    [
        ("/nowhere/blender",),
        (sys.executable, "-c", "raise SystemExit(9)"),
        (sys.executable, "-c", "print('Blender 9.9'); print('[]')"),
    ],
)
def test_a_process_that_does_not_start_is_not_the_files_fault(
    command: tuple[str, ...], box: Path, tmp_path: Path
) -> None:
    with converter(tmp_path, *command) as running:
        running.expect()
        assert isinstance(outcome(running, box), Unavailable)


def test_a_failure_of_another_kind_is_not_the_files_fault(box: Path, tmp_path: Path) -> None:
    code = BEGUN + 'print(\'{"failed": "no space left"}\')'
    with converter(tmp_path, sys.executable, "-c", code) as running:
        assert outcome(running, box) == Unavailable("no space left")


def test_a_disk_that_takes_nothing_is_not_the_files_fault(box: Path, tmp_path: Path) -> None:
    (tmp_path / "blends").write_text("no folder")
    with converter(tmp_path) as running:
        assert isinstance(outcome(running, box), Unavailable)


@pytest.mark.usefixtures("kept")
def test_only_the_latest_blends_are_kept(box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch, module, _KEPT=1)
    with converter(tmp_path) as running:
        first, second = (outcome(running, box, job) for job in ("job_1", "job_2"))
        assert running.result("job_1") is None
        wait_until(lambda: not first.blend.exists(), "the first to go, which a thread takes away")
        assert second.blend.exists()
        running.forget("job_2")
        assert not second.blend.exists()


@pytest.mark.usefixtures("kept")
def test_files_of_a_process_that_died_are_cleared_away(box: Path, tmp_path: Path) -> None:
    left = tmp_path / "blends" / "dead"
    left.mkdir(parents=True)
    (left / "1.blend").write_bytes(b"?")
    with converter(tmp_path) as running:
        outcome(running, box)
        assert not left.exists()


def test_no_credentials_and_none_of_the_artists_scripts_go_along(
    box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCENARIO_SDK_API_SECRET", "secret")
    monkeypatch.setenv("BLENDER_USER_SCRIPTS", "/theirs")
    seen = tmp_path / "seen.txt"
    code = f"{BEGUN}open({str(seen)!r}, 'w').write(repr(dict(os.environ)))"
    with converter(tmp_path, sys.executable, "-c", code) as running:
        outcome(running, box)
    assert "SCENARIO" not in seen.read_text()
    assert "secret" not in seen.read_text()
    assert "/theirs" not in seen.read_text()


PARENT: Final = """
import sys, time
from pathlib import Path
from scenario_addon.blender.children import process
from scenario_addon.blender.converting.converter import Converter
process._GRACE_S = 0.0
converter = Converter(Path(sys.argv[1]), command=sys.argv[3:], patience_s=5.0)
if sys.argv[2]:
    converter.begin("job_1", Path(sys.argv[2]), name="Chair")
else:
    converter.expect()
time.sleep(100)
"""
STUCK: Final = """
import ctypes, faulthandler, runpy, sys, types
from pathlib import Path
later = faulthandler.dump_traceback_later
faulthandler.dump_traceback_later = lambda limit_s, **more: later(limit_s / 5, **more)
cleanup = types.ModuleType("cleanup")
def read_into(path, *rest):
    if path.name == "triangle.gltf":
        return
    Path(sys.argv[1]).touch()
    {hang}
cleanup.read_into = read_into
sys.modules["scenario_child.blender.importing.cleanup"] = cleanup
runpy.run_path(sys.argv[2])
"""
"""The child itself, with an import that never ends, and a fifth of the patience."""


@LINUX
@pytest.mark.parametrize("work", [None, *HANGS])
def test_a_child_ends_with_its_parent(work: str | None, box: Path, tmp_path: Path, children: Processes) -> None:
    is_stuck = tmp_path / "stuck"
    if work:
        code = STUCK.format(hang=HANGS[work])
        children = Processes(tmp_path / "children", sys.executable, "-c", code, str(is_stuck), *blender_with(WORK)[1:])
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "blends"), str(box if work else ""), *children.command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        wait_until(lambda: is_stuck.exists() if work else children.started, "the child at work")
        assert children.living
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        wait_until(lambda: not children.living, "the end of the child")
    finally:
        parent.kill()
        parent.wait()
