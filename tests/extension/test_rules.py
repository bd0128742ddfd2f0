# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of Blender's own platform for extensions, as far as a machine can tell.

Blender's validator checks the form of the manifest, its tags among them; the rest is in the platform's terms and in the
handbook of its moderators.
"""

import ast
import re
import tomllib
from functools import cache
from typing import Any

import pytest
from environments import ROOT, ensure, requirements

import scenario_addon
from scenario_addon.engine import service

PACKAGE = ROOT / "scenario_addon"
MANIFEST: dict[str, Any] = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
LONGEST = 64


@cache
def trees() -> dict[str, ast.Module]:
    files = sorted(PACKAGE.rglob("*.py"))
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def name_of(node: ast.expr) -> str:
    """Write a name with its dots; what is no name in it is left out."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@cache
def names() -> dict[str, set[str]]:
    """Every name, such as sys.path, and every last part of one, with the modules in which it stands."""
    found: dict[str, set[str]] = {}
    for module, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                found.setdefault(node.id, set()).add(module)
            elif isinstance(node, ast.Attribute):
                found.setdefault(name_of(node), set()).add(module)
                found.setdefault(f".{node.attr}", set()).add(module)
    return found


def uses(*dotted: str) -> set[str]:
    """The modules in which one of the names stands."""
    return {module for name in dotted for module in names().get(name, ())}


def test_the_name_is_its_own() -> None:
    assert "blender" not in MANIFEST["name"].lower()
    assert "blender" not in MANIFEST["id"]
    assert re.fullmatch(r"[a-z][a-z0-9_]+", MANIFEST["id"])


@pytest.mark.parametrize("text", [MANIFEST["tagline"], *MANIFEST["permissions"].values()])
def test_tagline_and_reasons_are_short_and_no_sentences(text: str) -> None:
    assert 0 < len(text) <= LONGEST
    assert text[-1].isalnum()


def test_it_asks_for_every_permission_that_it_uses_and_for_no_other() -> None:
    signs = {
        "network": bool(uses("bpy.app.online_access")),
        "files": bool(uses("bpy.utils.extension_path_user")),
        "clipboard": bool(uses(".clipboard")),
    }
    assert set(MANIFEST["permissions"]) == {name for name, found in signs.items() if found}


def every_node() -> list[ast.AST]:
    return [node for tree in trees().values() for node in ast.walk(tree)]


def test_it_is_free_software_and_names_whose_code_it_carries() -> None:
    assert MANIFEST["license"] == ["SPDX:GPL-3.0-or-later"]
    holders = " ".join(MANIFEST["copyright"])
    for name in ("Pydantic Services", "Samuel Colvin", "annotated-types", "Python Software", "Seth Michael Larson"):
        assert name in holders
    unmarked = [path for path in PACKAGE.rglob("*.py") if not path.read_text(encoding="utf-8").startswith("# SPDX-")]
    assert not unmarked


def test_the_website_is_the_one_that_the_interface_opens() -> None:
    assert MANIFEST["website"] == service.WEBSITE
    assert service.WEBSITE.startswith("https://")


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert MANIFEST["version"] == project["version"] == scenario_addon.__version__


def test_nothing_that_blender_ships_is_bundled() -> None:
    packages = ensure("demo").parents[1]
    [metadata] = packages.glob("[Ll]ib/**/bpy-*.dist-info/METADATA")
    ships = {match.lower() for match in re.findall(r"(?m)^Requires-Dist: ([\w-]+)", metadata.read_text("utf-8"))}
    assert "requests" in ships
    bundled = {pin.partition("==")[0] for pin in requirements("wheels")}
    # What requests stands on, and what else official builds have. typing-extensions comes with the newest Blenders
    # alone, and older than pydantic needs it, so that it is bundled.
    its_own = {"urllib3", "certifi", "idna", "charset-normalizer", "attrs", "setuptools", "pip"}
    assert bundled.isdisjoint(ships | its_own)


@pytest.mark.parametrize("dotted", ["sys.path", "sys.meta_path", "site.addsitedir", "importlib.invalidate_caches"])
def test_the_ways_of_import_are_left_alone(dotted: str) -> None:
    assert not uses(dotted)


def test_no_module_is_put_where_others_would_find_it() -> None:
    stores = {
        name
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and ast.unparse(node.value) == "sys.modules"
    }
    assert stores <= {"blender/children/entry.py"}, "which runs in a Blender of its own, where nobody else is"


def test_it_imports_itself_by_relative_names_only() -> None:
    """Blender gives it another name in every repository."""
    absolute = {
        name
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("scenario_addon"))
        or (isinstance(node, ast.Import) and any(alias.name.startswith("scenario_addon") for alias in node.names))
    }
    assert not absolute
    assert not uses("bl_info")


def test_nothing_is_installed_updated_or_evaluated_at_run_time() -> None:
    assert not uses("eval", "exec", "pip.main", "ensurepip.bootstrap")
    texts = {node.value for node in every_node() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert not {"pip", "ensurepip"} & texts


def test_nothing_is_written_into_its_own_folder() -> None:
    """What stands beside the code is read: modules by a child Blender, the models that are known from the start."""
    readers = {
        "blender/children/process.py",
        "blender/children/entry.py",
        "engine/models/catalogue.py",
        "engine/words/words.py",
    }
    nowhere = {"blender/sources/renders.py"}  # a path that cannot be
    assert uses("__file__") == readers | nowhere
