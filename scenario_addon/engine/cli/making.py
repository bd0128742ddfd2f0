# SPDX-License-Identifier: GPL-3.0-or-later
"""Items priced and made, and what the command ends with."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Final

from ..batch.batch import run_items
from ..batch.estimate import Estimate, item_prices
from ..batch.item import Item
from ..errors import (
    ApiError,
    AuthError,
    BudgetError,
    DiskError,
    NetworkError,
    NoCredits,
    ProtocolError,
    ScenarioError,
)
from ..files import is_folder, probe
from ..names import longest_name
from ..outputs.outputs import Outputs
from ..pipeline.connection import Connection
from ..report.log import EventLog
from ..report.report import Report
from ..report.tally import Tally
from ..terminal.interrupt import Interrupted
from .call import MAY_LACK_A_PROJECT, Call, UsageError
from .exits import NO_ACCESS, OK, OVER_BUDGET, SOME_FAILED
from .extras import wanted_detail, wanted_extras
from .teller import Teller

__all__ = [
    "MOST_AT_ONCE",
    "check_output",
    "check_place",
    "check_report",
    "make",
    "price",
    "verdict",
    "wanted_outputs",
    "write_outputs",
]

MOST_AT_ONCE: Final = 64
_AT_ONCE: Final = 4
"""Where neither the user nor the service says how many."""


def price(connection: Connection, items: Collection[Item], call: Call) -> int:
    """Print what each item costs; nothing, where it is made already or an item before it asks for the same."""
    limit_cu: Decimal | None = call.args.max_cost
    estimate = Estimate()
    for item, cost_cu in item_prices(connection, items, again=call.args.again):
        estimate.add(cost_cu)
        print(f"{item.label}\t{_shown_cu(cost_cu)}", flush=True)
    total = estimate.cost_cu
    print(f"total\t{_shown_cu(total)}", flush=True)
    return OVER_BUDGET if limit_cu is not None and (total is None or total > limit_cu) else OK


def _shown_cu(cost_cu: Decimal | None) -> str:
    return "unknown" if cost_cu is None else f"{cost_cu} CU"


def make(connection: Connection, items: Collection[Item], call: Call) -> int:
    """Make every item; gives the exit code.

    :raises Interrupted: the user did, who has been told what that means.
    """
    args, clock = call.args, connection.clock
    if args.again:
        connection.ledger.settle_doubts()
    report = Report(args.report, clock, goes_on=not args.again) if args.report else None
    log = _opened_log(args.log) if args.log else None
    tally, outputs = Tally(clock, len(items)), wanted_outputs(call)
    with closing(Teller(call.progress, clock, tally, report, log, outputs)) as teller:
        return _run(connection, items, call, teller)


def _run(connection: Connection, items: Collection[Item], call: Call, teller: Teller) -> int:
    args, is_batch = call.args, len(items) > 1
    at_once = _at_once(connection, len(items), args.jobs)
    call.progress.begin(len(items))
    teller.event("begin", items=len(items), at_once=at_once)
    if is_batch:
        _tell_price(connection, items, call, teller)
    try:
        with call.interrupts.gentle():
            run_items(
                connection,
                items,
                at_once=at_once,
                again=args.again,
                host=call.host,
                watcher=teller,
                extras=wanted_extras(args),
                timeout_s=args.timeout * 60,
                is_batch=is_batch,
                check=call.interrupts.check,
                hurry=call.interrupts.check_again,
            )
        is_written = write_outputs(items, call, teller)
    except KeyboardInterrupt:
        call.progress.line(_interrupted(teller.tally))
        teller.end(is_complete=False)
        raise Interrupted from None
    is_written = teller.end(is_complete=True) and is_written
    _explain(teller.tally, call)
    return verdict(teller.tally) or (OK if is_written else SOME_FAILED)


def _explain(tally: Tally, call: Call) -> None:
    """Say once what is behind what was said of items, where a team's key was used without a project."""
    if refusal := next((kind for kind in MAY_LACK_A_PROJECT if kind.__name__ in tally.missing), None):
        error = refusal("", status=0)
        if (explained := call.explained(error)) is not error:
            call.progress.line(f"scenario: {explained.user_message}")


