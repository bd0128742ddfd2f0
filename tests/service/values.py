# SPDX-License-Identifier: GPL-3.0-or-later
"""The small values both origins speak in: a request, a reply, a refusal, a charge, ids and dates."""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NoReturn

__all__ = ["NO_STATUS", "Charge", "Json", "RefusalError", "Reply", "Request", "iso_date", "new_id", "refuse"]

Json = dict[str, Any]
"""A JSON object."""

NO_STATUS: Final = 0
"""The status of a request that got no answer."""

_ALPHABET: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived. Headers and body stay out of ``repr``: they carry secrets and pictures."""

    origin: str
    """``api`` or ``files``."""
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False, default=b"")
    status: int = NO_STATUS
    """What was answered; ``NO_STATUS`` when nothing was."""

    def json(self) -> Any:
        """The body as JSON; :raises RefusalError: 400 when it is not JSON."""
        try:
            return json.loads(self.body or b"{}")
        except ValueError:
            refuse(400, "Request body is not valid JSON")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: status, body and headers (``Content-Length`` and ``Date`` are added when it is sent)."""

    status: int
    body: bytes = b""
    headers: MappingProxyType[str, str] | dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any, *, status: int = 200) -> Reply:
        """A JSON answer. Decimals become plain JSON numbers."""
        body = json.dumps(value, default=_number).encode()
        return cls(status, body, {"Content-Type": "application/json"})

    @classmethod
    def text(cls, text: str, *, status: int, mime: str = "text/plain") -> Reply:
        """An answer that is not JSON, as gateways and file hosts give."""
        return cls(status, text.encode(), {"Content-Type": mime})


@dataclass(frozen=True, slots=True)
class Charge:
    """One paid submission."""

    job_id: str
    model_id: str
    cost_cu: Decimal
    """With all fees."""


class RefusalError(Exception):
    """An endpoint declines; the reply it carries is the answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body.decode())
        self.reply = reply


def refuse(status: int, reason: str, **details: object) -> NoReturn:
    """Answer with the service's error body. :raises RefusalError: always."""
    body = {"reason": reason, **details, "trace_id": new_id("tr")}
    raise RefusalError(Reply.of(body, status=status))


def new_id(prefix: str) -> str:
    """An id in the service's form: the prefix, an underscore, 24 letters and digits."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(24))


def iso_date(moment: datetime | None = None) -> str:
    """The moment (now when ``None``) as the service writes it: UTC, milliseconds, ``Z``."""
    moment = moment or datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _number(value: object) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no place in an answer")
    return int(value) if value == value.to_integral_value() else float(value)
