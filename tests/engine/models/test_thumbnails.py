# SPDX-License-Identifier: GPL-3.0-or-later
"""The models' pictures: fetched once, without credentials, and never in anybody's way."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from scenario_addon.engine.api.client import ScenarioClient
from scenario_addon.engine.api.wire import ModelRecord, parse
from scenario_addon.engine.models.catalogue import Catalogue
from scenario_addon.engine.models.model import model_from
from scenario_addon.engine.models.thumbnails import Thumbnails
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import MakeHttp
from tests.engine.workbench import Workbench
from tests.service import Fault


@pytest.fixture
def catalogue(bench: Workbench, tmp_path: Path) -> Catalogue:
    listed = Catalogue(tmp_path / "kept", "scope")
    listed.refresh(bench.client)
    return listed


def test_pictures_are_fetched_once_and_without_credentials(bench: Workbench, catalogue: Catalogue) -> None:
    pictured = [model for model in catalogue.models() if model.thumbnail_url]
    assert pictured
    assert catalogue.thumbnails.fetch(catalogue.models(), bench.client) == len(pictured)
    assert catalogue.thumbnails.fetch(catalogue.models(), bench.client) == 0
    asked = [request for request in bench.service.requests if "/thumbnails/" in request.path]
    assert len(asked) == len(pictured)
    assert not any("authorization" in request.headers for request in asked)
    for model in pictured:
        path = catalogue.thumbnails.path(model.id)
        assert path is not None and path.read_bytes()


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.REFUSED])
def test_a_picture_that_cannot_be_had_is_left_out(
    bench: Workbench, catalogue: Catalogue, tmp_path: Path, fault: Fault
) -> None:
    bench.service.fail("GET", r"/thumbnails/", fault, times=None)
    assert catalogue.thumbnails.fetch(catalogue.models(), bench.client) == 0
    assert not (tmp_path / "kept" / "thumbnails").exists()


def _png(width_px: int, height_px: int) -> bytes:
    file = BytesIO()
    Image.new("L", (width_px, height_px)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "is_kept"),
    [
        (_png(64, 64), True),
        (_png(20_000, 8), False),
        (_png(8, 4_000), False),
        (_png(64, 64)[:40], False),
        (b"<html>not found</html>", False),
        (b"", False),
    ],
    ids=["small", "vast", "high", "cut short", "text", "empty"],
)
def test_what_is_no_small_picture_is_left_out(http_to: MakeHttp, tmp_path: Path, data: bytes, is_kept: bool) -> None:
    with CannedHost(canned(body=data)) as host:
        model = model_from(
            parse(ModelRecord, {"id": "model_a", "thumbnail": {"url": f"{host.origin}/a"}}),
            knowledge={},
            is_builtin=False,
        )
        thumbnails = Thumbnails(tmp_path)
        assert thumbnails.fetch([model], ScenarioClient(http_to(host.origin))) == is_kept
    assert (thumbnails.path("model_a") is not None) is is_kept


def test_nothing_is_kept_where_there_is_no_folder(bench: Workbench, catalogue: Catalogue) -> None:
    thumbnails = Thumbnails(None)
    assert thumbnails.fetch(catalogue.models(), bench.client) == 0
    assert thumbnails.path("model_pixal3d") is None


def test_a_folder_that_cannot_be_made_costs_the_pictures_and_nothing_else(
    bench: Workbench, catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    assert Thumbnails(tmp_path / "file" / "thumbnails").fetch(catalogue.models(), bench.client) == 0


def test_of_many_pictures_the_newest_stay(tmp_path: Path) -> None:
    kept = Thumbnails(tmp_path / "pictures")
    kept.prune(2)  # where there is none yet
    (tmp_path / "pictures").mkdir()
    for number in range(4):
        path = tmp_path / "pictures" / f"picture {number}"
        path.write_bytes(b"x")
        os.utime(path, (number, number))
    kept.prune(2)
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {"picture 2", "picture 3"}
    Thumbnails(None).prune(0)
