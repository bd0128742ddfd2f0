# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a job's files are its pictures, and what becomes of those that are none."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.pipeline.actions import fetch_again
from tests.engine.orders import FAST_MODEL, FAST_VALUES
from tests.engine.picture_jobs import (
    REMOVAL,
    RESTYLE,
    UNUSABLE,
    UPSCALE,
    WORDS,
    encoded,
    finished,
    give,
    picture_job,
)
from tests.engine.workbench import Workbench
from tests.service import Fault

FOUR = {"prompt": "an owl", "numOutputs": 4, "seed": 3}


def names(bench: Workbench) -> set[str]:
    return {path.name for path in bench.output.iterdir()}


def made(job: Job) -> Path:
    assert (job.state, job.error) == (State.READY, None)
    assert job.file is not None
    return job.file.path


@pytest.mark.parametrize("model_id", [UPSCALE, REMOVAL, RESTYLE, WORDS])
def test_a_job_ends_with_the_picture_as_the_service_made_it(bench: Workbench, model_id: str) -> None:
    done = bench.carry(picture_job(bench, model_id))
    assert made(done).name == "chair.png"
    assert names(bench) == {"chair.png"}
    assert made(done).read_bytes() == bench.service._store.blobs[done.result_ids[0]].data
    with Image.open(made(done)) as picture:
        assert done.file is not None
        assert (done.file.width_px, done.file.height_px) == picture.size
    assert done.file.triangles is None


def test_an_upscaled_picture_has_twice_the_pixels(bench: Workbench) -> None:
    done = bench.carry(picture_job(bench))
    assert done.file is not None
    assert (done.file.width_px, done.file.height_px) == (128, 96)


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp")])
@pytest.mark.parametrize("mime", ["image/png", "application/octet-stream", "", "image/jpeg; q=1"])
def test_the_content_decides_what_it_is(bench: Workbench, kind: str, suffix: str, mime: str) -> None:
    job = finished(bench)
    give(bench, job, encoded(kind), mime=mime)
    done = bench.carry(job)
    assert made(done).name == f"chair{suffix}"
    assert done.file is not None
    assert (done.file.width_px, done.file.height_px) == (40, 30)


def test_a_picture_on_its_side_is_as_large_as_it_is_shown(bench: Workbench) -> None:
    stream, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30), "#be5a28").save(stream, "JPEG", exif=exif)
    job = finished(bench)
    give(bench, job, stream.getvalue())
    done = bench.carry(job)
    assert done.file is not None
    assert (done.file.width_px, done.file.height_px) == (30, 40)


@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_is_no_use_as_a_picture_is_said_and_kept(bench: Workbench, kind: str) -> None:
    data, said, kept = UNUSABLE[kind]
    job = finished(bench)
    give(bench, job, data)
    failed = bench.carry(job)
    assert (failed.state, failed.error_kind, failed.file) == (State.FAILED, "DownloadError", None)
    assert said in str(failed.error)
    assert str(failed.error).endswith(".")
    assert names(bench) == ({kept} if kept else set())
    if kept:
        assert failed.kept == bench.output / kept
        assert f"kept in {failed.kept}" in str(failed.error)
        assert failed.kept.read_bytes() == data
    give(bench, job, encoded("PNG"))
    assert made(bench.carry(fetch_again(failed, bench.env, target={}))).read_bytes() == encoded("PNG")
    assert len(bench.service.charges) == 1


def test_a_job_that_brought_a_mesh_instead_says_so(bench: Workbench) -> None:
    failed = bench.carry(bench.job(model_id=FAST_MODEL, values=FAST_VALUES, gives_picture=True))
    assert failed.state is State.FAILED
    assert str(failed.error).startswith("The job brought no picture (model/gltf-binary). What arrived is kept in ")
    assert names(bench) == {"chair.glb"}


def test_of_four_pictures_the_first_is_it_and_the_others_are_beside_it(bench: Workbench) -> None:
    done = bench.carry(picture_job(bench, WORDS, values=FOUR))
    assert made(done) == bench.output / "chair.png"
    assert done.file is not None
    assert done.file.more == tuple(bench.output / f"chair-{number}.png" for number in (2, 3, 4))
    own = [path.read_bytes() for path in (made(done), *done.file.more)]
    assert own == [bench.service._store.blobs[asset_id].data for asset_id in done.result_ids]
    assert names(bench) == {path.name for path in (made(done), *done.file.more)}
    bench.ledger.close()
    again = Ledger(bench.folder / "state")
    assert again.jobs()[0].file == done.file
    again.close()


def test_where_the_first_of_four_is_no_use_the_next_is_it(bench: Workbench) -> None:
    job = finished(bench, WORDS, values=FOUR)
    give(bench, job, b"")
    give(bench, job, UNUSABLE["half of it"][0], number=2)
    done = bench.carry(job)
    assert made(done).read_bytes() == bench.service._store.blobs[job.result_ids[1]].data
    assert done.file is not None
    assert (done.file.asset_id, len(done.file.more)) == (job.result_ids[1], 1)
    assert names(bench) == {"chair.png", "chair-2.png"}


def test_what_was_fetched_before_the_process_died_gets_no_second_name(bench: Workbench) -> None:
    job = finished(bench, WORDS, values=FOUR)
    first = bench.step(job)  # and the ledger never heard of it
    again = bench.carry(job)
    assert again.file == first.file
    assert names(bench) == {"chair.png", "chair-2.png", "chair-3.png", "chair-4.png"}


def test_an_address_that_has_expired_is_asked_for_anew(bench: Workbench) -> None:
    job = finished(bench)
    bench.service.fail("GET", f"^/assets/{job.result_ids[0]}", Fault.STATUS, status=403, body="<Error/>")
    assert made(bench.carry(job)).name == "chair.png"
    assert bench.service.count("GET", f"/assets/{job.result_ids[0]}$") > 1


def test_a_name_that_is_taken_gets_a_number_and_nothing_is_overwritten(bench: Workbench) -> None:
    bench.output.mkdir(parents=True)
    (bench.output / "chair.png").write_bytes(b"mine")
    done = bench.carry(picture_job(bench))
    assert made(done).name == "chair-2.png"
    assert (bench.output / "chair.png").read_bytes() == b"mine"


def test_a_failure_speaks_of_a_picture(bench: Workbench) -> None:
    bench.service.fail_job(None)
    failed = bench.carry(picture_job(bench))
    assert failed.state is State.FAILED
    assert "without a picture" in str(failed.error)
