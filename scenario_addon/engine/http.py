# SPDX-License-Identifier: GPL-3.0-or-later
"""One ``requests`` session and the rules of using it: who gets the credentials, what is repeated, what an error means.

Credentials go to the API's own origin and nowhere else: redirects of the API are refused, and file hosts are asked
without them. Works with requests 2.27 and newer, urllib3 1.26 and 2. Any thread but Blender's main one.
"""

from __future__ import annotations

import io
import json
import logging
import math
import random
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http.client import responses
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from .errors import (
    ApiError,
    AuthError,
    ConfigError,
    Forbidden,
    NetworkError,
    NotFound,
    ProtocolError,
    RateLimited,
    Rejected,
    ScenarioError,
    ServerError,
    Unanswered,
)
from .values import Credentials
from .wire import ErrorBody, parse

try:
    import requests
except ModuleNotFoundError as error:  # some distributions' Blender comes without it
    raise ConfigError(
        "This Blender comes without the Python library requests: use the one from blender.org, or install "
        "your distribution's python3-requests."
    ) from error

__all__ = ["Http"]

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 60.0
"""Also how long a transfer may stall."""
ATTEMPTS: Final = 3
"""Of a request that may be repeated; what lasts longer is for the caller to wait out."""
LONGEST_PAUSE_S: Final = 8.0
LONGEST_WAIT_S: Final = 3600.0
"""A service that asks for a longer wait is not believed."""
_LONGEST_REASON: Final = 500
"""How many characters of an answer's own reason are shown."""
_MAX_REDIRECTS: Final = 5
_PASSING: Final = (NetworkError, ServerError, RateLimited)
"""Errors that another attempt may not meet."""
_INVALID: Final = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
)
_NO_ADDRESS: Final = "An address of the service is not valid; check the base URL and the proxy settings."
_NEVER_CONNECTED: Final = ("NewConnectionError", "NameResolutionError", "Failed to establish", "Tunnel connection")
"""Signs of a request that never left this machine, in the texts of urllib3 1.26 and 2."""


