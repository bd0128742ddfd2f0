# SPDX-License-Identifier: GPL-3.0-or-later
"""What an item gets of a job that is through: its file where the item wants it, and a .blend beside that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from ..errors import ImportFailed, ScenarioError
from ..host import Host
from ..ledger.job import Job, State
from ..ledger.ledger import Ledger
from ..names import free_path
from ..report.outcome import Outcome
from ..text import lacking, sentences, shortened
from ..values import MeshFile, Order
from .copies import blend_beside, brought

__all__ = ["Handover", "date_of"]

_WAITS: Final = "The same was ordered before, and waits for you: "
_NOTHING: Final = Decimal(0)
_WITHOUT_A_FILE: Final = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})
"""States of a job whose file, if it has one, is not the one that was wanted."""


@dataclass(frozen=True, slots=True)
class Handover:
    """Files are copied and .blends written: main thread where there is a host."""

    ledger: Ledger
    host: Host | None
    """Writes a .blend beside each mesh; ``None`` for none."""

    def outcome(self, outcome: Outcome, order: Order, *, is_first: bool) -> Outcome:
        """Give an item what there is of its job, or say what keeps it from being there.

        :param is_first: whether what the job has cost is this item's.
        """
        job = outcome.job
        outcome = replace(outcome, cost_cu=job.billed_cu if is_first else None)
        if job.file is None or job.state in _WITHOUT_A_FILE:
            waits = "" if is_first or not job.is_held else _WAITS
            return replace(outcome, error=waits + _why(job))
        return self._delivered(outcome, job.file, order, is_first=is_first)

    def _delivered(self, outcome: Outcome, made: MeshFile, order: Order, *, is_first: bool) -> Outcome:
        try:
            file, is_copied = brought(outcome.job, order)
            outcome = replace(outcome, file=file)
            if not is_first:
                what = f"copied from {made.path}" if is_copied else "left as it is"
                note = f"The same was made on {date_of(outcome.job)}: {what}, nothing was ordered."
                outcome = replace(outcome, cost_cu=_NOTHING, note=note)
            if self.host is not None:
                outcome = self._with_blend(outcome, file, order, self.host, is_new=is_first or is_copied)
        except ScenarioError as error:
            return replace(outcome, error=error.user_message, is_unreadable=isinstance(error, ImportFailed))
        return outcome

    def _with_blend(self, outcome: Outcome, file: MeshFile, order: Order, host: Host, *, is_new: bool) -> Outcome:
        """Add the .blend that is wanted, made if need be.

        :raises ScenarioError: no .blend can be made.
        """
        job, usual = outcome.job, blend_beside(file, outcome.job, order)
        is_own = job.file is not None and file.path == job.file.path
        known = job.blend if is_own else None
        if known is not None and known.exists():
            return replace(outcome, blend=known)
        if not is_new and usual.exists():
            return replace(outcome, blend=usual)
        blend = free_path(usual)
        flaws = host.write_blend(file.path, blend, name=job.order.name, job_id=job.id, model_id=job.order.model_id)
        if news := lacking(f"{blend.name} comes", [flaw for flaw in flaws or () if flaw not in file.flaws]):
            outcome = replace(outcome, note=sentences(outcome.note, news))
        if is_own and (kept := self.ledger.claim(job.id)) is not None:
            self.ledger.save(replace(kept, blend=blend))
        return replace(outcome, blend=blend)


def date_of(job: Job) -> str:
    """When a job was done, or else ordered, or else asked for."""
    at = job.finished_at or job.submitted_at or job.created_at
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M")


def _why(job: Job) -> str:
    if job.state is State.CANCELLED:
        return "cancelled"
    return shortened(sentences(job.error, job.hint)) or "unfinished"
