# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds out what stands between the user and a mesh, and says how to mend it."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pydantic
from requests import __version__ as _requests_version  # pyright: ignore[reportPrivateImportUsage]

from ... import __version__
from ..errors import ConfigError, ScenarioError
from ..host import Check, Host
from ..settings import network_of
from ..values import Credentials, Network
from .disk import disk_checks
from .service import service_checks

__all__ = ["examine", "versions"]


def examine(
    credentials: Credentials | ScenarioError | None,
    *,
    folder: Path,
    host: Host | None,
    environment: Mapping[str, str],
    user_agent: str,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Check]:
    """Make every check, in the order in which things would fail. Blocks for as long as a few requests take.

    :param credentials: what was found, or the error that says what is wrong with it.
    :param sleep: how to pause before a request is repeated, in seconds.
    """
    return [
        versions(),
        *(host.checks() if host else []),
        *disk_checks(folder),
        *service_checks(
            credentials,
            environment=environment,
            user_agent=user_agent,
            network=_network(host),
            sleep=sleep,
            in_blender=host is not None,
            may_ask=host is None or host.online_access,
        ),
    ]


def _network(host: Host | None) -> Network | ConfigError:
    try:
        return network_of(host)
    except ConfigError as error:
        return error


def versions() -> Check:
    """Name what runs here. Any thread."""
    told = (
        f"Scenario 3D {__version__}",
        f"Python {platform.python_version()}",
        f"requests {_requests_version}",
        f"pydantic {pydantic.VERSION}",
        platform.platform(),
    )
    return Check("versions", True, ", ".join(told))
