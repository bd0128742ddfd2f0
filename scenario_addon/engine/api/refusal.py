# SPDX-License-Identifier: GPL-3.0-or-later
"""What a status and a body that say no stand for: the error, with the service's own reason where it has one."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http.client import responses
from typing import Any, Final

from ..errors import (
    ApiError,
    AuthError,
    Forbidden,
    NoCredits,
    NotFound,
    ProtocolError,
    RateLimited,
    Rejected,
    ServerError,
)
from ..net.answer import Answer
from ..net.json_text import read_json
from ..text import sentences
from .wire import ErrorBody, parse

__all__ = ["refusal_of"]

LONGEST_WAIT_S: Final = 3600.0
"""A service that asks for a longer wait is not believed."""
_MOST_BYTES: Final = 64 * 1024
"""Of a body that says no; a reason fits in much less."""

_BY_STATUS: Final[Mapping[int, type[ApiError]]] = {
    401: AuthError,
    402: NoCredits,
    403: Forbidden,
    404: NotFound,
    408: ServerError,
    429: RateLimited,
}
_WITHOUT_REASON: Final[Mapping[type[ApiError], str]] = {
    AuthError: "The API key or secret was refused; check both",
    Forbidden: "This API key may not do that; check the plan and the key's scopes",
    NoCredits: "This has to be paid for",
    NotFound: "There is no such thing",
    RateLimited: "Too many requests at once; wait a little",
    ServerError: "There is trouble; try again later",
    Rejected: "The request was refused",
}
_EMPTY: Final = (
    "The account has no credits left: get more at https://app.scenario.com, then resume; until then nothing is lost."
)
_MAY_MEAN_EMPTY: Final = frozenset({400, 403})

_CREDITS: Final = r"(?:(?:creative|compute) units?|credits?|cus?|(?:account|credit) balance)"
_WORDS: Final = r"(?:[^\s.!?;]+ ){0,4}?"
_LACK: Final = "|".join(
    (
        r"not enough",
        r"\w+n['\u2019]t have enough",
        r"not have enough",
        r"insufficient",
        r"no(?: more)?",
        r"too few",
        r"lack(?:s|ing)?(?: of)?",
        r"out of",
        r"used (?:up )?all",
        r"exceed(?:s|ed|ing)?",
        r"reached",
        r"exhausted",
        r"quota of",
        r"(?:buy|purchase|get|add) more",
        r"(?:buy|purchase|top up|recharge)",
    )
)
_GONE: Final = "|".join(
    (
        r"exhausted",
        r"depleted",
        r"used up",
        r"spent",
        r"exceeded",
        r"empty",
        r"reached",
        r"insufficient",
        r"too low",
        r"not (?:enough|sufficient)",
        r"(?:only |just )?\d+(?:\.\d+)? (?:more )?(?:left|remaining|available)",
    )
)
_SAYS_EMPTY: Final = re.compile(
    rf"\b(?:{_LACK}) {_WORDS}{_CREDITS}\b"
    rf"|\b{_CREDITS} {_WORDS}{_WORDS}(?:{_GONE})\b"
    rf"|\b0 {_CREDITS} (?:left|remaining|available)\b"
    r"|\b(?:insufficient|not enough) (?:balance|funds)\b"
)
_ABOUT_CHARGES: Final = re.compile(rf"\bno {_CREDITS} (?:were|was|have been|has been|are|is|will be) \w+")
"""What else a refusal may say of credits."""
_ABOUT_PLANS: Final = re.compile(r"\brequires? (?:the |a |an )?\w+ plan\b")


def refusal_of(answer: Answer, *, who: str, takes_money: bool) -> ApiError:
    """Read the error that a status and a body (JSON of several shapes, HTML, or nothing) stand for.

    :param who: answered, for people.
    :param takes_money: whether it is the service, which has an account for us.
    """
    status = answer.status_code
    body = _body(answer)
    said = body.text or ""
    if said.lower() == responses.get(status, "").lower():  # a name of the status explains nothing
        said = ""
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else Rejected)
    if kind is NoCredits and not takes_money:
        kind = Rejected
    elif takes_money and status in _MAY_MEAN_EMPTY and _says_empty(said):
        kind = NoCredits
    if kind is AuthError:  # what the service says here is as bare as "Unauthorized"
        said = f"{_WITHOUT_REASON[kind]} (HTTP 401)."
    reason = said or f"{_WITHOUT_REASON[kind]} ({who} answered {status})."
    error = kind(
        sentences(reason, _EMPTY) if kind is NoCredits else reason,
        status=status,
        trace_id=body.trace_id or body.trace_id_camel,
        retry_after_s=_sane_s(body.remaining_seconds or _retry_after_s(answer.headers)),
    )
    if isinstance(error, RateLimited) and (most := body.details.action_limit) is not None and most > 0:
        error.most_at_once = most
    return error


def _says_empty(reason: str) -> bool:
    """Whether a refusal's words are about an account without credits, and not about a plan or another limit."""
    words = re.sub(r"[\s_-]+", " ", reason.lower())
    return bool(_SAYS_EMPTY.search(_ABOUT_CHARGES.sub("", words))) and not _ABOUT_PLANS.search(words)


def _body(answer: Answer) -> ErrorBody:
    try:
        data: Any = read_json(answer.start(_MOST_BYTES))
        return parse(ErrorBody, data)
    except (ValueError, ProtocolError):  # a gateway's HTML, or cut short: the status says enough
        return ErrorBody.model_construct()


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
    except (TypeError, ValueError, OverflowError, IndexError, OSError):  # a date of no calendar
        return None
