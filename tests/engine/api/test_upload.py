# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures on their way to the service, small and large."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from scenario_addon.engine.api import client as client_module
from scenario_addon.engine.api import upload as upload_module
from scenario_addon.engine.api.upload import upload
from scenario_addon.engine.errors import AuthError, NetworkError, PictureError, ProtocolError, ServerError
from scenario_addon.engine.values import Activity, AssetId, SourceImage
from tests.engine.orders import draw_picture
from tests.engine.workbench import Workbench
from tests.service import Fault

FIVE_MIB = 5 * 1024 * 1024


def send(bench: Workbench, image: SourceImage) -> AssetId:
    return upload(bench.client, image, progress=bench.seen.append, wait=bench.pauses.append)


def padded(picture: SourceImage, *, size_bytes: int) -> SourceImage:
    """The picture with as many bytes as wanted: what follows a PNG's end is nobody's business."""
    data = picture.path.read_bytes().ljust(size_bytes, b"~")
    picture.path.write_bytes(data)
    return replace(picture, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


@pytest.fixture
def large(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> SourceImage:
    """A picture of two whole parts and a bit."""
    monkeypatch.setattr(upload_module, "PART_BYTES", FIVE_MIB)
    monkeypatch.setattr(client_module, "PART_BYTES", FIVE_MIB)
    return padded(draw_picture(bench.folder / "großes Bild 大.png"), size_bytes=2 * FIVE_MIB + 1)


@pytest.fixture
def in_parts(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> SourceImage:
    """A small picture that has to go the way of the large ones."""
    monkeypatch.setattr(upload_module, "SMALL_PICTURE_BYTES", 0)
    return draw_picture(bench.folder / "chair.png")


def stored(bench: Workbench, asset: AssetId) -> bytes:
    [shown] = bench.client.assets([asset])
    with bench.client.open_file(shown.url) as answer:
        return answer.content


def test_a_small_picture_takes_one_call(bench: Workbench) -> None:
    picture = draw_picture(bench.folder / "chair.png")
    asset = send(bench, picture)
    assert stored(bench, asset) == picture.path.read_bytes()
    assert (bench.service.count("POST", "/assets$"), bench.service.uploads) == (1, {})


def test_a_large_picture_goes_in_parts_that_s3_takes(bench: Workbench, large: SourceImage) -> None:
    asset = send(bench, large)
    puts = [request for request in bench.service.requests if request.method == "PUT"]
    assert [len(put.body) for put in puts] == [FIVE_MIB, FIVE_MIB, large.size_bytes - 2 * FIVE_MIB]
    assert not any("authorization" in put.headers for put in puts)
    assert stored(bench, asset) == large.path.read_bytes()
    assert [activity.done_bytes for activity in bench.seen] == [0, FIVE_MIB, 2 * FIVE_MIB, large.size_bytes]


def test_the_real_parts_are_as_large_as_s3_wants_them() -> None:
    assert client_module.PART_BYTES >= FIVE_MIB
    assert upload_module.SMALL_PICTURE_BYTES * 4 / 3 < FIVE_MIB


@pytest.mark.parametrize("excess_bytes", [0, 1])
def test_the_size_decides_the_way(bench: Workbench, monkeypatch: pytest.MonkeyPatch, excess_bytes: int) -> None:
    picture = draw_picture(bench.folder / "chair.png")
    monkeypatch.setattr(upload_module, "SMALL_PICTURE_BYTES", picture.size_bytes - excess_bytes)
    send(bench, picture)
    assert bench.service.count("POST", "/uploads$") == excess_bytes


def test_a_part_is_put_again_when_it_was_lost(bench: Workbench, large: SourceImage) -> None:
    bench.service.fail("PUT", "/uploads/", Fault.RESET, after=1)
    assert stored(bench, send(bench, large)) == large.path.read_bytes()
    assert bench.service.count("PUT", "/uploads/") == 4


def test_expired_part_addresses_mean_starting_over(bench: Workbench, large: SourceImage) -> None:
    bench.service.fail("PUT", "/uploads/", Fault.STATUS, status=403, body="<Error/>", after=1)
    with pytest.raises(NetworkError, match="start over"):
        send(bench, large)
    assert stored(bench, send(bench, large)) == large.path.read_bytes()


def test_a_file_that_the_service_cannot_read_is_the_pictures_fault(bench: Workbench, in_parts: SourceImage) -> None:
    in_parts.path.write_bytes(b"not a picture at all")
    with pytest.raises(PictureError, match="Unhandled image format"):
        send(bench, padded(in_parts, size_bytes=100))


def test_patience_with_a_large_upload_ends(
    bench: Workbench, in_parts: SourceImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.client, "upload_result", lambda ticket: None)
    with pytest.raises(ProtocolError, match="within 300 s"):
        send(bench, in_parts)
    assert 300 <= sum(bench.pauses) < 310
    assert max(bench.pauses) == 5.0


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/uploads$"), ("PUT", "/uploads/"), ("POST", "/action$"), ("GET", "/uploads/upload_")],
)
def test_lasting_trouble_is_told(bench: Workbench, in_parts: SourceImage, method: str, path: str) -> None:
    bench.service.fail(method, path, Fault.STATUS, status=503, times=None)
    with pytest.raises(ServerError):
        send(bench, in_parts)
    assert bench.service.count(method, path) == 3


@pytest.mark.parametrize("fault", [Fault.GARBAGE, Fault.MISSING, Fault.WRONG_TYPES])
@pytest.mark.parametrize(("path", "method"), [("/uploads$", "POST"), ("/uploads/upload_", "GET")])
def test_nonsense_is_called_so(bench: Workbench, in_parts: SourceImage, fault: Fault, path: str, method: str) -> None:
    bench.service.fail(method, path, fault, times=None)
    with pytest.raises(ProtocolError):
        send(bench, in_parts)


def test_a_refused_key_is_not_the_pictures_fault(bench: Workbench) -> None:
    bench.service.fail("POST", "/assets", Fault.STATUS, status=401)
    with pytest.raises(AuthError):
        send(bench, draw_picture(bench.folder / "chair.png"))


def test_a_picture_that_is_gone_is_not_sent(bench: Workbench) -> None:
    picture = draw_picture(bench.folder / "chair.png")
    picture.path.unlink()
    with pytest.raises(PictureError, match="cannot be read any more"):
        send(bench, picture)
    assert bench.service.requests == []


def test_a_picture_that_goes_while_it_is_sent_is_told(bench: Workbench, large: SourceImage) -> None:
    def once_seen(activity: Activity) -> None:
        if activity.done_bytes:
            large.path.unlink()

    with pytest.raises(PictureError, match="cannot be read any more"):
        upload(bench.client, large, progress=once_seen, wait=bench.pauses.append)


def test_a_picture_that_has_become_a_folder_is_not_sent(bench: Workbench) -> None:
    picture = draw_picture(bench.folder / "chair.png")
    picture.path.unlink()
    picture.path.mkdir()
    with pytest.raises(PictureError, match="Is a directory"):
        send(bench, picture)


@pytest.mark.parametrize("data", [b"", b"something else", b"\x89PNG"])
def test_a_picture_that_has_changed_is_not_sent(bench: Workbench, data: bytes) -> None:
    picture = draw_picture(bench.folder / "chair.png")
    picture.path.write_bytes(data)
    with pytest.raises(PictureError, match="has changed"):
        send(bench, picture)
    assert bench.service.requests == []


def test_what_is_being_sent_is_told_by_name(bench: Workbench) -> None:
    picture = draw_picture(bench.folder / "Stuhl ü.png")
    send(bench, picture)
    assert bench.seen == [Activity("uploading Stuhl ü.png", 0, picture.size_bytes)]
