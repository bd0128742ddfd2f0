# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads that do not say how much they are, or that stand for more than they are."""

from __future__ import annotations

import gzip
import itertools
import shutil
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from scenario_addon.engine.errors import DiskError, NetworkError, ProtocolError
from scenario_addon.engine.fetch import endless as endless_module
from scenario_addon.engine.fetch.download import Unusable
from scenario_addon.engine.pipeline.actions import fetch_again
from scenario_addon.engine.values import Activity
from tests.engine.canned import CannedHost, canned
from tests.engine.downloads import GLB, Fetch, part_of, ranged
from tests.engine.gltf_samples import triangle_glb
from tests.engine.streams import StreamHost, chunked, head
from tests.engine.workbench import Workbench
from tests.service import Fault, Service

GB = 1024**3


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def endless(start: bytes = b"") -> Callable[[], Iterable[bytes]]:
    def pieces() -> Iterable[bytes]:
        yield head("Transfer-Encoding: chunked") + start
        while True:
            yield chunked(b"x" * 20_000)

    return pieces


@pytest.mark.parametrize("way", ["chunked", "until it closes"])
def test_a_file_without_end_is_stopped_and_kept(
    get: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(endless_module, "MOST_BYTES", 300_000)
    closing = [head("Connection: close"), *[b"x" * 20_000] * 100]
    with (
        StreamHost(endless() if way == "chunked" else lambda: closing) as host,
        pytest.raises(Unusable, match=r"the file host does not say how much there is: the download was stopped\."),
    ):
        get(host)
    assert 300_000 < part_of(tmp_path).stat().st_size <= 300_000 + 8_192
    assert len(host.requests) == 1


def test_a_file_that_says_how_much_it_is_may_be_larger(get: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    large = triangle_glb(padding_bytes=600_000)
    monkeypatch.setattr(endless_module, "MOST_BYTES", 300_000)
    with CannedHost(ranged(large)) as host:
        assert get(host).size_bytes == len(large)


def disk_with(monkeypatch: pytest.MonkeyPatch, *free_bytes: int) -> list[int]:
    """A disk with so much free at one look after the other; gives the looks."""
    looks: list[int] = []

    def usage(folder: Any) -> Usage:
        looks.append(free_bytes[min(len(looks), len(free_bytes) - 1)])
        return Usage(2_000 * GB, 0, looks[-1])

    monkeypatch.setattr(shutil, "disk_usage", usage)
    return looks


def test_a_file_without_end_leaves_a_gigabyte_to_others(
    get: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endless_module, "LOOK_BYTES", 100_000)
    looks = disk_with(monkeypatch, 3 * GB, 3 * GB, 2 * GB, GB - 1)
    with StreamHost(endless()) as host, pytest.raises(DiskError) as caught:
        get(host)
    folder = tmp_path / "meshes"
    assert caught.value.user_message == (
        f"Less than 1 GB is free in {folder}, and the file host does not say how much is to come: "
        "make room there and resume the job."
    )
    assert len(looks) == 4
    assert 200_000 <= part_of(tmp_path).stat().st_size < 300_000


def test_the_disk_is_looked_at_now_and_then(get: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = disk_with(monkeypatch, 3 * GB)
    with CannedHost(canned(body=triangle_glb(padding_bytes=600_000), length=-1)) as host:
        get(host)
    assert len(looks) == 2  # of seventy-odd pieces


def test_a_file_that_says_how_much_it_is_needs_no_gigabyte(get: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    disk_with(monkeypatch, GB // 2)
    with CannedHost(ranged(GLB)) as host:
        assert get(host).size_bytes == len(GLB)


def test_a_disk_that_does_not_tell_is_written_to(get: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(folder: Any) -> Usage:
        raise OSError

    monkeypatch.setattr(shutil, "disk_usage", silent)
    with CannedHost(canned(body=GLB, length=-1)) as host:
        assert get(host).size_bytes == len(GLB)


@pytest.mark.parametrize("length", ["9" * 5_000, "\xb2", "-5", "five"])
def test_a_length_that_is_none_is_no_length(get: Fetch, tmp_path: Path, length: str) -> None:
    answer = head("Connection: close", f"Content-Length: {length}").replace("\xb2".encode(), b"\xb2") + GLB
    with CannedHost(answer) as host:
        assert get(host).path.read_bytes() == GLB


def test_a_range_that_is_none_is_no_range(get: Fetch, tmp_path: Path) -> None:
    part = part_of(tmp_path)
    part.parent.mkdir()
    part.write_bytes(GLB[:50])
    with CannedHost(canned("206 Partial Content", GLB, f"Content-Range: bytes {'9' * 5_000}-")) as host:
        assert get(host).path.read_bytes() == GLB


# -- packed, though it was asked for as it is


@pytest.mark.parametrize(("packing", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_file_that_comes_packed_is_unpacked(
    get: Fetch, seen: list[Activity], packing: str, pack: Callable[[bytes], bytes]
) -> None:
    large = triangle_glb(padding_bytes=600_000)
    with CannedHost(canned("200 OK", pack(large), f"Content-Encoding: {packing}")) as host:
        assert get(host).path.read_bytes() == large
    assert b"\r\nAccept-Encoding: identity\r\n" in host.requests[0]
    steps = [0, *(activity.done_bytes for activity in seen)]
    assert max(after - before for before, after in itertools.pairwise(steps)) <= 8_192
    assert seen[-1].total_bytes is None


def test_a_range_of_what_is_packed_is_of_no_use(get: Fetch, tmp_path: Path) -> None:
    packed = gzip.compress(GLB)
    part = part_of(tmp_path)
    part.parent.mkdir()
    part.write_bytes(GLB[:50])

    def answer(request: bytes) -> bytes:
        status = "206 Partial Content" if b"Range: " in request else "200 OK"
        found = packed[50:] if b"Range: " in request else packed
        return canned(
            status, found, "Content-Encoding: gzip", f"Content-Range: bytes 50-{len(packed) - 1}/{len(packed)}"
        )

    with CannedHost(answer) as host:
        assert get(host).path.read_bytes() == GLB
    assert [b"Range: " in request for request in host.requests] == [True, False]


def test_a_bomb_is_taken_in_step_by_step_and_ends(get: Fetch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(endless_module, "MOST_BYTES", 3_000_000)
    bomb = gzip.compress(bytes(50_000_000), 1)
    with CannedHost(canned("200 OK", bomb, "Content-Encoding: gzip")) as host, pytest.raises(Unusable):
        get(host)
    assert 3_000_000 < part_of(tmp_path).stat().st_size <= 3_000_000 + 8_192


def test_a_packed_file_that_is_cut_is_no_whole_one(get: Fetch) -> None:
    packed = gzip.compress(GLB)
    with (
        CannedHost(canned("200 OK", packed[:-20], "Content-Encoding: gzip", length=-1)) as host,
        pytest.raises(NetworkError),
    ):
        get(host)


def test_a_packing_that_was_not_asked_for_is_refused_in_a_sentence(get: Fetch) -> None:
    with (
        CannedHost(canned("200 OK", GLB, "Content-Encoding: br")) as host,
        pytest.raises(ProtocolError, match=r'not asked for \("br"\)'),
    ):
        get(host)


# -- the same from the stand-in


def test_a_job_whose_file_never_ends_fails_and_is_fetched_again_for_nothing(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endless_module, "MOST_BYTES", 3_000_000)
    bench.service.fail("GET", "^/assets/", Fault.ENDLESS)
    job = bench.carry(bench.job())
    assert (job.is_paid, job.error_kind) == (True, "DownloadError")
    assert job.error is not None
    assert "does not say how much there is" in job.error
    again = bench.carry(fetch_again(job, bench.env, target={}))
    assert again.file is not None
    assert again.file.path.read_bytes() == bench.service.result_bytes(bench.service.charges[0].job_id)
    assert len(bench.service.charges) == 1


def test_a_job_whose_file_comes_packed_is_delivered(service: Service, tmp_path: Path) -> None:
    bench = Workbench(service, tmp_path)
    service.fail("GET", "^/assets/", Fault.GZIP_BOMB, bytes=0)
    job = bench.carry(bench.job())
    assert job.file is not None
    assert job.file.path.read_bytes() == service.result_bytes(service.charges[0].job_id)
    bench.close()
