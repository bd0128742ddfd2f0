# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's picture of a mesh is kept where it is good for anything, and nothing else of what it may send."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from scenario_addon.engine.api.client import ScenarioClient
from scenario_addon.engine.fetch.portraits import fetch_portrait, keep_portrait, portrait_path
from scenario_addon.engine.ledger.job import Job
from scenario_addon.engine.pictures.file import inspect
from scenario_addon.engine.values import AssetId, JobId, ResultAsset
from tests.engine.pictures.png_maker import Kind, make_png
from tests.engine.workbench import Workbench
from tests.service import Fault


def png(width_px: int, height_px: int, *, alpha: int = 255) -> bytes:
    return make_png(Kind(8, 6), (width_px, height_px), lambda x, y: (9 * x % 256, 7 * y % 256, 90, alpha))


GOOD = png(8, 8)
PATH = "https://files/thumbnails/1"


class _Answers:
    """A client for which the service has these files, by their addresses."""

    def __init__(self, assets: Sequence[ResultAsset], files: dict[str, bytes]) -> None:
        self._assets, self._files = assets, files
        self.opened: list[str] = []

    def assets(self, asset_ids: Sequence[AssetId]) -> list[ResultAsset]:
        return [asset for asset in self._assets if asset.id in asset_ids]

    read_file = ScenarioClient.read_file

    @contextmanager
    def open_file(self, url: str) -> Iterator[Any]:
        self.opened.append(url)
        data = self._files[url]

        class _Answer:
            def iter_content(self, size: int) -> Iterator[bytes]:
                return (data[start : start + size] for start in range(0, len(data), size))

        yield _Answer()


def asset(number: int, mime: str = "model/gltf-binary", *, pictures: Sequence[str] = (), **facts: Any) -> ResultAsset:
    return ResultAsset(
        AssetId(f"asset_{number}"), mime, f"https://files/{number}", picture_urls=tuple(pictures), **facts
    )


def fetched(path: Path, assets: Sequence[ResultAsset], files: dict[str, bytes]) -> tuple[bool, list[str]]:
    answers = _Answers(assets, files)
    came = fetch_portrait([one.id for one in assets], path, client=cast("ScenarioClient", answers))
    return came, answers.opened


def finished(bench: Workbench) -> Job:
    job = bench.carry(bench.job())
    assert job.file is not None
    return job


def test_it_is_fetched_once_and_without_credentials(bench: Workbench, tmp_path: Path) -> None:
    job = finished(bench)
    path = portrait_path(tmp_path, job.id)
    assert fetch_portrait(job.result_ids, path, client=bench.client)
    assert inspect(path).width_px > 1
    asked = len(bench.service.requests)
    assert fetch_portrait(job.result_ids, path, client=bench.client)
    assert len(bench.service.requests) == asked
    (request,) = [request for request in bench.service.requests if "/thumbnails/" in request.path]
    assert "authorization" not in request.headers
    assert [found.name for found in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.REFUSED])
@pytest.mark.parametrize("path", ["/assets/get-bulk", "/thumbnails/"])
def test_one_that_cannot_be_had_is_left_out(bench: Workbench, tmp_path: Path, fault: Fault, path: str) -> None:
    job = finished(bench)
    bench.service.fail("POST" if "bulk" in path else "GET", path, fault, times=None)
    assert not fetch_portrait(job.result_ids, tmp_path / "portraits" / "1", client=bench.client)
    assert not list(tmp_path.glob("portraits/*"))


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"<svg/>", b"GIF89a" + b"\0" * 50, GOOD[:-20], GOOD[:30] + b"spoiled" + GOOD[37:]),
        GOOD + b"\0" * 2_000_001,
        png(4096, 2),
        png(4, 4, alpha=0),
    ],
    ids=["empty", "SVG", "GIF", "cut short", "spoiled", "too many bytes", "too wide", "transparent"],
)
def test_what_is_no_small_whole_picture_is_dropped_without_a_word(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "portraits" / "1"
    came, opened = fetched(path, [asset(1, pictures=[PATH])], {PATH: data})
    assert (came, opened) == (False, [PATH])
    assert not list(tmp_path.glob("portraits/*"))


def test_where_the_first_is_of_no_use_the_next_is_tried(tmp_path: Path) -> None:
    files = {PATH: b"nothing", "https://files/previews/1": GOOD}
    assert fetched(tmp_path / "1", [asset(1, pictures=list(files))], files) == (True, list(files))
    assert (tmp_path / "1").read_bytes() == GOOD


def test_a_picture_that_came_beside_the_mesh_is_of_it_but_a_texture_is_not(tmp_path: Path) -> None:
    albedo = asset(2, "image/png", type="3d-texture-albedo", parent_id="asset_1")
    loose, shown = asset(3, "image/png", type="3d-texture"), asset(4, "image/webp", type="img23d", parent_id="asset_0")
    assert fetched(tmp_path / "1", [albedo, loose, shown, asset(1)], {shown.url: GOOD}) == (True, [shown.url])


def test_a_mesh_without_a_picture_has_none(tmp_path: Path) -> None:
    assert fetched(tmp_path / "1", [asset(1)], {}) == (False, [])


def test_a_picture_of_our_own_takes_its_place_and_nothing_else_does(tmp_path: Path) -> None:
    part, path = tmp_path / "part.png", portrait_path(tmp_path, JobId("job1"))
    for data in (GOOD, png(4, 4)):
        part.write_bytes(data)
        assert keep_portrait(part, path)
        assert path.read_bytes() == data and not part.exists()
    part.write_bytes(b"nothing")
    assert not keep_portrait(part, path)
    assert path.read_bytes() == png(4, 4) and not part.exists()
    assert not keep_portrait(part, path)
    (tmp_path / "file").touch()
    part.write_bytes(GOOD)
    assert not keep_portrait(part, tmp_path / "file" / "1")
