# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service has of a job's mesh."""

from __future__ import annotations

from ..ledger.job import Job
from ..values import HeldMesh
from .file import MIMES

__all__ = ["held_by"]


def held_by(job: Job) -> HeldMesh | None:
    """Give what the service has of a job's mesh, as far as the ledger knows; ``None`` while there is none."""
    file = job.file
    if file is None:
        return None
    mime = MIMES.get(file.path.suffix[1:].lower(), "")
    return HeldMesh(
        asset_id=file.asset_id,
        name=job.order.name,
        mime=mime or f"model/{file.path.suffix[1:].lower()}",
        size_bytes=file.size_bytes,
        faces=file.triangles,
        job_id=job.id,
    )
