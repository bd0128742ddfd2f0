# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ..report.outcome import Outcome

__all__ = ["Result"]


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    """What the mesh is called: the stem of its file."""
    picture: str
    """As it was given."""
    model: str
    """The id of the 3D model."""
    file: Path | None
    """The mesh; ``None`` when there is none."""
    cost_cu: Decimal | None
    """What it has cost, in Compute Units (CU): nothing where an earlier order has paid; ``None`` where nobody knows."""
    seconds: float
    """How long it took."""
    error: str | None
    """Why there is no mesh, in one sentence that says what to do."""
    is_being_made: bool
    """Whether the service goes on with it: the same again fetches it."""
    job_id: str
    """Of the ledger."""
    remote_id: str | None
    """The service's; ``None`` where nothing was ordered."""

    @classmethod
    def of(cls, outcome: Outcome) -> Result:
        job = outcome.job
        return cls(
            name=job.order.name,
            picture=outcome.label,
            model=job.order.model_id,
            file=outcome.file.path if outcome.file is not None else None,
            cost_cu=outcome.cost_cu,
            seconds=outcome.seconds,
            error=outcome.error,
            is_being_made=outcome.is_being_made,
            job_id=job.id,
            remote_id=job.remote_id,
        )
