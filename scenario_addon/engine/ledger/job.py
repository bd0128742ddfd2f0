# SPDX-License-Identifier: GPL-3.0-or-later
"""A job: one order on its way to a mesh, as a frozen record with one state.

Every move is made with :meth:`Job.moved`, which knows the table of legal moves, and is written to the ledger before
the step that follows it.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from ..errors import GenerationFailed, ScenarioError
from ..values import AssetId, JobId, MeshFile, Order, RemoteJobId

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
    State.UPLOADED: "ready to be ordered",
    State.SUBMITTING: "being ordered",
    State.UNCERTAIN: "ordered, no answer yet: do not order again",
    State.RUNNING: "being made",
    State.SUCCEEDED: "made, not downloaded yet",
    State.DOWNLOADED: "downloaded",
    State.READY: "done",
    State.IMPORTED: "in the scene",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
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

_CREDIBLE_S: Final = 24 * 3600.0


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
    quoted_at: float | None = None
    """When the price was asked for; ``None``: it has to be, also anew. It can stay unknown all the same."""
    max_cost_cu: Decimal | None = None
    """More than this is not spent on it."""
    assets: Mapping[str, AssetId] = field(default_factory=dict[str, AssetId])
    """The uploaded pictures, by sha256."""
    attempt: int = 1
    """Counts submissions: another one is made only when the user says so."""
    submitted_at: float | None = None
    """When it was, or may have been, ordered; ``None`` while it surely was not."""
    remote_id: RemoteJobId | None = None
    remote_word: str | None = None
    progress: float | None = None
    """0 to 1; ``None`` for unknown."""
    billed_cu: Decimal | None = None
    """What the service charged, or will have charged when it ends well."""
    result_ids: tuple[AssetId, ...] = ()
    file: MeshFile | None = None
    blend: Path | None = None
    """The .blend that was made of it."""
    other_files: tuple[str, ...] = ()
    """The other formats that the service has of it, as file suffixes."""
    refused_ids: tuple[AssetId, ...] = ()
    """Those of its files that Blender could not read, though they looked good."""
    kept: Path | None = None
    """The best of what arrived when nothing of it could be used."""
    finished_at: float | None = None
    error: str | None = None
    error_kind: str | None = None
    """The error's class, by name, see :mod:`.errors`."""
    hint: str | None = None
    notice: str | None = None
    """What the user has to know of it besides, such as a price that has risen."""
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

    @property
    def is_in_doubt(self) -> bool:
        """Whether it may have been ordered, and nobody knows."""
        return self.submitted_at is not None and self.remote_id is None

    @property
    def was_ordered(self) -> bool:
        """Whether it was ordered, or may have been."""
        return self.is_paid or self.is_in_doubt

    @property
    def file_here(self) -> MeshFile | None:
        """Its file, if that is still where it was put. Looks at the disk."""
        return self.file if self.file is not None and self.file.path.exists() else None

    @property
    def counted_cu(self) -> Decimal:
        """What its present attempt has cost, or may cost for all that is known."""
        if self.billed_cu is not None:
            return self.billed_cu
        return self.quote_cu if self.is_paid and self.quote_cu is not None else Decimal(0)

    @property
    def input_digest(self) -> str:
        """Names exactly what the service is asked for; the same for two jobs that it could not tell apart."""
        request = [self.order.model_id, self.order.body(self.assets)]
        return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()

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

    def retried(self) -> Job:
        """The job with its next step due at once, failures forgotten.

        But for the looks that a lost submission has had: when they were given up, one more settles it.
        """
        was_given_up = self.state is State.UNCERTAIN and self.wait_s is None
        return replace(self, wait_s=0.0, failures=self.failures if was_given_up else 0)

    def remaining_s(self, now: float) -> float | None:
        """How long it will probably take, in seconds; ``None`` when nobody can tell."""
        if self.state is not State.RUNNING or self.submitted_at is None:
            return None
        elapsed_s = max(0.0, now - self.submitted_at)
        left_s = self._left_s(elapsed_s)
        # No model takes days: rather, the clock was set.
        return left_s if left_s is not None and left_s <= _CREDIBLE_S else None

    def _left_s(self, elapsed_s: float) -> float | None:
        expected_s = self.order.expected_s
        if self.progress and self.progress >= 0.05:
            by_progress_s = elapsed_s / self.progress - elapsed_s
            if expected_s is None:
                return by_progress_s
            # The service's own progress is trusted more the further it has come.
            by_habit_s = max(0.0, expected_s - elapsed_s)
            return self.progress * by_progress_s + (1 - self.progress) * by_habit_s
        return expected_s - elapsed_s if expected_s is not None and expected_s > elapsed_s else None


def new_job(order: Order, *, scope: str, max_cost_cu: Decimal | None = None, quote_cu: Decimal | None = None) -> Job:
    """Make a job of an order.

    :param quote_cu: what the user was told that it costs.
    """
    return Job(
        id=JobId(uuid.uuid4().hex),
        order=order,
        scope=scope,
        created_at=time.time(),
        max_cost_cu=max_cost_cu,
        quote_cu=quote_cu,
    )
