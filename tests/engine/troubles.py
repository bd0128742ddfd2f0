# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, at which step of a job, and how the job has to end then: the table behind test_faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final

from tests.service import Fault

__all__ = ["CELLS", "ELSEWHERE", "UNREACHABLE", "Cell", "End", "Kind", "Step", "Trouble"]

UNREACHABLE: Final = "unreachable"
"""Stands where a fault of the stand-in would: nobody listens at the address."""
ELSEWHERE: Final = "http://elsewhere"
"""Stands for the address of another host."""


class End(Enum):
    """How a run ends. Whatever it is, the next run with a healthy service delivers for one charge in all but LOST."""

    DELIVERED = auto()
    HELD = auto()
    """Given up for now, nothing lost: the same job is carried on by the next run."""
    REFUSED = auto()
    """Failed before anything was charged, or never begun."""
    DAMAGED = auto()
    """Paid for, and what arrived is no mesh: the next run fetches it again for nothing."""
    LOST = auto()
    """Nobody knows whether the service got it. It did not, and only the user may have it submitted again."""
    PATIENT = auto()
    """Waits for as long as the service asks it to; nothing is charged."""


class Kind(Enum):
    """What troubles have in common."""

    HARMLESS = auto()
    PASSING = auto()
    """Another attempt may not meet it."""
    FULL = auto()
    """Not now: the service says when."""
    FINAL = auto()
    """Asking again gives the same answer."""
    KEY = auto()
    EMPTY = auto()
    """The account has nothing left. A file host knows nothing of accounts."""


@dataclass(frozen=True)
class Trouble:
    name: str
    kind: Kind
    fault: Fault | str
    options: Mapping[str, Any] = field(default_factory=dict)
    works: bool = False
    """Whether the service does what it is asked all the same."""
    is_nonsense: bool = False
    """Whether an answer comes that says it went well, but is not what it should be."""
    is_slow: bool = False
    """Whether nothing but a deadline ends it."""
    at: tuple[str, ...] = ()
    """The steps that can meet it; all of them if empty."""


@dataclass(frozen=True)
class Step:
    """One request of a job; ``after`` so many others that look the same."""

    name: str
    method: str
    path: str
    after: int = 0
    is_large: bool = False
    """Whether it takes a picture that is sent in parts."""
    first: tuple[str, str, Fault, int, Mapping[str, Any]] | None = None
    """Method, path, fault, ``after`` and options of the trouble that leads to this step in the first place."""
    is_paid: bool = False
    is_at_host: bool = False
    """Whether it goes to the file host, which knows no keys."""


@dataclass(frozen=True)
class Cell:
    """A trouble at a step, once or for as long as the run lasts."""

    step: Step
    trouble: Trouble
    lasts: bool

    def __str__(self) -> str:
        return f"{self.step.name}-{self.trouble.name}-{'lasting' if self.lasts else 'once'}"

    @property
    def end(self) -> End:
        """How a run has to end that meets this."""
        if exception := _EXCEPTIONS.get((self.step.name, self.trouble.name)):
            return exception[self.lasts]
        if self.step.name == "submit":
            return self._submission
        trouble, passes = self.trouble, not self.lasts
        if self.step.name == "model":  # what is known of the model has to do
            return End.REFUSED if trouble.kind in (Kind.FINAL, Kind.KEY, Kind.EMPTY) else End.DELIVERED
        if self.step.name == "refresh" and self.lasts:  # and so does what led to it
            return End.HELD
        if self.step.name == "results":  # there is another door
            return End.HELD if trouble.kind is Kind.KEY else End.DELIVERED
        if trouble.kind is Kind.HARMLESS:
            return End.DELIVERED
        if self.step.is_at_host and trouble.is_nonsense:
            return End.DAMAGED if self.step.is_paid else End.DELIVERED
        if trouble.kind is Kind.FINAL or (trouble.kind is Kind.EMPTY and self.step.is_at_host):
            return End.HELD if self.step.is_paid else End.REFUSED
        if trouble.kind is Kind.EMPTY:
            return End.HELD
        return End.DELIVERED if passes and trouble.kind is not Kind.KEY else End.HELD

    @property
    def _submission(self) -> End:
        """The request that costs: never repeated unless it surely started nothing."""
        match self.trouble.kind:
            case Kind.FULL:
                return End.PATIENT if self.lasts else End.DELIVERED
            case Kind.FINAL:
                return End.REFUSED
            case Kind.KEY | Kind.EMPTY:
                return End.HELD
            case Kind.HARMLESS:
                return End.DELIVERED
        if self.trouble.fault == UNREACHABLE:
            return End.HELD if self.lasts else End.DELIVERED
        return End.DELIVERED if self.trouble.works else End.LOST


