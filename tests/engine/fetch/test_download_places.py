# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads into folders of all kinds, under names of all kinds, onto disks that are full."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.fetch import download as download_module
from scenario_addon.engine.fetch.download import tidy
from scenario_addon.engine.values import AssetId, JobId, ResultAsset
from tests.engine.canned import CannedHost, canned
from tests.engine.downloads import GLB, JOB, Fetch, part_of, ranged
from tests.engine.fickle_files import forbid_links, refuse
from tests.engine.gltf_oddities import ODDITIES
from tests.engine.gltf_samples import triangle_glb

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
    (tmp_path / "meshes").mkdir()
    (tmp_path / "meshes" / "chair.glb").mkdir()
    (tmp_path / "meshes" / "chair-2.glb").write_bytes(b"theirs")
    with CannedHost(ranged(GLB)) as host:
        file = get(host)
    assert file.path.name == "chair-3.glb"
    assert file.path.read_bytes() == GLB
    assert (tmp_path / "meshes" / "chair-2.glb").read_bytes() == b"theirs"
    assert not part_of(tmp_path).exists()


def test_a_file_that_the_ledger_never_heard_of_is_found_again(get: Fetch, tmp_path: Path) -> None:
    with CannedHost(ranged(GLB)) as host:
        first = get(host, is_noted=False)
        assert get(host) == first
        assert get(host) != first
    assert sorted(path.name for path in first.path.parent.iterdir()) == ["chair-2.glb", "chair.glb"]


def test_tidying_up_leaves_what_belongs_to_other_jobs(get: Fetch, tmp_path: Path) -> None:
    folder = tmp_path / "meshes"
    with CannedHost(ranged(GLB)) as host:
        get(host, is_noted=False)
        other = get(host, job_id=JobId("fedcba9876543210"), is_noted=False)
    tidy(folder, JOB)
    assert not part_of(tmp_path).exists()
    assert len([path for path in folder.iterdir() if path.samefile(other.path)]) == 2


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


LONG_NAMES = ("椅" * 60, "a red armchair with golden legs, " * 6, "x" * 154, "x" * 300, "é" * 100)


@pytest.mark.parametrize("stem", LONG_NAMES)
@pytest.mark.parametrize("is_linkable", [True, False])
def test_two_orders_of_one_long_name_never_share_a_file(
    get: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stem: str, is_linkable: bool
) -> None:
    if not is_linkable:
        forbid_links(monkeypatch)
    first, second = (triangle_glb(padding_bytes=size) for size in (1_000, 2_000))
    jobs = [JobId("0123456789abcdef" * 2 + digit) for digit in "12"]
    with CannedHost(ranged(first)) as host:
        one = get(host, stem=stem, job_id=jobs[0], is_noted=False)
    with CannedHost(ranged(second)) as host:
        two = get(host, stem=stem, job_id=jobs[1], is_noted=False)
    assert (one.path.read_bytes(), two.path.read_bytes()) == (first, second)
    for job in jobs:
        tidy(tmp_path / "meshes", job)
    assert set((tmp_path / "meshes").iterdir()) == {one.path, two.path}


def test_two_files_of_one_job_never_share_a_part(get: Fetch, tmp_path: Path) -> None:
    with CannedHost(ranged(GLB)) as host:
        for name in ("asset_" + "a" * 20 + "12345678", "asset_" + "b" * 20 + "12345678"):
            get(host, asset_id=name, is_noted=False)
    assert len(list((tmp_path / "meshes").glob("*.part"))) == 2


def test_a_file_that_has_its_name_is_not_written_to_again(get: Fetch, tmp_path: Path) -> None:
    with CannedHost(ranged(GLB)) as host:
        file = get(host, is_noted=False)
    before = file.path.stat()
    with CannedHost(canned(body=b"<html>")) as host:  # one that knows no ranges, and has lost the file
        assert get(host, is_noted=False) == file
    assert host.requests == []
    assert file.path.stat().st_mtime_ns == before.st_mtime_ns


def test_what_somebody_has_linked_to_in_our_place_is_not_written_to(get: Fetch, tmp_path: Path) -> None:
    (tmp_path / "meshes").mkdir()
    (tmp_path / "theirs").write_bytes(b"theirs")
    part_of(tmp_path).symlink_to(tmp_path / "theirs")
    (tmp_path / "meshes" / "chair.glb").symlink_to(tmp_path / "nowhere")
    with CannedHost(ranged(GLB)) as host:
        assert get(host).path.name == "chair-2.glb"
    assert (tmp_path / "theirs").read_bytes() == b"theirs"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("is_linkable", [True, False])
def test_a_file_that_others_hold_for_a_moment_gets_its_name(
    get: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_linkable: bool
) -> None:
    if not is_linkable:
        forbid_links(monkeypatch)
    refuse(monkeypatch, times=3)
    with CannedHost(ranged(GLB)) as host:
        names = [get(host).path.name for _ in range(2)]
    assert names == ["chair.glb", "chair-2.glb"]
    assert {path.name for path in (tmp_path / "meshes").iterdir()} == set(names)


