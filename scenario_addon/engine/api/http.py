# SPDX-License-Identifier: GPL-3.0-or-later
"""One ``requests`` session and the rules of using it: who gets the credentials, what is repeated, what is too much.

Credentials go to the API's own origin and nowhere else: redirects of the API are refused, and file hosts are asked
without them. An answer of the API is bounded in size, and in time from the request's last byte to its own; a file is
bounded in neither, for whoever takes it in has to look at that. Any thread but Blender's main one.
"""

from __future__ import annotations

import io
import json
import logging
import random
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from ..errors import (
    ApiError,
    ConfigError,
    NetworkError,
    ProtocolError,
    RateLimited,
    ScenarioError,
    ServerError,
    Unanswered,
)
from ..net.answer import Answer
from ..net.failure import LOGIN_WANTED, NO_ADDRESS, LoginRefused, failure_of, proxy_refusal
from ..net.json_text import read_json
from ..net.packing import PACKINGS
from ..net.proxies import Way
from ..net.transport import LOGIN_HEADER, LOST, Exchange, Session
from ..text import clean
from ..values import Credentials, Network
from .refusal import refusal_of

__all__ = ["Http"]

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 60.0
"""How long a transfer may stall."""
ANSWER_TIMEOUT_S: Final = 30.0
"""How long a whole answer may take; of a file, its headers."""
MOST_ANSWER_BYTES: Final = 16_000_000
"""Of an answer of the API, unpacked."""
ATTEMPTS: Final = 3
"""Of a request that may be repeated; what lasts longer is for the caller to wait out."""
LONGEST_PAUSE_S: Final = 8.0
_DRAIN_BYTES_PER_S: Final = 100_000
"""What is sent may still be in this system when it counts as sent: a slow line gets the time to let it out."""
REFUSED_LOGIN_S: Final = 600.0
"""How long a proxy that has refused a password is not sent it again: many lock an account after a few tries."""
_MAX_REDIRECTS: Final = 5
_PASSING: Final = (NetworkError, ServerError, RateLimited)
"""Errors that another attempt may not meet."""