class Http:
    """Talks to the API's origin with credentials, to file hosts without.

    :param sleep: how to pause between attempts, in seconds.
    """

    def __init__(
        self, credentials: Credentials, *, user_agent: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._credentials = credentials
        self._sleep = sleep
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        repeat: bool = True,
    ) -> Any:
        """One API call; the answer's JSON.

        :param repeat: whether asking again is harmless. Never for what is paid for.
        :raises NetworkError: no whole answer; :class:`Unanswered` when the request may have got through.
        :raises ApiError: the service said no.
        :raises ProtocolError: the answer is not JSON, or a redirect.
        """
        return self._attempts(lambda: self._call_once(method, path, query, body), repeat=repeat)

    def put_file(self, url: str, data: bytes) -> None:
        """Hand bytes to a signed address, exactly as it was given, without credentials.

        :raises ProtocolError: the file host redirects; the bytes are not sent anywhere else.
        """

        def once() -> None:
            with self._send("PUT", url, data=io.BytesIO(data), auth=_anonymous) as answer:
                if answer.is_redirect:
                    raise ProtocolError("The file host redirects the upload; try again later.")
                if not answer.ok:
                    raise _error_of(answer, "the upload")

        self._attempts(once, repeat=True)

    def open_file(self, url: str, *, offset_bytes: int = 0, length_bytes: int | None = None) -> requests.Response:
        """Start a download without credentials; redirects are followed, but never from https to http.

        :return: an open response, for the caller to read and close; status 206 when the offset was honoured.
        """
        headers = {"Accept-Encoding": "identity"}
        if offset_bytes or length_bytes:
            end = offset_bytes + length_bytes - 1 if length_bytes else ""
            headers["Range"] = f"bytes={offset_bytes}-{end}"
        for _ in range(_MAX_REDIRECTS):
            answer = self._send("GET", url, headers=headers, auth=_anonymous, stream=True)
            if answer.is_redirect:
                with answer:
                    url = _redirected(url, answer.headers["Location"])
                continue
            if not answer.ok:
                with answer:
                    raise _error_of(answer, "the download")
            return answer
        raise ProtocolError("The file host redirects in circles; try again later.")

    def close(self) -> None:
        self._session.close()

    def _attempts(self, once: Callable[[], Any], *, repeat: bool) -> Any:
        attempts = ATTEMPTS if repeat else 1
        for attempt in range(attempts):
            try:
                return once()
            except _PASSING as error:
                pause_s = _pause_s(error, attempt)
                if attempt + 1 == attempts or pause_s > LONGEST_PAUSE_S:
                    raise
                log.debug("attempt %d failed (%s), next one in %.1f s", attempt + 1, type(error).__name__, pause_s)
                self._sleep(pause_s)
        raise AssertionError("unreachable")

    def _call_once(self, method: str, path: str, query: Mapping[str, Any] | None, body: Any) -> Any:
        credentials = self._credentials
        params = {k: v for k, v in (query or {}).items() if v is not None}
        if credentials.project_id:
            params["projectId"] = credentials.project_id
        started = time.monotonic()
        answer = self._send(
            method,
            credentials.base_url + path,
            params=params,
            data=None if body is None else io.BytesIO(json.dumps(body, allow_nan=False).encode()),
            headers=None if body is None else {"Content-Type": "application/json"},
            auth=(credentials.key, credentials.secret),
        )
        with answer:
            log.debug("%s %s: %d in %.0f ms", method, path, answer.status_code, (time.monotonic() - started) * 1e3)
            if answer.is_redirect:
                raise ProtocolError("The service redirects elsewhere; check the base URL in the settings.")
            if not answer.ok:
                raise _error_of(answer, "the service")
            try:
                return json.loads(answer.content, parse_constant=_refuse_constant)
            except (ValueError, RecursionError) as error:
                raise ProtocolError("The service answered with something that is not JSON; try again later.") from error

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send one request. Bodies are files: bytes would have to leave within the time that connecting may take."""
        try:
            return self._session.request(
                method, url, timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S), allow_redirects=False, **options
            )
        except requests.exceptions.RequestException as error:
            raise _network_error(error, url) from error
        except ValueError as error:  # requests reads a redirect's address even when it is not to go there
            raise ProtocolError(_NO_ADDRESS) from error


def _anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stands where credentials would, so that requests does not take any from a netrc file."""
    return request


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _redirected(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        is_safe = urlsplit(url).scheme != "https" or urlsplit(target).scheme == "https"
    except ValueError as error:
        raise ProtocolError(_NO_ADDRESS) from error
    if not is_safe:
        raise ProtocolError("The file host redirects to an unprotected address; the download was refused.")
    return target


def _network_error(error: requests.exceptions.RequestException, url: str) -> ScenarioError:
    """What a failed exchange means. Only what surely never left this machine is a plain ``NetworkError``."""
    text = str(error)
    if isinstance(error, _INVALID):
        return ProtocolError(_NO_ADDRESS)
    host = urlsplit(url).hostname or "the service"
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in text:
        return NetworkError(
            f"The certificate of {host} is not trusted; behind a company proxy, point REQUESTS_CA_BUNDLE to its "
            "certificate file."
        )
    never_connected = any(sign in text for sign in _NEVER_CONNECTED)
    if isinstance(error, requests.exceptions.ProxyError):
        kind = NetworkError if never_connected else Unanswered
        return kind(f"The proxy did not let the request to {host} through; check HTTPS_PROXY and NO_PROXY.")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NetworkError(f"{host} cannot be reached within {CONNECT_TIMEOUT_S:.0f} s; check the connection.")
    if never_connected:
        return NetworkError(f"{host} cannot be reached; check the connection and the proxy settings.")
    if isinstance(error, requests.exceptions.Timeout):
        return Unanswered(f"{host} did not answer within {READ_TIMEOUT_S:.0f} s.")
    return Unanswered(f"The connection to {host} was lost.")


_BY_STATUS: Final[Mapping[int, type[ApiError]]] = {
    401: AuthError,
    403: Forbidden,
    404: NotFound,
    408: ServerError,
    429: RateLimited,
}
_WITHOUT_REASON: Final[Mapping[type[ApiError], str]] = {
    AuthError: "The API key or secret was refused; check both",
    Forbidden: "This API key may not do that; check the plan and the key's scopes",
    NotFound: "There is no such thing",
    RateLimited: "Too many requests at once; wait a little",
    ServerError: "There is trouble; try again later",
    Rejected: "The request was refused",
}


def _error_of(answer: requests.Response, who: str) -> ApiError:
    """The error that a status and a body (JSON of several shapes, HTML, or nothing) stand for."""
    status = answer.status_code
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else Rejected)
    body = ErrorBody.model_construct()
    try:
        data: Any = json.loads(answer.content)
        body = parse(ErrorBody, data) if isinstance(data, dict) else body
    except (ValueError, RecursionError, requests.exceptions.RequestException, ScenarioError):
        pass  # a gateway's HTML, or cut short: the status says enough
    if kind is AuthError:
        # What the service says here is as bare as "Unauthorized".
        reason = f"{_WITHOUT_REASON[kind]} (HTTP 401)."
    else:
        said = " ".join((body.text or "").split())[:_LONGEST_REASON]
        if said.lower() == responses.get(status, "").lower():  # a name of the status explains nothing
            said = ""
        reason = said or f"{_WITHOUT_REASON[kind]} ({who} answered {status})."
    return kind(
        reason,
        status=status,
        trace_id=body.trace_id or body.trace_id_camel,
        retry_after_s=_sane_s(body.remaining_seconds or _retry_after_s(answer.headers)),
    )


def _sane_s(asked_s: float | None) -> float | None:
    return None if asked_s is None or math.isnan(asked_s) else min(max(0.0, asked_s), LONGEST_WAIT_S)


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """``Retry-After`` in seconds or as a date, the latter against the answer's own clock, not ours."""
    value = headers.get("Retry-After")
    if not value:
        return None
    try:
        return float(value)
    except ValueError:
        pass
    try:
        now = parsedate_to_datetime(headers["Date"]).timestamp() if "Date" in headers else time.time()
        return parsedate_to_datetime(value).timestamp() - now
    except (TypeError, ValueError, OverflowError):
        return None


def _pause_s(error: ScenarioError, attempt: int) -> float:
    asked_s = error.retry_after_s if isinstance(error, ApiError) else None
    return asked_s if asked_s is not None else min(LONGEST_PAUSE_S, 0.5 * 2**attempt) * _jitter()


def _jitter() -> float:
    return random.uniform(0.75, 1.0)
