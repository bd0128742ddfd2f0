# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds out what stands between the user and a mesh, and says how to mend it."""

from __future__ import annotations

import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pydantic
from requests import __version__ as _requests_version  # pyright: ignore[reportPrivateImportUsage]
from requests.utils import get_environ_proxies, select_proxy

from ..disk.kinds import Trust, file_system
from ..errors import ApiError, AuthError, ConfigError, CredentialsMissing, NetworkError, ScenarioError, TlsError
from ..host import Check, Host
from ..net.certificates import bundle_problem
from ..service import DEFAULT_BASE_URL
from ..text import sentences
from ..values import Credentials
from .client import ScenarioClient
from .http import Http

__all__ = ["examine"]

_LOW_SPACE_BYTES: Final = 1_000_000_000
_OTHER_DISK: Final = "Set SCENARIO_STATE_DIR to a folder on a local disk, one for each machine."


def examine(
    credentials: Credentials | ScenarioError | None,
    *,
    folder: Path,
    host: Host | None,
    environment: Mapping[str, str],
    user_agent: str,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Check]:
    """Make every check, in the order in which things would fail. Blocks for as long as one request takes.

    :param credentials: what was found, or the error that says what is wrong with it.
    :param sleep: how to pause before the request is repeated, in seconds.
    """
    checks = [_versions(), *(host.checks() if host else []), _folder(folder)]
    checks.append(_key(credentials))
    if host is None or host.online_access:
        checks.append(proxy := _proxy(credentials, environment))
        if proxy.ok and isinstance(credentials, Credentials):
            checks += _connection(ScenarioClient(Http(credentials, user_agent=user_agent, sleep=sleep)))
    return checks


def _versions() -> Check:
    text = f"Python {platform.python_version()}, requests {_requests_version}, pydantic {pydantic.VERSION}"
    return Check("versions", True, text)


def _folder(folder: Path) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free_bytes = shutil.disk_usage(folder).free
    except OSError as error:
        return Check(
            "ledger",
            False,
            f"{folder} cannot be written ({error.strerror})",
            "Set SCENARIO_STATE_DIR to a folder of yours.",
        )
    disk = file_system(folder)
    text = f"{folder}, {free_bytes / 1e9:.1f} GB free, on {disk}"
    if disk.trust is Trust.NONE:
        return Check("ledger", False, f"{text}, where it is not safe", _OTHER_DISK)
    if disk.trust is Trust.ONE_MACHINE:
        text += ", for one machine at a time"
    fix = "Make room: results are downloaded to this disk." if free_bytes < _LOW_SPACE_BYTES else ""
    return Check("ledger", not fix, text, fix)


def _key(credentials: Credentials | ScenarioError | None) -> Check:
    fix = "Create a key at app.scenario.com and set SCENARIO_SDK_API_KEY and SCENARIO_SDK_API_SECRET."
    if credentials is None:
        return Check("key", False, "There is no API key.", fix)
    if isinstance(credentials, ConfigError) and not isinstance(credentials, CredentialsMissing):
        return Check("service address", False, credentials.user_message, "Correct or unset SCENARIO_BASE_URL.")
    if isinstance(credentials, ScenarioError):
        return Check("key", False, credentials.user_message, fix)
    project = f", project {credentials.project_id}" if credentials.project_id else ""
    return Check("key", True, f"set, for {credentials.base_url}{project}")


def _proxy(credentials: Credentials | ScenarioError | None, environment: Mapping[str, str]) -> Check:
    url = credentials.base_url if isinstance(credentials, Credentials) else DEFAULT_BASE_URL
    if proxy := select_proxy(url, get_environ_proxies(url)):
        text = f"through the proxy {proxy.rsplit('@', 1)[-1]}"  # never with the name and password before the @
    else:
        text = "direct connection"
    if problem := bundle_problem(environment):
        return Check("proxy", False, sentences(text, problem.what), _as_sentence(problem.fix))
    bundle = environment.get("REQUESTS_CA_BUNDLE") or environment.get("CURL_CA_BUNDLE")
    return Check("proxy", True, f"{text}; certificates from {bundle}" if bundle else text)


def _connection(client: ScenarioClient) -> list[Check]:
    try:
        client.check_key()
    except AuthError as error:
        return [
            Check("connection", True, "the service answers"),
            Check(
                "credentials",
                False,
                error.user_message,
                "Copy the key and the secret again; they belong together.",
            ),
        ]
    except TlsError as error:
        return [Check("connection", False, error.what, _as_sentence(error.fix))]
    except NetworkError as error:
        return [Check("connection", False, error.user_message, "Check the network, the proxy and the base URL.")]
    except ApiError as error:
        return [Check("connection", False, str(error), "Try again later, or check the key's plan and scopes.")]
    except ScenarioError as error:
        return [Check("connection", False, error.user_message, "Check the base URL.")]
    finally:
        client.close()
    return [Check("connection", True, "the service answers"), Check("credentials", True, "accepted")]


def _as_sentence(rest: str | None) -> str:
    """What to do, as a sentence of its own."""
    return f"{rest[:1].upper()}{rest[1:]}." if rest else ""
