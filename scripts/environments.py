# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual environments of the project, made in `.envs/` from the tables in pyproject.toml.

Runs on any Python from 3.11 with nothing installed. A second run only compares a stamp; a set-up that was
interrupted is made anew; two runs at once wait for each other.

    python3 scripts/environments.py [NAME ...]      make the named ones, or all, and print their Pythons
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

if sys.version_info < (3, 11):  # noqa: UP036 - whoever comes with an older one is to be told, not shown a traceback
    version = ".".join(map(str, sys.version_info[:2]))
    sys.exit(f"This runs on Python 3.11 and 3.13, not on {version}: start it with one of those.")

import tomllib

__all__ = [
    "ENVS",
    "ROOT",
    "Environment",
    "PythonMissingError",
    "SetupError",
    "elsewhere",
    "ensure",
    "once",
    "pip",
    "requirements",
]

ROOT: Final = Path(__file__).resolve().parents[1]
ENVS: Final = ROOT / ".envs"
LOCK_WAIT_S: Final = 1800.0
LOG_TAIL_LINES: Final = 8
# In ASCII, whatever a Python writes to a pipe. It may be called by a shim or a launcher, so that it says where it is.
_PROBE: Final = "import ensurepip, json, sys, venv; print(json.dumps(['%d.%d' % sys.version_info[:2], sys.executable]))"
_IS_WINDOWS: Final = os.name == "nt"


class SetupError(RuntimeError):
    """An environment cannot be made; the message says why and what to do."""


class PythonMissingError(SetupError):
    """This machine has no Python of the version that an environment needs."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment: its name, its Python's version and what is installed in it."""

    name: str
    python: str
    requirements: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where it lives."""
        return ENVS / self.name

    @property
    def executable(self) -> Path:
        """Its Python."""
        return self.folder / ("Scripts/python.exe" if _IS_WINDOWS else "bin/python")


def ensure(name: str) -> Path:
    """Make the environment `name` unless it is there, and give its Python.

    Raises PythonMissingError where no fitting Python is found, SetupError where the set-up fails.
    """
    environment = _choose(name)
    key = [environment.python, *environment.requirements]
    if not environment.executable.exists():  # its Python was removed or moved
        (environment.folder / ".stamp").unlink(missing_ok=True)
    once(environment.folder, key=key, make=lambda _: _install(environment))
    return environment.executable


def elsewhere(name: str, script: str, arguments: Sequence[str]) -> int | None:
    """Run a script in the environment `name`, and give its exit code; `None` when it runs there already.

    Raises PythonMissingError where no fitting Python is found, SetupError where the set-up fails.
    """
    python = ensure(name)
    if Path(sys.prefix).resolve() == python.parents[1].resolve():
        return None
    return subprocess.run([python, script, *arguments]).returncode


def once(folder: Path, *, key: list[str], make: Callable[[Path], None]) -> None:
    """Let `make` fill `folder`, unless it was filled for the same `key` before.

    The stamp is written last, so whatever was interrupted is emptied and made again.
    """
    stamp = folder / ".stamp"
    digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()
    if _read(stamp) == digest:
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.parent / f"{folder.name}.lock"):
        if _read(stamp) == digest:  # another run made it while this one waited
            return
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():  # Windows keeps what is in use
            raise SetupError(f"{folder} cannot be made anew while something uses it: end that, and run this again.")
        folder.mkdir()
        make(folder)
        stamp.write_text(digest, encoding="utf-8")


def requirements(group: str) -> tuple[str, ...]:
    """What a dependency group of pyproject.toml asks for, with the groups that it includes."""
    found: list[str] = []
    for entry in _pyproject()["dependency-groups"][group]:
        found += [entry] if isinstance(entry, str) else requirements(entry["include-group"])
    return tuple(found)


def pip(python: Path, *arguments: str, purpose: str) -> None:
    """Run pip in the environment of `python`; its output goes to a log that a SetupError quotes and names."""
    log = ENVS / "logs" / f"{purpose.replace(' ', '-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *arguments]
    _logged(command, log=log, problem=f"{purpose}: pip failed; check the network and the free disk space")


def _choose(name: str) -> Environment:
    """Give the environment `name`; among several the running Python's, else the first with a Python."""
    entry = _pyproject()["tool"]["scenario"]["environments"].get(name)
    if entry is None:
        raise SetupError(f"pyproject.toml has no environment {name!r}; see [tool.scenario.environments].")
    if "any" not in entry:
        return Environment(name, python=entry["python"], requirements=requirements(entry["group"]))
    options = [_choose(option) for option in entry["any"]]
    options.sort(key=lambda option: option.python != _running())
    for option in options:
        if option.executable.exists() or _find_python(option.python):
            return option
    versions = " or ".join(sorted(option.python for option in options))
    raise PythonMissingError(f"No Python {versions} was found; install one and put it on PATH.")


