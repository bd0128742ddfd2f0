# SPDX-License-Identifier: GPL-3.0-or-later
"""What an exchange means that broke: what went wrong, and whether the request may have got through."""

from __future__ import annotations

import os

import requests

from ..errors import NetworkError, ProtocolError, ScenarioError, Unanswered
from .certificates import tls_error
from .transport import Exchange

__all__ = ["NO_ADDRESS", "failure_of"]

NO_ADDRESS = "An address of the service is not valid; check the base URL and the proxy settings."
_INVALID = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
)


def failure_of(error: Exception, exchange: Exchange, *, host: str, connect_s: float, read_s: float) -> ScenarioError:
    """Only what surely never left this machine is a plain ``NetworkError``.

    :param connect_s: how long connecting was allowed to take.
    :param read_s: how long the answer was allowed to stall.
    """
    if isinstance(error, _INVALID):
        return ProtocolError(NO_ADDRESS)
    if exchange.has_left:
        return _unanswered(error, exchange, host=host, read_s=read_s)
    if problem := tls_error(error, host, os.environ):
        return problem
    if isinstance(error, requests.exceptions.ProxyError):
        return NetworkError(f"The proxy did not let the request to {host} through; check HTTPS_PROXY and NO_PROXY.")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NetworkError(f"{host} cannot be reached within {connect_s:.0f} s; check the connection.")
    return NetworkError(f"{host} cannot be reached; check the connection and the proxy settings.")


def _unanswered(error: Exception, exchange: Exchange, *, host: str, read_s: float) -> Unanswered:
    if isinstance(error, requests.exceptions.ProxyError):
        return Unanswered(f"The proxy did not let the request to {host} through; check HTTPS_PROXY and NO_PROXY.")
    if exchange.is_late:
        return Unanswered(f"{host} did not answer within {exchange.limit_s:.0f} s.")
    if isinstance(error, requests.exceptions.Timeout):
        return Unanswered(f"{host} did not answer within {read_s:.0f} s.")
    return Unanswered(f"The connection to {host} was lost.")
