# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to test on this machine: its parts, each in an environment of its own."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from environments import ROOT

__all__ = ["Part", "parts"]

BUILD: Final = ("tests/extension/test_build.py", "tests/extension/test_rules.py")
WHOLE_BLENDER: Final = (
    *(f"tests/extension/test_{name}.py" for name in ("flamenco", "install", "life")),
    "tests/gui",
)
QUICK: Final = ("-m", "not slow")
ALIKE: Final = ("disk", "gltf", "ledger", "manifests", "mending", "outputs", "pace", "pictures", "words")
"""Rooms of the engine's tests that never reach requests: with the oldest, nothing is other than in `engine`."""
TURNS: Final = ("5.0", "4.5")
"""The Blenders between the oldest and the newest, which take turns: what they changed is so in the newest, too."""
QUICK_IN_BLENDER: Final = ("-m", "not plain and not slow")
"""Of them: their Pythons and numpys are no others than those of the oldest and the newest."""
OLDER_WINDOWS: Final = ("-m", "not one_window")
"""Of the whole Blenders but the last that is named."""


@dataclass(frozen=True)
class Part:
    """One thing to run: a module of an environment with its arguments. Those with paths are pytest's."""

    name: str
    environment: str
    module: str
    arguments: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    blender: str = ""
    missing: str = ""
    covers: str = ""
    """What of the code its tests are to run: the table says how much of that they did."""


def parts() -> list[Part]:
    """Give everything there is to run, the longest first, in the order of the report: the others fill up the end."""
    elsewhere = tuple(f"--ignore=tests/{folder}" for folder in ("blender", "extension", "gui"))
    alike = tuple(f"--ignore=tests/engine/{room}" for room in ALIKE)
    *older, newest = _whole_blenders()
    return [
        newest,
        Part("engine", "engine", "pytest", elsewhere, paths=("tests",), covers="scenario_addon/engine"),
        _inside("4.2"),
        _inside("5.2", covers="scenario_addon/blender"),
        *older,
        Part("engine-oldest", "bpy-4.2", module="pytest", arguments=(*QUICK, *alike), paths=("tests/engine",)),
        *(_inside(version, QUICK_IN_BLENDER, paths) for version, paths in zip(TURNS, _by_turns(), strict=True)),
        Part("build", environment="engine", module="pytest", paths=BUILD),
        Part("pyright", environment="engine", module="pyright"),
        Part("format", environment="engine", module="ruff", arguments=("format", "--check", ".")),
        Part("ruff", environment="engine", module="ruff", arguments=("check", ".")),
    ]


def _inside(
    version: str, arguments: tuple[str, ...] = (), paths: tuple[str, ...] = ("tests/blender",), *, covers: str = ""
) -> Part:
    """Give what runs in Blender as a module."""
    name = f"bpy-{version}"
    return Part(name, name, "pytest", arguments, paths, covers=covers)


def _by_turns() -> list[tuple[str, ...]]:
    """Give each of the Blenders between its part of the tests: every other file."""
    paths = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "blender").rglob("test_*.py"))
    return [tuple(paths[turn :: len(TURNS)]) for turn in range(len(TURNS))]


def _whole_blenders() -> list[Part]:
    executables = [path for path in os.environ.get("BLENDER", "").split(os.pathsep) if path]
    if not executables:
        return [_whole("blender", blender="", missing="BLENDER is not set to a Blender executable")]
    found: list[Part] = []
    for path in executables:
        missing = "" if os.access(path, os.X_OK) else f"BLENDER names {path}, which is not an executable"
        blender, chosen = Path(path).absolute(), () if path == executables[-1] else OLDER_WINDOWS
        found.append(_whole(f"{blender.parent.name}-{blender.name}", chosen, blender=str(blender), missing=missing))
    return found


def _whole(name: str, arguments: tuple[str, ...] = (), *, blender: str, missing: str) -> Part:
    return Part(name, "engine", "pytest", arguments, WHOLE_BLENDER, blender, missing)
