# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh that is there already, where another order wants it."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.handover.copies import brought
from scenario_addon.engine.ledger.job import Job, State
from tests.engine.workbench import Workbench


@pytest.fixture
def made(bench: Workbench) -> Job:
    return bench.carry(bench.job(), until=State.READY)


def test_it_is_copied_once_and_left_where_it_is(made: Job, tmp_path: Path) -> None:
    assert made.file is not None
    wanted = replace(made.order, folder=tmp_path / "elsewhere", name="lamp")
    [first, is_copied], [second, is_copied_again] = brought(made, wanted), brought(made, wanted)
    assert (is_copied, is_copied_again, first) == (True, False, second)
    assert first.path == tmp_path / "elsewhere" / "lamp.glb"
    assert first.path.read_bytes() == made.file.path.read_bytes()


def test_a_folder_that_cannot_be_is_told_and_the_mesh_stays(made: Job, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("a file")
    with pytest.raises(DiskError, match=r"cannot be copied to .*elsewhere .*: choose another folder\.$"):
        brought(made, replace(made.order, folder=tmp_path / "elsewhere"))
    assert made.file is not None and made.file.path.exists()


def test_a_full_disk_leaves_nothing_half_copied(made: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskError, match=r"\(No space left on device\): choose another folder\.$"):
        brought(made, replace(made.order, folder=tmp_path / "elsewhere"))
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert made.file is not None and made.file.path.exists()
