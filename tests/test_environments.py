# SPDX-License-Identifier: GPL-3.0-or-later
"""The maker of environments: made once, made again when something changed or was interrupted."""

import subprocess
import sys
from pathlib import Path

import environments
import pytest


def test_a_folder_is_filled_once_for_the_same_key(tmp_path: Path) -> None:
    filled: list[Path] = []
    for _ in range(2):
        environments.once(tmp_path / "folder", key=["a"], make=filled.append)
    assert filled == [tmp_path / "folder"]


def test_a_changed_key_empties_the_folder_and_fills_it_anew(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    environments.once(folder, key=["old"], make=lambda path: (path / "old").touch())
    environments.once(folder, key=["new"], make=lambda path: (path / "new").touch())
    assert {path.name for path in folder.iterdir()} == {"new", ".stamp"}


def test_an_interrupted_set_up_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "folder"

    def interrupted(path: Path) -> None:
        (path / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        environments.once(folder, key=["a"], make=interrupted)
    environments.once(folder, key=["a"], make=lambda path: (path / "whole").touch())
    assert {path.name for path in folder.iterdir()} == {"whole", ".stamp"}


def test_two_runs_at_once_make_a_folder_only_once(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib; sys.path.insert(0, sys.argv[1]); import environments\n"
        "def make(path):\n    time.sleep(0.5)\n    print('made')\n"
        "environments.once(pathlib.Path(sys.argv[2]), key=['a'], make=make)"
    )
    command = [sys.executable, "-c", code, str(environments.ROOT / "scripts"), str(tmp_path / "folder")]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [run.communicate(timeout=30)[0].strip() for run in runs].count("made") == 1
    assert [run.returncode for run in runs] == [0, 0]


def test_a_failing_pip_is_explained_with_its_last_words_and_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "ENVS", tmp_path)
    with pytest.raises(environments.SetupError, match=r"(?s)Testing: pip failed.*Testing\.log.*no-such-command"):
        environments.pip(Path(sys.executable), "no-such-command", purpose="Testing")


def test_an_unknown_environment_is_named() -> None:
    with pytest.raises(environments.SetupError, match="'elsewhere'"):
        environments.ensure("elsewhere")


def test_blender_and_its_type_stubs_never_share_an_environment() -> None:
    for group in ("engine", "bpy-4-2", "bpy-4-5", "bpy-5-0", "bpy-5-2"):
        names = [requirement.partition("==")[0] for requirement in environments.requirements(group)]
        assert ("bpy" in names) != ("fake-bpy-module" in names)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No Python is found but what a test puts into the folder that this gives, which is PATH."""
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "own" / "python"))
    monkeypatch.setattr(environments, "_running", lambda: "3.99")
    return tmp_path / "path"


HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
REAL = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'


def put(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("place", "script"),
    [
        ("path/python3", REAL),
        ("path/py", f'#!/bin/sh\n[ "$1" = -{HERE} ] || exit 103\nshift\nexec "{sys.executable}" "$@"\n'),
        ("Programs/Python/Python{short}-arm64/python.exe", REAL),
        ("All Programs/Python{short}/python.exe", REAL),
        ("pyenv/versions/{version}.7/bin/python3", REAL),
        ("pyenv/pyenv-win/versions/{version}.7/python.exe", REAL),
    ],
)
def test_a_python_is_found_where_each_system_keeps_it(
    nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, script: str
) -> None:
    """What a launcher or a shim stands for is what it says itself."""
    monkeypatch.setattr(environments, "_IS_WINDOWS", True)
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path / "All Programs"))
    assert environments._find_python(HERE) is None
    put(tmp_path / place.format(version=HERE, short=HERE.replace(".", "")), script)
    assert environments._find_python(HERE) == Path(sys.executable)


@pytest.mark.parametrize(
    "script",
    [
        "#!/bin/sh\necho Python was not found; run without arguments to install from the store >&2\nexit 9\n",
        "#!/bin/sh\necho 3.11\n",
        "not a program",
        f'#!/bin/sh\nexec "{sys.executable}" -c "raise ImportError(1)"\n',
    ],
)
def test_what_is_only_called_python_is_passed_over(nowhere: Path, script: str) -> None:
    """As the stub that Windows has on PATH, and a Python of Debian that cannot make environments."""
    put(nowhere / f"python{HERE}", script)
    assert environments._find_python(HERE) is None
    put(nowhere / "python", REAL)
    assert environments._find_python(HERE) == Path(sys.executable)


@pytest.mark.parametrize(("is_windows", "place"), [(True, "Scripts/python.exe"), (False, "bin/python")])
def test_an_environment_has_its_python_where_the_system_puts_it(
    monkeypatch: pytest.MonkeyPatch, is_windows: bool, place: str
) -> None:
    monkeypatch.setattr(environments, "_IS_WINDOWS", is_windows)
    made = environments.Environment("some", python=HERE, requirements=())
    assert made.executable == environments.ENVS / "some" / place


def test_a_folder_that_is_in_use_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows does not remove what a process has open."""
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr(environments.shutil, "rmtree", lambda *_, **__: None)
    with pytest.raises(environments.SetupError, match=r"folder cannot be made anew while something uses it"):
        environments.once(tmp_path / "folder", key=["a"], make=lambda _: None)
