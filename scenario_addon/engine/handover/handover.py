# SPDX-License-Identifier: GPL-3.0-or-later
"""What an item gets of a job that is through: its file where the item wants it, a .blend and a preview beside that."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import Final

from ..errors import ImportFailed, ScenarioError
from ..host import Commission, Writer, Writing, Written
from ..ledger.job import Job, State
from ..ledger.ledger import Ledger
from ..names import numbered
from ..pictures.png import mark_of
from ..report.outcome import Outcome
from ..text import lacking, sentences, shortened
from ..values import MeshFile, Order
from .copies import blend_beside, brought, preview_beside
from .details import Details
from .extras import NOTHING, Extras

__all__ = ["STOPPED", "Handover", "date_of"]

STOPPED: Final = "Interrupted: run this again to go on with it."

_WAITS: Final = "The same was ordered before, and waits for you: "
_NOTHING: Final = Decimal(0)
_MOST_LOOKED_AT: Final = 1000
_WITHOUT_A_FILE: Final = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})
"""States of a job whose file, if it has one, is not the one that was wanted."""


class Handover:
    """Files are copied: main thread where there is a writer.

    :param writer: writes what is wanted besides; ``None`` where nothing is.
    """

    def __init__(self, ledger: Ledger, writer: Writer | None = None, extras: Extras = NOTHING) -> None:
        self._ledger, self._writer, self._extras = ledger, writer, extras
        self._details = Details(ledger.path.parent)

    def expect(self) -> None:
        """Get ready for what a job will give that is under way."""
        if self._writer is not None:
            self._writer.expect()

    def begin(self, outcome: Outcome, order: Order, *, is_first: bool) -> tuple[Outcome, Writing | None]:
        """Give an item what there is of its job, or say what keeps it from being there; begin to write what is missing.

        :param is_first: whether what the job has cost is this item's.
        :return: also what has to be waited for, if anything, and is given to :meth:`finish` then.
        """
        job = outcome.job
        outcome = replace(outcome, cost_cu=job.billed_cu if is_first else None)
        if job.file is None or job.state in _WITHOUT_A_FILE:
            waits = "" if is_first or not job.is_held else _WAITS
            return replace(outcome, error=waits + _why(job)), None
        try:
            file, is_copied = brought(job, order)
        except ScenarioError as error:
            return replace(outcome, error=error.user_message), None
        outcome = replace(outcome, file=file)
        if not is_first:
            what = f"copied from {job.file.path}" if is_copied else "left as it is"
            note = f"The same was made on {date_of(job)}: {what}, nothing was ordered."
            outcome = replace(outcome, cost_cu=_NOTHING, note=note)
        if self._writer is None or job.order.gives_picture:
            return outcome, None
        return self._begun(outcome, file, order, self._writer, is_new=is_first or is_copied)

    def _begun(
        self, outcome: Outcome, file: MeshFile, order: Order, writer: Writer, *, is_new: bool
    ) -> tuple[Outcome, Writing | None]:
        """Add what is wanted besides and is there, and have the rest written."""
        job, extras = outcome.job, self._extras
        blend = blend_beside(file, job, order) if extras.blend else None
        preview = preview_beside(file, job, order) if extras.preview else None
        if blend is not None and (there := self._blend_there(job, file, blend, is_new=is_new)) is not None:
            outcome, blend = replace(outcome, blend=there), None
        if preview is not None and (there := _preview_there(job, preview)) is not None:
            outcome, preview = replace(outcome, preview=there), None
        if blend is None and preview is None:
            return outcome, None
        commission = Commission(
            mesh=file.path,
            name=job.order.name,
            job_id=job.id,
            model_id=job.order.model_id,
            blend=blend,
            preview=preview,
            detail=extras.detail,
        )
        return outcome, writer.begin(commission)

    def _blend_there(self, job: Job, file: MeshFile, usual: Path, *, is_new: bool) -> Path | None:
        detail = self._extras.detail
        known = job.blend if _is_own(file, job) else None
        if known is not None and self._details.has(known, detail, usual=known):
            return known
        return None if is_new else self._details.found(usual, detail)

    def finish(self, outcome: Outcome, order: Order, writing: Writing) -> Outcome:
        """Give an item what was written for it, once that is over, or say what keeps it from being there."""
        try:
            written = writing.result()
            if written is None:
                return replace(outcome, error=STOPPED)
            return self._with(outcome, written, order)
        except ScenarioError as error:
            return replace(outcome, error=error.user_message, is_unreadable=isinstance(error, ImportFailed))

    def _with(self, outcome: Outcome, written: Written, order: Order) -> Outcome:
        job, file, blend = outcome.job, outcome.file, written.blend
        assert file is not None
        outcome = replace(outcome, preview=written.preview or outcome.preview, error=written.problem)
        if blend is None:
            return outcome
        if news := lacking(f"{blend.name} comes", [flaw for flaw in written.flaws if flaw not in file.flaws]):
            outcome = replace(outcome, note=sentences(outcome.note, news))
        if written.cleaned:
            outcome = replace(outcome, note=sentences(outcome.note, f"After the clean-up: {written.cleaned}"))
        self._details.note(blend, self._extras.detail, usual=blend_beside(file, job, order))
        if _is_own(file, job) and (kept := self._ledger.claim(job.id)) is not None:
            self._ledger.save(replace(kept, blend=blend))
        return replace(outcome, blend=blend)


def _is_own(file: MeshFile, job: Job) -> bool:
    """Whether a file is the job's, not a copy of it."""
    return job.file is not None and file.path == job.file.path


def _preview_there(job: Job, usual: Path) -> Path | None:
    """Give the preview of this or a numbered name that shows the job's mesh."""
    there = takewhile(Path.exists, numbered(usual))
    return next((p for p, _ in zip(there, range(_MOST_LOOKED_AT), strict=False) if mark_of(p) == job.id), None)


def date_of(job: Job) -> str:
    """When a job was done, or else ordered, or else asked for."""
    at = job.finished_at or job.submitted_at or job.created_at
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M")


def _why(job: Job) -> str:
    if job.state is State.CANCELLED:
        return "cancelled"
    return shortened(sentences(job.error, job.hint)) or "unfinished"
