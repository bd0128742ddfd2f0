# SPDX-License-Identifier: GPL-3.0-or-later
"""Who lives, by the locks they hold."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scenario_addon.engine import locks as locks_module
from scenario_addon.engine.locks import Owner, Turns, exclusive, move_in

ROOT = Path(__file__).parents[2]
_OTHER = """
import sys, pathlib
from scenario_addon.engine.locks import Owner
owner = Owner(pathlib.Path(sys.argv[1]))
print(owner.name, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "owners ü"


def test_an_owner_lives_until_it_is_released(folder: Path) -> None:
    first, second = Owner(folder), Owner(folder)
    assert first.lives(first.name)
    assert second.lives(first.name)
    first.release()
    assert not first.lives(first.name)
    assert not second.lives(first.name)
    second.release()
    assert list(folder.iterdir()) == []


def test_releasing_twice_is_no_harm(folder: Path) -> None:
    owner = Owner(folder)
    owner.release()
    owner.release()


def test_nobody_has_the_name_of_somebody_unknown(folder: Path) -> None:
    owner = Owner(folder)
    assert not owner.lives("nobody")
    owner.release()


def test_a_file_left_by_a_dead_owner_is_cleared_away(folder: Path) -> None:
    owner = Owner(folder)
    left = folder / "dead.lock"
    left.touch()
    assert not owner.lives("dead")
    assert not left.exists()
    owner.release()


@pytest.mark.parametrize("end", ["kill", "terminate", "exit"])
def test_another_process_lives_exactly_as_long_as_it_lives(folder: Path, end: str) -> None:
    owner = Owner(folder)
    with subprocess.Popen(
        [sys.executable, "-c", _OTHER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert owner.lives(name)
        {"kill": process.kill, "terminate": process.terminate, "exit": lambda: None}[end]()
        process.communicate()
    assert not owner.lives(name)
    owner.release()


def test_a_folder_that_cannot_be_one_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Owner(tmp_path / "file" / "owners")


def test_nobody_else_is_inside_meanwhile(tmp_path: Path) -> None:
    inside, most, lock = 0, 0, threading.Lock()

    def enter(_: int) -> None:
        nonlocal inside, most
        with exclusive(tmp_path / "a.lock"):
            with lock:
                inside += 1
                most = max(most, inside)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(enter, range(200)))
    assert most == 1


def test_a_lock_that_cannot_be_waited_for_is_tried_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now_s.__setitem__(0, now_s[0] + seconds))
    tries = [0]

    def lock(held_for: int) -> None:
        tries[0] += 1
        if tries[0] <= held_for:
            raise PermissionError(errno.EACCES, "held")

    locks_module._keep_trying(lambda: lock(500))
    assert tries == [501]
    with pytest.raises(PermissionError):
        locks_module._keep_trying(lambda: lock(10**6))
    assert now_s[0] < 120


def test_a_lock_is_free_as_soon_as_it_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with exclusive(path), path.open("rb+") as looking, pytest.raises(OSError, match="unavailable"):
        locks_module._lock(looking)
    with path.open("rb+") as looking:
        locks_module._lock(looking)


def test_one_thread_at_a_time_has_its_turn_with_a_name_and_others_have_theirs() -> None:
    turns, inside, worst = Turns(), {"a": 0, "b": 0}, {"a": 0, "b": 0}
    meeting = threading.Barrier(2, timeout=20)

    def run(name: str) -> None:
        with turns.one(name):
            inside[name] += 1
            worst[name] = max(worst[name], inside[name])
            meeting.wait()  # somebody with the other name is in there at the same time
            inside[name] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, "abababab"))
    assert worst == {"a": 1, "b": 1}


def test_a_turn_that_ends_badly_is_over() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="broken"), turns.one("a"):
        raise ValueError("broken")
    with turns.one("a"):
        pass


def test_whoever_moves_in_has_a_folder_of_its_own_and_clears_away_those_of_the_dead(folder: Path) -> None:
    dead, living = move_in(folder), move_in(folder)
    dead.release()
    (folder / dead.name / "left.txt").write_text("behind")
    owner = move_in(folder)
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {living.name, owner.name}
    living.release()
    owner.release()