def _answer(
    status: int,
    kind: Kind,
    body: Any = "",
    *,
    name: str = "",
    works: bool = False,
    at: tuple[str, ...] = (),
    **headers: str,
) -> Trouble:
    spelled = {header.replace("_", "-"): value for header, value in headers.items()}
    options = {"status": status, "body": body, "headers": spelled, "work": works}
    return Trouble(name or str(status), kind, Fault.STATUS, options, works=works, at=at)


_DRIP_BYTES_PER_S: Final = 50_000
_TRICKLE_BYTES_PER_S: Final = 50
"""No answer is through within a test's deadline."""
_BLANK_BYTES: Final = 2_000_000
"""More than a test's limit."""
_TROUBLES: Final = (
    Trouble("unreachable", Kind.PASSING, UNREACHABLE),
    Trouble("dropped", Kind.PASSING, Fault.REFUSED),
    Trouble("reset", Kind.PASSING, Fault.RESET),
    Trouble("lost answer", Kind.PASSING, Fault.LOST_ANSWER, works=True),
    Trouble("silent", Kind.PASSING, Fault.TIMEOUT, {"seconds": 5.0}, is_slow=True),
    Trouble("drip", Kind.HARMLESS, Fault.DRIP, {"bytes_per_s": _DRIP_BYTES_PER_S}, works=True),
    Trouble("trickle", Kind.PASSING, Fault.DRIP, {"bytes_per_s": _TRICKLE_BYTES_PER_S}, works=True, is_slow=True),
    Trouble(
        "trickling headers",
        Kind.PASSING,
        Fault.HEADER_DRIP,
        {"bytes_per_s": _TRICKLE_BYTES_PER_S},
        works=True,
        is_slow=True,
    ),
    Trouble("endless", Kind.PASSING, Fault.ENDLESS, works=True, is_nonsense=True),
    Trouble("gzip bomb", Kind.PASSING, Fault.GZIP_BOMB, {"bytes": _BLANK_BYTES}, works=True, is_nonsense=True),
    Trouble("clock skew", Kind.HARMLESS, Fault.CLOCK_SKEW, {"hours": -30}, works=True),
    Trouble("garbage", Kind.PASSING, Fault.GARBAGE, works=True, is_nonsense=True),
    Trouble("truncated", Kind.PASSING, Fault.TRUNCATED, works=True),
    Trouble("wrong types", Kind.PASSING, Fault.WRONG_TYPES, works=True),
    Trouble("missing fields", Kind.PASSING, Fault.MISSING, works=True, is_nonsense=True),
    Trouble("redirect", Kind.PASSING, Fault.REDIRECT, {"to": ELSEWHERE}),
    _answer(400, Kind.FINAL, {"reason": "Parameter image is not valid"}),
    _answer(401, Kind.KEY, {"message": "Unauthorized"}),
    _answer(402, Kind.EMPTY, {"reason": "Not enough creative units"}),
    _answer(403, Kind.FINAL, {"message": "Forbidden"}),
    _answer(404, Kind.FINAL, {"reason": "Not found"}),
    _answer(408, Kind.PASSING),
    _answer(409, Kind.FINAL, {"error": "Conflict"}),
    _answer(413, Kind.FINAL, "<html>413 Request Entity Too Large</html>"),
    _answer(429, Kind.FULL, name="429 for seconds", Retry_After="120"),
    _answer(
        429,
        Kind.FULL,
        name="429 until a date",  # by a clock that is years off
        Date="Fri, 01 Jan 2021 00:00:00 GMT",
        Retry_After="Fri, 01 Jan 2021 00:02:00 GMT",
    ),
    _answer(429, Kind.FULL, {"reason": "The cooldown is not over", "remainingSeconds": 120}, name="429 with a rest"),
    _answer(500, Kind.PASSING, {"message": "Internal server error"}),
    _answer(500, Kind.PASSING, name="500 after all", works=True),
    _answer(502, Kind.PASSING, "<html><h1>502 Bad Gateway</h1></html>"),
    _answer(503, Kind.PASSING),
    _answer(200, Kind.PASSING, {"assets": []}, name="partial", works=True, at=("results",)),
    _answer(200, Kind.PASSING, {"jobs": []}, name="not listed", works=True, at=("look",)),
)

