# SPDX-License-Identifier: GPL-3.0-or-later
"""Outcomes of items that nobody made."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from scenario_addon.engine.ledger.job import State, new_job
from scenario_addon.engine.report.outcome import Outcome
from scenario_addon.engine.values import AssetId, JobId, MeshFile, RemoteJobId
from tests.engine.orders import sample_order

__all__ = ["outcome"]


def outcome(number: int, *, cost_cu: str | None = "4.1", job_id: str | None = None, **more: Any) -> Outcome:
    """What became of item so-and-so: made, unless ``error`` says otherwise."""
    job = new_job(sample_order(folder=Path("out"), name=f"{number}"), scope="scope")
    job = replace(job, id=JobId(job_id or f"{number:032x}"), state=more.pop("state", State.READY))
    billed_cu = Decimal(cost_cu) if cost_cu is not None else None
    job = replace(job, remote_id=RemoteJobId(f"job_{number}"), **{"billed_cu": billed_cu, **more.pop("job", {})})
    file = None if more.get("error") else MeshFile(Path("out") / f"{number}.glb", 1, AssetId("asset_1"))
    known = {"seconds": 10.0, "cost_cu": billed_cu, "file": file}
    return Outcome(number, more.pop("label", f"{number}.png"), job, **{**known, **more})
