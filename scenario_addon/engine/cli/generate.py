# SPDX-License-Identifier: GPL-3.0-or-later
"""``generate``, ``batch`` and ``resume``: what makes things, and may cost something."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ..batch.batch import Item, carry_on, run_items
from ..batch.earlier import Standing, find_earlier, standing
from ..batch.report import Outcome, write_report
from ..errors import AuthError, BudgetError, CredentialsMissing, LedgerInDoubt, NoCredits, OfflineError
from ..files import probe
from ..inputs.stock import BadRow, Stock
from ..ledger.job import WORDS, Job, State
from ..manifests.manifest import EXAMPLES
from ..names import longest_name
from ..pipeline.connection import Connection
from ..pipeline.pricing import quote
from ..pipeline.runner import Runner
from ..values import JobId
from .call import AGAIN, Call, UsageError
from .exits import NO_ACCESS, OK, OVER_BUDGET, SOME_FAILED
from .progress import Progress
from .sources import Fill, check_offline, checker, from_manifest, from_pictures

__all__ = ["batch", "check_output", "generate", "resume"]


def generate(call: Call) -> int:
    _check_options(call)
    return _carry_out(call, from_pictures(call))


def batch(call: Call) -> int:
    args = call.args
    if args.example:
        print(EXAMPLES[args.example], end="")
        return OK
    if args.manifest is None:
        raise UsageError("give a manifest; `batch --example csv` prints one.")
    _check_options(call)
    return _carry_out(call, from_manifest(call))


def _check_options(call: Call) -> None:
    if call.args.blend and call.host is None:
        raise UsageError("--blend needs Blender: pip install bpy, or use blender --command scenario.")
    if call.args.again and call.args.resume:
        raise UsageError("--again orders anew what --resume leaves alone: give one of them.")


def _carry_out(call: Call, fill: Fill) -> int:
    """Check everything, then price or make it; nothing is sent before all of it is good."""
    args = call.args
    try:
        connection = call.connect(limit_cu=args.max_cost, workers=min(8, max(2, args.jobs)))
    except (CredentialsMissing, OfflineError):
        check_offline(call, fill)  # what is wrong with the input is said first, as far as that is known
        raise
    with closing(connection), closing(Stock()) as stock:
        left_out = fill(checker(call, connection), stock)
        if args.dry_run:
            stock.leave_out_refused()
            stock.seal()
            return _price(connection, stock, call) or (SOME_FAILED if left_out else OK)
        stock.seal()
        for folder, name in stock.longest_names():
            check_output(folder, [name])
        if args.report:
            _check_report(args.report)
        return _make(connection, stock, call)


def _price(connection: Connection, items: Sequence[Item], call: Call) -> int:
    """Print what each item costs; nothing, where it is made already or an item before it asks for the same."""
    limit_cu: Decimal | None = call.args.max_cost
    total: Decimal | None = Decimal(0)
    asked: set[str] = set()
    for item in items:
        is_paid = not call.args.again and (item.order.identity in asked or _is_paid(connection, item))
        asked.add(item.order.identity)
        cost_cu = Decimal(0) if is_paid else _quote(connection, item)
        total = total + cost_cu if total is not None and cost_cu is not None else None
        print(f"{item.label}\t{_shown_cu(cost_cu)}", flush=True)
    print(f"total\t{_shown_cu(total)}", flush=True)
    return OVER_BUDGET if limit_cu is not None and (total is None or total > limit_cu) else OK


def _is_paid(connection: Connection, item: Item) -> bool:
    earlier = find_earlier(connection.ledger, item.order, scope=connection.scope)
    return any(standing(job) is not Standing.WAITING for job in earlier)


def _shown_cu(cost_cu: Decimal | None) -> str:
    return "unknown" if cost_cu is None else f"{cost_cu} CU"


def _quote(connection: Connection, item: Item) -> Decimal | None:
    return quote(
        item.order,
        client=connection.client,
        ledger=connection.ledger,
        scope=connection.scope,
        wait=connection.clock.sleep,
    )


def _make(connection: Connection, items: Sequence[Item], call: Call) -> int:
    args, began = call.args, time.monotonic()
    if args.again:
        connection.ledger.settle_doubts()
    outcomes = run_items(
        connection,
        items,
        at_once=args.jobs,
        again=args.again,
        host=call.host if args.blend else None,
        watcher=_Teller(call.progress),
    )
    if args.report:
        write_report(args.report, outcomes, seconds=time.monotonic() - began)
    return _verdict(outcomes)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Progress to standard error, results to standard output."""

    progress: Progress

    def changed(self, job: Job) -> None:
        self.progress.changed(job)

    def look(self, runner: Runner) -> None:
        self.progress.draw(runner.jobs, runner.activities)

    def concluded(self, outcome: Outcome) -> None:
        if outcome.note:
            self.progress.line(f"{outcome.label}: {outcome.note}")
        if outcome.is_done and outcome.file:
            paths = [outcome.file.path, *([outcome.blend] if outcome.blend else [])]
            self.progress.close()
            print("\t".join(str(path) for path in paths), flush=True)
        elif outcome.job.error_kind != BadRow.__name__:  # those are told before anything begins
            is_in_doubt = outcome.job.error_kind == LedgerInDoubt.__name__
            self.progress.line(f"{outcome.label}: {outcome.error}" + (AGAIN if is_in_doubt else ""))


def _verdict(outcomes: Sequence[Outcome]) -> int:
    missing = [outcome.job.error_kind for outcome in outcomes if not outcome.is_done]
    if not missing:
        return OK
    if AuthError.__name__ in missing:
        return NO_ACCESS
    return OVER_BUDGET if {BudgetError.__name__, NoCredits.__name__} & set(missing) else SOME_FAILED


def check_output(folder: Path, names: Sequence[str]) -> None:
    """Find a folder that cannot be written, or is too deep for a name, before anything is paid for."""
    try:
        for name in {longest_name(name, folder) for name in names}:
            probe(folder, name)
    except (OSError, ValueError) as error:
        reason = error.strerror or error if isinstance(error, OSError) else error
        raise UsageError(f"{folder} cannot be written ({reason}): choose another folder.") from error


def _check_report(path: Path) -> None:
    if path.is_dir():
        raise UsageError(f"--report {path} is a folder: give the name of a file.")
    check_output(path.absolute().parent, [path.stem])


def resume(call: Call) -> int:
    with closing(call.connect(limit_cu=call.args.max_cost)) as connection:
        others = {job.scope for job in connection.ledger.jobs() if not job.is_settled} - {connection.scope}
        if others:
            call.progress.line("Some unfinished jobs belong to another key or project and are left alone.")
        again = _unanswered(connection, call.args.submit_again) if call.args.submit_again else None
        if call.args.output:
            check_output(call.args.output, [])
        folder = call.args.output.absolute() if call.args.output else None
        outcomes = carry_on(connection, submit_again=again, watcher=_Teller(call.progress), folder=folder)
    if not outcomes:
        call.progress.line("There is nothing to resume.")
    return _verdict(outcomes)


def _unanswered(connection: Connection, start: str) -> JobId:
    """Find the job that is meant, by how its id begins."""
    jobs = [job for job in connection.ledger.jobs(scope=connection.scope) if job.id.startswith(start)]
    if len(jobs) != 1:
        raise UsageError(f"--submit-again {start} names {len(jobs) or 'no'} jobs: `jobs` lists them.")
    if jobs[0].state not in (State.UNCERTAIN, State.SUBMITTING):
        raise UsageError(f"--submit-again {start}: there is no doubt about this job ({WORDS[jobs[0].state]}).")
    return jobs[0].id
