# SPDX-License-Identifier: GPL-3.0-or-later
"""What an exchange means that broke: what went wrong, and whether the request may have got through."""

from __future__ import annotations

import http.client
import socket
from typing import Final

import requests

from ..errors import NetworkError, ProtocolError, ScenarioError, Unanswered
from .certificates import causes, tls_error
from .proxies import PREFERENCES, Way
from .transport import Exchange, TunnelRefused

__all__ = ["LOGIN_WANTED", "NO_ADDRESS", "LoginRefused", "failure_of", "proxy_refusal"]

NO_ADDRESS: Final = "An address of the service is not valid; check the base URL and the proxy settings."
_INVALID: Final = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
)
LOGIN_WANTED: Final = 407


class LoginRefused(NetworkError):
    """A proxy does not take the user name or the password."""


def failure_of(
    error: Exception, exchange: Exchange, way: Way, *, host: str, connect_s: float, read_s: float
) -> ScenarioError:
    """Only what surely never left this machine is a plain ``NetworkError``.

    :param way: how the request was to get there.
    :param connect_s: how long connecting was allowed to take.
    :param read_s: how long the answer was allowed to stall.
    """
    if isinstance(error, _INVALID):
        return ProtocolError(NO_ADDRESS)
    if exchange.has_left:
        return _unanswered(error, exchange, way, host=host, read_s=read_s)
    found = list(causes(error))
    refused = next((cause for cause in found if isinstance(cause, TunnelRefused)), None)
    if refused is not None:
        return proxy_refusal(refused.status, refused.login, way, host=host)
    whose = f"the proxy {way.proxy.shown}" if way.proxy and exchange.is_at_proxy else host
    if problem := tls_error(error, whose):
        return problem
    if whose != host:
        return _no_proxy(found, whose, way)
    if any(isinstance(cause, socket.gaierror) for cause in found):
        return NetworkError(f"The name {host} cannot be looked up; check the connection and the proxy settings.")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NetworkError(f"{host} cannot be reached within {connect_s:.0f} s; check the connection.")
    return NetworkError(f"{host} cannot be reached; check the connection and the proxy settings.")


def proxy_refusal(status: int, login: str, way: Way, *, host: str) -> NetworkError:
    """What a proxy means that answers itself: it has let nothing through.

    :param login: how it wants to be told who asks, as its header Proxy-Authenticate has it.
    """
    shown, source = (f" {way.proxy.shown}" if way.proxy else ""), way.source
    if status == LOGIN_WANTED:
        if login and "basic" not in login.lower():
            return NetworkError(
                f"The proxy{shown} wants a way of logging in that is not supported (Negotiate, NTLM or Digest); ask "
                f"whoever runs it to let requests to {host} through, or to take a password (Basic)."
            )
        if way.proxy and way.proxy.user:
            return LoginRefused(f"The proxy{shown} refuses the user name or the password; correct them in {source}.")
        return NetworkError(f"The proxy{shown} asks for a user name and a password; {_where_to_enter(source)}.")
    if status < 500:
        return NetworkError(
            f"The proxy{shown} does not let requests to {host} through ({status}); ask whoever runs it to allow that."
        )
    return NetworkError(f"The proxy{shown} does not reach {host} ({status}); try again later, or ask whoever runs it.")


def _where_to_enter(source: str) -> str:
    if source == PREFERENCES:
        return "enter them in the preferences"
    if source.endswith("_PROXY"):
        return f"write them into {source}, like http://user:password@proxy.example.com:8080"
    return "enter its address and them in the preferences, or set HTTPS_PROXY"


def _no_proxy(found: list[BaseException], whose: str, way: Way) -> NetworkError:
    """What it means that a proxy does not answer as one."""
    fix, subject = f"check its address in {way.source}", f"{whose[0].upper()}{whose[1:]}"
    if any(isinstance(cause, socket.gaierror) for cause in found):
        return NetworkError(f"The name of {whose} cannot be looked up; {fix}.")
    if any(isinstance(cause, http.client.HTTPException) for cause in found):
        return NetworkError(f"What answers as {whose} is no proxy, or has hung up; {fix}: host, port, http or https.")
    if any(isinstance(cause, TimeoutError) for cause in found):
        return NetworkError(f"{subject} does not answer; {fix}: host, port, http or https.")
    return NetworkError(f"{subject} cannot be reached; check the connection, or its address in {way.source}.")


def _unanswered(error: Exception, exchange: Exchange, way: Way, *, host: str, read_s: float) -> Unanswered:
    if isinstance(error, requests.exceptions.ProxyError) and way.proxy:
        return Unanswered(f"The proxy {way.proxy.shown} lost the connection to {host}.")
    if exchange.is_late:
        return Unanswered(f"{host} did not answer within {exchange.limit_s:.0f} s.")
    if isinstance(error, requests.exceptions.Timeout):
        return Unanswered(f"{host} did not answer within {read_s:.0f} s.")
    return Unanswered(f"The connection to {host} was lost.")
