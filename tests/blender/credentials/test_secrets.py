# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that holds the key: only its owner can read it, and nothing is lost when it cannot be written."""

from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from scenario_addon.blender.credentials import secrets as secrets_module
from scenario_addon.blender.credentials.secrets import SecretFile
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


# -- what the system protects


class User:
    """A user of Windows, as far as its data protection knows one."""

    def __init__(self, name: str, *, can_protect: bool = True) -> None:
        self._mark, self._can_protect = f"{name}:".encode(), can_protect

    def protect(self, data: bytes) -> bytes:
        if not self._can_protect:
            raise OSError("refused")
        return self._mark + data[::-1]

    def unprotect(self, data: bytes) -> bytes:
        if not data.startswith(self._mark):
            raise OSError("refused")
        return data.removeprefix(self._mark)[::-1]


FOREIGN = "The saved API keys were protected for another user or computer: enter them again."


def test_on_windows_the_file_holds_what_the_system_has_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    SecretFile(path, protection=User("ann")).set("key", "very-secret")
    assert list(json.loads(path.read_text())) == ["protected"]
    assert b"very-secret" not in base64.b64decode(json.loads(path.read_text())["protected"])
    again = SecretFile(path, protection=User("ann"))
    assert (again.get("key"), again.notice) == ("very-secret", None)


def test_a_plain_file_of_an_older_version_is_encrypted_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    SecretFile(path).set("key", "very-secret")
    assert "very-secret" in path.read_text()
    assert SecretFile(path, protection=User("ann")).get("key") == "very-secret"
    assert list(json.loads(path.read_text())) == ["protected"]
    assert SecretFile(path, protection=User("ann")).get("key") == "very-secret"


@pytest.mark.parametrize("reader", [User("bob"), None], ids=["another user", "another system"])
def test_a_file_that_was_protected_for_somebody_else_is_one_sentence_until_a_key_is_entered(
    tmp_path: Path, reader: User | None
) -> None:
    path = tmp_path / "keys.json"
    SecretFile(path, protection=User("ann")).set("key", "very-secret")
    before = path.read_bytes()
    copied = SecretFile(path, protection=reader)
    assert (copied.get("key"), copied.notice) == ("", FOREIGN)
    assert path.read_bytes() == before
    copied.set("key", "another")
    assert (copied.get("key"), copied.notice) == ("another", None)


@pytest.mark.parametrize("blob", ["", "!", "bm8gSlNPTg==", base64.b64encode(b"ann:[}").decode()])
def test_a_damaged_blob_counts_as_nothing(tmp_path: Path, blob: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"protected": blob}))
    secrets = SecretFile(path, protection=User("ann"))
    assert secrets.get("key") == ""
    assert secrets.notice is not None
    secrets.set("key", "k1")
    assert SecretFile(path, protection=User("ann")).get("key") == "k1"


@pytest.mark.parametrize(
    ("is_home", "told"), [(True, "Windows cannot encrypt"), (False, "neither encrypted nor in a folder of yours")]
)
def test_where_windows_cannot_encrypt_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_home: bool, told: str
) -> None:
    monkeypatch.setattr(secrets_module, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path if is_home else tmp_path / "ann")
    secrets = SecretFile(tmp_path / "keys.json", protection=User("ann", can_protect=False))
    secrets.set("key", "k1")
    assert secrets.get("key") == "k1"
    assert told in (secrets.notice or "")


@posix
@pytest.mark.parametrize(
    ("file", "folder", "told"),
    [(0o600, 0o700, None), (0o755, 0o755, "other users of this computer can read it"), (0o600, 0o777, "not yours")],
)
def test_a_disk_that_leaves_the_file_open_to_others_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: int, folder: int, told: str | None
) -> None:
    path = tmp_path / "disk" / "keys.json"
    secrets = SecretFile(path)
    assert secrets.notice is None
    write = secrets_module.write_whole

    def as_fat_does(where: Path, data: bytes, *, is_private: bool) -> None:
        write(where, data, is_private=is_private)
        where.chmod(file)
        where.parent.chmod(folder)

    monkeypatch.setattr(secrets_module, "write_whole", as_fat_does)
    secrets.set("key", "k1")
    again = SecretFile(path)
    assert again.get("key") == "k1"
    assert secrets.notice == again.notice
    assert (told in (again.notice or "")) if told else again.notice is None


@posix
@pytest.mark.parametrize("owner", [0, 1], ids=["the file", "the folder"])
def test_a_folder_of_somebody_elses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: int) -> None:
    path = tmp_path / "disk" / "keys.json"
    SecretFile(path).set("key", "k1")
    theirs = (path, path.parent)[owner]
    stat_of = Path.stat

    def looked(self: Path, **how: bool) -> object:
        found = stat_of(self, **how)
        return SimpleNamespace(st_mode=found.st_mode, st_uid=found.st_uid + 1) if self == theirs else found

    monkeypatch.setattr(Path, "stat", looked)
    secrets = SecretFile(path)
    secrets.get("key")
    assert "its folder is not yours alone" in (secrets.notice or "")


# -- with others


def test_what_another_blender_has_kept_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first, second = SecretFile(path), SecretFile(path)
    assert first.get("key") == second.get("key") == ""
    second.set("key 2", "k2")
    first.set("key", "k1")
    assert (SecretFile(path).get("key"), SecretFile(path).get("key 2")) == ("k1", "k2")


def test_a_file_that_cannot_be_read_now_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys.json"
    SecretFile(path).set("key", "k1")
    secrets = SecretFile(path)
    with monkeypatch.context() as held:
        held.setattr(Path, "read_text", _held)
        assert secrets.get("key") == ""
        assert secrets.notice == "The saved API keys cannot be read: enter them again."
        with pytest.raises(DiskError, match="Permission denied"):
            secrets.set("key 2", "k2")
    assert SecretFile(path).get("key") == "k1"


def _held(self: Path, **how: str) -> str:
    raise PermissionError(13, "Permission denied")
