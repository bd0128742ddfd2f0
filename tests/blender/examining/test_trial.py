# SPDX-License-Identifier: GPL-3.0-or-later
"""Another Blender, tried: really, and by doubles for what can go wrong with it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.blender.examining import trial as module
from scenario_addon.blender.examining.samples import SAMPLES
from scenario_addon.blender.examining.trial import second_blender, trial
from scenario_addon.engine.host import Check

GOOD: dict[str, Any] = dict.fromkeys(SAMPLES)


def answering(*answers: dict[str, Any], first: str = "pass") -> tuple[str, ...]:
    """What starts a process that answers so to its first order, and ends."""
    lines = "".join(json.dumps(answer) + "\n" for answer in answers)
    return (sys.executable, "-c", f"import sys; {first}; sys.stdin.readline(); print({lines!r}, end='', flush=True)")


def tried(tmp_path: Path, *command: str, is_new_enough: bool = True) -> dict[str, Check]:
    checks = trial(command, str(tmp_path), is_new_enough=is_new_enough)
    assert list(tmp_path.iterdir()) == [], "nothing is left"
    assert all(check.ok or check.fix.endswith(".") for check in checks)
    return {check.name: check for check in checks}


def test_the_real_one_starts_and_reads() -> None:
    found = {check.name: check for check in second_blender()()}
    assert list(found) == ["second Blender", *SAMPLES]
    assert all(check.ok for check in found.values()), found
    assert re.match(r"starts in \d+\.\d s;", found["second Blender"].text)
    assert found["WebP"].text == "can be read"


def test_what_an_extension_takes_is_said_without_a_complaint(tmp_path: Path) -> None:
    read = {**GOOD, "Draco": "no library", "meshopt": "not known"}
    command = answering({"begun": True}, {"read": read}, {"over": True})
    found = tried(tmp_path, *command, is_new_enough=False)
    assert [name for name, check in found.items() if check.fix] == ["Draco", "meshopt"]
    assert all(check.ok for check in found.values())
    assert "no library" in found["Draco"].text
    assert found["meshopt"].fix.startswith("Install Blender 5.2")
    assert "blender.org" in tried(tmp_path, *command)["meshopt"].fix


def test_one_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = tried(tmp_path, str(tmp_path / "no-blender"))
    assert found["second Blender"].text == "does not start (No such file or directory)"


@pytest.mark.parametrize(
    ("first", "told"), [("sys.exit('libGL is missing')", "libGL is missing"), ("sys.exit(3)", "it has ended")]
)
def test_one_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path, first: str, told: str) -> None:
    found = tried(tmp_path, *answering(first=first))
    assert list(found) == ["second Blender"]
    assert (found["second Blender"].ok, found["second Blender"].text) == (False, f"does not start ({told})")


def test_one_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", 0.05)
    found = tried(tmp_path, sys.executable, "-c", "import sys; sys.stdin.readline(); sys.stdin.readline()")
    assert found["second Blender"].text == "does not start (took more than 0 s)"


def test_an_importer_that_takes_it_down_is_told(tmp_path: Path) -> None:
    found = tried(tmp_path, *answering({"begun": True}))
    assert (found["second Blender"].ok, found["glTF importer"].ok) == (True, False)
    assert list(found) == ["second Blender", "glTF importer"]


def test_an_importer_that_reads_nothing_is_all_that_is_told(tmp_path: Path) -> None:
    command = answering({"begun": True}, {"read": dict.fromkeys(SAMPLES, "numpy is missing")}, {"over": True})
    found = tried(tmp_path, *command)
    assert found["glTF importer"].text == "numpy is missing"
    assert list(found) == ["second Blender", "glTF importer"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (check,) = trial(["never started"], str(tmp_path / "gone"))
    assert (check.name, check.ok) == ("second Blender", False)
