# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the engine share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from scenario_addon.engine.api.client import ScenarioClient
from scenario_addon.engine.api.http import Http
from scenario_addon.engine.fetch.download import Destination, fetch, tidy
from scenario_addon.engine.pipeline.runner import Runner
from scenario_addon.engine.values import Activity, AssetId, Credentials, MeshFile, Network, ResultAsset
from tests.engine.canned import CannedHost
from tests.engine.downloads import JOB, Fetch
from tests.engine.workbench import FakeClock, Workbench
from tests.service import Service

KEY: Final = "api_key0"
SECRET: Final = "hush-hush"

MakeHttp = Callable[..., Http]


_NO_PRIVILEGE: Final = 1314
"""What Windows answers to those who may not make links: nobody but administrators and developers may."""


@pytest.fixture(autouse=sys.platform == "win32")
def links_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip a test that needs a link where none can be made."""
    symlink_to = Path.symlink_to

    def make(link: Path, target: Path, **more: Any) -> None:
        try:
            symlink_to(link, target, **more)
        except OSError as error:
            if getattr(error, "winerror", None) == _NO_PRIVILEGE:
                pytest.skip("Windows lets only administrators and developers make links")
            raise

    monkeypatch.setattr(Path, "symlink_to", make)


@pytest.fixture
def bench(service: Service, tmp_path: Path) -> Iterator[Workbench]:
    """A client and a ledger against the stand-in."""
    workbench = Workbench(service, tmp_path)
    yield workbench
    workbench.close()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def http_to(pauses: list[float]) -> Iterator[MakeHttp]:
    """Makes an Http whose API is at an origin; its pauses are noted, not waited for."""
    made: list[Http] = []

    def make(origin: str, *, network: Network | None = None, **more: Any) -> Http:
        credentials = Credentials(KEY, SECRET, base_url=f"{origin}/v1", **more)
        made.append(Http(credentials, user_agent="tests/1", network=network or Network(), sleep=pauses.append))
        return made[-1]

    yield make
    for http in made:
        http.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def runner(bench: Workbench, clock: FakeClock) -> Iterator[Runner]:
    made = Runner(bench.env, workers=2, clock=clock)
    yield made
    made.stop()


@pytest.fixture
def seen() -> list[Activity]:
    """What downloads have said of themselves."""
    return []


@pytest.fixture
def get(http_to: MakeHttp, tmp_path: Path, seen: list[Activity]) -> Fetch:
    """Fetches from a host; the API itself is not there."""
    client = ScenarioClient(http_to("http://127.0.0.1:9"))

    def run(
        host: CannedHost,
        *,
        suffix: str = ".glb",
        stem: str = "chair",
        asset_id: str = "asset_1",
        is_noted: bool = True,
        **more: Any,
    ) -> MeshFile:
        """``is_noted``: whether the ledger gets to know of it."""
        asset = ResultAsset(AssetId(asset_id), "model/gltf-binary", f"{host.origin}/file")
        to = Destination(more.pop("folder", tmp_path / "meshes"), stem, more.pop("job_id", JOB))
        file = fetch(asset, suffix, to, client=client, **{"progress": seen.append, **more})
        if is_noted:
            tidy(file.path.parent, JOB)
        return file

    return run
