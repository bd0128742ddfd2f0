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

from ..cut_out import CUT_OUT_MODEL, CUT_OUT_S, CutOut, cut_out_body
from ..errors import GenerationFailed, ScenarioError
from ..values import AssetId, JobId, MeshFile, ModelId, Order, RemoteJobId

__all__ = ["CUT_OUT_MOVES", "MOVES", "SETTLED", "WORDS", "Job", "State", "new_job"]


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
CUT_OUT_WORDS: Final[Mapping[State, str]] = {
    State.SUBMITTING: "its picture is being sent to be cut out",
    State.UNCERTAIN: "its picture was sent to be cut out, no answer yet: do not order again",
    State.RUNNING: "its picture is being cut out",
}
"""Those of a job whose picture is cut out first."""

_SENT: Final = frozenset({State.SUBMITTING, State.UNCERTAIN})
"""States in which a submission may have been charged, and nobody knows."""
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
CUT_OUT_MOVES: Final[Mapping[State, frozenset[State]]] = {
    # Another job has ordered that the picture be cut out: there is nothing to submit.
    State.UPLOADED: frozenset({State.RUNNING}),
    # It is cut out, and what comes next has yet to be ordered.
    State.RUNNING: frozenset({State.UPLOADED}),
}
"""Further moves, while a picture is cut out."""

