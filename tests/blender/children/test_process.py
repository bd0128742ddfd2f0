# SPDX-License-Identifier: GPL-3.0-or-later
"""Other Blenders: orders one after the other, Ctrl-C that is not theirs, and nothing half done once they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scenario_addon.blender.children import process
from scenario_addon.blender.children.process import Child, blender_with

ECHO = """
import json, os, sys
for line in sys.stdin:
    order = json.loads(line)
    print("not for us")
    print(json.dumps({"said": order["number"], "limit": order["limit_bytes"]}), flush=True)
    if order["number"] == 2:
        print("alloc returns null", file=sys.stderr, flush=True)
    print(json.dumps({"over": True}), flush=True)
"""


@contextmanager
def started(tmp_path: Path, *command: str) -> Iterator[Child]:
    child = Child.start(command, tmp_path / "1.txt")
    try:
        yield child
    finally:
        child.close()


def test_it_is_told_one_order_after_the_other(tmp_path: Path) -> None:
    with started(tmp_path, sys.executable, "-c", ECHO) as child:
        heard: list[object] = []
        for number in (1, 2, 3):
            answers = child.tell({"number": number, "limit_s": 60.0}, heard.append)
            assert (answers["said"], child.orders, child.process.poll()) == (number, number, None)
            assert child.wanted_too_much_memory is (number == 2), "what was said before is none of this order's"
        assert heard.count({"over": True}) == 3


def test_what_others_may_need_is_left_to_them(tmp_path: Path) -> None:
    with started(tmp_path, sys.executable, "-c", ECHO) as child:
        alone = child.tell({"number": 1, "limit_s": 60.0})["limit"]
        beside = child.tell({"number": 3, "limit_s": 60.0}, beside_bytes=1 << 60)["limit"]
    if alone is not None:
        assert beside == 1 << 30, "never less than it takes to begin"
        assert alone >= beside


@pytest.mark.skipif(not hasattr(os, "getpgid"), reason="groups as Unix has them")
def test_ctrl_c_in_a_terminal_is_not_for_it(tmp_path: Path) -> None:
    with started(tmp_path, sys.executable, "-c", "import sys; sys.stdin.read()") as child:
        assert os.getpgid(child.process.pid) == child.process.pid


def test_what_is_not_complete_goes_when_nobody_will_take_it(tmp_path: Path) -> None:
    part, own = tmp_path / ".1.blend", tmp_path / "own.blend"
    for path in (part, own):
        path.touch()
    order = {"parts": [str(part), str(tmp_path / "never there")], "limit_s": 60.0, "limit_bytes": None}
    done = subprocess.run(
        blender_with("studio.child.worker"), input=json.dumps(order).encode() + b"\n", timeout=60, check=False
    )
    assert done.returncode == 1
    assert (part.exists(), own.exists()) == (False, True)


BARE = """
import importlib, os, sys, types
from pathlib import Path
sys.modules.update(dict.fromkeys(["requests", "urllib3", "pydantic", "pydantic_core"]))
house = Path(sys.argv[1])
for package, folder in (("child", house.parent), ("child.blender", house)):
    sys.modules[package] = types.ModuleType(package)
    sys.modules[package].__path__ = [str(folder)]
importlib.import_module(f"child.blender.{sys.argv[2]}").prepare()
os._exit(0)
"""


@pytest.mark.parametrize("work", ["converting.worker", "studio.child.worker", "writing.worker"])
def test_what_it_runs_needs_nothing_that_comes_with_the_extension(work: str) -> None:
    house = Path(process.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", BARE, str(house), work], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


READS = """
import os, runpy, sys, threading
before = threading.Thread.start
def start(thread):
    name = getattr(thread._target, "__name__", "")
    if name == "_read":
        missing = {"numpy", f"scenario_child.blender.{sys.argv[1]}"} - set(sys.modules)
        print("still to load:", *sorted(missing), file=sys.stderr, flush=True)
        os._exit(0)
    before(thread)
threading.Thread.start = start
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


def test_libraries_are_loaded_before_a_thread_reads_standard_input() -> None:
    """Or else they wait for each other on Windows."""
    entry = Path(process.__file__).with_name("entry.py")
    command = [sys.executable, "-c", READS, str(entry), "writing.worker"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == "still to load:", done.stderr
