# SPDX-License-Identifier: GPL-3.0-or-later
"""The models' pictures: fetched once, without credentials, and never in anybody's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenario_addon.engine.models.catalogue import Catalogue
from scenario_addon.engine.models.thumbnails import Thumbnails
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


def test_nothing_is_kept_where_there_is_no_folder(bench: Workbench, catalogue: Catalogue) -> None:
    thumbnails = Thumbnails(None)
    assert thumbnails.fetch(catalogue.models(), bench.client) == 0
    assert thumbnails.path("model_pixal3d") is None


def test_a_folder_that_cannot_be_made_costs_the_pictures_and_nothing_else(
    bench: Workbench, catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    assert Thumbnails(tmp_path / "file" / "thumbnails").fetch(catalogue.models(), bench.client) == 0
