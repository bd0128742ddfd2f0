# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that ``doctor`` looks at, while Blender runs: found by workers, part by part, and kept in the session.

Main thread only.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from ... import __version__
from ...engine.errors import ConfigError, InputError, ScenarioError
from ...engine.host import Check
from ..app import config
from ..app.session import session
from .here import here_checks
from .trial import second_blender

if TYPE_CHECKING:
    from pathlib import Path

    from ...engine.values import Credentials, Network

__all__ = ["Examination", "begin", "latest", "report", "wait"]

PARTS: Final = ("Blender", "disk", "second Blender", "service")
"""In the order in which they are shown."""
_HERE, _DISK, _CHILD, _SERVICE = PARTS


class Examination:
    """What one look at everything has found so far."""

    def __init__(self) -> None:
        self._found: dict[str, list[Check]] = {_HERE: here_checks()}

    @property
    def checks(self) -> list[Check]:
        """What is there, in the order in which things would fail."""
        return [check for part in PARTS for check in self._found.get(part, [])]

    @property
    def missing(self) -> list[str]:
        """What is still being looked at."""
        return [part for part in PARTS if part not in self._found]

    @property
    def progress(self) -> float:
        """How much is there, from 0 to 1."""
        return len(self._found) / len(PARTS)

    def look_at(self, part: str, work: Callable[[], list[Check]]) -> None:
        """Have a worker look at a part."""
        session.tasks.run(_task(part), partial(_complete, work), partial(self._take, part))

    def _take(self, part: str, result: list[Check] | ScenarioError) -> None:
        if isinstance(result, ScenarioError):
            result = [Check(part, False, result.user_message)]
        self._found[part] = result


def latest() -> Examination | None:
    """Give the latest one with this key; ``None`` before the first. For drawing."""
    return session.examination


def begin() -> None:
    """Look at everything anew. Returns at once; nothing that is asked costs or changes anything."""
    made = session.examination = Examination()
    folder, (meshes, _) = config.folder(), config.meshes_folder()
    made.look_at(_DISK, lambda: _disk(folder, meshes))
    made.look_at(_CHILD, second_blender())
    found, network, may_ask = _credentials(), _network(), config.is_online_allowed()
    made.look_at(_SERVICE, lambda: _service(found, network, may_ask=may_ask))


def wait() -> None:
    """Block until all of it is there."""
    for part in PARTS:
        session.tasks.wait(_task(part))


def report() -> str:
    """Write what was found so that it can be shown to anybody.

    :raises InputError: nothing was looked at yet.
    """
    from ...engine.examination.privacy import Hidden  # not before it is needed; workers have loaded what it takes
    from ...engine.examination.report import checks_text

    made = latest()
    if made is None or made.missing:
        raise InputError("There is nothing to copy yet: run Doctor, and wait until it is done.")
    password = config.secret_file().get(config.PROXY_PASSWORD)
    return checks_text(made.checks, Hidden.of(os.environ, _credentials(), password))


def _task(part: str) -> str:
    return f"doctor {part}"


def _credentials() -> Credentials | ScenarioError:
    try:
        return config.credentials()
    except ScenarioError as error:
        return error


def _network() -> Network | ConfigError:
    try:
        return config.network()
    except ConfigError as error:
        return error


def _complete(work: Callable[[], list[Check]]) -> list[Check]:
    """:raises ConfigError: this Blender lacks a module."""
    try:
        return work()
    except ModuleNotFoundError as error:
        lacks = f"This Blender lacks the Python module {error.name}"
        raise ConfigError(f"{lacks}: install the extension's zip, and Blender as blender.org builds it.") from error


def _disk(folder: Path, meshes: Path) -> list[Check]:
    from ...engine.examination.disk import disk_checks  # by the worker: it takes long to load, likewise the next
    from ...engine.examination.examine import versions

    return [versions(), *disk_checks(folder, meshes)]


def _service(found: Credentials | ScenarioError, network: Network | ConfigError, *, may_ask: bool) -> list[Check]:
    from ...engine.examination.service import service_checks

    return service_checks(
        found,
        environment=os.environ,
        user_agent=f"scenario-addon/{__version__}",
        network=network,
        in_blender=True,
        may_ask=may_ask,
    )
