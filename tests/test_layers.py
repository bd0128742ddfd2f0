# SPDX-License-Identifier: GPL-3.0-or-later
"""The one rule of the architecture: imports point downward only, and Blender is imported in one place."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = ROOT / "scenario_addon"

# Each folder's modules from the bottom up: a module imports only modules that stand before it.
# Modules that stand together in a tuple do not import each other.
ORDER: Final[dict[str, tuple[str | tuple[str, ...], ...]]] = {
    "engine": (
        "text",
        "errors",
        "service",
        "values",
        "names",
        "files",
        "json_text",
        "wire_fields",
        "wire",
        "conditions",
        "limits",
        "schema",
        "model",
        "picture",
        "order",
        "settings",
        "host",
        "packing",
        "transport",
        "answer",
        "certificates",
        "failure",
        "refusal",
        "http",
        "client",
        "thumbnails",
        "catalogue",
        "gltf",
        "accessors",
        "glb",
        "upload",
        "endless",
        "download",
        "formats",
        "results",
        "job",
        "owner",
        "migrations",
        "database",
        "backups",
        "record",
        "repair",
        "heritage",
        "claims",
        "store",
        "budget",
        "pricing",
        "reconcile",
        "env",
        "ordering",
        "steps",
        "patience",
        "actions",
        "workers",
        "runner",
        "connection",
        "doctor",
        "earlier",
        "copies",
        "report",
        "handover",
        "batch",
        "cli",
    ),
    "engine/cli": ("exits", "progress", "listing", "call", "generate", "show"),
    "blender": (
        "properties",
        "stored",
        "readers",
        "datablocks",
        "meshes",
        "surface",
        "textures",
        "levels",
        "finish",
        "bounds",
        "arrival",
        "prepared",
        "intake",
        "placement",
        "asset_catalogue",
        "assets",
        "child",
        "child_process",
        "convert",
        "append",
        "staging",
        "importer",
        "pixels",
        "movies",
        "viewport",
        "picture_files",
        "pictures",
        "capture",
        "previews",
        "prose",
        "sidebar",
        "secret_file",
        "access",
        "host",
        "errands",
        "models",
        "prices",
        "writes",
        "jobs",
        "loading",
        "session",
        "homes",
        "slots",
        "fields",
        "parameters",
        "preparing",
        "presence",
        "presses",
        "shading",
        "imports",
        "delivery",
        "subjects",
        "form",
        "quotes",
        "waiting",
        "watch",
        "late",
        "preferences",
        "timer",
        ("operators", "panels"),
        "command",
    ),
}
ENGINE_MAY_IMPORT: Final = sys.stdlib_module_names | {"requests", "urllib3", "pydantic", "pydantic_core"}
"""requests and pydantic, and what each of them stands on."""
OWN: Final = ("scenario_addon.engine", "scenario_addon.__version__")


def test_importing_the_package_loads_neither_requests_nor_pydantic_nor_the_engine() -> None:
    loaded = _run("import sys, scenario_addon; print(*sys.modules)").split()
    assert "scenario_addon" in loaded
    assert {"requests", "pydantic", "bpy", "scenario_addon.engine", "scenario_addon.blender"}.isdisjoint(loaded)


def test_every_module_of_the_engine_loads_without_blender() -> None:
    names = [f"scenario_addon.engine.{path.stem}" for path in _modules("engine")]
    assert names
    blocked = "import sys, importlib; sys.modules.update(dict.fromkeys(['bpy', 'bmesh', 'mathutils', 'gpu']));"
    assert _run(f"{blocked} print(len([importlib.import_module(n) for n in {names}]))").strip() == str(len(names))


def test_the_engine_imports_only_the_standard_library_requests_and_pydantic() -> None:
    imports = [(path, name) for path in (PACKAGE / "engine").rglob("*.py") for name in _imports(path)]
    assert imports
    strangers = {
        f"{path.name} imports {name}"
        for path, name in imports
        if name.split(".")[0] not in ENGINE_MAY_IMPORT and not name.startswith(OWN)
    }
    assert not strangers


@pytest.mark.parametrize("folder", ORDER)
def test_every_module_has_its_place_in_the_order(folder: str) -> None:
    assert {path.stem for path in _modules(folder)} <= set(_ranks(folder)), "ORDER lacks a module"


@pytest.mark.parametrize("folder", ORDER)
def test_imports_inside_a_folder_point_downward(folder: str) -> None:
    ranks = _ranks(folder)
    upward = {
        f"{path.stem} imports {other}"
        for path in _modules(folder)
        for other in _siblings(path, folder=folder)
        if ranks.get(other, -1) >= ranks.get(path.stem, len(ranks))
    }
    assert not upward


def _ranks(folder: str) -> dict[str, int]:
    rows = [(row,) if isinstance(row, str) else row for row in ORDER[folder]]
    return {name: rank for rank, row in enumerate(rows) for name in row}


def _modules(folder: str) -> list[Path]:
    """Give the modules of a folder; a package inside it counts as one. __init__ stands above them all."""
    entries = (PACKAGE / folder).iterdir()
    modules = [path for path in entries if path.suffix == ".py" or (path / "__init__.py").exists()]
    return sorted(path for path in modules if path.stem != "__init__")


def _siblings(path: Path, *, folder: str) -> set[str]:
    prefix = f"scenario_addon.{folder.replace('/', '.')}."
    files = path.rglob("*.py") if path.is_dir() else [path]
    names = {name.removeprefix(prefix) for file in files for name in _imports(file) if name.startswith(prefix)}
    return {name.split(".")[0] for name in names} - {path.stem}


def _imports(path: Path) -> Iterator[str]:
    """Give the absolute dotted name of everything that a file imports, wherever in the file it does."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join([*parent, *([node.module] if node.module else [])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
