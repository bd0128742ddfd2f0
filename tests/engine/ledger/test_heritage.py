# SPDX-License-Identifier: GPL-3.0-or-later
"""What an older version kept with the extension is brought to where it is safe, once and whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger import heritage
from scenario_addon.engine.ledger.heritage import move_in
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.locks import Owner
from scenario_addon.engine.values import AssetId, MeshFile, RemoteJobId
from tests.engine.ledger.test_database import VERSION_1, write_version_1
from tests.engine.orders import draw_picture, sample_order


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return tmp_path / "extensions" / ".user" / "scenario_addon"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "Anwendungs daten ü" / "scenario_addon"


def made(old: Path, name: str, **changes: Any) -> Job:
    """A job of the older version whose mesh is kept in its folder."""
    picture = draw_picture(old / "pictures" / f"{name}.png")
    order = sample_order(picture, folder=old / "files", name=name, values={"faces": name})
    path = old / "files" / f"{name}.glb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(name.encode())
    job = new_job(order, scope="s")
    file = MeshFile(path, len(name), AssetId("asset_1"))
    return replace(job, **{"state": State.IMPORTED, "remote_id": RemoteJobId(f"job_{name}"), "file": file, **changes})


def keep(folder: Path, *jobs: Job) -> None:
    ledger = Ledger(folder)
    for job in jobs:
        ledger.add(job)
    ledger.close()


def listed(folder: Path) -> list[Job]:
    ledger = Ledger(folder)
    jobs = list(ledger.jobs())
    ledger.close()
    return jobs


def test_jobs_meshes_and_pictures_are_all_there_and_know_where(old: Path, new: Path) -> None:
    elsewhere = made(old, "lamp", created_at=2.0)
    elsewhere = replace(elsewhere, order=replace(elsewhere.order, folder=Path("/mine")), file=None)
    keep(old, made(old, "chair", created_at=1.0), elsewhere)
    notice = move_in(old, new)
    assert (
        notice == f"Jobs and meshes of an earlier version were moved to {new}: they stay when the extension is removed."
    )
    shutil.rmtree(old)
    chair, lamp = listed(new)
    assert chair.file is not None
    assert chair.file.path == new / "meshes" / "chair.glb"
    assert chair.file.path.read_bytes() == b"chair"
    assert chair.order.folder == new / "meshes"
    assert [image.path.exists() for image in chair.order.images()] == [True]
    assert (lamp.order.folder, lamp.file) == (Path("/mine"), None)


def test_it_is_done_once(old: Path, new: Path) -> None:
    keep(old, made(old, "chair"))
    assert move_in(old, new)
    before = listed(new)
    assert move_in(old, new) is None
    assert listed(new) == before


def test_where_there_is_nothing_nothing_is_made(old: Path, new: Path) -> None:
    assert move_in(old, new) is None
    assert move_in(new, new) is None
    assert not new.exists()


def test_what_is_there_already_stays(old: Path, new: Path) -> None:
    mine = replace(new_job(sample_order(folder=Path("/out"), name="mine"), scope="s"), created_at=1.0)
    keep(new, mine)
    (new / "meshes").mkdir()
    (new / "meshes" / "chair.glb").write_bytes(b"mine")
    keep(old, made(old, "chair", created_at=2.0))
    assert move_in(old, new)
    first, second = listed(new)
    assert first == mine
    assert second.file is not None
    assert (second.file.path.read_bytes(), (new / "meshes" / "chair.glb").read_bytes()) == (b"chair", b"mine")


def test_a_ledger_of_the_first_version_is_brought_up_to_date_on_the_way(old: Path, new: Path) -> None:
    write_version_1(old / "ledger.sqlite3", made(old, "chair", state=State.RUNNING, file=None))
    assert "CREATE TABLE jobs" in VERSION_1
    assert move_in(old, new)
    ledger = Ledger(new)
    [job] = ledger.rescue("s")
    assert (job.state, job.order.name) == (State.RUNNING, "chair")
    assert not ledger.claim_remote(new_job(job.order, scope="s"), RemoteJobId("job_chair"))
    ledger.close()


def test_while_an_older_blender_is_running_it_waits(old: Path, new: Path) -> None:
    keep(old, made(old, "chair"))
    owner = Owner(old / "owners")
    assert move_in(old, new) is None
    assert (old / "files" / "chair.glb").exists()
    owner.release()
    assert move_in(old, new)


@pytest.mark.parametrize("at", ["take_over", "rename"])
def test_what_was_cut_short_is_gone_on_with(old: Path, new: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    keep(old, made(old, "chair"))
    (old / "files" / "own folder").mkdir()
    (old / "files" / "own folder" / "a.obj").write_text("v 0 0 0")

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(heritage, at, cut)
        with pytest.raises(KeyboardInterrupt):
            move_in(old, new)
    assert move_in(old, new)
    [job] = listed(new)
    assert job.file is not None
    assert job.file.path.read_bytes() == b"chair"
    assert (new / "meshes" / "own folder" / "a.obj").exists()
    assert not list(new.glob("moving*.sqlite3*"))


@pytest.mark.parametrize("trouble", [PermissionError(13, "Permission denied"), OSError(28, "No space left on device")])
def test_what_cannot_be_moved_is_told_and_lost_nowhere(
    old: Path, new: Path, monkeypatch: pytest.MonkeyPatch, trouble: OSError
) -> None:
    keep(old, made(old, "chair"))

    def refuse(*_: object) -> Callable[..., None]:
        raise trouble

    with monkeypatch.context() as full:
        full.setattr(shutil, "move", refuse)
        with pytest.raises(DiskError, match=rf"cannot be moved to .* \({trouble.strerror}\): close other Blenders"):
            move_in(old, new)
    assert (old / "files" / "chair.glb").exists()
    assert move_in(old, new)
