# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to the service: through which proxy, protected by which certificates. Asks nobody. Any thread."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from ..errors import ConfigError
from ..host import Check
from ..net.proxies import way_to
from ..net.trust import Trust, trusted
from ..text import sentences
from ..values import Network

__all__ = ["as_sentence", "way_checks"]


def way_checks(url: str, network: Network | ConfigError, environment: Mapping[str, str]) -> list[Check]:
    """Say how connections are made; where that cannot work, the last one is not in order.

    :param url: of the service.
    :param network: what the preferences say of the way, or the error that says what is wrong with it.
    """
    try:
        if isinstance(network, ConfigError):
            raise network
        text = str(way_to(url, network))
    except ConfigError as error:
        return [Check("proxy", False, error.user_message, "Correct the address of the proxy.")]
    trust = trusted(network, environment)
    if problem := trust.problem():
        return [Check("proxy", False, sentences(text, problem.what), as_sentence(problem.fix))]
    return [Check("proxy", True, text), Check("TLS", True, _protection(url, trust))]


def _protection(url: str, trust: Trust) -> str:
    is_protected = urlsplit(url).scheme == "https"
    return f"checked with {trust}" if is_protected else "not needed: the service is on this machine"


def as_sentence(rest: str | None) -> str:
    """Give what to do, the second half of an error's sentence, as a sentence of its own."""
    return f"{rest[:1].upper()}{rest[1:]}." if rest else ""
