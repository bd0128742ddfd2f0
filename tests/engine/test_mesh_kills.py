# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that is killed while a mesh is changed loses nothing and has nothing paid for twice, as with pictures."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hunter import ANY, Hunter, Instant
from torture import SUBMISSION, Batch, Siege

from scenario_addon.engine.ledger.ledger import Ledger
from tests.engine.mesh_samples import REMESH, glb_grid
from tests.service import Service

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="a kill has no signal there to be told by"),
    pytest.mark.slow,  # each case starts processes, which die alike with every library
]


class MeshSiege(Siege):
    """Of a batch that changes one mesh: a file, or what a job before it has brought."""

    source: str | None = None
    """The job; ``None`` for a file."""

    def batch(self, items: int = 1) -> Batch:
        self.items += items
        number = self.tally["batches"] = self.tally["batches"] + 1
        if self.source is not None:
            return Batch((Path("0.glb"),), self.folder / "meshes" / str(number))
        path = self.folder / "files" / str(number) / "sheet.glb"
        path.parent.mkdir(parents=True)
        path.write_bytes(glb_grid(20, bend=0.1 * number))
        return Batch((path,), self.folder / "meshes" / str(number))

    def wanted(self, batch: Batch) -> list[str | Path]:
        (mesh,) = batch.pictures
        return ["--mesh", self.source or mesh, "--model", REMESH, "--set", "targetPolycount=200"]


@pytest.fixture
def siege(tmp_path: Path) -> Iterator[MeshSiege]:
    hunter = Hunter()
    with Service(job_polls=1, on_request=hunter.saw) as service:
        yield MeshSiege(service, hunter, tmp_path, random.Random(4))


def ordered_before(siege: MeshSiege) -> None:
    """Let a picture's mesh be there, to be changed."""
    before = Siege(siege.service, siege.hunter, siege.folder, siege.chance)
    before.relieve(before.batch(1))
    with closing(Ledger(siege.state)) as ledger:
        siege.source = ledger.jobs()[0].id
    siege.items = 1
    siege.tally["batches"] = 1


@pytest.mark.parametrize("number", range(1, 12))
def test_a_process_that_dies_at_any_request_for_a_file_is_made_good(siege: MeshSiege, number: int) -> None:
    batch = siege.batch()
    assert not siege.round(batch, Instant(ANY, number))
    assert siege.tally["kills"] == 1
    siege.relieve(batch)
    siege.check_ledger()
    assert siege.tally["asked"] == 0
    taken_in = [upload for upload in siege.service.uploads.values() if upload["status"] == "imported"]
    assert len(siege.service.assets) == len(taken_in) + 1


@pytest.mark.parametrize("number", range(1, 7))
def test_a_process_that_dies_at_any_request_for_a_job_is_made_good(siege: MeshSiege, number: int) -> None:
    ordered_before(siege)
    batch = siege.batch()
    assert not siege.round(batch, Instant(ANY, number))
    siege.relieve(batch)
    siege.check_ledger()
    assert siege.tally["asked"] == 0
    assert siege.service.uploads == {}


@pytest.mark.parametrize("is_of_a_job", [False, True])
def test_a_submission_whose_process_dies_is_found_and_not_repeated(siege: MeshSiege, is_of_a_job: bool) -> None:
    if is_of_a_job:
        ordered_before(siege)
    batch = siege.batch()
    assert not siege.round(batch, Instant(SUBMISSION))
    siege.relieve(batch)
    siege.check_ledger()


@pytest.mark.parametrize("is_of_a_job", [False, True])
def test_the_same_twice_at_once_is_made_once(siege: MeshSiege, is_of_a_job: bool) -> None:
    if is_of_a_job:
        ordered_before(siege)
    batch = siege.batch()
    siege.round(batch, None, None)
    siege.relieve(batch)
    siege.check_ledger()
