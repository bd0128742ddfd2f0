# SPDX-License-Identifier: GPL-3.0-or-later
"""The zips themselves: what is in them, that they are the same everywhere, and what is refused."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from environments import ROOT
from extension import wheels as wheels_module
from extension.licences import LicenceMissing, licences_of
from extension.wheels import LOCK, PLATFORMS, PYTHONS, LockError, wheels
from extension.zips import BuildError, build, index, this_platform

from scenario_addon.engine.service import WEBSITE
from tests.extension.zips import checkout

NOTICES = "THIRD-PARTY-LICENSES.txt"
DISTRIBUTIONS = {"annotated_types", "pydantic", "pydantic_core", "truststore", "typing_extensions", "typing_inspection"}


def listed(archive: Path, *, table: str = "") -> list[str]:
    manifest = tomllib.loads(zipfile.ZipFile(archive).read("blender_manifest.toml").decode())
    return sorted(manifest["build"]["generated"][table] if table else manifest["wheels"])


def test_there_is_a_zip_for_every_platform(zips: list[Path]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    platforms = [name.replace("-", "_") for name in sorted(PLATFORMS)]
    assert [path.name for path in zips] == [f"scenario_addon-{version}-{platform}.zip" for platform in platforms]
    assert [listed(path, table="platforms") for path in zips] == [[name] for name in sorted(PLATFORMS)]


def test_a_zip_holds_what_runs_and_the_licences_and_nothing_else(zips: list[Path]) -> None:
    known = subprocess.run(["git", "ls-files", "scenario_addon"], cwd=ROOT, capture_output=True, text=True, check=True)
    sources = {name.removeprefix("scenario_addon/") for name in known.stdout.split()} - {"__main__.py"}
    for path in zips:
        names = zipfile.ZipFile(path).namelist()
        others = [name for name in names if not name.startswith("wheels/")]
        assert sorted(others) == sorted({*sources, "blender_manifest.toml", "LICENSE", NOTICES})


@pytest.mark.parametrize("number", range(len(PLATFORMS)), ids=sorted(PLATFORMS))
def test_a_zip_carries_each_wheel_once_and_one_core_for_each_python(zips: list[Path], number: int) -> None:
    packed = sorted(name for name in zipfile.ZipFile(zips[number]).namelist() if name.startswith("wheels/"))
    assert [f"./{name}" for name in packed] == listed(zips[number], table="wheels")
    cores = [name for name in packed if "pydantic_core" in name]
    assert [name.split("-")[2] for name in cores] == [f"cp{version.replace('.', '')}" for version in PYTHONS]
    assert all(PLATFORMS[sorted(PLATFORMS)[number]] in name for name in cores)
    assert {name.split("-")[0].removeprefix("wheels/") for name in packed} == DISTRIBUTIONS
    assert len(packed) == len(DISTRIBUTIONS) + len(PYTHONS) - 1


def test_the_licence_of_each_wheel_is_in_the_zip(zips: list[Path]) -> None:
    told = zipfile.ZipFile(zips[0]).read(NOTICES).decode()
    titles = {line.split()[0].replace("-", "_") for line in told.splitlines() if line.endswith((": MIT", ": PSF-2.0"))}
    assert titles >= DISTRIBUTIONS
    assert told.count("Permission is hereby granted") == len(DISTRIBUTIONS) - 1
    assert "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2" in told
    assert "jiter " in told, "what is compiled into pydantic-core"


def test_a_wheel_without_a_licence_is_not_packed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "free-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("free-1.0.dist-info/METADATA", "Name: free\nVersion: 1.0\n")
    with pytest.raises(LicenceMissing, match=r"free-1\.0-py3-none-any\.whl"):
        licences_of(tmp_path.glob("*.whl"))


def test_the_same_sources_give_the_same_bytes_in_any_folder_at_any_time_in_any_zone(
    zips: list[Path], tmp_path: Path
) -> None:
    """The folder's name has what names of folders have; the environment that fetches wheels is made in it, too."""
    files = ("scenario_addon", "scripts", "pyproject.toml", "blender_manifest.toml", "LICENSE")
    there = checkout(tmp_path / "My Add-ons (é)", *files)
    for name in ("Thumbs.db", "notes.py~", "blender/.hidden.swp"):  # what lies about
        (there / "scenario_addon" / name).touch()
    elsewhere = {**os.environ, "TZ": "Asia/Tokyo", "BLENDER": ""}
    run = {"cwd": tmp_path, "env": elsewhere, "capture_output": True, "text": True, "umask": 0o077}
    made = subprocess.run([sys.executable, str(there / "scripts" / "environments.py"), "pip"], **run)
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith(f"pip: {there}")
    done = subprocess.run([sys.executable, str(there / "scripts" / "build.py")], **run)
    assert done.returncode == 0, done.stderr
    dist = there / "dist"
    assert {path.name: path.read_bytes() for path in dist.glob("*.zip")} == {p.name: p.read_bytes() for p in zips}
    assert sorted(path.name for path in dist.iterdir()) == ["index.json", *(path.name for path in zips)]