def wanted_outputs(call: Call) -> Outputs:
    """What is to be written of everything, at the end."""
    args, manifest = call.args, getattr(call.args, "manifest", None)
    name = manifest.stem if manifest is not None else ""
    return Outputs(
        call.folder, kit=args.blend_all, sheet=args.sheet, library=args.library, name=name, detail=wanted_detail(args)
    )


def write_outputs(items: Collection[Item] | None, call: Call, teller: Teller) -> bool:
    """Write what is wanted of everything; says whether all of that could be done.

    :param items: as for :meth:`.Outputs.write`.
    """
    if teller.outputs is None or call.host is None:
        return True
    call.progress.close()
    return teller.outputs.write(call.host, items, call.progress.line)


def _interrupted(tally: Tally) -> str:
    if not tally.being_made:
        return "Interrupted: nothing goes on at the service; the same command again makes what is missing."
    what = "1 item goes" if tally.being_made == 1 else f"{tally.being_made} items go"
    return f"Interrupted: {what} on at the service; the same command again or `resume` fetches it."


def _at_once(connection: Connection, count: int, wanted: int | None) -> int:
    """How many to have at the service: as wanted, or as the service says, or a few."""
    if wanted is not None or count == 1:
        return wanted or 1
    try:
        told = connection.client.parallel_jobs(connection.project_id)
    except (ApiError, NetworkError, ProtocolError):  # not every key may ask; then refusals say it
        told = None
    return min(told or _AT_ONCE, MOST_AT_ONCE)


def _tell_price(connection: Connection, items: Collection[Item], call: Call, teller: Teller) -> None:
    """Say what all of it will cost before any of it is ordered. What cannot be priced is each item's own matter."""
    estimate = Estimate()
    try:
        for _, cost_cu in item_prices(connection, items, again=call.args.again):
            estimate.add(cost_cu)
    except NoCredits as error:
        connection.budget.empty = error
        return
    except ScenarioError:
        return
    if estimate.to_order:
        told = estimate.told(call.args.max_cost)
        call.progress.line(told)
        cost_cu = float(estimate.cost_cu) if estimate.cost_cu is not None else None
        teller.event("priced", to_order=estimate.to_order, cost_cu=cost_cu)


def _opened_log(path: Path) -> EventLog:
    try:
        return EventLog(path)
    except DiskError as error:
        raise UsageError(error.user_message) from error


def verdict(tally: Tally) -> int:
    """The exit code that items come to."""
    missing = set(tally.missing)
    if not missing:
        return OK
    if AuthError.__name__ in missing:
        return NO_ACCESS
    return OVER_BUDGET if {BudgetError.__name__, NoCredits.__name__} & missing else SOME_FAILED


def check_output(folder: Path, names: set[str]) -> None:
    """Find a folder that cannot be written, or is too deep for a name, before anything is paid for.

    :raises UsageError: it is one.
    """
    try:
        longest = {longest_name(name, folder) for name in names}
    except ValueError as error:
        raise UsageError(f"{folder} cannot be written ({error}): choose another folder.") from error
    for name in longest:
        check_place(folder, name)


def check_place(folder: Path, name: str) -> None:
    """Find a folder in which a file of a name cannot be written, before anything is paid for.

    :raises UsageError: it is one.
    """
    try:
        probe(folder, name)
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"{folder} cannot be written ({reason}): choose another folder.") from error


def check_report(path: Path) -> None:
    """Find a file that cannot be written, before anything is paid for.

    :raises UsageError: it is one.
    """
    if is_folder(path):
        raise UsageError(f"--report {path} is a folder: give the name of a file.")
    check_place(path.absolute().parent, path.name)
