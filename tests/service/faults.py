# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong on the way: the kinds of fault, when one strikes, and what it makes of an answer."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum, auto
from typing import Any

from .values import Reply, Request

__all__ = ["Delivery", "Fault", "Rule", "deliver"]


class Fault(Enum):
    """Kinds of fault; the options of :meth:`Service.fail` stand behind each."""

    REFUSED = auto()
    """Drops the connection before the body is read."""
    RESET = auto()
    """Reads the request, does nothing, resets the connection."""
    LOST_ANSWER = auto()
    """Does the work, closes without an answer. ``seconds``: how long it holds on before (0)."""
    TIMEOUT = auto()
    """Does nothing, holds the connection open for ``seconds`` (60), then closes it."""
    STATUS = auto()
    """Answers ``status`` (500) with ``body`` and ``headers``. ``work=True``: does the work all the same."""
    GARBAGE = auto()
    """Does the work, answers 200 with a body that is not JSON."""
    TRUNCATED = auto()
    """Does the work, announces the full length, sends only ``bytes`` (half) of the body and closes."""
    WRONG_TYPES = auto()
    """Does the work, answers its JSON with every value of another type."""
    MISSING = auto()
    """Does the work, answers ``{}``."""
    DRIP = auto()
    """Does the work, sends the body at ``bytes_per_s`` (1000)."""
    HEADER_DRIP = auto()
    """Does the work, sends the status line and the headers at ``bytes_per_s`` (10), then the body."""
    ENDLESS = auto()
    """Does the work, sends the body again and again, chunked, for as long as anybody listens."""
    GZIP_BOMB = auto()
    """Does the work, sends the body followed by ``bytes`` (100 million) of blanks, packed to a thousandth of that."""
    REDIRECT = auto()
    """Answers 302 to ``to`` (the same address)."""
    IGNORE_RANGE = auto()
    """Answers a Range request with 200 and the whole file."""
    CLOCK_SKEW = auto()
    """Does the work; the Date header is off by ``hours`` (5)."""


@dataclass
class Rule:
    """A fault waiting for its requests. Used under the lock of :class:`Traffic`."""

    method: str
    pattern: re.Pattern[str]
    fault: Fault
    times: int | None
    """How often it still strikes; ``None``: for ever."""
    after: int
    """How many matching requests pass first."""
    options: dict[str, Any] = field(default_factory=dict)

    def strikes(self, *, method: str, path: str) -> bool:
        """Whether this request is hit; counts it."""
        if method != self.method or not self.pattern.search(path) or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer goes out."""

    reply: Reply | None = None
    """``None``: no answer at all."""
    hold_s: float = 0.0
    """Wait before answering or closing."""
    cut_at_bytes: int | None = None
    """Close after so much of the body."""
    bytes_per_s: float | None = None
    head_bytes_per_s: float | None = None
    is_endless: bool = False
    """Send the body again and again."""
    reset: bool = False
    """Close with a TCP reset."""


def deliver(rule: Rule | None, request: Request, *, answer: Callable[[Request], Reply]) -> Delivery:
    """Do what the request asks (or not) and say how its answer goes out.

    :param rule: the fault that strikes, ``None`` for a request that goes well.
    :param answer: does the work.
    """
    if rule is None:
        return Delivery(answer(request))
    options = rule.options
    match rule.fault:
        case Fault.REFUSED | Fault.RESET:
            return Delivery(reset=True)
        case Fault.TIMEOUT:
            return Delivery(hold_s=options.get("seconds", 60.0))
        case Fault.STATUS:
            if options.get("work"):
                answer(request)
            return Delivery(_status(options))
        case Fault.REDIRECT:
            return Delivery(Reply(302, headers={"Location": options.get("to") or _own_address(request)}))
        case Fault.IGNORE_RANGE:
            headers = {name: value for name, value in request.headers.items() if name != "range"}
            return Delivery(answer(replace(request, headers=headers)))
    return _spoil(rule.fault, answer(request), options=options)


def _spoil(fault: Fault, reply: Reply, *, options: dict[str, Any]) -> Delivery:
    match fault:
        case Fault.LOST_ANSWER:
            return Delivery(hold_s=options.get("seconds", 0.0))
        case Fault.GARBAGE:
            page = "<html><body>Please log in</body></html>"
            return Delivery(Reply.text(page, status=200, mime="text/html"))
        case Fault.TRUNCATED:
            return Delivery(reply, cut_at_bytes=options.get("bytes", len(reply.body) // 2))
        case Fault.WRONG_TYPES:
            return Delivery(Reply.of(_twisted(json.loads(reply.body)), status=reply.status))
        case Fault.MISSING:
            return Delivery(Reply.of({}, status=reply.status))
        case Fault.DRIP:
            return Delivery(reply, bytes_per_s=options.get("bytes_per_s", 1000.0))
        case Fault.HEADER_DRIP:
            return Delivery(reply, head_bytes_per_s=options.get("bytes_per_s", 10.0))
        case Fault.ENDLESS:
            return Delivery(reply, is_endless=True)
        case Fault.GZIP_BOMB:
            packed = _bomb(reply.body, blank_bytes=options.get("bytes", 100_000_000))
            return Delivery(replace(reply, body=packed, headers={**reply.headers, "Content-Encoding": "gzip"}))
        case Fault.CLOCK_SKEW:
            moment = datetime.now(UTC) + timedelta(hours=options.get("hours", 5))
            headers = {**reply.headers, "Date": format_datetime(moment, usegmt=True)}
            return Delivery(replace(reply, headers=headers))
    raise ValueError(f"no such fault: {fault}")


def _bomb(body: bytes, *, blank_bytes: int) -> bytes:
    packer = zlib.compressobj(level=1, wbits=zlib.MAX_WBITS | 16)
    block = b" " * 1_000_000
    parts = [packer.compress(body)]
    parts += [packer.compress(block[: blank_bytes - start]) for start in range(0, blank_bytes, len(block))]
    return b"".join([*parts, packer.flush()])


def _status(options: dict[str, Any]) -> Reply:
    status, body = options.get("status", 500), options.get("body", {"message": "Internal server error"})
    if isinstance(body, str):
        mime = "text/html" if body.lstrip().startswith("<") else "text/plain"
        reply = Reply.text(body, status=status, mime=mime)
    else:
        reply = Reply.of(body, status=status)
    return replace(reply, headers={**reply.headers, **options.get("headers", {})})


def _own_address(request: Request) -> str:
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    return f"http://{request.headers['host']}{request.path}" + (f"?{query}" if query else "")


def _twisted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _twisted(member) for name, member in value.items()}
    if isinstance(value, list):
        return {str(index): _twisted(member) for index, member in enumerate(value)}
    return 7 if isinstance(value, str) else "seven"