def test_one_platform_alone_has_only_its_own_wheels(tmp_path: Path) -> None:
    [archive] = build(tmp_path, platforms=["windows-arm64"])
    assert archive.name.endswith("-windows_arm64.zip")
    assert listed(archive) == listed(archive, table="wheels")


def test_the_index_lists_each_zip_for_its_platform_and_not_what_lies_beside_it(zips: list[Path]) -> None:
    (zips[0].parent / "scenario_addon-0.0.1-linux_x64.zip").write_bytes(zips[0].read_bytes())
    found = json.loads(index(zips).read_text(encoding="utf-8"))["data"]
    assert [entry["archive_url"] for entry in found] == [f"./{path.name}" for path in zips]
    assert [entry["platforms"] for entry in found] == [[name] for name in sorted(PLATFORMS)]
    assert {entry["website"] for entry in found} == {WEBSITE}, "where Blender's own button leads"
    assert [entry["archive_size"] for entry in found] == [path.stat().st_size for path in zips]


def test_what_blenders_builder_says_of_a_wrong_manifest_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = checkout(tmp_path / "wrong", "scenario_addon/__init__.py", "blender_manifest.toml", "LICENSE")
    manifest = there / "blender_manifest.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"Mesh"', '"Meshes"'), encoding="utf-8")
    monkeypatch.setattr("extension.zips.ROOT", there)
    with pytest.raises(BuildError, match="Meshes"):
        build(tmp_path / "dist", platforms=[this_platform()])
    assert not list((tmp_path / "dist").iterdir())


def test_what_is_pinned_is_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels_module, "requirements", lambda _group: ("pydantic==1.0.0",))
    with pytest.raises(LockError, match=r"not of the versions .*--lock"):
        wheels(["linux-x64"])


def test_a_wheel_that_was_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels_module, "ENVS", tmp_path)

    def changed(folder: Path, **_: object) -> None:
        (folder / "pydantic-2.14.3-py3-none-any.whl").write_bytes(b"something else")

    monkeypatch.setattr(wheels_module, "_download", changed)
    with pytest.raises(LockError, match="not the wheel that was pinned"):
        wheels(["linux-x64"])


def test_pip_takes_no_wheel_of_another_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the folder of the cache, so that nothing is asked of the index."""
    wheels(["linux-x64"])
    cache = wheels_module.ENVS / "wheels" / "linux-x64-3.11"
    wrong = tmp_path / "wheels.txt"
    wrong.write_text("pydantic==2.14.3 --hash=sha256:" + "0" * 64, encoding="utf-8")
    options = ("--no-index", "--find-links", str(cache), "--no-deps", "--require-hashes", "--requirement", str(wrong))
    with pytest.raises(wheels_module.SetupError, match="DO NOT MATCH THE HASHES"):
        wheels_module._download(tmp_path / "new", platform="linux-x64", python="3.11", options=options)


def test_the_lock_is_of_every_wheel_and_names_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made anew from the wheels at hand it comes out the same."""

    def taken(folder: Path, *, platform: str, python: str, options: object) -> None:
        folder.mkdir()
        for path in (wheels_module.ENVS / "wheels" / f"{platform}-{python}").glob("*.whl"):
            (folder / path.name).symlink_to(path)

    wheels(PLATFORMS)
    monkeypatch.setattr(wheels_module, "_download", taken)
    monkeypatch.setattr(wheels_module, "LOCK", tmp_path / "wheels.txt")
    wheels_module.lock()
    assert (tmp_path / "wheels.txt").read_bytes() == LOCK.read_bytes()
    fewer = [pin for pin in wheels_module.requirements("wheels") if not pin.startswith("annotated")]
    monkeypatch.setattr(wheels_module, "requirements", lambda _group: tuple(fewer))
    with pytest.raises(LockError, match=r"need annotated-types==.*add it"):
        wheels_module.lock()


def test_the_cache_is_asked_before_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    wheels(["linux-x64"])
    monkeypatch.setattr(wheels_module, "pip", lambda *_, **__: pytest.fail("the index was asked"))
    assert len(wheels(["linux-x64"])) == len(DISTRIBUTIONS) + len(PYTHONS) - 1