class Http:
    """Talks to the API's origin with credentials, to file hosts without.

    :param network: what the user says of the way out, for where the environment says nothing.
    :param sleep: how to pause between attempts, in seconds.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        user_agent: str,
        network: Network = Network(),  # noqa: B008 - it is frozen
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._credentials = credentials
        self._sleep = sleep
        self.clock_lead_s: float | None = None
        """How far this computer's clock was ahead of the service's at its last answer; ``None``: not known."""
        self._session = Session(network)
        self._refused: tuple[Way, float, str] | None = None
        """Who last refused a password, until when that is believed, and what to say of it."""
        self._session.headers.update({"User-Agent": user_agent, "Accept-Encoding": ", ".join(PACKINGS)})

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        repeat: bool = True,
    ) -> Any:
        """Make one API call; gives the answer's JSON.

        :param repeat: whether asking again is harmless. Never for what is paid for.
        :raises NetworkError: no whole answer; :class:`Unanswered` when the request may have got through.
        :raises ApiError: the service said no.
        :raises ProtocolError: the answer is not JSON, too large, or a redirect.
        """
        return self._attempts(lambda: self._call_once(method, path, query, body), repeat=repeat)

    def put_file(self, url: str, data: bytes) -> None:
        """Hand bytes to a signed address, exactly as it was given, without credentials.

        :raises ProtocolError: the address is none to send a file to, or the file host redirects; the bytes are not
            sent anywhere else.
        """
        self._check_address(url, "The file host's address is unprotected; the upload was refused.")

        def once() -> None:
            with self._send("PUT", url, data=data, auth=_anonymous) as answer:
                if answer.is_redirect:
                    raise ProtocolError("The file host redirects the upload; try again later.")
                if not answer.is_ok:
                    raise refusal_of(answer, who="the upload", takes_money=False)
                answer.start(1)  # to its end, so that the connection can be used again

        self._attempts(once, repeat=True)

    def open_file(self, url: str, *, offset_bytes: int = 0, length_bytes: int | None = None) -> Answer:
        """Start a download without credentials; redirects are followed, but never from https to http.

        :return: an open answer, for the caller to read and close; status 206 when the offset was honoured.
        :raises ProtocolError: an address that is none, or an unprotected one where the API's is protected.
        """
        self._check_address(url, "The file host's address is unprotected; the download was refused.")
        headers = {"Accept-Encoding": "identity"}
        if offset_bytes or length_bytes:
            end = offset_bytes + length_bytes - 1 if length_bytes else ""
            headers["Range"] = f"bytes={offset_bytes}-{end}"
        for _ in range(_MAX_REDIRECTS):
            answer = self._send("GET", url, headers=headers, auth=_anonymous, stall_s=READ_TIMEOUT_S)
            if answer.is_redirect:
                with answer:
                    url = _redirected(url, answer.headers["Location"])
                continue
            if not answer.is_ok:
                with answer:
                    raise refusal_of(answer, who="the download", takes_money=False)
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
            data=None if body is None else json.dumps(body, allow_nan=False).encode(),
            headers=None if body is None else {"Content-Type": "application/json"},
            auth=(credentials.key, credentials.secret),
        )
        with answer:
            self.clock_lead_s = _lead_s(answer.headers.get("Date"))
            log.debug("%s %s: %d in %.0f ms", method, path, answer.status_code, (time.monotonic() - started) * 1e3)
            if answer.is_redirect:
                raise ProtocolError("The service redirects elsewhere; check the base URL in the settings.")
            if not answer.is_ok:
                raise refusal_of(answer, who="the service", takes_money=True)
            try:
                return read_json(answer.content)
            except NetworkError as error:
                raise Unanswered(error.user_message) from error
            except ValueError as error:
                raise ProtocolError("The service answered with something that is not JSON; try again later.") from error

    def _send(
        self, method: str, url: str, *, data: bytes | None = None, stall_s: float | None = None, **options: Any
    ) -> Answer:
        """Send one request and take in the headers of its answer.

        :param stall_s: how long each piece of the body may take; ``None``: all of it has to come in time.
        """
        host = clean(_host(url), longest=100)
        way = self._way_to(url)
        with Exchange(ANSWER_TIMEOUT_S + len(data or b"") / _DRAIN_BYTES_PER_S) as exchange:
            try:
                response = self._session.request(
                    method,
                    url,
                    # A file, because bytes would have to leave within the time that connecting may take.
                    data=None if data is None else io.BytesIO(data),
                    timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                    allow_redirects=False,
                    proxies=way.by_scheme,
                    stream=True,
                    **options,
                )
            except LOST as error:
                # Without a name of its own: an error that its own frame holds keeps the socket open for a while.
                raise self._noted(
                    failure_of(error, exchange, way, host=host, connect_s=CONNECT_TIMEOUT_S, read_s=READ_TIMEOUT_S), way
                ) from error
            except ValueError as error:  # what requests itself does not see in an address
                raise ProtocolError(NO_ADDRESS) from error
        if response.status_code == LOGIN_WANTED and way.proxy and not url.lower().startswith("https:"):
            response.close()  # the proxy's own answer: the request got no further
            login = response.headers.get(LOGIN_HEADER, "")
            raise self._noted(proxy_refusal(LOGIN_WANTED, login, way, host=host), way)
        return Answer(response, exchange, host=host, most_bytes=MOST_ANSWER_BYTES, stall_s=stall_s)

    def _way_to(self, url: str) -> Way:
        """Find the way to an address.

        :raises NetworkError: there is none, or the proxy on it has just refused the password.
        :raises ProtocolError: the address is none.
        """
        try:
            way = self._session.way_to(url)
        except ConfigError as error:  # nothing was sent
            raise NetworkError(error.user_message) from error
        except ValueError as error:
            raise ProtocolError(NO_ADDRESS) from error
        if self._refused is not None and self._refused[0] == way and time.monotonic() < self._refused[1]:
            raise NetworkError(self._refused[2])
        return way

    def _noted(self, failure: ScenarioError, way: Way) -> ScenarioError:
        """Remember a password that was refused; gives what to raise, of a kind that everybody knows."""
        if not isinstance(failure, LoginRefused):
            return failure
        self._refused = way, time.monotonic() + REFUSED_LOGIN_S, failure.user_message
        return NetworkError(failure.user_message)

    def _check_address(self, url: str, complaint: str) -> None:
        """Hold a first address to what holds for a redirect's.

        :raises ProtocolError: it is none, or unprotected where the API's is protected.
        """
        _check_step(self._credentials.base_url, url, complaint)


def _anonymous(request: Any) -> Any:
    """Stands where credentials would, so that requests does not take any from a netrc file."""
    return request


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "the service"
    except ValueError:
        return "the service"


def _lead_s(date: str | None) -> float | None:
    """Compare this computer's clock with a header's."""
    try:
        return time.time() - parsedate_to_datetime(date or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _redirected(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
    except ValueError as error:
        raise ProtocolError(NO_ADDRESS) from error
    _check_step(url, target, "The file host redirects to an unprotected address; the download was refused.")
    return target


def _check_step(url: str, target: str, complaint: str) -> None:
    """Check where a redirect leads.

    :raises ProtocolError: out of the web's two schemes, or from the protected one to the other.
    """
    try:
        before, after = urlsplit(url).scheme.lower(), urlsplit(target).scheme.lower()
    except ValueError as error:
        raise ProtocolError(NO_ADDRESS) from error
    if after not in ("http", "https"):
        raise ProtocolError(NO_ADDRESS)
    if before == "https" and after != "https":
        raise ProtocolError(complaint)


def _pause_s(error: ScenarioError, attempt: int) -> float:
    asked_s = error.retry_after_s if isinstance(error, ApiError) else None
    return asked_s if asked_s is not None else min(LONGEST_PAUSE_S, 0.5 * 2**attempt) * _jitter()


def _jitter() -> float:
    return random.uniform(0.75, 1.0)
