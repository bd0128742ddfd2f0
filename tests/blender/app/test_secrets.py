# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that holds the key: only its owner can read it, and nothing is lost when it cannot be written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from scenario_addon.blender.app.secrets import SecretFile
from scenario_addon.engine.errors import DiskError
from tests.engine.fickle_files import refuse

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")


@posix
def test_only_the_owner_can_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        SecretFile(tmp_path / "new" / "keys.json").set("key", "k1")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new" / "keys.json").stat().st_mode) == 0o600


@posix
def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text('{"key": "k1"}')
    path.chmod(0o644)
    SecretFile(path).set("secret", "s1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_others_hold_for_a_moment_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, times=3)
    SecretFile(tmp_path / "keys.json").set("key", "k1")
    assert SecretFile(tmp_path / "keys.json").get("key") == "k1"
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_texts_come_back_in_the_next_session(tmp_path: Path) -> None:
    first = SecretFile(tmp_path / "keys.json")
    first.set("key", "k1")
    first.set("secret", "s1")
    second = SecretFile(tmp_path / "keys.json")
    assert (second.get("key"), second.get("secret"), second.get("other")) == ("k1", "s1", "")


def test_an_empty_text_is_removed_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    SecretFile(path).set("key", "k1")
    SecretFile(path).set("key", "")
    assert "k1" not in path.read_text()
    assert SecretFile(path).get("key") == ""


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"key": 7}', "\ufffd"])
def test_a_damaged_file_counts_as_empty_and_can_be_written_anew(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content.encode("utf-16"))
    secrets = SecretFile(path)
    assert secrets.get("key") == ""
    secrets.set("key", "k1")
    assert SecretFile(path).get("key") == "k1"


def test_what_cannot_be_written_is_said_and_not_pretended(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    secrets = SecretFile(tmp_path / "file" / "keys.json")
    with pytest.raises(DiskError, match="cannot be written"):
        secrets.set("key", "k1")
    assert secrets.get("key") == ""


def test_nothing_of_a_secret_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "keys.json"
    path.write_text('{"key": "very-secret"')
    assert SecretFile(path).get("key") == ""
    assert caplog.records
    assert "very-secret" not in caplog.text