_NOWHERE: Final = frozenset[State]()
_CREDIBLE_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    id: JobId
    order: Order
    scope: str
    """The project it runs in, see :attr:`Credentials.scope`."""
    created_at: float
    """Seconds since the epoch, as all times here."""
    origin: Mapping[str, str] = field(default_factory=dict[str, str])
    """Whose it is, where it was not ordered here and costs nothing, see :class:`.Origin`; else empty."""
    state: State = State.NEW
    quote_cu: Decimal | None = None
    """What all of it costs, with the pictures that are cut out for it."""
    cut_out_cu: Decimal | None = None
    """What each picture costs that is cut out, as a part of that."""
    cut_out_count: int = 0
    """How many that price counts that have yet to be ordered."""
    cut_out_spent_cu: Decimal = Decimal(0)
    """What those have cost that were cut out for it."""
    quoted_at: float | None = None
    """When the price was asked for; ``None``: it has to be, also anew. It can stay unknown all the same."""
    max_cost_cu: Decimal | None = None
    """More than this is not spent on it."""
    assets: Mapping[str, AssetId] = field(default_factory=dict[str, AssetId])
    """The uploaded files by sha256, and what was cut out of them; see :attr:`SourceImage.asset_key`."""
    cut_out: CutOut | None = None
    """The picture that the present submission cuts out; ``None``: it makes the mesh."""
    attempt: int = 1
    """Counts submissions of the same: another one is made only when the user says so."""
    cut_outs_done: int = 0
    """How many pictures it has had cut out, each by a submission of its own."""
    submitted_at: float | None = None
    """When it was, or may have been, ordered; ``None`` while it surely was not."""
    asked_at: float | None = None
    """When the service was last asked about the present submission, and it was not done."""
    remote_id: RemoteJobId | None = None
    """The service's job that makes the mesh."""
    remote_word: str | None = None
    progress: float | None = None
    """0 to 1; ``None`` for unknown."""
    progress_at: float | None = None
    """Since when it stands there."""
    remote_update: str | None = None
    heard_at: float | None = None
    """When the service last changed anything of it, by its own clock, and when that was seen here."""
    billed_cu: Decimal | None = None
    """What the service charged for all of it so far, or will have charged when it ends well."""
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
        """Whether the service may have charged for the present submission."""
        return self.submission_id is not None or self.state in _SENT

    @property
    def is_in_doubt(self) -> bool:
        """Whether it may have been ordered, and nobody knows."""
        return self.submitted_at is not None and self.submission_id is None

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
        """What it has cost, or may cost for all that is known."""
        if self.billed_cu is not None and self.state not in _SENT:
            return self.billed_cu
        return (self.ordered_cu if self.is_paid else None) or self.cut_out_spent_cu

    @property
    def submission(self) -> int:
        """Numbers the present submission among all of the job's."""
        return self.attempt + self.cut_outs_done

    @property
    def expected_s(self) -> float | None:
        """How long the present submission usually takes, in seconds; ``None`` where nobody knows."""
        return CUT_OUT_S if self.cut_out is not None else self.order.expected_s

    @property
    def due_cu(self) -> Decimal | None:
        """What the present submission costs."""
        if self.cut_out is not None:
            return Decimal(0) if self.cut_out.is_shared else self.cut_out_cu
        return self.left_cu

    @property
    def left_cu(self) -> Decimal | None:
        """What all that is not cut out yet costs, the mesh included."""
        return None if self.quote_cu is None else self.quote_cu - self.cut_out_spent_cu

    @property
    def ordered_cu(self) -> Decimal | None:
        """What it costs up to the present submission."""
        return self.spent(self.due_cu)

    def spent(self, cost_cu: Decimal | None) -> Decimal | None:
        """What it has cost, once it is known what the present submission has.

        :param cost_cu: ``None`` where that is not known.
        """
        is_free = self.origin or (self.cut_out is not None and self.cut_out.is_shared)
        return self.cut_out_spent_cu if is_free else None if cost_cu is None else self.cut_out_spent_cu + cost_cu

    @property
    def submission_id(self) -> RemoteJobId | None:
        """The service's job for the present submission."""
        return self.remote_id if self.cut_out is None else self.cut_out.remote_id

    @property
    def request(self) -> tuple[ModelId, dict[str, Any]]:
        """Which model is asked, and the JSON body, in the present submission."""
        if self.cut_out is None:
            return self.order.model_id, self.order.body(self.assets)
        return CUT_OUT_MODEL, cut_out_body(self.assets[self.cut_out.sha256])

    @property
    def is_sendable(self) -> bool:
        """Whether the service has every file that the mesh is made of, or the picture that is to be cut out."""
        if self.cut_out is not None:
            return self.cut_out.sha256 in self.assets
        return all(file.asset_key in self.assets for file in self.order.files())

    @property
    def input_digest(self) -> str:
        """Names exactly what the service is asked for; the same for two jobs that it could not tell apart."""
        return hashlib.sha256(json.dumps(self.request, sort_keys=True).encode()).hexdigest()

    @property
    def words(self) -> str:
        """How it stands, for people."""
        return CUT_OUT_WORDS.get(self.state, WORDS[self.state]) if self.cut_out is not None else WORDS[self.state]

    def running(self, remote_id: RemoteJobId, **changes: Any) -> Job:
        """The job once the service has taken the present submission."""
        if self.cut_out is None:
            changes["remote_id"] = remote_id
        else:
            changes["cut_out"] = replace(self.cut_out, remote_id=remote_id)
        return self.moved(State.RUNNING, asked_at=None, **changes)

    @property
    def moves(self) -> frozenset[State]:
        """The states that a step can lead to."""
        return MOVES[self.state] | (CUT_OUT_MOVES.get(self.state, _NOWHERE) if self.cut_out else _NOWHERE)

    def moved(self, state: State, **changes: Any) -> Job:
        """The job after a step that went well: failures are forgotten, the next step is due at once.

        :raises ValueError: not a legal move.
        """
        if state not in self.moves:
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
        if self.cut_out is not None:  # which takes seconds
            return self.order.expected_s
        left_s = self._left_s(elapsed_s)  # no model takes days: rather, the clock was set
        return left_s if left_s is not None and left_s <= _CREDIBLE_S else None

    def _left_s(self, elapsed_s: float) -> float | None:
        expected_s = self.order.expected_s
        if self.progress and self.progress >= 0.05:
            by_progress_s = elapsed_s / self.progress - elapsed_s
            if expected_s is None:
                return by_progress_s
            by_habit_s = max(0.0, expected_s - elapsed_s)  # the further it has come, the more its progress is trusted
            return self.progress * by_progress_s + (1 - self.progress) * by_habit_s
        return expected_s - elapsed_s if expected_s is not None and expected_s > elapsed_s else None


def new_job(order: Order, *, scope: str, max_cost_cu: Decimal | None = None, quote_cu: Decimal | None = None) -> Job:
    """Make a job of an order, at the price that the user was told."""
    return Job(
        id=JobId(uuid.uuid4().hex),
        order=order,
        scope=scope,
        created_at=time.time(),
        max_cost_cu=max_cost_cu,
        quote_cu=quote_cu,
    )