_LOST_SUBMISSION: Final = ("POST", "/generate/", Fault.LOST_ANSWER, 1, {})
_CUT_DOWNLOAD: Final = ("GET", "^/assets/", Fault.TRUNCATED, 0, {})
_EXPIRED: Final = ("GET", "^/assets/", Fault.STATUS, 0, {"status": 403, "body": "<Error/>"})
_STEPS: Final = (
    Step("model", "GET", "/v1/models/"),
    Step("price", "POST", "/generate/"),
    Step("upload", "POST", "/v1/assets$"),
    Step("upload in parts", "POST", "/v1/uploads$", is_large=True),
    Step("part", "PUT", "^/uploads/", is_large=True, is_at_host=True),
    Step("complete", "POST", "/v1/uploads/[^/]+/action", is_large=True),
    Step("taken in", "GET", "/v1/uploads/", is_large=True),
    Step("submit", "POST", "/generate/", after=1),
    Step("look", "GET", "/v1/jobs$", first=_LOST_SUBMISSION, is_paid=True),
    Step("poll", "GET", "/v1/jobs/", is_paid=True),
    Step("results", "POST", "/v1/assets/get-bulk", is_paid=True),
    Step("download", "GET", "^/assets/", is_paid=True, is_at_host=True),
    Step("rest of the download", "GET", "^/assets/", first=_CUT_DOWNLOAD, is_paid=True, is_at_host=True),
    Step("refresh", "GET", "/v1/assets/", first=_EXPIRED, is_paid=True),
)

_EXCEPTIONS: Final[Mapping[tuple[str, str], tuple[End, End]]] = {
    # A price that the service will not tell before it has seen the picture is asked for again.
    ("price", "400"): (End.DELIVERED, End.REFUSED),
    # An answer without a price is one that costs nobody knows what; what follows meets the trouble as a submission.
    ("price", "missing fields"): (End.DELIVERED, End.DELIVERED),
    ("price", "wrong types"): (End.DELIVERED, End.DELIVERED),
    # What matters of the answer to this is that it came.
    ("complete", "missing fields"): (End.DELIVERED, End.DELIVERED),
    ("complete", "wrong types"): (End.DELIVERED, End.DELIVERED),
    # The answer to a part is empty: there is nothing to cut or to hold back.
    ("part", "truncated"): (End.DELIVERED, End.DELIVERED),
    ("part", "trickle"): (End.DELIVERED, End.DELIVERED),
    # Of what is packed no part can be asked for: it is downloaded from the start.
    ("rest of the download", "gzip bomb"): (End.DELIVERED, End.DAMAGED),
    # Signed addresses expire: a new one is asked for.
    **{
        (step, refusal): (End.DELIVERED, End.HELD)
        for step in ("part", "download", "rest of the download")
        for refusal in ("401", "403", "404")
    },
    **{(step, "400"): (End.DELIVERED, End.HELD) for step in ("download", "rest of the download")},
}
"""Ends that no rule gives: of a trouble that passes, and of one that lasts."""


def _cells() -> tuple[Cell, ...]:
    return tuple(
        Cell(step, trouble, lasts)
        for step in _STEPS
        for trouble in _TROUBLES
        for lasts in (False, True)
        if not (step.is_at_host and trouble.fault is Fault.WRONG_TYPES)  # no JSON, no types
        if not trouble.at or step.name in trouble.at
    )


CELLS: Final = _cells()
