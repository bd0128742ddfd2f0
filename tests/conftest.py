# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for every test: a clean environment, a folder for the state, the stand-in service, whole Blenders.

The network is closed but for this machine's own addresses: see --allow-hosts in pyproject.toml.
"""

import os
import signal
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.profile import Profile
    from tests.service import Service

# They would send a test's requests elsewhere, or have them refused.
_NETWORK_SETTINGS = {
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
}


# Several processes test at once: what numpy's threads would gain, they lose twice in waiting for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if hasattr(signal, "SIGHUP"):  # whoever started this may have it ignored, as nohup does, and then all children do
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests gets in: the only one set is the folder for the state."""
    for name in list(os.environ):
        if name.startswith("SCENARIO_") or name.upper() in _NETWORK_SETTINGS:
            monkeypatch.delenv(name)
    monkeypatch.setenv("SCENARIO_STATE_DIR", str(tmp_path / "state"))


class _QuickConnection(sqlite3.Connection):
    """Leaves it to the system when what was written reaches the disk: that matters where the power fails alone."""

    def execute(self, sql: str, /, *parameters: Any) -> sqlite3.Cursor:
        return super().execute("PRAGMA synchronous = OFF" if sql.startswith(_SURE) else sql, *parameters)


_SURE = ("PRAGMA synchronous", "PRAGMA fullfsync")


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test in this process waits until the disk has what was written, which takes longer than all else.

    What other processes see, also after one was killed, is the same.
    """
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=_QuickConnection))
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def minds_ctrl_c() -> Iterator[None]:
    """A program that a shell starts in the background ignores Ctrl-C, and so do those that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def state_dir() -> Path:
    """Where the ledger and the kept files of this test live; not made yet."""
    return Path(os.environ["SCENARIO_STATE_DIR"])


@pytest.fixture
def service() -> Iterator["Service"]:
    """A running stand-in for Scenario's service."""
    from tests.service import Service

    with Service() as running:
        yield running


@pytest.fixture(scope="session")
def extension_zip(whole_blender: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension for this machine, as this Blender builds it."""
    from extension.zips import build, this_platform

    [archive] = build(tmp_path_factory.mktemp("dist"), blender=whole_blender, platforms=[this_platform()])
    return archive


@pytest.fixture(scope="session")
def installed(whole_blender: Path, extension_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> "Profile":
    """A profile in which this Blender has installed and enabled the extension. No test changes it."""
    from tests.profile import Profile

    profile = Profile(whole_blender, home=tmp_path_factory.mktemp("home"))
    profile.install(extension_zip)
    profile.compile()
    return profile


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `whole_blender` once for each executable that BLENDER names."""
    if "whole_blender" in metafunc.fixturenames:
        paths = [Path(path) for path in os.environ.get("BLENDER", "").split(os.pathsep) if path]
        metafunc.parametrize("whole_blender", paths, ids=[path.name for path in paths], scope="session")


def pytest_make_parametrize_id(val: Any) -> str | None:
    """Name a path by its last part."""
    return val.name if isinstance(val, Path) else None
