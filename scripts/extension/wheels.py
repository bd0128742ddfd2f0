# SPDX-License-Identifier: GPL-3.0-or-later
"""The wheels that the zips carry: what is pinned, by version and hash, and fetched from the package index by pip.

Their names and versions are the group `wheels` of pyproject.toml; their hashes are in wheels.txt, which pip reads.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path
from typing import Final

from environments import ENVS, SetupError, ensure, once, pip, requirements

__all__ = ["LOCK", "PLATFORMS", "PYTHONS", "LockError", "lock", "wheels"]

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
LOCK: Final = Path(__file__).with_name("wheels.txt")
_HEAD: Final = "# Made by `python3 scripts/build.py --lock` from the group `wheels` of pyproject.toml."
_AT_ONCE: Final = 4
_RENEW: Final = "run `python3 scripts/build.py --lock` and look at what it changes"


class LockError(SetupError):
    """What is pinned and what is asked for or found differ; the message says what to do."""


def wheels(platforms: Iterable[str]) -> list[Path]:
    """Give the pinned wheels for every Python of the platforms, each once: from the cache, or else from the index.

    Raises LockError where a hash differs or wheels.txt is out of date, SetupError where pip fails.
    """
    text = LOCK.read_text(encoding="utf-8")
    pinned = [line.split()[0] for line in text.splitlines() if "==" in line]
    if sorted(pinned) != sorted(requirements("wheels")):
        raise LockError(f"{LOCK.name} is not of the versions in pyproject.toml: {_RENEW}.")
    options = ("--no-deps", "--require-hashes", "--requirement", str(LOCK))

    def taken(platform: str, python: str) -> Path:
        folder = ENVS / "wheels" / f"{platform}-{python}"
        make = partial(_download, platform=platform, python=python, options=options)
        once(folder, key=[PLATFORMS[platform], python, text], make=make)
        return folder

    found: dict[str, Path] = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for folder in pool.map(taken, *zip(*product(platforms, PYTHONS), strict=True)):
            found |= {path.name: path for path in folder.glob("*.whl")}
    for path in found.values():  # whatever became of the cache since
        if f"sha256:{_hash(path)}" not in text:
            raise LockError(f"{path} is not the wheel that was pinned: remove the folder it is in.")
    return [found[name] for name in sorted(found)]


def lock() -> None:
    """Write the hashes of the wheels in pyproject.toml's group anew, for every Python of every platform.

    Raises LockError where the group lacks something that one of them needs.
    """
    hashes: dict[str, set[str]] = {name: set() for name in requirements("wheels")}
    with tempfile.TemporaryDirectory(prefix="scenario-lock-") as temporary:
        for platform in PLATFORMS:
            for python in PYTHONS:
                folder = Path(temporary) / f"{platform}-{python}"
                _download(folder, platform=platform, python=python, options=tuple(hashes))
                for path in folder.glob("*.whl"):
                    name, version = path.name.split("-")[:2]
                    pin = f"{name.replace('_', '-')}=={version}"
                    if pin not in hashes:
                        raise LockError(f"The wheels need {pin}: add it to the group `wheels` of pyproject.toml.")
                    hashes[pin].add(_hash(path))
    lines = [
        " \\\n    ".join((pin, *(f"--hash=sha256:{value}" for value in sorted(hashes[pin])))) for pin in sorted(hashes)
    ]
    LOCK.write_text("\n".join([_HEAD, *lines, ""]), encoding="utf-8", newline="\n")


def _download(folder: Path, *, platform: str, python: str, options: Sequence[str]) -> None:
    abi = f"cp{python.replace('.', '')}"
    tags = ("--platform", PLATFORMS[platform], "--implementation", "cp", "--python-version", python)
    tags += ("--abi", abi, "--abi", "none", "--only-binary=:all:")
    purpose = f"Fetching wheels for {platform} {abi}"
    pip(ensure("pip"), "download", "--dest", str(folder), *tags, *options, purpose=purpose)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
