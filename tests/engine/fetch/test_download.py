# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads over hosts of all kinds."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from scenario_addon.engine.api import http as http_module
from scenario_addon.engine.errors import DownloadError, NetworkError, Rejected, ServerError
from scenario_addon.engine.fetch import download as download_module
from scenario_addon.engine.fetch.download import Unusable
from scenario_addon.engine.values import Activity
from tests.engine.canned import CannedHost, canned
from tests.engine.downloads import GLB, Fetch, part_of, ranged
from tests.engine.gltf_samples import triangle_glb
from tests.engine.workbench import FakeClock
from tests.limits import shorten


@pytest.fixture
def begun(tmp_path: Path) -> Callable[[bytes], Path]:
    """Leaves what an earlier attempt had got."""

    def leave(data: bytes) -> Path:
        part = part_of(tmp_path)
        part.parent.mkdir()
        part.write_bytes(data)
        return part

    return leave


# -- what arrives


def test_a_mesh_arrives_under_its_name_and_leaves_nothing_else(get: Fetch, tmp_path: Path) -> None:
    with CannedHost(ranged(GLB)) as host:
        file = get(host)
    assert (file.path, file.size_bytes, file.triangles) == (tmp_path / "meshes" / "chair.glb", len(GLB), 1)
    assert file.path.read_bytes() == GLB
    assert [path.name for path in file.path.parent.iterdir()] == ["chair.glb"]


def test_progress_is_told_in_bytes(get: Fetch, seen: list[Activity]) -> None:
    large = triangle_glb(padding_bytes=600_000)
    with CannedHost(ranged(large)) as host:
        get(host)
    assert [activity.done_bytes for activity in seen] == [*range(8_192, len(large), 8_192), len(large)]
    assert seen[-1].fraction == 1.0


def test_a_host_that_states_no_length_is_believed(get: Fetch, seen: list[Activity]) -> None:
    with CannedHost(canned(body=GLB, length=-1)) as host:
        assert get(host).size_bytes == len(GLB)
    assert seen[-1].fraction is None


def test_a_cut_download_goes_on_where_it_stopped(get: Fetch) -> None:
    large = triangle_glb(padding_bytes=600_000)
    with CannedHost(canned(body=large[:300_000], length=len(large)), ranged(large)) as host:
        assert get(host).path.read_bytes() == large
    resumed_at = re.search(rb"Range: bytes=(\d+)-", host.requests[1])
    assert resumed_at is not None
    assert 300_000 - 8_192 <= int(resumed_at[1]) <= 300_000


def test_a_later_attempt_goes_on_with_what_is_there(get: Fetch, begun: Callable[[bytes], Path]) -> None:
    begun(GLB[:700])
    with CannedHost(ranged(GLB)) as host:
        assert get(host).path.read_bytes() == GLB
    assert len(host.requests) == 1
    assert b"Range: bytes=700-" in host.requests[0]


def test_a_host_that_ignores_ranges_starts_over(get: Fetch, begun: Callable[[bytes], Path]) -> None:
    begun(GLB[:700])
    with CannedHost(canned(body=GLB)) as host:
        assert get(host).path.read_bytes() == GLB


def test_a_download_that_was_whole_is_not_repeated(get: Fetch, begun: Callable[[bytes], Path]) -> None:
    begun(GLB)
    with CannedHost(ranged(GLB)) as host:
        assert get(host).path.read_bytes() == GLB
    assert len(host.requests) == 2


@pytest.mark.parametrize("left", [b"~" * 700, GLB[:700][::-1], GLB + b"~", b"~" * 5_000])
def test_what_was_no_beginning_of_this_file_is_thrown_away(
    get: Fetch, begun: Callable[[bytes], Path], left: bytes
) -> None:
    begun(left)
    with CannedHost(ranged(GLB)) as host:
        assert get(host).path.read_bytes() == GLB


@pytest.mark.parametrize("sent_bytes", [0, 1, 8_192, 600_000])
def test_a_host_that_never_finishes_is_given_up_with_the_rest_kept(get: Fetch, tmp_path: Path, sent_bytes: int) -> None:
    large = triangle_glb(padding_bytes=600_000)
    stuck = canned(body=large[:sent_bytes], length=len(large))
    with CannedHost(stuck) as host, pytest.raises(NetworkError):
        get(host)
    assert len(host.requests) == 4 + bool(part_of(tmp_path).read_bytes())  # four that bring nothing new
    kept = part_of(tmp_path).read_bytes()
    assert large.startswith(kept)
    assert sent_bytes - 8_192 < len(kept) <= sent_bytes


