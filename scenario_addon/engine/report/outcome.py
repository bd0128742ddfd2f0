# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of an item, or how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ..ledger.job import Job
from ..values import MeshFile

__all__ = ["COLUMNS", "Outcome"]

COLUMNS: Final = (
    "image",
    "model",
    "state",
    "job_id",
    "remote_id",
    "glb",
    "blend",
    "preview",
    "cost_cu",
    "seconds",
    "error",
)
"""What a report says of an item, in this order."""


@dataclass(frozen=True, slots=True)
class Outcome:
    number: int
    """Which item of the input it is, from 0."""
    label: str
    """What the user called it."""
    job: Job
    seconds: float
    file: MeshFile | None = None
    """Where the item wants it; ``None`` when there is none."""
    blend: Path | None = None
    preview: Path | None = None
    cost_cu: Decimal | None = None
    """What this item has cost: nothing where another one, or an earlier run, has paid."""
    error: str | None = None
    is_unreadable: bool = False
    """Whether the error is that Blender cannot read the file."""
    note: str | None = None
    """How it came about, where nothing was ordered for it."""

    @property
    def is_done(self) -> bool:
        return self.error is None and self.file is not None

    @property
    def is_being_made(self) -> bool:
        """Whether the service goes on with it, or may for all that is known."""
        job = self.job
        is_looked_for = job.is_in_doubt and not job.is_held
        return not self.is_done and not job.is_settled and (job.submission_id is not None or is_looked_for)

    def data(self) -> dict[str, Any]:
        """The item of a report, see :data:`COLUMNS`."""
        return {
            "image": self.label,
            "model": self.job.order.model_id,
            "state": str(self.job.state),
            "job_id": self.job.id,
            "remote_id": self.job.remote_id,
            "glb": str(self.file.path) if self.file else None,
            "blend": str(self.blend) if self.blend else None,
            "preview": str(self.preview) if self.preview else None,
            "cost_cu": float(self.cost_cu) if self.cost_cu is not None else None,
            "seconds": round(self.seconds, 3),
            "error": self.error,
        }
