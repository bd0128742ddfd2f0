# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are whole or as they were, whoever else looks at them, links to them or holds them."""

from __future__ import annotations

import errno
import os
import stat
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from scenario_addon.engine import files
from scenario_addon.engine.names import numbered
from tests.engine.fickle_files import fold_case, forbid_links, refuse

PATIENCE_S: Final = 3.0


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- patience


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EBUSY])
def test_what_is_refused_three_times_is_done_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("x")
    pauses = refuse(monkeypatch, times=3, code=code)
    files.replace(old, new)
    assert new.read_text() == "x"
    files.remove(new)
    assert list(tmp_path.iterdir()) == []
    assert len(pauses) == 6


def test_patience_ends_after_some_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old").touch()
    pauses = refuse(monkeypatch, times=100)
    with pytest.raises(PermissionError):
        files.replace(tmp_path / "old", tmp_path / "new")
    assert 2.0 <= sum(pauses) <= PATIENCE_S
    assert len(pauses) == 9


def test_what_can_never_work_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = refuse(monkeypatch, times=0)
    with pytest.raises(FileNotFoundError):
        files.replace(tmp_path / "nothing", tmp_path / "new")
    assert pauses == []


def test_removing_what_is_not_there_is_no_harm(tmp_path: Path) -> None:
    files.remove(tmp_path / "nothing")


# -- names are given


@pytest.mark.parametrize("has_links", [True, False])
def test_a_name_that_is_taken_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool) -> None:
    if not has_links:
        forbid_links(monkeypatch)
    (tmp_path / "a.glb").write_text("theirs")
    (tmp_path / "a-2.glb").symlink_to(tmp_path / "nowhere")
    part = tmp_path / "part"
    part.write_text("ours")
    assert files.publish(part, numbered(tmp_path / "a.glb")) == tmp_path / "a-3.glb"
    assert (tmp_path / "a.glb").read_text() == "theirs"
    assert (tmp_path / "a-3.glb").read_text() == "ours"
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_has_its_name_keeps_it(tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_text("ours")
    names = [files.publish(part, numbered(tmp_path / "a.glb")) for _ in range(3)]
    assert {path.name for path in names} == {"a.glb"}


def test_a_name_that_could_not_be_given_is_free_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = tmp_path / "part"
    part.write_text("ours")
    with monkeypatch.context() as trouble:
        forbid_links(trouble)
        trouble.setattr(files.time, "sleep", lambda seconds: None)
        trouble.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(errno.EACCES, "held")))
        with pytest.raises(PermissionError):
            files.publish(part, numbered(tmp_path / "a.glb"))
    assert [path.name for path in tmp_path.iterdir()] == ["part"]
    assert files.publish(part, numbered(tmp_path / "a.glb")).name == "a.glb"


def test_a_name_that_was_reserved_by_a_process_that_died_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = tmp_path / "part"
    part.write_text("ours")
    forbid_links(monkeypatch)
    with monkeypatch.context() as killed:
        killed.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            files.publish(part, numbered(tmp_path / "a.glb"))
    other = tmp_path / "other"
    other.write_text("theirs")
    assert files.publish(other, numbered(tmp_path / "a.glb")).name == "a-2.glb"
    assert files.publish(part, numbered(tmp_path / "a.glb")).read_text() == "ours"
    assert {path.name for path in tmp_path.iterdir()} == {"a.glb", "a-2.glb"}


def test_a_file_system_without_hard_links_costs_no_patience(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_links(monkeypatch)
    pauses = refuse(monkeypatch, times=0)
    (tmp_path / "part").write_text("ours")
    files.publish(tmp_path / "part", numbered(tmp_path / "a.glb"))
    assert pauses == []


# -- whole or not at all


def test_a_file_is_written_over_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "椅子 ü.json"
    for data in (b"one", b"two"):
        files.write_whole(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_as_long_as_they_come_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    files.write_whole(path, b"x")
    assert path.read_bytes() == b"x"


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(OSError, match="full"):
        files.write_whole(path, b"after")
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"before"]


def test_what_is_written_piece_by_piece_takes_the_name_at_the_end_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"before")
    with files.whole(path) as file:
        file.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    with pytest.raises(ValueError, match="nonsense"), files.whole(path) as file:
        file.write(b"half")
        raise ValueError("nonsense")
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"after"]


def test_what_is_of_no_use_goes_and_what_cannot_be_removed_stays(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for name in ("file", "folder", "gone"):
        files.discard(tmp_path / name)
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    files.write_whole(tmp_path / "a", b"x", is_private=True)
    files.make_private_folder(tmp_path / "b" / "c")
    files.write_whole(tmp_path / "b" / "c" / "d", b"x")
    with files.open_kept(tmp_path / "b" / "c" / "e"):
        pass
    assert [mode(tmp_path / name) for name in ("a", "b/c", "b/c/d", "b/c/e")] == [0o600, 0o700, 0o600, 0o600]


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_is_replaced_where_nothing_is_known_of_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "chmod", refuse)
    files.write_whole(path, b"new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


# -- links


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    for number, name in zip(count(), ("kept", "new"), strict=False):
        link = tmp_path / name
        link.symlink_to(tmp_path / "theirs")
        with pytest.raises(OSError, match=r"symbolic link|File exists"):
            (files.open_kept, files.create)[number](link)
    files.write_whole(tmp_path / "kept", b"ours")
    assert (tmp_path / "theirs").read_text() == "theirs"
    assert not (tmp_path / "kept").is_symlink()


# -- folders


def test_a_folder_is_tried_with_a_name_as_long_as_will_be_needed(tmp_path: Path) -> None:
    files.probe(tmp_path / "new folder", "x" * 255)
    assert list((tmp_path / "new folder").iterdir()) == []
    with pytest.raises(OSError, match="too long"):
        files.probe(tmp_path, "x" * 256)


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        files.probe(tmp_path / "file")


def test_a_spare_folder_is_gone_afterwards_with_what_is_in_it(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), files.spare_folder(tmp_path) as spare:
        (spare / "picture").touch()
        assert spare.parent == tmp_path
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError, match="nowhere"), files.spare_folder(tmp_path / "nowhere"):
        pass


def test_places_are_compared_by_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Out é").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "Out é")
    assert files.is_same_place(tmp_path / "link", tmp_path / "Out é" / ".." / "Out é")
    assert not files.is_same_place(tmp_path / "link", tmp_path)
    assert files.is_same_place(tmp_path / "gone e\u0301", tmp_path / "gone é")
    assert not files.is_same_place(tmp_path / "Out é", tmp_path / "out é")
    fold_case(monkeypatch)
    assert files.is_same_place(tmp_path / "Out é", tmp_path / "out e\u0301")
