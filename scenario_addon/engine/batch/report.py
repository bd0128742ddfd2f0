# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each item, as data for other programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..errors import DiskError
from ..files import write_whole
from ..ledger.job import Job
from ..values import MeshFile

__all__ = ["Outcome", "write_report"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item."""

    label: str
    """What the user called it."""
    job: Job
    seconds: float
    file: MeshFile | None = None
    """Where the item wants it; ``None`` when there is none."""
    blend: Path | None = None
    cost_cu: Decimal | None = None
    """What this item has cost: nothing where another one, or an earlier run, has paid."""
    error: str | None = None
    is_unreadable: bool = False
    """Whether the error is that Blender cannot read the file."""
    note: str | None = None
    """How it came about, where nothing was ordered for it, and what the .blend lacks."""

    @property
    def is_done(self) -> bool:
        return self.error is None and self.file is not None

    def report(self) -> dict[str, Any]:
        return {
            "image": self.label,
            "model": self.job.order.model_id,
            "state": str(self.job.state),
            "job_id": self.job.id,
            "remote_id": self.job.remote_id,
            "glb": str(self.file.path) if self.file else None,
            "blend": str(self.blend) if self.blend else None,
            "cost_cu": float(self.cost_cu) if self.cost_cu is not None else None,
            "seconds": round(self.seconds, 3),
            "error": self.error,
        }


def write_report(path: Path, outcomes: Sequence[Outcome], *, seconds: float) -> None:
    """Write the report.

    :raises DiskError: it cannot be written.
    """
    costs = [outcome.cost_cu for outcome in outcomes if outcome.cost_cu is not None]
    report = {
        "items": [outcome.report() for outcome in outcomes],
        "cost_cu": float(sum(costs, Decimal(0))),
        "seconds": round(seconds, 3),
    }
    try:
        write_whole(path, (json.dumps(report, indent=1, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        raise DiskError(f"The report {path} cannot be written ({error.strerror}): choose another file.") from error
