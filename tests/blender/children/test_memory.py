# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory a converting process may take: on each system in its own way, and never at the price of a conversion."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from benchmarks import hostile

from scenario_addon.blender.children import memory, process
from scenario_addon.blender.converting.converter import Converted, Outcome, Refused, Unavailable
from tests.blender.converting.test_converter import BEGUN, box, converter, outcome
from tests.limits import shorten

pytestmark = pytest.mark.slow

__all__ = ["box"]

LINUX: Final = pytest.mark.skipif(sys.platform != "linux", reason="the limit that Linux has")
GB: Final = 10**9
TOO_LITTLE: Final = 450_000_000
"""Enough for a child to begin, and for nothing large."""


def converted(tmp_path: Path, mesh: Path, *code: str) -> Outcome:
    with converter(tmp_path, *((sys.executable, "-c", *code) if code else ())) as running:
        return outcome(running, mesh)


def is_about_memory(result: Outcome, folder: Path) -> bool:
    assert isinstance(result, Refused), result
    assert result.reason.endswith(f"; it is kept in {folder}.")
    return " needs more memory than " in result.reason


# -- a whole child


@LINUX
@pytest.mark.parametrize(
    "make",
    [lambda: hostile.zeros(600_000_000), lambda: hostile.one_texture(16_384), lambda: hostile.grid(2_000_000)],
    ids=["in Python", "in C", "an honest mesh"],
)
def test_a_mesh_that_needs_more_than_there_is_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], bytes]
) -> None:
    path = tmp_path / "large.glb"
    path.write_bytes(make())
    monkeypatch.setattr(process, "allowance_bytes", lambda beside: TOO_LITTLE)
    result = converted(tmp_path, path)
    assert is_about_memory(result, tmp_path)
    assert "large.glb needs more memory than the 0.5 GB that this computer has left for it" in result.reason


@pytest.mark.parametrize("limit_bytes", [None, -1, 2**80, 4 * GB])
def test_a_limit_that_cannot_be_set_or_is_not_reached_changes_nothing(
    box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit_bytes: int | None
) -> None:
    monkeypatch.setattr(process, "allowance_bytes", lambda beside: limit_bytes)
    assert isinstance(converted(tmp_path, box), Converted)


@pytest.mark.parametrize(
    "end",
    [
        "print('Calloc returns null: len=99 in imbuf', file=sys.stderr, flush=True); os.abort()",
        "print('terminate called after std::bad_alloc', file=sys.stderr, flush=True); os._exit(0)",
        "print('{\"exhausted\": true}', flush=True)",
        "import signal; os.kill(os.getpid(), signal.SIGTERM if os.name == 'nt' else 9)",
    ],
)
def test_whatever_ends_for_want_of_memory_is_told_from_a_crash(box: Path, tmp_path: Path, end: str) -> None:
    assert is_about_memory(converted(tmp_path, box, BEGUN + end), tmp_path)


def test_a_failure_of_another_kind_is_none_of_memory(box: Path, tmp_path: Path) -> None:
    assert isinstance(converted(tmp_path, box, BEGUN + 'print(\'{"failed": "no space"}\')'), Unavailable)
    crashed = converted(tmp_path, box, BEGUN + "os.abort()")
    assert isinstance(crashed, Refused) and "crashed" in crashed.reason


@LINUX
def test_a_process_that_confines_itself_goes_before_the_artists(tmp_path: Path) -> None:
    code = (
        "import runpy, sys; confine = runpy.run_path(sys.argv[1])['confine_this_process']; confine(3 * 10**9)\n"
        "import resource; print(open('/proc/self/oom_score_adj').read(), resource.getrlimit(resource.RLIMIT_DATA)[0])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(memory.__file__)], capture_output=True, text=True)
    assert done.stdout.split() == ["500", "3000000000"], done.stderr


# -- how much


def test_the_allowance_follows_what_the_machine_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = memory.allowance_bytes()
    assert allowed is not None
    assert 2**30 <= allowed < 2**50
    if sys.platform == "linux":
        total_kb = int(Path("/proc/meminfo").read_text().split()[1])
        assert allowed <= max(2**30, total_kb * 1024 * 0.7)


@pytest.mark.parametrize(("left_gb", "allowed_gb"), [(10, 7.0), (0, 2**30 / GB)])
def test_windows_is_asked_for_what_is_left(monkeypatch: pytest.MonkeyPatch, left_gb: float, allowed_gb: float) -> None:
    def tell(status: Any) -> int:
        status._obj.ullAvailPhys = int(left_gb * GB)
        return 1

    on_windows(monkeypatch, GlobalMemoryStatusEx=tell)
    assert memory.allowance_bytes() == pytest.approx(allowed_gb * GB)


def test_of_a_mac_half_counts_as_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 4_000_000, "SC_PAGE_SIZE": 4_000}.__getitem__)
    assert memory.allowance_bytes() == pytest.approx(0.7 * 8 * GB)


