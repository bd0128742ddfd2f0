# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever watches a batch for the user: progress to standard error, results to standard output, report and log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..errors import DiskError, LedgerInDoubt
from ..inputs.stock import BadRow
from ..ledger.job import Job
from ..models.seeds import seed_of, unseeded
from ..outputs.outputs import Outputs
from ..pace.clock import Clock
from ..pipeline.runner import Runner
from ..report.log import EventLog
from ..report.outcome import Outcome
from ..report.report import Report
from ..report.tally import Tally
from ..terminal.progress import Progress
from .call import AGAIN

__all__ = ["Teller"]

_SUMMARY_S: Final = 60.0
"""How often it is said how far it is."""


@dataclass(slots=True)
class Teller:
    progress: Progress
    clock: Clock
    tally: Tally
    report: Report | None = None
    log: EventLog | None = None
    outputs: Outputs | None = None
    _complaints: set[str] = field(default_factory=set[str])
    """What has been said of files that cannot be written, once each."""
    _summed_at_s: float | None = None
    _summed: int = 0
    """How many items were through when it was said last."""

    def changed(self, job: Job) -> None:
        self.progress.changed(job)
        if self.log is not None:
            self._try("log", lambda log=self.log: log.changed(job))

    def look(self, runner: Runner, under_way: Callable[[], Sequence[Outcome]]) -> None:
        if self.report is not None:
            self._try("report", lambda report=self.report: report.write_if_due(under_way))
        now_s = self.clock.monotonic()
        if self._summed_at_s is None:
            self._summed_at_s = now_s
        if self.is_batch and now_s - self._summed_at_s >= _SUMMARY_S and not self.progress.is_live:
            self._summed_at_s = now_s
            if self.tally.count > self._summed:
                self._summed = self.tally.count
                self.progress.line(self.tally.text)
        summary = self.tally.text if self.is_batch else ""
        self.progress.draw(runner.jobs, runner.activities, summary, self.tally.count)

    def concluded(self, outcome: Outcome) -> None:
        self.tally.note(outcome)
        self.progress.forget(outcome.job.id)
        if self.report is not None:
            self.report.note(outcome)
        if self.log is not None:
            self._try("log", lambda log=self.log: log.concluded(outcome))
        if self.outputs is not None and not outcome.job.order.gives_picture:  # they are of meshes
            self.outputs.note(outcome)
        if outcome.note:
            self.progress.line(f"{_called(outcome)}: {outcome.note}")
        if outcome.is_done and outcome.file:
            paths = [
                p for p in (outcome.file.path, *outcome.file.more, outcome.blend, outcome.preview) if p is not None
            ]
            self.progress.close()
            print("\t".join(str(path) for path in paths), flush=True)
        elif outcome.job.error_kind != BadRow.__name__:  # those are told before anything begins
            is_in_doubt = outcome.job.error_kind == LedgerInDoubt.__name__
            self.progress.line(f"{_called(outcome)}: {outcome.error}" + (AGAIN if is_in_doubt else ""))

    @property
    def is_batch(self) -> bool:
        """Whether it is worth saying how far it is."""
        return self.tally.total is not None and self.tally.total > 1

    def event(self, name: str, **data: object) -> None:
        """Note what is of no single job."""
        if self.log is not None:
            self._try("log", lambda log=self.log: log.write(name, **data))

    def end(self, *, is_complete: bool) -> bool:
        """Write the report for the last time, and say how far it came; says whether everything could be written.

        :param is_complete: whether every item is in it.
        """
        self.progress.end()
        if self.is_batch:
            self.progress.line(self.tally.text)
        self.event("end", summary=self.tally.text, interrupted=not is_complete)
        self._complaints.discard("report")
        is_written = self.report is None or self._try(
            "report", lambda report=self.report: report.write(is_complete=is_complete)
        )
        return is_written

    def close(self) -> None:
        """Let go of the log."""
        if self.log is not None:
            self._try("log", self.log.close)

    def _try(self, what: str, write: Callable[[], None]) -> bool:
        """Write something without which the batch goes on; that it cannot be written is said once."""
        try:
            write()
        except DiskError as error:
            if what not in self._complaints:
                self._complaints.add(what)
                self.progress.line(f"scenario: {error.user_message}")
            return False
        return True


def _called(outcome: Outcome) -> str:
    """What an item is called, with its seed where the same is made with several."""
    order = outcome.job.order
    is_one_of_several = unseeded(order).name != order.name
    return f"{outcome.label}, seed {seed_of(order)}" if is_one_of_several else outcome.label
