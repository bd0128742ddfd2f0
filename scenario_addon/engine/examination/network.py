# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to the service: through which proxy, protected by which certificates. Asks nobody. Any thread."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy

from ..host import Check
from ..net.certificates import bundle_problem
from ..text import sentences

__all__ = ["as_sentence", "way_checks"]


def way_checks(url: str, environment: Mapping[str, str]) -> list[Check]:
    """Say how connections are made; where that cannot work, the last one is not in order.

    :param url: of the service.
    """
    if proxy := select_proxy(url, get_environ_proxies(url)):
        # never with the name and password before the @
        text = f"through the proxy {proxy.rsplit('@', 1)[-1]}, from {_source(url)}"
    else:
        text = "direct connection"
    if problem := bundle_problem(environment):
        return [Check("proxy", False, sentences(text, problem.what), as_sentence(problem.fix))]
    return [Check("proxy", True, text), Check("TLS", True, _protection(url, environment))]


def _source(url: str) -> str:
    """Where a proxy is set: the variables win over what the system says."""
    names = (f"{urlsplit(url).scheme}_proxy", "all_proxy")
    found = (variable for name in names for variable in os.environ if variable.lower() == name)
    return next(found, "the system's settings")


def _protection(url: str, environment: Mapping[str, str]) -> str:
    if urlsplit(url).scheme != "https":
        return "not needed: the service is on this machine"
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if environment.get(name):
            return f"checked with the certificates of {environment[name]}, from {name}"
    return f"checked with the certificates of {DEFAULT_CA_BUNDLE_PATH}"


def as_sentence(rest: str | None) -> str:
    """Give what to do, the second half of an error's sentence, as a sentence of its own."""
    return f"{rest[:1].upper()}{rest[1:]}." if rest else ""
