# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line with a real Blender: what is beside each mesh, and what Ctrl-C leaves of that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import bpy
import pytest
from benchmarks import hostile

from scenario_addon.blender.host import BlenderHost
from scenario_addon.engine.pictures.png import mark_of
from tests.blender.quick_command import quick
from tests.engine.cli.shell import FAST, Shell
from tests.service import Service

_PATIENCE_S: Final = 90.0
_ITEMS: Final = 3
"""More than are written at once on two processors, so that something waits."""
_TRIANGLES: Final = 20_000
"""Take long enough to be written that a part is seen."""

pytestmark = pytest.mark.usefixtures("quick_pictures")


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(job_polls=1) as running:
        yield running


@pytest.fixture
def shell(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(service, tmp_path, capsys, host=BlenderHost())


def wait_until(condition: Callable[[], object], what: str) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, f"never: {what}"
        time.sleep(0.005)


def pictures(shell: Shell, count: int = _ITEMS) -> list[Path]:
    return [shell.picture(f"{number}.png", colour=f"#{number}{number}58be") for number in range(count)]


def test_each_mesh_has_its_blend_and_its_preview_and_the_same_again_makes_none(shell: Shell) -> None:
    wanted = (*pictures(shell, 2), "--blend", "--preview", "--triangles", "50", "--lods", "1")
    answer, report = shell.report(*wanted)
    assert answer.code == 0, answer.err
    for number, item in enumerate(report["items"]):
        paths = [shell.out / f"{number}{ending}" for ending in (".glb", ".blend", "-preview.png")]
        assert [item["glb"], item["blend"], item["preview"]] == list(map(str, paths))
        assert mark_of(paths[2]) == item["job_id"]
        bpy.ops.wm.open_mainfile(filepath=str(paths[1]))
        [shown] = [obj for obj in bpy.context.scene.objects if obj.visible_get()]
        assert len(shown.data.polygons) <= 50 < len(bpy.data.objects[f"{shown.name}_full"].data.polygons)
        assert shown["scenario_job_id"] == item["job_id"]
    assert len(shell.meshes) == 3 * 2
    times = {path: path.stat().st_mtime_ns for path in shell.out.iterdir()}
    again = shell.generate(*wanted)
    assert (again.code, sorted(again.lines)) == (0, sorted(answer.lines))
    assert {path: path.stat().st_mtime_ns for path in shell.out.iterdir()} == times
    assert not any((shell.state / "writing").iterdir())


def started(shell: Shell, given: list[Path]) -> subprocess.Popen[str]:
    line = ["generate", *given, *FAST, "--output", shell.out, "--blend", "--preview"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(**quick(shell, *line), **pipes, start_new_session=True)


def whole(blend: Path) -> bool:
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    return sum(len(mesh.polygons) for mesh in bpy.data.meshes) > 0.9 * _TRIANGLES


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a signal cannot be sent to another process there")
@pytest.mark.usefixtures("minds_ctrl_c")
@pytest.mark.parametrize("ends", ["Ctrl-C", "Ctrl-C twice", "killed"])
def test_whatever_ends_it_no_part_stays_and_the_same_again_makes_the_rest_for_nothing(
    shell: Shell, service: Service, ends: str
) -> None:
    service.deliver(hostile.grid(_TRIANGLES))
    given = pictures(shell)
    process = started(shell, given)
    wait_until(lambda: shell.out.is_dir() and any(p.name.startswith(".") for p in shell.out.iterdir()), "a part")
    if ends == "killed":
        process.kill()
    else:  # as a terminal does it: to all that were started from it
        os.killpg(process.pid, signal.SIGINT)
    if ends == "Ctrl-C twice":
        wait_until(lambda: process.poll() is not None or not os.killpg(process.pid, signal.SIGINT), "its second")
    out, err = process.communicate(timeout=_PATIENCE_S)
    assert process.returncode == (130 if ends != "killed" else -signal.SIGKILL), err
    wait_until(lambda: not [p for p in shell.out.iterdir() if p.name.startswith(".")], "the end of all parts")
    assert all(map(whole, shell.out.glob("*.blend")))
    paid = len(service.charges)
    assert len(out.splitlines()) <= len(list(shell.out.glob("*.blend")))
    answer = shell.generate(*given, "--blend", "--preview")
    assert (answer.code, len(answer.lines)) == (0, _ITEMS), answer.err
    assert len(service.charges) == _ITEMS >= paid
    assert {path.suffix for path in shell.out.iterdir()} == {".glb", ".blend", ".png"}
    assert len(shell.meshes) == 3 * _ITEMS
