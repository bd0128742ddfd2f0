# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service says when it is asked, by questions that cost and change nothing. Blocks: for worker threads.

Results come from another host, whose address each file has: a public model's picture is there, too. Where a file is
sent to is only named once something is to be sent, so that nobody can try that for nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Final
from urllib.parse import urlsplit

from ..account.account import read_account
from ..account.words import owner_words
from ..api.client import ScenarioClient
from ..api.http import Http
from ..errors import (
    ApiError,
    AuthError,
    ConfigError,
    CredentialsMissing,
    NetworkError,
    NotFound,
    ScenarioError,
    TlsError,
)
from ..host import Check
from ..service import DEFAULT_BASE_URL
from ..text import duration
from ..values import Credentials, Network
from .network import as_sentence, way_checks

__all__ = ["service_checks"]

_MOST_LEAD_S: Final = 300.0
"""So far a clock may be off: signed addresses are good for minutes, and answers take seconds."""
_SHORTEST_ID: Final = 12
"""Ids that are no longer tell nobody anything."""
_SET_KEY: Final = "Create a key at app.scenario.com and set SCENARIO_SDK_API_KEY and SCENARIO_SDK_API_SECRET."
_ENTER_KEY: Final = (
    "Create a key at app.scenario.com and enter it with its secret in the preferences, or set SCENARIO_SDK_API_KEY and "
    "SCENARIO_SDK_API_SECRET."
)
_SET_URL: Final = "Correct or unset SCENARIO_BASE_URL."
_ENTER_URL: Final = "Correct the base URL in the preferences, or SCENARIO_BASE_URL."


def service_checks(
    credentials: Credentials | ScenarioError | None,
    *,
    environment: Mapping[str, str],
    user_agent: str,
    network: Network | ConfigError = Network(),  # noqa: B008 - it is frozen
    sleep: Callable[[float], None] = time.sleep,
    in_blender: bool = False,
    may_ask: bool = True,
) -> list[Check]:
    """Look at the key, at the way to the service, and ask it. Blocks for as long as a few requests take.

    :param credentials: what was found, or the error that says what is wrong with it.
    :param network: what the preferences say of the way, or the error that says what is wrong with it.
    :param sleep: how to pause before a request is repeated, in seconds.
    :param in_blender: whether there are preferences in which a key can be entered.
    :param may_ask: whether the user allows going online.
    """
    checks = [_key(credentials, in_blender=in_blender)]
    if may_ask:
        url = credentials.base_url if isinstance(credentials, Credentials) else DEFAULT_BASE_URL
        checks += way_checks(url, network, environment)
        if isinstance(credentials, Credentials) and isinstance(network, Network) and checks[-1].ok:
            http = Http(credentials, user_agent=user_agent, network=network, sleep=sleep)
            with closing(ScenarioClient(http)) as client:
                checks += _answers(client, http, credentials.project_id)
    return checks


def _key(credentials: Credentials | ScenarioError | None, *, in_blender: bool) -> Check:
    fix = _ENTER_KEY if in_blender else _SET_KEY
    if credentials is None:
        return Check("key", False, "There is no API key.", fix)
    if isinstance(credentials, ConfigError) and not isinstance(credentials, CredentialsMissing):
        return Check("service address", False, credentials.user_message, _ENTER_URL if in_blender else _SET_URL)
    if isinstance(credentials, ScenarioError):
        return Check("key", False, credentials.user_message, fix)
    url, project = credentials.base_url, credentials.project_id
    if not project:
        return Check("key", True, f"set, for {url}")
    short = project if len(project) <= _SHORTEST_ID else f"{project[:_SHORTEST_ID]}…"
    return Check("key", True, f"set, for {url}, project {project}", reported=f"set, for {url}, project {short}")


def _answers(client: ScenarioClient, http: Http, project_id: str | None) -> list[Check]:
    """Ask what can be asked, as long as there are answers."""
    found = _connection(client)
    clock = [_clock(http.clock_lead_s)] if http.clock_lead_s is not None else []
    if not found[-1].ok:
        return [*found, *clock]
    return [*found, *clock, _account(client, project_id), _file_host(client)]


def _connection(client: ScenarioClient) -> list[Check]:
    try:
        client.check_key()
    except AuthError as error:
        fix = "Copy the key and the secret again; they belong together."
        return [
            Check("connection", True, "the service answers"),
            Check("credentials", False, error.user_message, fix),
        ]
    except TlsError as error:
        return [Check("connection", False, error.what, as_sentence(error.fix))]
    except NetworkError as error:
        return [Check("connection", False, error.user_message, "Check the network, the proxy and the base URL.")]
    except ApiError as error:
        return [Check("connection", False, str(error), "Try again later, or check the key's plan and scopes.")]
    except ScenarioError as error:
        return [Check("connection", False, error.user_message, "Check the base URL.")]
    return [Check("connection", True, "the service answers"), Check("credentials", True, "accepted")]


def _clock(lead_s: float) -> Check:
    """:param lead_s: how far it is ahead of the service's."""
    if abs(lead_s) <= _MOST_LEAD_S:
        return Check("clock", True, "agrees with the service's")
    way = "fast" if lead_s > 0 else "slow"
    text = f"This computer's clock is {duration(abs(lead_s))} {way}: signed addresses and certificates can be refused"
    return Check("clock", False, text, "Have the system set date, time and time zone by itself.")


def _account(client: ScenarioClient, project_id: str | None) -> Check:
    try:
        account = read_account(client, project_id, now=time.time())
    except ScenarioError as error:
        return Check("account", False, error.user_message, "Try again later.")
    reported = ", ".join(
        word
        for word, name in (
            ("a team", account.team),
            ("a project", account.project),
            (f"plan {account.plan}", account.plan),
        )
        if name
    )
    return Check("account", True, owner_words(account) or "not told to this key", reported=reported)


def _file_host(client: ScenarioClient) -> Check:
    host = "the file host"
    try:
        url = client.sample_url()
        if url is None:
            return Check("file host", True, "not asked: the service names no file that could be looked at")
        host = _host(url) or host
        with client.open_file(url, length_bytes=1) as answer:
            answer.start(1)
    except NotFound:
        pass  # said by the host itself, of a picture that is gone
    except TlsError as error:
        return Check("file host", False, error.what, as_sentence(error.fix))
    except NetworkError as error:
        fix = f"Let this computer reach {host}, where results come from: ask who runs its firewall or proxy."
        return Check("file host", False, error.user_message, fix)
    except ApiError as error:
        fix = "Try again later; if it stays so, see whether a firewall or proxy comes between."
        return Check("file host", False, f"{host} gives no file: {error}", fix)
    except ScenarioError as error:
        return Check("file host", False, error.user_message, "Check the network and the proxy.")
    return Check("file host", True, f"{host} answers; where files are sent to is only named once one is sent")


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
