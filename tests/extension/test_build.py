# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip itself: what is in it, and that the same sources give the same zip."""

import tomllib
import zipfile
from pathlib import Path

import pytest
from build import PYTHONS, build

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip for this machine, built and validated by the builder inside the bpy module."""
    return build(tmp_path_factory.mktemp("dist"))


def test_the_zip_holds_every_source_file_and_no_cache(archive: Path) -> None:
    package = ROOT / "scenario_addon"
    sources = {path.relative_to(package).as_posix() for path in package.rglob("*.py")}
    names = set(zipfile.ZipFile(archive).namelist())
    assert {"blender_manifest.toml", "LICENSE", *sources} <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_the_manifest_lists_every_packed_wheel_and_one_core_for_each_python(archive: Path) -> None:
    content = zipfile.ZipFile(archive)
    listed = tomllib.loads(content.read("blender_manifest.toml").decode())["wheels"]
    assert sorted(listed) == sorted(f"./{name}" for name in content.namelist() if name.endswith(".whl"))
    cores = [name for name in listed if "pydantic_core" in name]
    assert len(cores) == len(PYTHONS)
    assert all(any(f"-cp{version.replace('.', '')}-" in name for name in cores) for version in PYTHONS)


def test_requests_is_left_to_blender(archive: Path) -> None:
    assert not [name for name in zipfile.ZipFile(archive).namelist() if "requests" in name]


def test_the_same_sources_give_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    assert build(tmp_path).read_bytes() == archive.read_bytes()