def test_a_file_that_others_hold_for_long_leaves_no_empty_ones(
    get: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_links(monkeypatch)
    with CannedHost(ranged(GLB)) as host:
        with monkeypatch.context() as trouble:
            refuse(trouble, times=30)
            for _ in range(3):
                with pytest.raises(DiskError, match="Permission denied"):
                    get(host)
        assert get(host).path.name == "chair.glb"
    assert [path.read_bytes() for path in (tmp_path / "meshes").iterdir()] == [GLB]


def companion(host: CannedHost, number: int, name: str | None) -> ResultAsset:
    return ResultAsset(AssetId(f"asset_c{number}"), "image/png", f"{host.origin}/{number}", file_name=name)


def test_two_companions_with_one_name_are_both_kept(get: Fetch) -> None:
    names = ["map.png", "maps/MAP.png", "..\\map.png", None, "../../up.mtl"]
    with CannedHost(lambda request: canned(body=b"v" + request[: request.index(b" HTTP")])) as host:
        mesh = get(host, suffix=".obj", companions=[companion(host, n, name) for n, name in enumerate(names)])
    home = mesh.path.parent
    files = {path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert sorted(files) == ["chair.obj", "map-2.png", "map.png", "maps/MAP.png", "up.mtl"]
    assert (files["map.png"], files["maps/MAP.png"], files["map-2.png"]) == (b"vGET /0", b"vGET /1", b"vGET /2")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("textures/base.png", "textures/base.png"),
        ("textures\\base.png", "textures/base.png"),
        ("./textures//base.png", "textures/base.png"),
        ("/etc/base.png", "base.png"),
        ("C:\\base.png", "base.png"),
        ("a/../../base.png", "base.png"),
        ("../base.png", "base.png"),
        ("con/nul.png", "_con/_nul.png"),
        ("x/" * 30 + "base.png", "base.png"),
        ("deep/" * 3 + "base.png", "deep/deep/deep/base.png"),
    ],
)
def test_a_companion_keeps_its_folder_and_never_leaves_the_meshs_own(get: Fetch, name: str, place: str) -> None:
    with CannedHost(canned(body=b"v 0 0 0")) as host:
        mesh = get(host, suffix=".obj", companions=[companion(host, 1, name)])
    home = mesh.path.parent
    found = [path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()]
    assert sorted(found) == sorted([mesh.path.name, place])


def test_a_link_in_the_folder_is_not_followed_out_of_it(get: Fetch, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    with CannedHost(canned(body=b"v 0 0 0")) as host:
        home = get(host, suffix=".obj", companions=[companion(host, 1, "map.png")], is_noted=False).path.parent
        (home / "textures").symlink_to(outside)
        with pytest.raises(DiskError, match="leads elsewhere"):
            get(host, suffix=".obj", companions=[companion(host, 2, "textures/base.png")])
    assert not list(outside.iterdir())


@pytest.mark.parametrize("name", ["textures/base.png", "base.png"])
def test_a_gltf_finds_its_files_in_their_folders_also_under_their_names_alone(get: Fetch, name: str) -> None:
    files = ODDITIES["a texture in a folder"].files
    served = {"/asset_c1": files["textures/base.png"], "/asset_c2": files["all.bin"], "": files["box.gltf"]}

    def answer(request: bytes) -> bytes:
        return canned(body=next(data for path, data in served.items() if f"GET {path}".encode() in request))

    with CannedHost(answer) as host:
        beside = [
            ResultAsset(AssetId(f"asset_c{n}"), "image/png", f"{host.origin}/asset_c{n}", file_name=called)
            for n, called in ((1, name), (2, "all.bin"))
        ]
        mesh = get(host, suffix=".gltf", companions=beside)
    assert (mesh.triangles, mesh.textures, mesh.flaws) == (12, 1, ())
    assert (mesh.path.parent / "textures" / "base.png").read_bytes() == served["/asset_c1"]


def test_a_companion_that_arrived_is_not_fetched_again(get: Fetch) -> None:
    with CannedHost(canned(body=b"v 0 0 0")) as host:
        again = {"suffix": ".obj", "companions": [companion(host, 1, "map.png")]}
        first, second = get(host, **again), get(host, **again)
    assert (first.path.name, second.path.name) == ("chair.obj", "chair-2.obj")
    assert len(host.requests) == 3


# -- folders and disks


@pytest.mark.parametrize("name", ["my models", "Modèle ü", "椅子", "a/b/c"])
def test_folders_are_made_whatever_their_name(get: Fetch, tmp_path: Path, name: str) -> None:
    with CannedHost(ranged(GLB)) as host:
        assert get(host, folder=tmp_path / name).path.parent == tmp_path / name


def test_a_file_where_the_folder_should_be_is_told(get: Fetch, tmp_path: Path) -> None:
    (tmp_path / "meshes").touch()
    with CannedHost(ranged(GLB)) as host, pytest.raises(DiskError, match="choose another folder and resume"):
        get(host)
    assert host.requests == []


def _refusing(code: int) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(code, os.strerror(code))

    return refuse


def test_what_does_not_fit_is_told_before_anything_is_written(
    get: Fetch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    large = triangle_glb(padding_bytes=3_000_000)
    usage = type(shutil.disk_usage(tmp_path))
    with CannedHost(ranged(large)) as host:
        with monkeypatch.context() as full:
            full.setattr(download_module.shutil, "disk_usage", lambda folder: usage(10**9, 10**9, 17_000_000))
            with pytest.raises(DiskError, match=r"needs 3\.0 MB more and .* free 2\.8 MB there and resume the job"):
                get(host)
        assert part_of(tmp_path).read_bytes() == b""
        assert get(host).path.read_bytes() == large


def test_a_folder_that_does_not_tell_its_free_space_is_used_all_the_same(
    get: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module.shutil, "disk_usage", _refusing(errno.ENOSYS))
    with CannedHost(ranged(GLB)) as host:
        assert get(host).path.read_bytes() == GLB


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