def test_where_nobody_knows_what_is_left_there_is_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    on_windows(monkeypatch, GlobalMemoryStatusEx=lambda status: 0)
    assert memory.allowance_bytes() is None


# -- Windows, by a double


def on_windows(monkeypatch: pytest.MonkeyPatch, **functions: Callable[..., object]) -> None:
    """Have kernel32 consist of these functions."""
    monkeypatch.setattr(sys, "platform", "win32")
    kernel32 = SimpleNamespace(**{name: _Function(function) for name, function in functions.items()})
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: kernel32, raising=False)


class _Function:
    """Takes a ``restype``, as one of a DLL does."""

    def __init__(self, function: Callable[..., object]) -> None:
        self._function = function

    def __call__(self, *given: object) -> object:
        return self._function(*given)


def test_on_windows_the_process_is_put_into_a_job_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def limit(job: Any, kind: int, given: Any, size: int) -> int:
        # As in winnt.h, on 64 bits: flags at 16, the limit of a process at 112, 144 bytes in all.
        data = bytes(given._obj)
        seen.append((job.value, kind, size, int.from_bytes(data[16:20], "little"), data[112:120]))
        return 1

    on_windows(
        monkeypatch,
        CreateJobObjectW=lambda *given: 7,
        SetInformationJobObject=limit,
        AssignProcessToJobObject=lambda job, handle: seen.append((job.value, handle.value)) or 1,
        CloseHandle=lambda job: seen.append(job.value),
    )
    with memory.confined(SimpleNamespace(_handle=99), 3 * GB, fail):
        assert seen == [(7, 9, 144, 0x100, (3 * GB).to_bytes(8, "little")), (7, 99), 7]


@pytest.mark.parametrize("broken", ["CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject", ""])
def test_on_windows_a_job_that_cannot_be_had_is_done_without(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    names = ("CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject", "CloseHandle")
    answers = {name: (lambda *given, name=name: 0 if name == broken else 1) for name in names}
    on_windows(monkeypatch, **answers if broken else {})
    with memory.confined(SimpleNamespace(_handle=99), 3 * GB, fail):
        pass


def fail() -> None:
    raise AssertionError("it was ended")


# -- macOS


@pytest.fixture
def sleeper() -> Any:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        yield running
        running.kill()


def with_ps(monkeypatch: pytest.MonkeyPatch, folder: Path, answer: str) -> None:
    """Be on a Mac whose ``ps`` says this."""
    shorten(monkeypatch, memory, _LOOK_S=0.01)
    ps = folder / "ps"
    ps.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/asked"\n{answer}\n')
    ps.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sys, "platform", "darwin")


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for ps")
def test_on_a_mac_a_process_that_takes_too_much_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sleeper: subprocess.Popen[bytes]
) -> None:
    with_ps(monkeypatch, tmp_path, "echo ' 2000001'")
    was_ended = threading.Event()
    with memory.confined(sleeper, 2_000_000 * 1024, was_ended.set):
        assert was_ended.wait(60)
    assert f"-o rss= -p {sleeper.pid}" in (tmp_path / "asked").read_text()


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for ps")
@pytest.mark.parametrize("answer", ["echo 1999999", "echo nothing", "exit 1"])
def test_on_a_mac_a_process_that_does_not_or_of_which_nothing_is_known_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sleeper: subprocess.Popen[bytes], answer: str
) -> None:
    with_ps(monkeypatch, tmp_path, answer)
    asked = tmp_path / "asked"
    with memory.confined(sleeper, 2_000_000 * 1024, fail):
        while not asked.exists():
            assert sleeper.poll() is None
    assert sleeper.poll() is None


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for ps")
def test_a_child_that_was_ended_for_its_memory_is_refused_with_the_reason(
    box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "allowance_bytes", lambda beside: 2 * GB)
    grown = tmp_path / "grown"
    with_ps(monkeypatch, tmp_path, f"test -e '{grown}' && echo 9999999 || echo 1")
    grow = f"open({str(grown)!r}, 'w'); import time; time.sleep(100)"
    assert is_about_memory(converted(tmp_path, box, BEGUN + grow), tmp_path)
