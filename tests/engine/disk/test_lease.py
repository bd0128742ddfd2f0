# SPDX-License-Identifier: GPL-3.0-or-later
"""One machine at a time: a turn is shared within a machine, given back, refused, and taken from whoever is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

from scenario_addon.engine.disk import lease as lease_module
from scenario_addon.engine.disk.lease import BEAT_S, STALE_S, WATCH_S, Lease
from scenario_addon.engine.disk.machine import Machine, this_machine
from scenario_addon.engine.errors import ConfigError, DiskError

HERE: Final = Machine("a1", "here")
THERE: Final = Machine("b2", "there")
ROOT: Final = Path(__file__).parents[3]

Take = Callable[..., Lease]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "state"
    path.mkdir()
    return path


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def take(folder: Path, pauses: list[float]) -> Iterator[Take]:
    """Takes a machine's turn, pauses for no time, and gives everything back in the end."""
    taken: list[Lease] = []

    def run(machine: Machine, **more: Any) -> Lease:
        taken.append(Lease(folder, machine=machine, **{"sleep": pauses.append, **more}))
        return taken[-1]

    yield run
    for one in taken:
        one.release()


def age(folder: Path, seconds: float) -> None:
    """Let the last sign of life be so long ago."""
    path = folder / "machine.json"
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def whose(folder: Path) -> str:
    return json.loads((folder / "machine.json").read_bytes())["name"]


def test_all_processes_of_a_machine_share_its_turn_and_the_last_gives_it_back(
    take: Take, folder: Path, pauses: list[float]
) -> None:
    first, second = take(HERE), take(HERE)
    first.release()
    second.check()
    assert whose(folder) == "here"
    second.release()
    take(THERE).check()
    assert (whose(folder), pauses) == ("there", [])


def test_another_machine_is_refused_by_the_name_of_the_first(take: Take, folder: Path) -> None:
    take(HERE)
    age(folder, STALE_S - 20)
    with pytest.raises(ConfigError, match=r"is used on here: end Blender.*SCENARIO_STATE_DIR.*here\.$"):
        take(THERE)
    assert whose(folder) == "here"


def test_who_was_refused_leaves_nothing_behind(take: Take, folder: Path) -> None:
    first = take(HERE)
    for _ in range(3):
        with pytest.raises(ConfigError):
            take(THERE)
    first.release()
    take(HERE).release()
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {"turn.guard"}
    os.utime(folder / "tenants" / THERE.id, (1.0, 1.0))
    take(HERE).release()
    assert [path.name for path in (folder / "tenants").iterdir()] == [HERE.id], "nor does it pile up"


def test_the_turn_of_a_machine_that_is_gone_is_taken_after_a_look_at_it(
    take: Take, folder: Path, pauses: list[float]
) -> None:
    gone = take(HERE)
    age(folder, STALE_S + 5)
    take(THERE).check()
    assert pauses[0] == WATCH_S > 2 * BEAT_S
    with pytest.raises(DiskError, match=r"is used on there now, since this machine was cut off from it: start again\."):
        gone.check()
    gone.refresh()
    gone.release()
    assert whose(folder) == "there", "who lost its turn neither shows signs of life nor gives it back"


def test_a_sign_of_life_during_that_look_keeps_the_turn(take: Take, folder: Path) -> None:
    """As where the clocks by which files are dated do not agree."""
    first = take(HERE)
    age(folder, 10 * STALE_S)
    with pytest.raises(ConfigError, match="is used on here"):
        take(THERE, sleep=lambda seconds: first.refresh())
    first.check()


def test_a_turn_that_was_given_back_meanwhile_is_noticed(take: Take, folder: Path) -> None:
    first = take(HERE)
    age(folder, STALE_S + 5)
    take(THERE).release()
    with pytest.raises(DiskError, match="may have been used on another machine"):
        first.check()


def test_signs_of_life_are_shown(take: Take, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "BEAT_S", 0.001)
    seen = {(folder / "machine.json").read_bytes() for _ in [take(HERE)]}
    changed = threading.Event()
    for _ in range(2_000):
        seen.add((folder / "machine.json").read_bytes())
        if len(seen) > 3:
            changed.set()
            break
        changed.wait(0.005)
    assert changed.is_set()
    assert all(json.loads(content)["name"] == "here" for content in seen)


def test_of_many_machines_that_take_a_turn_at_once_one_gets_it(folder: Path) -> None:
    def run(number: int) -> Lease | None:
        try:
            return Lease(folder, machine=Machine(f"m{number}", f"machine {number}"), sleep=lambda seconds: None)
        except ConfigError:
            return None

    for _ in range(10):
        with ThreadPoolExecutor(8) as pool:
            got = [one for one in pool.map(run, range(8)) if one is not None]
        assert len(got) == 1
        got[0].check()
        got[0].release()


def test_of_two_machines_that_take_over_at_once_one_gets_it(take: Take, folder: Path) -> None:
    take(HERE)
    age(folder, STALE_S + 5)
    rival: list[Lease] = []

    def pause(seconds: float) -> None:
        if seconds != WATCH_S and not rival:
            age(folder, STALE_S + 5)  # for the rival has judged before this one wrote, and writes after it
            rival.append(take(Machine("c3", "elsewhere")))

    with pytest.raises(ConfigError, match="is used on elsewhere"):
        take(THERE, sleep=pause)
    rival[0].check()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff" * 9])
def test_a_file_that_makes_no_sense_is_somebodys_until_it_is_old(take: Take, folder: Path, content: bytes) -> None:
    (folder / "machine.json").write_bytes(content)
    with pytest.raises(ConfigError, match="is used on another machine"):
        take(HERE)
    age(folder, STALE_S + 5)
    take(HERE).check()


def test_a_process_that_was_killed_leaves_its_turn_to_its_machine(take: Take, folder: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from scenario_addon.engine.disk.lease import Lease;"
        "Lease(Path(sys.argv[1])); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, folder], cwd=ROOT, timeout=60).returncode == 9
    again = take(this_machine())
    again.check()
    again.release()
    assert not (folder / "machine.json").exists()
    with pytest.raises(DiskError):
        again.check()


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    (folder / "tenants").write_text("in the way")
    with pytest.raises(OSError, match="exists"):
        Lease(folder, machine=HERE)


def test_a_turn_that_is_given_back_while_it_is_judged_is_refused_once_more(
    take: Take, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, create = take(HERE), lease_module.create

    def released(path: Path, **more: Any) -> Any:
        if path.suffix == ".now":
            first.release()
        return create(path, **more)

    monkeypatch.setattr(lease_module, "create", released)
    with pytest.raises(ConfigError, match="is used on here"):
        take(THERE)
    take(THERE).check()
