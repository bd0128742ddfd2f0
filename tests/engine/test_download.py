# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads over hosts of all kinds, into folders of all kinds."""

from __future__ import annotations

import errno
import json
import os
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine import download as download_module
from scenario_addon.engine.client import ScenarioClient
from scenario_addon.engine.download import fetch
from scenario_addon.engine.errors import DiskError, DownloadError, NetworkError, Rejected, ServerError
from scenario_addon.engine.values import Activity, AssetId, JobId, ModelFile, ResultAsset
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import MakeHttp

JOB = JobId("0123456789abcdef")
Fetch = Callable[..., ModelFile]


def tiny_glb(*, padding_bytes: int = 1_000) -> bytes:
    """A GLB without geometry."""
    text = json.dumps({"asset": {"version": "2.0"}, "extras": "~" * padding_bytes}).encode()
    text = text.ljust(-(-len(text) // 4) * 4)
    return struct.pack("<4sIIII", b"glTF", 2, 20 + len(text), len(text), 0x4E4F534A) + text


GLB = tiny_glb()


def ranged(data: bytes) -> Callable[[bytes], bytes]:
    """A host that knows ranges."""

    def answer(request: bytes) -> bytes:
        wanted = re.search(rb"Range: bytes=(\d+)-", request)
        start = int(wanted[1]) if wanted else 0
        if wanted and start >= len(data):
            return canned("416 Range Not Satisfiable")
        status = "206 Partial Content" if wanted else "200 OK"
        return canned(status, data[start:], f"Content-Range: bytes {start}-{len(data) - 1}/{len(data)}")

    return answer


@pytest.fixture
def seen() -> list[Activity]:
    return []


@pytest.fixture
def get(http_to: MakeHttp, tmp_path: Path, seen: list[Activity]) -> Fetch:
    """Fetches from a host; the API itself is not there."""
    client = ScenarioClient(http_to("http://127.0.0.1:9"))

    def run(host: CannedHost, *, suffix: str = ".glb", stem: str = "chair", **more: Any) -> ModelFile:
        asset = ResultAsset(AssetId("asset_1"), "model/gltf-binary", f"{host.origin}/file")
        options = {"folder": tmp_path / "models", "job_id": JOB, "progress": seen.append, **more}
        return fetch(asset, suffix, client=client, stem=stem, **options)

    return run


def part_of(tmp_path: Path, stem: str = "chair") -> Path:
    return tmp_path / "models" / f"{stem}.{JOB[:12]}.part"


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


def test_a_model_arrives_under_its_name_and_leaves_nothing_else(get: Fetch, tmp_path: Path) -> None:
    with CannedHost(ranged(GLB)) as host:
        file = get(host)
    assert (file.path, file.size_bytes, file.triangles) == (tmp_path / "models" / "chair.glb", len(GLB), 0)
    assert file.path.read_bytes() == GLB
    assert [path.name for path in file.path.parent.iterdir()] == ["chair.glb"]


def test_progress_is_told_in_bytes(get: Fetch, seen: list[Activity]) -> None:
    large = tiny_glb(padding_bytes=600_000)
    with CannedHost(ranged(large)) as host:
        get(host)
    assert [activity.done_bytes for activity in seen] == [*range(65_536, len(large), 65_536), len(large)]
    assert seen[-1].fraction == 1.0


def test_a_host_that_states_no_length_is_believed(get: Fetch, seen: list[Activity]) -> None:
    with CannedHost(canned(body=GLB, length=-1)) as host:
        assert get(host).size_bytes == len(GLB)
    assert seen[-1].fraction is None


def test_a_cut_download_goes_on_where_it_stopped(get: Fetch) -> None:
    large = tiny_glb(padding_bytes=600_000)
    with CannedHost(canned(body=large[:300_000], length=len(large)), ranged(large)) as host:
        assert get(host).path.read_bytes() == large
    resumed_at = re.search(rb"Range: bytes=(\d+)-", host.requests[1])
    assert resumed_at is not None
    assert 300_000 - 65_536 <= int(resumed_at[1]) <= 300_000


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


@pytest.mark.parametrize("sent_bytes", [0, 1, 65_536, 600_000])
def test_a_host_that_never_finishes_is_given_up_with_the_rest_kept(get: Fetch, tmp_path: Path, sent_bytes: int) -> None:
    large = tiny_glb(padding_bytes=600_000)
    stuck = canned(body=large[:sent_bytes], length=len(large))
    with CannedHost(stuck) as host, pytest.raises(NetworkError):
        get(host)
    assert len(host.requests) == 4
    kept = part_of(tmp_path).read_bytes()
    assert large.startswith(kept)
    assert sent_bytes - 65_536 < len(kept) <= sent_bytes


def test_a_host_that_is_not_there_is_a_network_error(get: Fetch, tmp_path: Path) -> None:
    with CannedHost(b"") as host:
        pass
    with pytest.raises(NetworkError, match="cannot be reached"):
        get(host)


@pytest.mark.parametrize(("status", "kind"), [("503 Slow Down", ServerError), ("400 Bad Request", Rejected)])
def test_the_hosts_own_errors_keep_their_kind(get: Fetch, status: str, kind: type[Exception]) -> None:
    with CannedHost(canned(status, b"<Error><Code>SlowDown</Code></Error>")) as host, pytest.raises(kind):
        get(host)


# -- what is no model


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"glTF",
        b"<html>Please log in</html>",
        GLB[:-1],
        GLB + b"~",
        GLB[:4] + b"\x01\0\0\0" + GLB[8:],
        GLB[:20] + b"~" * (len(GLB) - 20),
    ],
    ids=["empty", "magic", "html", "short", "long", "version", "json"],
)
def test_what_is_no_whole_glb_is_refused_and_kept(get: Fetch, tmp_path: Path, body: bytes) -> None:
    with CannedHost(canned(body=body)) as host, pytest.raises(DownloadError, match=r"What arrived is kept in .*\.part"):
        get(host)
    assert [path.name for path in (tmp_path / "models").iterdir()] == [part_of(tmp_path).name]
    assert part_of(tmp_path).read_bytes() == body


