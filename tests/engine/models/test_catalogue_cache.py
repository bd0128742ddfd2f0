# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue's cache: it outlives the session, belongs to one project, and is whole or counts as none."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.api.client import ScenarioClient
from scenario_addon.engine.models.catalogue import BUILTIN_IDS, Catalogue
from tests.engine.listed_models import client_with, listed

INPUT = {"name": "image", "type": "file"}


def _ids(models: Any) -> list[str]:
    return [model.id for model in models]


@pytest.fixture
def client() -> ScenarioClient:
    """A service with one model more than the built-in ones."""
    return client_with([listed("meshy", tags=["3D"])], meshy=listed("meshy", inputs=[INPUT]))


def test_list_and_models_outlive_the_session(client: ScenarioClient, tmp_path: Path) -> None:
    first = Catalogue(tmp_path, "scope")
    first.refresh(client)
    first.fetch("meshy", client)
    second = Catalogue(tmp_path, "scope")
    assert list(second.models()) == list(first.models())
    assert second.known("meshy") == first.known("meshy")
    assert second.fetched_at == first.fetched_at


def test_each_project_has_its_own_cache(client: ScenarioClient, tmp_path: Path) -> None:
    Catalogue(tmp_path, "one").refresh(client)
    assert _ids(Catalogue(tmp_path, "other").models()) == list(BUILTIN_IDS)


def test_the_cache_is_one_file_and_nothing_is_left_beside_it(client: ScenarioClient, tmp_path: Path) -> None:
    Catalogue(tmp_path / "größe und leer", "scope").refresh(client)
    assert [path.name for path in (tmp_path / "größe und leer").iterdir()] == ["models-scope.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        "\0",
        "[" * 100_000,
        '{"version": 1}',
        '{"version": 99, "listed": [], "records": [], "fetched_at": 1}',
        '{"version": 1, "listed": "x", "records": [], "fetched_at": 1}',
        '{"version": 1, "listed": [{"name": "no id"}], "records": [], "fetched_at": 1}',
        '{"version": 1, "listed": [{"id": "a"}, 7], "records": [], "fetched_at": 1}',
        '{"version": 1, "listed": [{"id": 7}], "records": [], "fetched_at": 1}',
        '{"version": 1, "listed": [{"id": "a", "capabilities": ["img23d"]}], "records": [[]], "fetched_at": 1}',
        '{"version": 1, "listed": [{"id": "a", "capabilities": ["img23d"]}], "records": [], "fetched_at": "noon"}',
        '{"version": 1, "listed": [{"id": "a", "capabilities": ["img23d"]}], "records": [], "fetched_at": 1'
        + "0" * 400
        + "}",
    ],
    ids=lambda text: text[:70],
)
def test_a_damaged_cache_counts_as_none_and_is_replaced(client: ScenarioClient, tmp_path: Path, text: str) -> None:
    path = tmp_path / "models-scope.json"
    path.write_text(text)
    catalogue = Catalogue(tmp_path, "scope")
    assert _ids(catalogue.models()) == list(BUILTIN_IDS)
    assert catalogue.fetched_at is None
    catalogue.refresh(client)
    assert "meshy" in _ids(Catalogue(tmp_path, "scope").models())


def test_a_cache_that_is_not_text_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "models-scope.json").write_bytes(b"\xff\xfe\x80")
    assert _ids(Catalogue(tmp_path, "scope").models()) == list(BUILTIN_IDS)


def test_a_cut_cache_counts_as_none_at_any_length(client: ScenarioClient, tmp_path: Path) -> None:
    path = tmp_path / "models-scope.json"
    Catalogue(tmp_path, "scope").refresh(client)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, len(whole) // 50):
        path.write_bytes(whole[:length])
        assert _ids(Catalogue(tmp_path, "scope").models()) == list(BUILTIN_IDS)


def test_a_folder_that_cannot_be_used_costs_the_cache_alone(client: ScenarioClient, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    catalogue = Catalogue(tmp_path / "file", "scope")
    assert "meshy" in _ids(catalogue.refresh(client))
    (tmp_path / "state" / "models-scope.json").mkdir(parents=True)
    assert "meshy" in _ids(Catalogue(tmp_path / "state", "scope").refresh(client))
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["models-scope.json"]


def test_a_full_disk_leaves_the_old_cache_whole(
    client: ScenarioClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Catalogue(tmp_path, "scope").refresh(client_with([listed("a")]))
    before = (tmp_path / "models-scope.json").read_bytes()

    def run_out(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", run_out)
    assert "meshy" in _ids(Catalogue(tmp_path, "scope").refresh(client))
    assert [path.name for path in tmp_path.iterdir()] == ["models-scope.json"]
    assert (tmp_path / "models-scope.json").read_bytes() == before


@pytest.mark.parametrize("default", ["椅子", "\ud800", 0.1, [1, {"a": None}]], ids=ascii)
def test_whatever_a_record_holds_can_be_kept(tmp_path: Path, default: Any) -> None:
    live = listed("a", inputs=[{"name": "x", "type": "vector", "default": default}])
    Catalogue(tmp_path, "scope").fetch("a", client_with(a=live))
    again = Catalogue(tmp_path, "scope").known("a")
    assert again.parameters[0].default == default
    assert json.loads((tmp_path / "models-scope.json").read_text(encoding="utf-8"))["version"] == 1