def test_a_host_that_is_not_there_is_a_network_error(get: Fetch, tmp_path: Path) -> None:
    with CannedHost(b"") as host:
        pass
    with pytest.raises(NetworkError, match="cannot be reached"):
        get(host)


@pytest.mark.parametrize(("status", "kind"), [("503 Slow Down", ServerError), ("402 Payment Required", Rejected)])
def test_the_hosts_own_errors_keep_their_kind(get: Fetch, status: str, kind: type[Exception]) -> None:
    with CannedHost(canned(status, b"<Error><Code>SlowDown</Code></Error>")) as host, pytest.raises(kind):
        get(host)


def test_a_connection_that_brings_something_new_is_no_failure(get: Fetch) -> None:
    large = triangle_glb(padding_bytes=600_000)

    def a_bit_more(request: bytes) -> bytes:
        whole = ranged(large)(request)
        head, _, body = whole.partition(b"\r\n\r\n")
        return head + b"\r\n\r\n" + body[:20_000]

    with CannedHost(a_bit_more) as host:
        assert get(host).path.read_bytes() == large
    assert len(host.requests) > 30


def test_a_transfer_that_only_drips_is_taken_up_on_a_new_connection(
    get: Fetch, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    large = triangle_glb(padding_bytes=600_000)

    def slowly(activity: Activity) -> None:
        if activity.done_bytes < 100_000:
            clock.sleep(10.0)

    monkeypatch.setattr(download_module, "time", clock)
    with CannedHost(ranged(large)) as host:
        assert get(host, progress=slowly).path.read_bytes() == large
    assert len(host.requests) == 1  # 8 kB in 10 s is slow, and on its way
    shorten(monkeypatch, download_module, _SLOWEST_BYTES_PER_S=1_000)
    with CannedHost(ranged(large)) as host:
        assert get(host, progress=slowly).path.read_bytes() == large
    starts = [re.search(rb"Range: bytes=(\d+)-", request) for request in host.requests]
    assert [int(start[1]) for start in starts if start] == [49_152, 98_304]


def test_a_host_that_falls_silent_is_left_for_a_new_connection(get: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    large = triangle_glb(padding_bytes=600_000)
    monkeypatch.setattr(http_module, "READ_TIMEOUT_S", 0.2)
    go_on = threading.Event()

    def silent(request: bytes) -> bytes:
        go_on.wait(0.5)
        return b""

    with CannedHost(canned(body=large[:300_000], length=len(large)), silent, ranged(large)) as host:
        assert get(host).path.read_bytes() == large
    resumed_at = re.search(rb"Range: bytes=(\d+)-", host.requests[1])
    assert resumed_at is not None
    assert 300_000 - 8_192 <= int(resumed_at[1]) <= 300_000


# -- what is no mesh


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"glTF",
        b"<html>Please log in</html>",
        GLB[:-1],
        GLB[:4] + b"\x01\0\0\0" + GLB[8:],
        GLB[:20] + b"~" * (len(GLB) - 20),
    ],
    ids=["empty", "magic", "html", "short", "version", "json"],
)
def test_what_is_no_whole_glb_is_refused_and_kept(get: Fetch, tmp_path: Path, body: bytes) -> None:
    with CannedHost(canned(body=body)) as host, pytest.raises(Unusable) as refused:
        get(host)
    assert (refused.value.part, refused.value.name) == (part_of(tmp_path), "chair.glb")
    assert [path.name for path in (tmp_path / "meshes").iterdir()] == [part_of(tmp_path).name]
    assert part_of(tmp_path).read_bytes() == body


def test_a_stated_length_that_is_too_short_is_noticed(get: Fetch) -> None:
    with CannedHost(canned(body=GLB, length=len(GLB) - 8)) as host, pytest.raises(DownloadError, match="not whole"):
        get(host)


@pytest.mark.parametrize(("body", "reason"), [(b"", "it is empty"), (b"\n<!DOCTYPE html>", "a web page came instead")])
def test_other_formats_are_not_taken_blindly(get: Fetch, body: bytes, reason: str) -> None:
    with (
        CannedHost(canned(body=body)) as host,
        pytest.raises(DownloadError, match=f"chair.obj is not a mesh: {reason}"),
    ):
        get(host, suffix=".obj")


def test_other_formats_are_taken_as_they_are(get: Fetch) -> None:
    with CannedHost(canned(body=b"Kaydara FBX Binary")) as host:
        file = get(host, suffix=".fbx")
    assert (file.path.name, file.triangles) == ("chair.fbx", None)