def test_a_stated_length_that_is_too_short_is_noticed(get: Fetch) -> None:
    with CannedHost(canned(body=GLB, length=len(GLB) - 8)) as host, pytest.raises(DownloadError, match="not whole"):
        get(host)


def test_other_formats_are_taken_as_they_are(get: Fetch) -> None:
    with CannedHost(canned(body=b"Kaydara FBX Binary")) as host:
        file = get(host, suffix=".fbx")
    assert (file.path.name, file.triangles) == ("chair.fbx", None)


# -- names


def test_a_name_that_is_taken_gets_a_number(get: Fetch, tmp_path: Path) -> None:
    with CannedHost(ranged(GLB)) as host:
        names = [get(host).path.name for _ in range(3)]
    assert names == ["chair.glb", "chair-2.glb", "chair-3.glb"]


@pytest.mark.parametrize("is_linkable", [True, False])
def test_a_name_is_free_only_until_it_is_taken(
    get: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_linkable: bool
) -> None:
    if not is_linkable:  # as on exFAT
        monkeypatch.setattr(os, "link", _refusing(errno.EPERM))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "chair.glb").mkdir()
    (tmp_path / "models" / "chair-2.glb").write_bytes(b"theirs")
    with CannedHost(ranged(GLB)) as host:
        file = get(host)
    assert file.path.name == "chair-3.glb"
    assert file.path.read_bytes() == GLB
    assert (tmp_path / "models" / "chair-2.glb").read_bytes() == b"theirs"
    assert not part_of(tmp_path).exists()


def test_a_name_that_was_given_before_the_process_died_is_found_again(get: Fetch, tmp_path: Path) -> None:
    with CannedHost(ranged(GLB)) as host:
        first = get(host)
        os.link(first.path, part_of(tmp_path))
        assert get(host) == first
    assert [path.name for path in first.path.parent.iterdir()] == ["chair.glb"]


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("Stuhl grün", "Stuhl grün.glb"),
        ("椅子 🪑", "椅子 🪑.glb"),
        ("../../etc/passwd", "_.._etc_passwd.glb"),
        ("a:b*c?", "a_b_c_.glb"),
        ("", "model.glb"),
        (" . ", "model.glb"),
        ("nul", "_nul.glb"),
        ("com1.thing", "_com1.thing.glb"),
        ("bad\udcff", "bad_.glb"),
        ("x" * 1_000_000, "x" * 180 + ".glb"),
        ("ü" * 200, "ü" * 90 + ".glb"),
    ],
)
def test_every_name_becomes_one_that_file_systems_take(get: Fetch, stem: str, name: str) -> None:
    with CannedHost(ranged(GLB)) as host:
        file = get(host, stem=stem)
    assert file.path.name == name
    assert file.path.exists()


# -- folders and disks


@pytest.mark.parametrize("name", ["my models", "Modèle ü", "椅子", "a/b/c"])
def test_folders_are_made_whatever_their_name(get: Fetch, tmp_path: Path, name: str) -> None:
    with CannedHost(ranged(GLB)) as host:
        assert get(host, folder=tmp_path / name).path.parent == tmp_path / name


def test_a_file_where_the_folder_should_be_is_told(get: Fetch, tmp_path: Path) -> None:
    (tmp_path / "models").touch()
    with CannedHost(ranged(GLB)) as host, pytest.raises(DiskError, match="choose another folder and resume"):
        get(host)
    assert host.requests == []


def _refusing(code: int) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(code, os.strerror(code))

    return refuse


@pytest.mark.parametrize(
    ("code", "remedy"),
    [(errno.ENOSPC, "no space left"), (errno.EDQUOT, "no space left"), (errno.EIO, "cannot be written")],
)
def test_a_disk_that_gives_up_is_told_and_can_be_resumed(
    get: Fetch, monkeypatch: pytest.MonkeyPatch, code: int, remedy: str
) -> None:
    with CannedHost(ranged(GLB)) as host:
        with monkeypatch.context() as full:
            full.setattr(download_module.os, "fsync", _refusing(code))
            with pytest.raises(DiskError, match=remedy):
                get(host)
        assert get(host).path.read_bytes() == GLB
