# SPDX-License-Identifier: GPL-3.0-or-later
"""What a status and a body that say no stand for: the error, with the service's own reason where it has one."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http.client import responses
from typing import Any, Final

from .errors import (
    ApiError,
    AuthError,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    ScenarioError,
    ServerError,
)
from .transport import Response
from .wire import ErrorBody, parse

__all__ = ["refusal_of"]

LONGEST_WAIT_S: Final = 3600.0
"""A service that asks for a longer wait is not believed."""
_LONGEST_REASON: Final = 500
"""How many characters of an answer's own reason are shown."""

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


def refusal_of(answer: Response, *, who: str) -> ApiError:
    """The error that a status and a body (JSON of several shapes, HTML, or nothing) stand for."""
    status = answer.status_code
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else Rejected)
    body = ErrorBody.model_construct()
    try:
        data: Any = json.loads(answer.content)
        body = parse(ErrorBody, data) if isinstance(data, dict) else body
    except (ValueError, RecursionError, OSError, ScenarioError):
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
