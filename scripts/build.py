# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the extension's zip, with the wheels that it needs, by Blender's own builder.

    python3 scripts/build.py                          for this machine, dist/scenario_addon-VERSION.zip
    python3 scripts/build.py --platform windows-x64   for another one; give it again for several in one zip

A whole Blender builds where --blender or BLENDER names one, the builder inside the `bpy` module otherwise.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from environments import ENVS, ROOT, SetupError, ensure, once, pip, requirements

__all__ = ["PLATFORMS", "BuildError", "build"]

# The Pythons of Blender 4.2 to 5.0, of 5.1 and later, and of Linux distributions that build with their own.
PYTHONS: Final = ("3.11", "3.13", "3.14")

# Blender's name of a platform, and the wheel tag of the oldest system that pydantic is built for.
PLATFORMS: Final = {
    "linux-x64": "manylinux_2_17_x86_64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-x64": "macosx_10_12_x86_64",
    "windows-arm64": "win_arm64",
    "windows-x64": "win_amd64",
}
_SYSTEMS: Final = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}
_MACHINES: Final = {"x86_64": "x64", "amd64": "x64", "arm64": "arm64", "aarch64": "arm64"}

# A fixed time for every file in the zip (2020-01-01), so that the same sources give the same bytes.
_TIMESTAMP_S: Final = 1_577_836_800


class BuildError(RuntimeError):
    """The zip cannot be built; the message says why."""


def build(output: Path, *, blender: Path | None = None, platforms: Sequence[str] = ()) -> Path:
    """Build the zip into the folder `output` and have Blender validate it; gives its path.

    `platforms` are keys of PLATFORMS, by default this machine's. Raises BuildError and SetupError.
    """
    platforms = platforms or [_this_platform()]
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    archive = output.resolve() / f"{manifest['id']}-{manifest['version']}.zip"
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.unlink(missing_ok=True)
    builder = _builder(blender)
    with tempfile.TemporaryDirectory(prefix="scenario-build-") as temporary:
        stage = Path(temporary) / manifest["id"]
        _stage(stage, platforms=platforms)
        _run([*builder, "build", "--source-dir", str(stage), "--output-filepath", str(archive)])
    _run([*builder, "validate", str(archive)])
    if not archive.exists():
        raise BuildError(f"Blender's builder reported success, but {archive} is not there.")
    return archive


def _stage(stage: Path, *, platforms: Sequence[str]) -> None:
    """Lay out the root of the extension: the package's contents, the manifest, the licence, the wheels."""
    shutil.copytree(ROOT / "scenario_addon", stage, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for name in ("LICENSE", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, stage)
    (stage / "wheels").mkdir()
    for wheel in _wheels(platforms):
        shutil.copy(wheel, stage / "wheels")
    names = sorted(wheel.name for wheel in (stage / "wheels").iterdir())
    lines = ["", "platforms = [", *(f'    "{name}",' for name in platforms), "]"]
    lines += ["wheels = [", *(f'    "./wheels/{name}",' for name in names), "]", ""]
    manifest = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    # Keys of the top level end where the first table begins.
    head, table, tail = manifest.partition("\n[permissions]")
    (stage / "blender_manifest.toml").write_text(head + "\n".join(lines) + table + tail, encoding="utf-8")
    for path in stage.rglob("*"):
        os.utime(path, (_TIMESTAMP_S, _TIMESTAMP_S))


def _wheels(platforms: Sequence[str]) -> list[Path]:
    """Download the pinned wheels for every Python of every platform, or take them from the cache."""
    pinned = requirements("wheels")
    python = ensure("engine")
    found: list[Path] = []
    for name in platforms:
        for version in PYTHONS:
            folder = ENVS / "wheels" / f"{name}-{version}"

            def download(target: Path, *, tag: str = PLATFORMS[name], version: str = version) -> None:
                abi = f"cp{version.replace('.', '')}"
                options = f"--dest {target} --only-binary=:all: --no-deps --platform {tag} "
                options += f"--implementation cp --python-version {version} --abi {abi} --abi none"
                pip(python, "download", *options.split(), *pinned, purpose=f"Fetching wheels for {tag} {abi}")

            once(folder, key=[PLATFORMS[name], version, *pinned], make=download)
            found += folder.glob("*.whl")
    return found


def _builder(blender: Path | None) -> list[str]:
    """Give the command line of Blender's builder, without its subcommand."""
    if blender is not None:
        return [str(blender), "--factory-startup", "--command", "extension"]
    python = ensure("demo")
    scripts = python.parents[1].glob("[Ll]ib/**/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py")
    return [str(python), str(next(scripts))]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise BuildError(f"Blender's builder refused: {(done.stdout + done.stderr).strip()}")


def _this_platform() -> str:
    machine = platform.machine().lower()
    name = f"{_SYSTEMS.get(platform.system(), platform.system())}-{_MACHINES.get(machine, machine)}"
    if name not in PLATFORMS:
        raise BuildError(f"pydantic is not packed for {name}; name another with --platform: {', '.join(PLATFORMS)}.")
    return name


def main(arguments: list[str]) -> int:
    """Build as the command line says."""
    parser = argparse.ArgumentParser(description="Build the extension's zip.")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="the folder (default: dist)")
    parser.add_argument("--blender", type=Path, help="a Blender executable (default: the first in BLENDER)")
    parser.add_argument("--platform", action="append", choices=sorted(PLATFORMS), default=[])
    chosen = parser.parse_args(arguments)
    first = os.environ.get("BLENDER", "").split(os.pathsep)[0]
    blender = chosen.blender or (Path(first) if first else None)
    try:
        archive = build(chosen.output, blender=blender, platforms=chosen.platform)
    except (BuildError, SetupError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{archive} ({archive.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