def _install(environment: Environment) -> None:
    """Fill the environment's empty folder."""
    base = _find_python(environment.python)
    if base is None:
        raise PythonMissingError(f"No Python {environment.python} was found; install it and put it on PATH.")
    log = ENVS / "logs" / f"{environment.name}-venv.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    purpose = f"Setting up {environment.name}"
    size = "; Blender is some 400 MB" if any(r.startswith("bpy") for r in environment.requirements) else ""
    print(f"{purpose} in {ENVS.name}/ (once{size}) ...", file=sys.stderr, flush=True)
    command = [str(base), "-m", "venv", "--clear", str(environment.folder)]
    _logged(command, log=log, problem=f"{purpose}: Python could not make a virtual environment")
    if environment.requirements:
        pip(environment.executable, "install", "--progress-bar=off", *environment.requirements, purpose=purpose)


def _find_python(version: str) -> Path | None:
    """Find a Python of `version` (such as "3.11") that can make environments."""
    for candidate in _candidates(version):
        try:
            done = subprocess.run([*candidate, "-c", _PROBE], capture_output=True, text=True, timeout=30)
            found, executable = json.loads(done.stdout) if done.returncode == 0 else ("", "")
        except (OSError, TypeError, ValueError, subprocess.TimeoutExpired):  # whatever else is called so
            continue
        if found == version:
            return Path(executable)
    return None


def _candidates(version: str) -> Iterator[tuple[str, ...]]:
    """Give what may start a Python of `version`: the running one, PATH, a launcher, where they are put."""
    if version == _running():
        yield (sys.executable,)
    for command in (f"python{version}", "python3", "python"):
        if found := shutil.which(command):
            yield (found,)
    if found := shutil.which("py"):  # knows those of python.org, of the store and of the install manager
        yield found, f"-{version}"
    patterns = (f"{version}*/bin/python3", f"{version}*/python.exe", f"Python{version.replace('.', '')}*/python.exe")
    for folder in _folders():
        for pattern in patterns:
            yield from ((str(path),) for path in sorted(folder.glob(pattern), reverse=True))


def _folders() -> list[Path]:
    """Give where managers and installers keep each Python in a folder of its own."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    found = [pyenv / "versions", pyenv / "pyenv-win" / "versions", Path(sys.base_prefix).parent]
    if _IS_WINDOWS:  # for one user, and for all
        users, everyones = os.environ.get("LOCALAPPDATA"), os.environ.get("PROGRAMFILES")
        found += [Path(users, "Programs", "Python")] if users else []
        found += [Path(everyones)] if everyones else []
    return [*found, Path("/Library/Frameworks/Python.framework/Versions")]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold `path` for this process alone. SQLite's lock works on every system and dies with the process."""
    database = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None)
    try:
        try:
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise SetupError(f"Another run held {path} for {LOCK_WAIT_S:.0f} s: end it.") from error
        yield
    finally:
        database.close()


def _logged(command: list[str], *, log: Path, problem: str) -> None:
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if done.returncode:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL_LINES:])
        raise SetupError(f"{problem} (all of it is in {log}):\n{tail}")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _running() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def main(names: list[str]) -> int:
    """Make the named environments, or all."""
    for name in names or _pyproject()["tool"]["scenario"]["environments"]:
        try:
            print(f"{name}: {ensure(name)}")
        except (OSError, SetupError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
