# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the architecture: imports point downward only, in rooms that are small enough to be looked over.

That Blender is imported in ``scenario_addon/blender`` only is ruff's to see (TID251).
"""

import ast
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = ROOT / "scenario_addon"

# Each house's rooms from the bottom up: a module imports from its own room and from those that stand before it.
# Rooms that stand together in a tuple do not import each other. "." holds the house's own modules.
ROOMS: Final[dict[str, tuple[str | tuple[str, ...], ...]]] = {
    "engine": (
        ".",
        "disk",
        ("net", "ledger", "pictures", "manifests"),
        "api",
        "account",
        "examination",
        "gltf",
        "mending",
        "meshes",
        "chains",
        "words",
        "models/words",
        "models",
        "fetch",
        "pace",
        "pipeline",
        "elsewhere",
        "report",
        "handover",
        "batch",
        "inputs",
        "outputs",
        "scripting",
        "terminal",
        "cli",
    ),
    "blender": (
        "words",
        ("children", "context", "credentials", "graphs", "layout"),
        "form",
        "picture/subject",
        "cleaning",
        ("mesh", "picture"),
        ("picture/framed", "sheet"),
        "assets",
        "scene",
        "variants",
        "importing",
        "refining",
        "studio",
        "studio/child",
        "exporting",
        "converting",
        "writing",
        "app",
        "account",
        "delivery",
        "chains",
        "sources",
        "request",
        ("request/refining", "request/making"),
        "elsewhere",
        "examining",
        "ui",
        "ui/preferences",
        "ui/panels/results",
        ("ui/operators", "ui/choosing", "ui/making", "ui/refining", "ui/results", "ui/panels", "."),
    ),
}
MOST_MODULES: Final = 10
MOST_LINES: Final = 350
MOST_LINES_OF_A_FUNCTION: Final = 40
"""Not counting its docstring."""
ENGINE_MAY_IMPORT: Final = sys.stdlib_module_names | {"requests", "urllib3", "pydantic", "pydantic_core", "truststore"}
"""requests and pydantic, what each of them stands on, and the certificates of the system."""
BLENDERS: Final = {"bpy", "bmesh", "mathutils", "gpu", "gpu_extras", "bpy_extras", "blf", "idprop"}
"""What only Blender has."""
PLAIN: Final = "pytestmark = pytest.mark.plain"
OWN: Final = ("scenario_addon.engine", "scenario_addon.__version__")
_OF_BLENDERS_OWN: Final = {
    "blender/delivery/sheets.py: bpy.app.tempdir or None",
    "blender/examining/trial.py: parent",
    "blender/examining/worker.py: folder",
}
"""What is asked of ``tempfile`` in the folder that Blender has made for itself."""
_OF_TEMPFILE: Final = frozenset(tempfile.__all__)
DOORS: Final = {PACKAGE / house / "__init__.py" for house in ROOMS}
"""What a house shows to the outside: it stands above all rooms."""


def test_importing_the_package_loads_neither_requests_nor_pydantic_nor_the_engine() -> None:
    loaded = _run("import sys, scenario_addon; print(*sys.modules)").split()
    assert "scenario_addon" in loaded
    assert {"requests", "pydantic", "bpy", "scenario_addon.engine", "scenario_addon.blender"}.isdisjoint(loaded)


def test_what_every_tick_needs_of_portraits_loads_neither_requests_nor_pydantic() -> None:
    loaded = _run("import sys, scenario_addon.engine.fetch.portraits; print(*sys.modules)").split()
    assert {"requests", "pydantic"}.isdisjoint(loaded)


def test_every_module_of_the_engine_loads_without_blender() -> None:
    names = [_dotted(path) for path in _files("engine")]
    assert names
    blocked = "import sys, importlib; sys.modules.update(dict.fromkeys(['bpy', 'bmesh', 'mathutils', 'gpu']));"
    assert _run(f"{blocked} print(len([importlib.import_module(n) for n in {names}]))").strip() == str(len(names))


def test_the_engine_imports_only_the_standard_library_requests_and_pydantic() -> None:
    imports = [(path, name) for path in _files("engine") for name in _imports(path)]
    assert imports
    strangers = {
        f"{path.name} imports {name}"
        for path, name in imports
        if name.split(".")[0] not in ENGINE_MAY_IMPORT and not name.startswith(OWN)
    }
    assert not strangers


@pytest.mark.parametrize("house", ROOMS)
def test_every_package_is_a_room(house: str) -> None:
    packages = {path.parent.relative_to(PACKAGE / house).as_posix() for path in _files(house)}
    assert packages == set(_ranks(house))


@pytest.mark.parametrize("house", ROOMS)
def test_imports_between_rooms_point_downward(house: str) -> None:
    ranks = _ranks(house)
    upward = {
        f"{path.relative_to(PACKAGE)} imports {other.relative_to(PACKAGE)}"
        for path, other in _arrows(house)
        if _room(path) != _room(other) and ranks[_room(other)] >= ranks[_room(path)]
    }
    assert not upward


@pytest.mark.parametrize("house", ROOMS)
def test_inside_a_room_there_is_no_circle(house: str) -> None:
    for room in _ranks(house):
        inside = [(path, other) for path, other in _arrows(house) if _room(path) == _room(other) == room]
        graph = {path.stem: {other.stem for source, other in inside if source == path} for path, _ in inside}
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            pytest.fail(f"{room}: {' -> '.join(error.args[1])}")


def test_tempfile_is_asked_for_nothing_in_a_folder_that_somebody_chose() -> None:
    """On Windows it tries for hours in one that cannot be written: ``engine.files`` has what is used instead."""
    asked = {
        f"{path.relative_to(PACKAGE)}: {ast.unparse(argument.value)}"
        for house in ROOMS
        for path in _files(house)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in _OF_TEMPFILE
        for argument in node.keywords
        if argument.arg == "dir"
    }
    assert asked <= _OF_BLENDERS_OWN


def test_no_package_no_module_and_no_function_is_too_large() -> None:
    files = [path for house in ROOMS for path in _files(house)]
    crowds = {path.parent: sum(other.stem != "__init__" for other in path.parent.glob("*.py")) for path in files}
    large = [f"{folder}: {count} modules" for folder, count in crowds.items() if count > MOST_MODULES]
    for path in files:
        text = path.read_text(encoding="utf-8")
        lines = len(text.splitlines())
        large += [f"{path}: {lines} lines"] if lines > MOST_LINES else []
        functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
        large += [f"{path}: {node.name}" for node in functions if _length(node) > MOST_LINES_OF_A_FUNCTION]
    assert not large


def test_what_is_not_tested_in_every_blender_runs_nothing_of_blender() -> None:
    files = (ROOT / "tests" / "blender").rglob("test_*.py")
    assert BLENDERS.isdisjoint(_reached(path for path in files if PLAIN in path.read_text("utf-8")))


def test_what_is_not_tested_with_the_oldest_requests_never_reaches_them() -> None:
    alike = runpy.run_path(str(ROOT / "scripts" / "parts.py"))["ALIKE"]
    files = [path for room in alike for path in (ROOT / "tests" / "engine" / room).rglob("test_*.py")]
    assert {"requests", "urllib3"}.isdisjoint(_reached(files))


def test_the_readme_tells_what_every_room_is_for() -> None:
    text = (ROOT / "scripts" / "guide" / "building.md").read_text(encoding="utf-8")
    tree = text.partition("    scenario_addon/\n")[2].partition("\n\n")[0]
    told = [line.split()[0] for line in tree.splitlines()]
    rooms = {f"{Path(room).name}/" for house in ROOMS for room in _ranks(house) if room != "."}
    assert rooms <= set(told), rooms - set(told)


def _ranks(house: str) -> dict[str, int]:
    rows = [(row,) if isinstance(row, str) else row for row in ROOMS[house]]
    return {name: rank for rank, row in enumerate(rows) for name in row}


def _files(house: str) -> list[Path]:
    return sorted((PACKAGE / house).rglob("*.py"))


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def _room(path: Path) -> str:
    return Path(*path.relative_to(PACKAGE).parts[1:]).parent.as_posix()


@cache
def _arrows(house: str) -> list[tuple[Path, Path]]:
    """Which file imports which, inside one house; its door neither counts as one nor as the other."""
    known = {_dotted(path): path for path in _files(house) if path not in DOORS}
    found: list[tuple[Path, Path]] = []
    for path in known.values():
        for name in _imports(path):
            target = known.get(name) or known.get(name.rpartition(".")[0])
            if target is not None and target != path:
                found.append((path, target))
    return found


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """Give the absolute dotted name of everything that a file imports, wherever in the file it does."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join([*parent, *([node.module] if node.module else [])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def _length(function: ast.FunctionDef) -> int:
    """Lines, from ``def`` to the end, without the docstring."""
    first = function.body[0]
    is_docstring = ast.get_docstring(function) is not None
    told = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - told


def _source(name: str) -> Path | None:
    """Find the file of a module of ours by its name, or by the name of something in it."""
    paths = [ROOT.joinpath(*part.split(".")).with_suffix(".py") for part in (name, name.rpartition(".")[0]) if part]
    return next((path for path in paths if path.is_file()), None)


def _reached(files: Iterable[Path]) -> set[str]:
    """Give the packages that some tests import, directly or by other modules of ours."""
    todo, found = list(files), set[str]()
    assert todo
    seen = set(todo)
    while todo:
        names = list(_imports(todo.pop()))
        found |= {name.partition(".")[0] for name in names}
        new = {path for name in names if (path := _source(name)) and path not in seen}
        seen |= new
        todo += new
    return found


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
