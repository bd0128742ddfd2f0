# SPDX-License-Identifier: GPL-3.0-or-later
"""Paid runs: how they move from word to word until their files are there."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from .pictures import UnusablePictureError
from .results import Output
from .store import AUTHOR_ID, OWNER_ID, Blob, Store
from .values import Charge, Json, iso_date, new_id, refuse

__all__ = ["Failure", "Run", "Runs"]

_SUCCESSES: Final = ("success", "succeeded", "completed")
_FAILURES: Final = ("failure", "failed", "error")
_ENDS: Final = (*_SUCCESSES, *_FAILURES, "canceled", "cancelled")
_COURSE: Final = ((0.1, "queued"), (0.2, "warming-up"), (0.95, "in-progress"), (1.0, "finalizing"))
"""Up to which part of the whole each word holds."""


@dataclass(frozen=True, slots=True)
class Failure:
    """How a run is to end."""

    error: str | None
    hint: str | None
    disable_refund: bool


@dataclass
class Run:
    """One submission."""

    record: Json
    """As in the answer to ``GET /jobs/{id}``."""
    make: Callable[[], tuple[Output, ...]]
    parent_id: str | None
    """The picture it was made from."""
    failure: Failure | None
    words: tuple[str, ...]
    """The words it goes through, last to first poll; empty: the usual ones."""
    began_s: float = field(default_factory=time.monotonic)
    polls: int = 0
    work: Future[tuple[Output, ...]] | None = None
    files: dict[str, str] = field(default_factory=dict)
    """Asset ids by the names of the outputs."""

    @property
    def ended(self) -> bool:
        """Whether its status will change no more."""
        return self.record["status"] in _ENDS


class Runs:
    """All runs, by job id.

    :param polls: a run is done after so many polls ...
    :param seconds: ... or, when not ``None``, so long after its submission.
    :param fees: what each costs beside its main action, by the fee's name.
    :param parallel_jobs: how many may be under way at once; ``None``: any number.
    """

    def __init__(
        self,
        store: Store,
        *,
        polls: int,
        seconds: float | None,
        fees: Mapping[str, Decimal],
        parallel_jobs: int | None = None,
    ) -> None:
        self._store, self._polls, self._seconds = store, polls, seconds
        self.parallel_jobs = parallel_jobs
        self.fees = dict(fees)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reconstruction")
        self.by_id: dict[str, Run] = {}
        self._under_way: list[Run] = []
        self.charges: list[Charge] = []
        self.failures: list[Failure] = []
        """For the next submissions, first come first served."""
        self.words: tuple[str, ...] = ()
        """For the next submissions."""
        self.price_factor = Decimal(1)
        """What everything costs from now on, beside the list's price."""
        self.delivered: bytes | None = None
        """A GLB that every run gives from now on, instead of its own files."""

    def submit(
        self,
        *,
        model_id: str,
        body: Json,
        cost_cu: Decimal,
        make: Callable[[], tuple[Output, ...]],
        parent_id: str | None,
    ) -> Run:
        """Start a run and charge for it.

        :raises RefusalError: 429, as many are under way as there may be.
        """
        job_id, now = new_id("job"), iso_date()
        record = {
            "jobId": job_id,
            "jobType": "custom",
            "metadata": {"input": {"modelId": model_id, **body}, "assetIds": []},
            "ownerId": OWNER_ID,
            "authorId": AUTHOR_ID,
            "createdAt": now,
            "updatedAt": now,
            "status": "queued",
            "statusHistory": [{"status": "queued", "date": now}],
            "progress": 0,
            "billing": {"cuCost": cost_cu, "cuDiscount": 0},
        }
        if self.fees:
            record["billing"]["cuCostDetails"] = dict(self.fees)
        with self._store.lock:
            self._make_room()
            failure = self.failures.pop(0) if self.failures else None
            run = Run(record, make, parent_id, failure, self.words)
            self.by_id[job_id] = run
            self._under_way.append(run)
            self.charges.append(Charge(job_id, model_id, cost_cu + sum(self.fees.values())))
            if self._seconds is not None:
                self._begin(run)
        return run

    @property
    def kept_cu(self) -> Decimal:
        """What all runs cost so far, without what was paid back for those that ended badly."""
        with self._store.lock:
            kept = [charge.cost_cu for charge in self.charges if not _is_refunded(self.by_id[charge.job_id])]
        return sum(kept, Decimal(0))

    def _make_room(self) -> None:
        """Look how many are under way.

        :raises RefusalError: 429, as many as there may be.
        """
        if self.parallel_jobs is None:
            return
        self._under_way = [run for run in self._under_way if not self._has_ended(run)]
        if len(self._under_way) >= self.parallel_jobs:
            details = {"actionName": "custom-generation", "actionLimit": self.parallel_jobs}
            refuse(429, "Too many parallel jobs", details=details)

    def _has_ended(self, run: Run) -> bool:
        if not run.ended and self._seconds is not None:
            self._move(run, part=self._part(run))
        return run.ended

    def poll(self, run: Run) -> Json:
        """What a poll finds; it is what carries the run on, unless the clock does."""
        with self._store.lock:
            run.polls += 1
            self._begin(run)
        if self._seconds is None and run.work and self._part(run) >= 1:
            wait([run.work])
        return self.look(run)

    def look(self, run: Run) -> Json:
        """The record as it stands."""
        with self._store.lock:
            if not run.ended and (run.polls or self._seconds is not None):
                self._move(run, part=self._part(run))
            return deepcopy(run.record)

    def close(self) -> None:
        """Drop the work that has not begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self, run: Run) -> None:
        if run.work is None and run.failure is None and not run.ended:
            run.work = self._pool.submit(run.make)

    def _part(self, run: Run) -> float:
        if self._seconds is not None:
            return min(1.0, (time.monotonic() - run.began_s) / max(self._seconds, 1e-9))
        return min(1.0, run.polls / (len(run.words) or max(1, self._polls)))

    def _move(self, run: Run, *, part: float) -> None:
        word = _word(run, part)
        if word in _SUCCESSES and run.work and not run.work.done():
            word, part = "finalizing", 0.99
        more: Json = {}
        if word in _SUCCESSES and run.work:
            error = run.work.exception()
            if isinstance(error, UnusablePictureError):
                word, run.failure = (
                    "failure",
                    Failure(str(error), "Use one subject on a plain background.", False),
                )
            else:
                more["assetIds"] = self._deliver(run, run.work.result())
        if word in _FAILURES and run.failure:
            more |= {name: text for name in ("error", "hint") if (text := getattr(run.failure, name)) is not None}
            if run.failure.disable_refund:
                run.record["billing"]["disableRefund"] = True
        if word != run.record["status"]:
            run.record["statusHistory"].append({"status": word, "date": iso_date()})
        ended_badly = word in _ENDS and word not in _SUCCESSES
        if ended_badly and self.fees and not run.record["billing"].get("disableRefund"):
            # Fees are paid back in sight; of the main action the first charge goes on being shown.
            run.record["billing"]["cuCostDetails"] = dict.fromkeys(self.fees, 0)
        progress = run.record["progress"] if ended_badly else 1 if word in _SUCCESSES else min(0.99, round(part, 2))
        run.record |= {"status": word, "updatedAt": iso_date(), "progress": progress}
        run.record["metadata"] |= more

    def _deliver(self, run: Run, outputs: tuple[Output, ...]) -> list[str]:
        model_id = run.record["metadata"]["input"]["modelId"]
        for index, output in enumerate(outputs):
            lineage: dict[str, Any] = {
                "type": output.asset_type,
                "parentId": run.files[output.parent] if output.parent else run.parent_id,
                "rootParentId": run.parent_id,
                "parentJobId": run.record["jobId"],
                "modelId": model_id,
                "modelType": "custom",
                "fileName": output.file_name,
                "keepsFileNames": True if output.file_name else None,
            }
            asset = self._store.add_asset(
                blob=Blob(output.mime, output.data),
                kind=output.kind,
                source=output.asset_type.replace("-", ":")
                if output.asset_type.startswith("3d-")
                else output.asset_type,
                metadata={name: value for name, value in lineage.items() if value is not None},
                properties=output.properties,
                original=Blob(*output.original) if output.original else None,
                outputIndex=index,
            )
            run.files[output.name] = asset["id"]
        return list(run.files.values())


def _is_refunded(run: Run) -> bool:
    ended_badly = run.ended and run.record["status"] not in _SUCCESSES
    return ended_badly and not run.record["billing"].get("disableRefund")


def _word(run: Run, part: float) -> str:
    if run.words:
        return run.words[max(0, math.ceil(part * len(run.words) - 1e-9) - 1)]
    if part >= 1:
        return "failure" if run.failure else "success"
    return next(word for limit, word in _COURSE if part < limit)
