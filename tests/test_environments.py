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
