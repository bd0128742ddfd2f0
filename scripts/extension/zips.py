# SPDX-License-Identifier: GPL-3.0-or-later
"""The zips: laid out, built and validated by Blender's own builder, and brought to the same bytes everywhere."""

import json
import os
import platform
import shutil
import subprocess
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from environments import ROOT, ensure

from .licences import LicenceMissing, licences_of
from .wheels import PLATFORMS, wheels

__all__ = ["INDEX", "BuildError", "build", "index", "this_platform"]

INDEX: Final = "index.json"
"""Where Blender looks for what a repository has, beside the zips."""
LICENCES: Final = "THIRD-PARTY-LICENSES.txt"
PACKED: Final = (".py", ".json")
"""What of the package is of use to Blender; whatever else lies in a checkout stays there."""
_CHECKOUT_ONLY: Final = "__main__.py"
_TIME: Final = (2020, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_SYSTEMS: Final = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}
_MACHINES: Final = {"x86_64": "x64", "amd64": "x64", "arm64": "arm64", "aarch64": "arm64"}


class BuildError(RuntimeError):
    """The zips cannot be built; the message says why."""


def build(output: Path, *, blender: Path | None = None, platforms: Sequence[str] = ()) -> list[Path]:
    """Build a zip for each platform into the folder `output` and have Blender validate it; gives their paths.

    `platforms` are keys of PLATFORMS, by default all. Raises BuildError and SetupError.
    """
    platforms = sorted(set(platforms or PLATFORMS))
    output = output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    builder = _builder(blender)
    with tempfile.TemporaryDirectory(prefix=".scenario-build-", dir=output) as temporary:
        stage, made = Path(temporary) / "stage", Path(temporary) / "made"
        made.mkdir()
        manifest = tomllib.loads(_stage(stage, platforms=platforms))
        split = ("--split-platforms", "--source-dir", str(stage), "--output-dir", str(made))
        _run([*builder, "build", *split, *_tags(builder)])
        names = [f"{manifest['id']}-{manifest['version']}-{name.replace('-', '_')}.zip" for name in platforms]
        if missing := [name for name in names if not (made / name).exists()]:
            raise BuildError(f"Blender's builder reported success, but did not make {', '.join(missing)}.")
        for name in names:
            _settle(made / name)
            _run([*builder, "validate", *_tags(builder), str(made / name)])
            (made / name).replace(output / name)
    return [output / name for name in names]


def index(archives: Sequence[Path], *, blender: Path | None = None) -> Path:
    """Make the index beside the zips with which Blender finds, installs and updates them from any web server.

    Of an extension and a platform it may know one version only, so other zips in the folder are left out.
    """
    folder = archives[0].parent
    with tempfile.TemporaryDirectory(prefix=".scenario-index-", dir=folder) as temporary:
        for archive in archives:
            shutil.copy(archive, temporary)
        _run([*_builder(blender), "server-generate", "--repo-dir", temporary])
        found = json.loads((Path(temporary) / INDEX).read_text(encoding="utf-8"))
    found["data"].sort(key=lambda entry: entry["archive_url"])  # it has them as the folder lists them
    if len(found["data"]) != len(archives):
        raise BuildError("Blender's index does not have every zip.")
    (folder / INDEX).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8", newline="\n")
    return folder / INDEX


def this_platform() -> str:
    """Give Blender's name for this machine; raises BuildError where pydantic is not packed for it."""
    machine = platform.machine().lower()
    name = f"{_SYSTEMS.get(platform.system(), platform.system())}-{_MACHINES.get(machine, machine)}"
    if name not in PLATFORMS:
        raise BuildError(f"pydantic is not packed for {name}; name another with --platform: {', '.join(PLATFORMS)}.")
    return name


def _stage(stage: Path, *, platforms: Sequence[str]) -> str:
    """Lay out the root of the extension: the package's contents, licences, wheels; gives the manifest's text."""
    package = ROOT / "scenario_addon"
    for path in sorted(package.rglob("*")):
        inside = path.relative_to(package)
        if path.suffix in PACKED and inside != Path(_CHECKOUT_ONLY):
            (stage / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, stage / inside)
    shutil.copyfile(ROOT / "LICENSE", stage / "LICENSE")
    (stage / "wheels").mkdir()
    packed = wheels(platforms)
    for wheel in packed:
        shutil.copyfile(wheel, stage / "wheels" / wheel.name)
    try:
        (stage / LICENCES).write_text(licences_of(packed), encoding="utf-8", newline="\n")
    except LicenceMissing as error:
        raise BuildError(str(error)) from error
    lines = ["", "platforms = [", *(f'    "{name}",' for name in platforms), "]"]
    lines += ["wheels = [", *(f'    "./wheels/{wheel.name}",' for wheel in packed), "]", ""]
    manifest = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    # Keys of the top level end where the first table begins.
    head, table, tail = manifest.partition("\n[permissions]")
    text = head + "\n".join(lines) + table + tail
    (stage / "blender_manifest.toml").write_text(text, encoding="utf-8", newline="\n")
    return text


def _settle(archive: Path) -> None:
    """Write a zip anew so that it depends on its content alone.

    Blender's builder has files as the folder lists them, with their times, in the zone of this machine, and modes.
    """
    settled = archive.with_suffix(".settled")
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as to:
        for name in sorted(before.namelist()):
            info = zipfile.ZipInfo(name, _TIME)
            info.external_attr, info.create_system = _MODE, 3
            kind = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            to.writestr(info, before.read(name), compress_type=kind)
    settled.replace(archive)


def _builder(blender: Path | None) -> list[str]:
    """Give the command line of Blender's builder, without its subcommand."""
    if blender is not None:
        return [str(blender), "--factory-startup", "--command", "extension"]
    return [str(ensure("demo")), str(_inside_bpy("scripts/addons_core/bl_pkg/cli/blender_ext.py"))]


def _tags(builder: Sequence[str]) -> tuple[str, ...]:
    """Have the tags compared with Blender's list: a whole Blender does so by itself."""
    if "--command" in builder:
        return ()
    return ("--valid-tags", str(_inside_bpy("scripts/modules/_bpy_internal/extensions/tags.py")))


def _inside_bpy(path: str) -> Path:
    """Find a file of the `bpy` module, which is in Lib/site-packages on Windows, in lib/pythonX.Y/ elsewhere."""
    environment = ensure("demo").parents[1]
    for packages in (*environment.glob("lib/python*/site-packages"), environment / "Lib" / "site-packages"):
        for found in packages.glob(f"bpy/*/{path}"):
            return found
    raise BuildError(f"The bpy module in {environment} has no {path}; name a Blender with --blender.")


def _run(command: Sequence[str]) -> None:
    # Any language will do but the terminal's: what is said may be of paths in any script.
    spoken = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL, env=spoken
    )
    if done.returncode:
        raise BuildError(f"Blender's builder refused: {(done.stdout + done.stderr).strip()}")
