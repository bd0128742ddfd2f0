# SPDX-License-Identifier: GPL-3.0-or-later
"""A job: one order on its way to a mesh, as a frozen record with one state.

Every move is made with :meth:`Job.moved`, which knows the table of legal moves, and is written to the ledger before
the step that follows it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from .errors import GenerationFailed, ScenarioError
from .values import AssetId, JobId, ModelFile, Order, RemoteJobId

__all__ = ["MOVES", "SETTLED", "WORDS", "Job", "State", "new_job"]


class State(StrEnum):
    NEW = "new"
    UPLOADED = "uploaded"
    SUBMITTING = "submitting"
    UNCERTAIN = "uncertain"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DOWNLOADED = "downloaded"
    READY = "ready"
    IMPORTED = "imported"
    FAILED = "failed"
    CANCELLED = "cancelled"


WORDS: Final[Mapping[State, str]] = {
    State.NEW: "waiting to start",
    State.UPLOADED: "picture sent",
    State.SUBMITTING: "being submitted",
    State.UNCERTAIN: "submitted, but the answer was lost: looking for the job",
    State.RUNNING: "being made",
    State.SUCCEEDED: "finished, waiting for the download",
    State.DOWNLOADED: "downloaded",
    State.READY: "done",
    State.IMPORTED: "in the scene",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled here",
}
"""Each state for people."""

SETTLED: Final = frozenset({State.IMPORTED, State.FAILED, State.CANCELLED})
"""States that nothing follows by itself."""

MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.NEW: frozenset({State.NEW, State.UPLOADED, State.FAILED, State.CANCELLED}),
    State.UPLOADED: frozenset({State.UPLOADED, State.SUBMITTING, State.FAILED, State.CANCELLED}),
    # 429 says that nothing was started: back to UPLOADED. No answer says nothing: UNCERTAIN.
    # Cancelled: before the request, which always leads on from here.
    State.SUBMITTING: frozenset({State.RUNNING, State.UPLOADED, State.UNCERTAIN, State.FAILED, State.CANCELLED}),
    # Only the user may send an uncertain job back to UPLOADED: it can cost a second time.
    State.UNCERTAIN: frozenset({State.UNCERTAIN, State.RUNNING, State.UPLOADED, State.CANCELLED}),
    State.RUNNING: frozenset({State.RUNNING, State.SUCCEEDED, State.FAILED, State.CANCELLED}),
    State.SUCCEEDED: frozenset({State.SUCCEEDED, State.DOWNLOADED, State.FAILED, State.CANCELLED}),
    State.DOWNLOADED: frozenset({State.READY, State.CANCELLED}),
    State.READY: frozenset({State.READY, State.IMPORTED, State.SUCCEEDED, State.CANCELLED}),
    State.IMPORTED: frozenset({State.READY, State.SUCCEEDED}),
    State.FAILED: frozenset({State.RUNNING, State.SUCCEEDED}),
    State.CANCELLED: frozenset({State.RUNNING, State.SUCCEEDED, State.READY}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    id: JobId
    order: Order
    scope: str
    """The project it runs in, see :attr:`Credentials.scope`."""
    created_at: float
    """Seconds since the epoch, as all times here."""
    state: State = State.NEW
    quote_cu: Decimal | None = None
    is_priced: bool = False
    """Whether the price was asked for; it can stay unknown all the same."""
    max_cost_cu: Decimal | None = None
    """More than this is not spent on it."""
    assets: Mapping[str, AssetId] = field(default_factory=dict[str, AssetId])
    """The uploaded pictures, by sha256."""
    submitted_at: float | None = None
    remote_id: RemoteJobId | None = None
    remote_word: str | None = None
    progress: float | None = None
    """0 to 1; ``None`` for unknown."""
    billed_cu: Decimal | None = None
    """What the service charged, or will have charged when it ends well."""
    result_ids: tuple[AssetId, ...] = ()
    file: ModelFile | None = None
    blend: Path | None = None
    """The .blend that was made of it."""
    other_files: tuple[str, ...] = ()
    """The other formats that the service has of it, as file suffixes."""
    finished_at: float | None = None
    error: str | None = None
    error_kind: str | None = None
    """The error's class, by name, see :mod:`.errors`."""
    hint: str | None = None
    failures: int = 0
    """Failed attempts in a row at the step to come."""
    wait_s: float | None = 0.0
    """How long until the next step, in seconds; ``None``: not without the user."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing follows by itself: it ended, or its file is all that was asked for."""
        return self.state in SETTLED or (self.state is State.READY and not self.order.is_for_scene)

    @property
    def is_held(self) -> bool:
        """Whether it waits for the user."""
        return self.wait_s is None and not self.is_settled

    @property
    def is_paid(self) -> bool:
        """Whether the service may have charged for it."""
        return self.remote_id is not None or self.state in (State.SUBMITTING, State.UNCERTAIN)

    def moved(self, state: State, **changes: Any) -> Job:
        """The job after a step that went well: failures are forgotten, the next step is due at once.

        :raises ValueError: not a legal move.
        """
        if state not in MOVES[self.state]:
            raise ValueError(f"a job cannot go from {self.state} to {state}")
        fresh: dict[str, Any] = {
            "error": None,
            "error_kind": None,
            "hint": None,
            "failures": 0,
            "wait_s": 0.0,
        }
        return replace(self, state=state, **{**fresh, **changes})

    def failed(self, error: ScenarioError, **changes: Any) -> Job:
        """The job after a step that can never work out."""
        hint = error.hint if isinstance(error, GenerationFailed) else None
        told = {"error": error.user_message, "error_kind": type(error).__name__, "hint": hint}
        return self.moved(State.FAILED, finished_at=time.time(), **{**told, **changes})

    def delayed(self, error: ScenarioError, *, wait_s: float | None) -> Job:
        """The job after a step that did not work out: same state, another try later, or ``None``: when told to."""
        return replace(
            self,
            error=error.user_message,
            error_kind=type(error).__name__,
            failures=self.failures + 1,
            wait_s=wait_s,
        )

    def remaining_s(self, now: float) -> float | None:
        """How long it will probably take, in seconds; ``None`` when nobody can tell."""
        if self.state is not State.RUNNING or self.submitted_at is None:
            return None
        elapsed_s = max(0.0, now - self.submitted_at)
        expected_s = self.order.expected_s
        if self.progress and self.progress >= 0.05:
            by_progress_s = elapsed_s / self.progress - elapsed_s
            if expected_s is None:
                return by_progress_s
            # The service's own progress is trusted more the further it has come.
            by_habit_s = max(0.0, expected_s - elapsed_s)
            return self.progress * by_progress_s + (1 - self.progress) * by_habit_s
        return expected_s - elapsed_s if expected_s is not None and expected_s > elapsed_s else None


def new_job(order: Order, *, scope: str, max_cost_cu: Decimal | None = None) -> Job:
    return Job(id=JobId(uuid.uuid4().hex), order=order, scope=scope, created_at=time.time(), max_cost_cu=max_cost_cu)
